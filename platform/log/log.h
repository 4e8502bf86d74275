#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "platform/result/result.h"
#include "proto/log_topics.h"

namespace vigie::log {

struct Record {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_unix_ms = 0;  // given by the log when the record was appended (log time)
  std::string key;
  std::optional<std::string> value;  // nullopt: tombstone
};

struct NewRecord {
  proto::Topic topic;
  std::string key;
  std::optional<std::string> value;  // nullopt: tombstone
  /// The partition is murmur2 of this; empty: of `key`.
  std::string partition_key = {};
};

struct LogPosition {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

struct TopicPartition {
  proto::Topic topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

/// begin: oldest offset that can be read; end: offset the next record will get.
struct OffsetRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Sends records. Thread-safe. Order is kept per partition and producer.
class Producer {
 public:
  virtual ~Producer() = default;
  using Acknowledged = std::function<void(const Result<LogPosition>&)>;
  /// Queues a record; blocks while the bounded queue is full (backpressure). `acknowledged`, if
  /// given, is called once, from any thread, when the record is durable or has failed for good.
  /// Errors: kQuarantine too_large (over the topic's max_record_bytes); kStop for a log that cannot
  /// be written.
  virtual Result<void> send(NewRecord record, Acknowledged acknowledged = {}) = 0;
  /// Waits until every record sent before by this producer is durable; the first failure among them
  /// is returned, once.
  virtual Result<void> flush() = 0;
};

/// Reads named partitions from named offsets. One thread.
class Reader {
 public:
  virtual ~Reader() = default;
  /// Adds a partition, or moves it. Errors: kStop log_gap if offset lies outside [begin, end].
  virtual Result<void> assign(TopicPartition partition, std::int64_t offset) = 0;
  virtual void unassign(TopicPartition partition) = 0;
  virtual void pause(TopicPartition partition) = 0;
  virtual void resume(TopicPartition partition) = 0;

  struct Batch {
    TopicPartition from;
    std::vector<Record> records;   // of one partition, ascending offsets; compaction leaves holes
    std::int64_t next_offset = 0;  // where reading goes on, past holes at the end of the batch too
  };
  /// Waits up to `timeout` for records; at most `max_records` in all, fair between partitions.
  /// Empty on time-out.
  virtual Result<std::vector<Batch>> poll(std::size_t max_records,
                                          std::chrono::milliseconds timeout) = 0;
};

/// How a member of a group holds on to its partitions.
struct MemberOptions {
  /// A member that is silent for so long loses its partitions; zero: what the engine was opened
  /// with. The embedded engine has one member, which loses nothing.
  std::chrono::milliseconds session{0};
};

/// Membership of a consumer group: partitions are spread over the members. One thread.
/// The embedded engine has one member, which owns all partitions.
class Group {
 public:
  virtual ~Group() = default;
  struct Polled {
    std::vector<TopicPartition> assigned;  // call start() for each before the next poll()
    std::vector<TopicPartition> revoked;   // finished with; their commits have been taken
    // an assignment came: `assigned` is all that this member owns from here on, which may be
    // nothing
    bool settled = false;
    std::vector<Reader::Batch> batches;
  };
  virtual Result<Polled> poll(std::size_t max_records, std::chrono::milliseconds timeout) = 0;
  /// Starts reading an assigned partition. nullopt: at the committed offset, else at the beginning.
  /// Errors: kStop log_gap if the offset lies outside [begin, end].
  virtual Result<void> start(TopicPartition partition,
                             std::optional<std::int64_t> offset = std::nullopt) = 0;
  /// Makes `next_offset` the committed offset of the group. Durable on return.
  virtual Result<void> commit(TopicPartition partition, std::int64_t next_offset) = 0;
  virtual void pause(TopicPartition partition) = 0;
  virtual void resume(TopicPartition partition) = 0;
  /// Whether what the last poll() revoked was taken away, because the session had ended: others may
  /// own it already, so nothing more may be written for it. Else it is this member's until the next
  /// poll(), which lets it go. The member of a group of one loses nothing.
  virtual bool lost() const { return false; }
  /// Commits, and tells whether the group took it: false where this member is one no longer, or its
  /// partitions are changing hands. Who may have been asleep for longer than its session asks
  /// before it acts. A group of one always takes it. Errors: as commit.
  virtual Result<bool> confirm(TopicPartition partition, std::int64_t next_offset) {
    VIGIE_TRY(commit(partition, next_offset));
    return true;
  }
};

/// The log: topics of partitions of records. Thread-safe.
/// Two engines: embedded (one process, RocksDB) and Kafka.
class Log {
 public:
  virtual ~Log() = default;
  virtual std::unique_ptr<Producer> producer() = 0;
  virtual std::unique_ptr<Reader> reader() = 0;
  virtual Result<std::unique_ptr<Group>> join(const std::string& group,
                                              std::span<const proto::Topic> topics,
                                              const MemberOptions& options = {}) = 0;
  virtual Result<std::int32_t> partitions(proto::Topic topic) = 0;
  virtual Result<OffsetRange> offsets(TopicPartition partition) = 0;
  /// Offset the group committed, if any.
  virtual Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                        TopicPartition partition) = 0;
  /// Moves the committed offset of a group, as `vigie log skip` does.
  virtual Result<void> set_committed(const std::string& group, TopicPartition partition,
                                     std::int64_t offset) = 0;
  /// Bytes of key and value that a record of the topic may have: max_record_bytes, or less where a
  /// broker takes less.
  virtual std::size_t largest_record(proto::Topic topic) const {
    return static_cast<std::size_t>(proto::spec(topic).max_record_bytes);
  }
  /// Bytes on disk, for status; 0 where unknown.
  virtual std::uint64_t disk_bytes() = 0;
  /// False while nothing more should be taken in, because the disk of this process is nearly full.
  virtual bool has_room() { return true; }
  /// False where no broker has been connected to for some seconds (kAwayAfter in kafka_client.h); a
  /// log in this process is always there. Any thread.
  virtual bool connected() { return true; }
};

/// The group whose committed offset is an acknowledgement: `vigie log skip` puts there where the
/// reader of a partition goes on behind a gap. It has no members.
inline constexpr const char* kSkipGroup = "skip";

/// Sends all and waits until they are durable. Errors: those of Producer; kRetry broker_unreachable
/// at once where the log is not connected, so that who asks over HTTP need not wait for a broker.
Result<void> append(Log& log, std::vector<NewRecord> records);

/// Calls `each` for every record of the topic that was in the log when the call began (catch up
/// before you act). Returns, for each partition, the offset to go on from. Errors: as
/// TopicFollower::follow_to_end (follower.h); kStop stopped where a stop was asked for first.
Result<std::vector<std::int64_t>> read_to_end(
    Log& log, proto::Topic topic, const std::function<Result<void>(const Record&)>& each,
    const std::stop_token& stop = {});

}  // namespace vigie::log
