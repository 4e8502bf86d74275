#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "platform/log/log.h"

namespace vigie::log {

/// Where a reader of a partition goes on.
struct Resume {
  std::int64_t offset = 0;
  /// The reader had read to here and a person acknowledged that it does not get the records up to
  /// `offset`, or that the log ends before them. Nothing: no gap.
  std::optional<std::int64_t> gap_from;
};

/// Decides where a reader goes on, so that it passes over nothing that nobody acknowledged.
/// In:     `range`: what the log holds now. `stored`: the next offset that the reader knows of, if
///         it has read before. `acknowledged`: offset of kSkipGroup, if any. `reader`: who it is
///         ("the alerter"), for the message.
/// Out:    `stored` where the log holds it (its end counts); the beginning for a reader that has
///         not read before; `acknowledged` where the log holds that alone.
/// Errors: kStop log_gap, which names the reader, topic, partition, what the log holds, and the way
///         out.      Threads: pure.
Result<Resume> resume(TopicPartition partition, const OffsetRange& range,
                      std::optional<std::int64_t> stored, std::optional<std::int64_t> acknowledged,
                      std::string_view reader);

/// The same with what the log says: range and acknowledgement are asked for. An acknowledged gap is
/// told in the log lines. Errors: log_gap; those of the log.
Result<Resume> resume(Log& log, TopicPartition partition, std::optional<std::int64_t> stored,
                      std::string_view reader);

/// Where the reader of a compacted topic goes on: what the topic still holds is all there is, so a
/// offset that the log does not hold means reading it again from its beginning.   Threads: pure.
std::int64_t resume_compacted(const OffsetRange& range, std::optional<std::int64_t> stored);

/// The same for a store that stands for the log, so that others act on what it says: an offset
/// beyond the end means that the log has lost records, and stops.
/// In:     `store`: what a person removes to go on from what the log holds.
/// Errors: kStop log_gap.      Threads: pure.
Result<std::int64_t> resume_mirror(TopicPartition partition, const OffsetRange& range,
                                   std::optional<std::int64_t> stored, std::string_view store);

/// The log line for a gap that somebody acknowledged.
void warn_skipped(TopicPartition partition, const Resume& resumed);

}  // namespace vigie::log
