#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/clock/machine_time.h"
#include "platform/log/embedded_log.h"
#include "platform/log/log.h"
#include "platform/log/size_retention.h"
#include "platform/storage/storage.h"

namespace vigie::log {

/// The heart of the embedded log: one thread writes everything. It takes all that is queued, makes
/// one synced batch of it, and only then moves the ends, wakes the readers and acknowledges: many
/// senders share one fsync. Compaction is immediate: the batch that appends a record of a compacted
/// topic removes the record of the same key before it. Thread-safe. Must outlive its producers,
/// readers and groups.
class Engine {
 public:
  Engine(std::unique_ptr<storage::Database> database, const EmbeddedOptions& options, Clock& clock);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  enum Family : std::size_t { kRecords, kLatest, kTombstones, kMeta };
  static std::vector<storage::Family> families();

  /// Reads ends and beginnings, then starts the writer. Errors: kStop partitions_changed, corrupt,
  /// io.
  Result<void> start();

  /// Blocks while the queue is full, unless called by the writer itself (from an acknowledgement).
  Result<void> send(NewRecord record, Producer::Acknowledged done);
  /// Durable on return. Not from an acknowledgement.
  Result<void> commit(const std::string& group, TopicPartition partition, std::int64_t offset);
  Result<std::optional<std::int64_t>> committed(const std::string& group, TopicPartition partition);

  std::int32_t partitions(proto::Topic topic) const;
  Result<OffsetRange> offsets(TopicPartition partition) const;
  /// Records from `offset` on, at most `max_records` and about `max_bytes`; none where `offset` is
  /// the end. Errors: kStop log_gap, corrupt, io.
  Result<Reader::Batch> read(TopicPartition partition, std::int64_t offset, std::size_t max_records,
                             std::size_t max_bytes);

  /// Counts batches that became readable; wait_beyond returns when it differs from `seen`, or at
  /// the deadline (false).
  std::uint64_t appended() const;
  bool wait_beyond(std::uint64_t seen, MachineTime deadline);

  /// One member a group and topic. Errors: kStop group_taken.
  Result<void> take_membership(const std::string& group, const std::vector<proto::Topic>& topics);
  void give_up_membership(const std::string& group, const std::vector<proto::Topic>& topics);

  Clock& clock() const { return clock_; }
  bool on_writer_thread() const { return std::this_thread::get_id() == writer_id_.load(); }
  std::uint64_t disk_bytes() { return database_->disk_bytes(); }
  Result<void> checkpoint(const std::filesystem::path& to) { return database_->checkpoint(to); }

 private:
  struct PartitionState {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t last_timestamp = 0;
    // of the record at begin, once retention has read it
    std::optional<std::int64_t> first_timestamp = {};
  };
  struct Pending {
    NewRecord record;
    TopicPartition to;
    std::size_t bytes = 0;
    Producer::Acknowledged done;
    std::string commit_key;  // where this is a commit and no record
    std::int64_t commit_offset = 0;
  };
  struct Append;

  Result<void> enqueue(Pending pending);
  void write_until_stopped(const std::stop_token& stop);
  void write_batch(std::vector<Pending> batch);
  Result<void> add_record(Append& append, const Pending& pending);
  Result<void> find_superseded(Append& append, const std::vector<Pending>& batch);
  void keep_house();
  Result<void> retain(TopicPartition partition, std::int64_t now);
  Result<void> retain_by_size();
  Result<std::map<TopicPartition, std::int64_t>> read_by_all(proto::Topic topic);
  Result<void> move_begin(TopicPartition partition, std::int64_t begin);
  Result<std::int64_t> first_at_or_after(TopicPartition partition, std::int64_t begin,
                                         std::int64_t end, std::int64_t unix_ms);
  Result<void> reap_tombstones(std::int64_t now);
  PartitionState state(TopicPartition partition) const;

  std::unique_ptr<storage::Database> database_;
  EmbeddedOptions options_;
  Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable_any writer_wakeup_;
  std::condition_variable queue_has_room_;
  std::condition_variable appended_changed_;
  std::map<TopicPartition, PartitionState> states_;
  std::deque<Pending> queue_;
  std::size_t queued_bytes_ = 0;  // in the queue and in the batch being written
  std::uint64_t appended_ = 0;
  std::optional<Error> broken_;  // a failed write is final: what reached the disk is not known
  bool stopping_ = false;
  std::set<std::pair<std::string, proto::Topic>> members_;
  SizeRetention sizes_;                         // of pages; the writer's alone
  std::optional<MachineTime> told_of_backlog_;  // the writer's alone
  std::atomic<std::thread::id> writer_id_{};
  std::jthread writer_;
};

}  // namespace vigie::log
