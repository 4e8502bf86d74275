#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "platform/clock/clock.h"

namespace vigie::crawler::frontier {

/// The clock of all that is due: milliseconds like those of the wall clock, which run evenly with
/// the boot clock and never go back, over restarts too. What was ordered while the wall clock was
/// ahead is due no later once that is set back. It begins as the wall clock at the first start;
/// after a restart of the process it goes on by the boot clock, after one of the machine by the
/// wall clock, but not before what it showed last. Thread-safe, but for keep().
class DueClock final : public Clock {
 public:
  /// What it showed is in `file`; a file that is not there or broken is none. `boot`: tells one
  /// boot of a machine from another. `clock` must outlive it.
  DueClock(std::filesystem::path file, Clock& clock, std::string boot);

  /// Now, as what is due counts.
  std::int64_t now_unix_ms() const override;
  std::chrono::milliseconds since_boot() const override { return clock_.since_boot(); }
  bool sleep_until(std::chrono::milliseconds deadline, std::stop_token stop) override {
    return clock_.sleep_until(deadline, std::move(stop));
  }

  /// Writes down what it shows. Where that fails a restart begins with what was written before.
  void keep() const;

  /// How far it is in front of the wall clock; negative: behind.
  std::int64_t ahead_ms() const { return now_unix_ms() - clock_.now_unix_ms(); }
  /// What a time of this clock is by the wall clock; 0, which is no time, stays 0.
  std::int64_t to_wall(std::int64_t due_ms) const { return due_ms == 0 ? 0 : due_ms - ahead_ms(); }
  std::int64_t from_wall(std::int64_t unix_ms) const {
    return unix_ms == 0 ? 0 : unix_ms + ahead_ms();
  }
  Clock& wall() const { return clock_; }

 private:
  std::filesystem::path file_;
  Clock& clock_;
  std::string boot_;
  std::int64_t offset_ms_ = 0;  // between the boot clock and this one
};

/// A name of this boot of the machine, "" where it has none.
std::string boot_of_machine();

}  // namespace vigie::crawler::frontier
