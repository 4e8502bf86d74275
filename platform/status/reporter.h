#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/status.pb.h"

namespace vigie::status {

/// What a service does; records have the word.
enum class State { kStarting, kRunning, kPaused, kStopping };
std::string_view word_of(State state);

/// Tells `status` how a service does: totals with their rate over the last minute, lags, memory,
/// disk. One thread.
class Reporter {
 public:
  static constexpr std::chrono::milliseconds kInterval{5'000};
  static constexpr std::chrono::milliseconds kWindow{60'000};

  /// `log` and `clock` must outlive it. `data_dir` is where free disk space is measured; empty: not
  /// at all.
  Reporter(log::Log& log, Clock& clock, std::string service, std::string instance,
           std::filesystem::path data_dir);
  /// Lets through what a log of tests throws to end a process in the middle of it.
  ~Reporter() noexcept(false);
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  bool due() const { return clock_.since_boot() >= next_; }

  /// What is to be told next; each report keeps what was set and not set again.
  void total(std::string_view name, std::uint64_t value);
  void lag(std::string_view topic, std::int64_t position, std::int64_t end);
  void state(State state) { record_.set_state(std::string(word_of(state))); }
  void disk_bytes(std::uint64_t bytes) { record_.set_disk_bytes(bytes); }
  void last_error(std::string_view error) { record_.set_last_error(std::string(error)); }

  /// Sends the record without waiting for it to be durable. Errors: kStop where the log cannot be
  /// written.
  Result<void> report();

 private:
  struct Sample {
    std::chrono::milliseconds at;
    std::uint64_t value;
  };
  struct Total {
    std::uint64_t value = 0;
    std::deque<Sample> samples;  // one a report, of the last minute
  };
  Clock& clock_;
  std::unique_ptr<log::Producer> producer_;
  std::filesystem::path data_dir_;
  std::chrono::milliseconds next_{0};
  v1::ServiceStatus record_;
  std::map<std::string, Total, std::less<>> totals_;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>, std::less<>> lags_;
};

}  // namespace vigie::status
