#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/follower.h"
#include "platform/log/log.h"

namespace vigie::log {

/// A small compacted topic that a store holds in memory: read to its end before anything is
/// answered, followed from there on, and caught up with before a change. Thread-safe: whichever
/// threads read, each record is taken once, one at a time, in the order of its partition.
class KeptTopic {
 public:
  using Take = std::function<void(const Record&)>;

  /// How late a change by another process is seen where nobody catches up.
  static constexpr std::chrono::milliseconds kPoll{200};

  /// `log` and what `take` uses must outlive this. `take` is called on the thread of who reads.
  KeptTopic(Log& log, proto::Topic topic, Take take);

  /// Takes everything that is in the topic. Once, before all else. Errors: those of read_to_end.
  Result<void> open();

  /// Returns when everything that was in the topic when it was called is taken: true, or false if a
  /// stop was asked for first. Errors: those of TopicFollower::follow_to_end.
  Result<bool> catch_up(const std::stop_token& stop);

  /// Catches up, then follows what comes until a stop is asked for; calls `between` after each
  /// look, about every kPoll, on the same thread. Errors: those of the log and of `between`.
  Result<void> run(const std::stop_token& stop, const std::function<Result<void>()>& between);

 private:
  Result<TopicFollower> follower();
  void take(const Reader::Batch& batch);

  Log& log_;
  proto::Topic topic_;
  Take take_;
  std::mutex mutex_;                        // one batch at a time
  std::vector<std::int64_t> next_offsets_;  // by partition; under mutex_
};

/// Whether it is time again for what a store does now and then, such as to make tombstones.
class Every {
 public:
  /// First at once.
  Every(Clock& clock, std::chrono::milliseconds interval) : clock_(clock), interval_(interval) {}
  bool is_due();

 private:
  Clock& clock_;
  std::chrono::milliseconds interval_;
  std::chrono::milliseconds next_{0};  // since boot
};

}  // namespace vigie::log
