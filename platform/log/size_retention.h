#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/log/log.h"
#include "platform/storage/storage.h"

namespace vigie::log {

/// How many bytes the records of a topic have, and which of the oldest may go so that they have no
/// more than a bound. Every megabyte a mark is kept beside the records: offset, time, and the
/// bytes of all records before it. Bytes are those of keys and values, before the store compresses
/// them. Records that were written before there were marks are not counted, and go by time alone.
/// For the writer's thread.
class SizeRetention {
 public:
  /// `family`: where the marks are, in a database that outlives this.
  SizeRetention(storage::Database& database, std::size_t family) noexcept
      : database_(database), family_(family) {}

  /// Reads what is known of a partition. Errors: kStop io, corrupt.
  Result<void> load(TopicPartition partition);

  /// Counts a record that `batch` appends.
  void count(storage::Batch& batch, TopicPartition partition, std::int64_t offset,
             std::size_t bytes, std::int64_t timestamp_unix_ms);
  /// Adds to `batch` how many bytes the counted partitions have now.
  void keep_totals(storage::Batch& batch);
  /// Adds to `batch` that the partition begins at `begin`: marks below are no longer needed.
  void begin_at(storage::Batch& batch, TopicPartition partition, std::int64_t begin);

  /// Bytes of all partitions, to within a mark of each.
  std::uint64_t bytes() const;

  struct Cut {
    TopicPartition partition;
    std::int64_t begin;
  };
  /// Where partitions should begin so that all have at most `most_bytes`, oldest records first;
  /// none beyond what `read` says has been read of it (absent: nothing).
  std::vector<Cut> cuts(std::uint64_t most_bytes,
                        const std::map<TopicPartition, std::int64_t>& read) const;

 private:
  struct Mark {
    std::int64_t offset;
    std::int64_t timestamp_unix_ms;
    std::uint64_t bytes_before;
  };
  struct Known {
    std::deque<Mark> marks;   // ascending; the first is at or before the beginning
    std::uint64_t bytes = 0;  // of all records that were ever counted
    bool changed = false;
  };
  static std::uint64_t held(const Known& known);

  storage::Database& database_;
  std::size_t family_;
  std::map<TopicPartition, Known> known_;
};

}  // namespace vigie::log
