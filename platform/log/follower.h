#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <vector>

#include "platform/log/log.h"

namespace vigie::log {

/// How long the log may give nothing while it is connected and says that it holds more. Then the
/// reader fails.
inline constexpr std::chrono::milliseconds kSilence{60'000};

/// kRetry log_silent: a reader stands at `next_offset` of a partition, the log says that it holds
/// records up to `end`, and has given none for `silence`. For readers that catch up by themselves.
Error log_silent(TopicPartition partition, std::int64_t next_offset, std::int64_t end,
                 std::chrono::milliseconds silence = kSilence);

/// Reads partitions of one topic in order and knows how far each was read. One thread.
///
/// start() names the partitions; follow() takes what is new; follow_to_end() takes everything that
/// the log holds at the call, so that a role catches up before it acts.
class TopicFollower {
 public:
  /// Takes one batch. The offset moves behind the batch when this returns without an error; after
  /// an error the same records come again.
  using Take = std::function<Result<void>(const Reader::Batch&)>;
  struct Options {
    std::size_t max_records = 1'000;  // of one poll
    std::chrono::milliseconds silence = kSilence;
  };

  /// `log` and what `take` uses must outlive the follower.
  TopicFollower(Log& log, proto::Topic topic, Take take);
  TopicFollower(Log& log, proto::Topic topic, Take take, const Options& options);

  /// Reads a partition from `offset` on, also if it was read before. Errors, here or from the next
  /// follow() or follow_to_end(): kStop log_gap if the log does not hold the offset.
  Result<void> start(std::int32_t partition, std::int64_t offset);
  /// Reads every partition of the topic from its beginning. Errors: those of the log.
  Result<void> start_all();
  /// Reads the partition no longer.
  void stop(std::int32_t partition);

  /// Takes what is new; waits at most `wait` for the first record. Returns whether anything came.
  /// The reader of the log stays open between calls. Errors: those of the log and of `take`.
  Result<bool> follow(std::chrono::milliseconds wait = std::chrono::milliseconds(0));

  /// Takes everything that is in the log when it is called, of all partitions or of one. Where all
  /// of it was taken before, no reader is opened.
  /// Out:    true at the end; false if a stop was asked for first, which is heard within a second.
  /// Errors: kRetry log_silent if the log gives nothing for Options::silence while it holds more;
  ///         those of the log and of `take`.
  Result<bool> follow_to_end(const std::stop_token& stop);
  Result<bool> follow_to_end(std::int32_t partition, const std::stop_token& stop);

  /// Offset of the next record of a partition; 0 for one that is not read.
  std::int64_t next_offset(std::int32_t partition) const;
  /// By partition, from 0 on.
  std::vector<std::int64_t> next_offsets() const;

 private:
  using Ends = std::map<std::int32_t, std::int64_t>;  // by partition, those not reached yet
  Result<void> add_unread(std::int32_t partition, Ends& ends);
  Result<bool> read_to(Ends ends, const std::stop_token& stop);
  Result<bool> poll_to(Ends ends, const std::stop_token& stop);
  Result<void> open_reader(const Ends* only);
  Result<void> take(const std::vector<Reader::Batch>& batches);

  Log& log_;
  proto::Topic topic_;
  Take take_;
  Options options_;
  std::unique_ptr<Reader> reader_;  // null: the next follow() opens one at next_
  std::map<std::int32_t, std::int64_t> next_;
};

}  // namespace vigie::log
