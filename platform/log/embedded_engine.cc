#include "platform/log/embedded_engine.h"

#include <algorithm>

#include "platform/log/stored_record.h"
#include "platform/logging/logging.h"

namespace vigie::log {
namespace {

// of one synced batch: bounds memory and the wait of the last
constexpr std::size_t kMaxBatchBytes = 16ULL << 20;
// what a queued record costs beside key and value
constexpr std::size_t kRecordOverheadBytes = 64;
// as Kafka's delete.retention.ms: whoever slept longer reads all again
constexpr std::int64_t kTombstoneKeptMs = proto::kDayMs;
// housekeeping shares the writer's thread
constexpr std::size_t kTombstonesPerRound = 10'000;
// log time does not go back for less than this
constexpr std::int64_t kMaxClockRegressionMs = 3600 * 1000;
// delete a hundredth of the retention at once: few range deletes
constexpr std::int64_t kRetentionSlackParts = 100;
// most of what is kept for some days; the others are small beside it
constexpr proto::Topic kBoundedTopic = proto::Topic::kPages;
constexpr std::string_view kCommits = "commit/";
constexpr std::chrono::hours kBetweenComplaints{1};

std::string end_key(TopicPartition partition) { return "end/" + partition_prefix(partition); }
std::string begin_key(TopicPartition partition) { return "begin/" + partition_prefix(partition); }
std::string commit_key(const std::string& group, TopicPartition partition) {
  return std::string(kCommits) + group + '\0' + partition_prefix(partition);
}
std::string latest_key(TopicPartition partition, std::string_view record_key) {
  return partition_prefix(partition).append(record_key);
}

std::string number(std::int64_t value) {
  std::string bytes;
  storage::append_u64(bytes, static_cast<std::uint64_t>(value));
  return bytes;
}

std::string name_of(TopicPartition partition) {
  return std::string(proto::spec(partition.topic).short_name) + "/" +
         std::to_string(partition.partition);
}

Result<std::int64_t> to_number(std::string_view bytes) {
  if (bytes.size() != 8)
    return failure(
        Disposition::kStop, "corrupt",
        "a position of the embedded log is damaged; restore the last backup of the log folder");
  const std::uint64_t value = storage::read_u64(bytes);
  if (value > static_cast<std::uint64_t>(INT64_MAX))
    return failure(Disposition::kStop, "corrupt",
                   "a position of the embedded log is out of range; restore the last backup of the "
                   "log folder");
  return static_cast<std::int64_t>(value);
}

Result<std::optional<std::int64_t>> get_number(storage::Database& database, std::size_t family,
                                               const std::string& key) {
  VIGIE_ASSIGN(const std::optional<std::string> bytes, database.get(family, key));
  if (!bytes) return std::optional<std::int64_t>();
  VIGIE_ASSIGN(const std::int64_t value, to_number(*bytes));
  return std::optional<std::int64_t>(value);
}

}  // namespace

/// One batch while it is being built.
struct Engine::Append {
  storage::Batch changes;
  std::map<TopicPartition, PartitionState> states;  // as they will be
  // latest_key → offset, of the compacted records before and in this batch
  std::unordered_map<std::string, std::int64_t> latest;
  std::vector<std::pair<std::size_t, LogPosition>> places;  // index in the batch → place
};

Engine::Engine(std::unique_ptr<storage::Database> database, const EmbeddedOptions& options,
               Clock& clock)
    : database_(std::move(database)), options_(options), clock_(clock), sizes_(*database_, kMeta) {}

Engine::~Engine() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queue_has_room_.notify_all();
  appended_changed_.notify_all();
  if (writer_.joinable()) {
    writer_.request_stop();
    writer_.join();
  }
}

std::vector<storage::Family> Engine::families() {
  return {{"records", storage::Use::kDocuments},
          {"latest", storage::Use::kSmall},
          {"tombstones", storage::Use::kQueue},
          {"meta", storage::Use::kSmall}};
}

Result<void> Engine::start() {
  VIGIE_ASSIGN(const std::optional<std::int64_t> made_with,
               get_number(*database_, kMeta, "partitions"));
  if (!made_with) {
    storage::Batch batch;
    batch.put(kMeta, "partitions", number(options_.partitions));
    VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));
  } else if (*made_with != options_.partitions) {
    return failure(Disposition::kStop, "partitions_changed",
                   "the log was made with " + std::to_string(*made_with) +
                       " partitions and log.partitions says " +
                       std::to_string(options_.partitions) +
                       "; set it back, or start with an empty data_dir",
                   options_.dir.string());
  }
  for (const proto::TopicSpec& spec : proto::kTopics) {
    for (std::int32_t p = 0; p < partitions(spec.topic); ++p) {
      const TopicPartition partition{spec.topic, p};
      VIGIE_ASSIGN(const std::optional<std::int64_t> begin,
                   get_number(*database_, kMeta, begin_key(partition)));
      VIGIE_ASSIGN(const std::optional<std::int64_t> end,
                   get_number(*database_, kMeta, end_key(partition)));
      PartitionState state;
      state.end = end.value_or(0);
      state.begin = std::min(begin.value_or(0), state.end);
      if (state.end > state.begin) {
        VIGIE_ASSIGN(const std::optional<std::string> last,
                     database_->get(kRecords, record_row_key(partition, state.end - 1)));
        if (last) {
          VIGIE_ASSIGN(state.last_timestamp, timestamp_of(*last));
        }
      }
      states_.emplace(partition, state);
      if (spec.topic == kBoundedTopic) VIGIE_TRY(sizes_.load(partition));
    }
  }
  writer_ = std::jthread([this](const std::stop_token& stop) { write_until_stopped(stop); });
  return {};
}

std::int32_t Engine::partitions(proto::Topic topic) const {
  return proto::spec(topic).single_partition ? 1 : options_.partitions;
}

Engine::PartitionState Engine::state(TopicPartition partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(partition);
  return found == states_.end() ? PartitionState{-1, -1, 0, {}} : found->second;
}

Result<OffsetRange> Engine::offsets(TopicPartition partition) const {
  const PartitionState now = state(partition);
  if (now.begin < 0)
    return failure(Disposition::kStop, "unknown_partition", "the log has no such partition",
                   name_of(partition));
  return OffsetRange{now.begin, now.end};
}

Result<void> Engine::send(NewRecord record, Producer::Acknowledged done) {
  const proto::TopicSpec& spec = proto::spec(record.topic);
  const std::size_t bytes = record.key.size() + (record.value ? record.value->size() : 0);
  if (bytes > static_cast<std::size_t>(spec.max_record_bytes)) {
    return failure(Disposition::kQuarantine, "too_large",
                   "a record of " + std::to_string(bytes) + " bytes is over the topic's limit of " +
                       std::to_string(spec.max_record_bytes),
                   std::string(spec.short_name));
  }
  Pending pending;
  const std::string_view partition_key = record.partition_key.empty()
                                             ? std::string_view(record.key)
                                             : std::string_view(record.partition_key);
  pending.to = {record.topic, proto::partition_of(partition_key, partitions(record.topic))};
  pending.bytes = bytes + kRecordOverheadBytes;
  pending.record = std::move(record);
  pending.done = std::move(done);
  return enqueue(std::move(pending));
}

Result<void> Engine::enqueue(Pending pending) {
  {
    std::unique_lock lock(mutex_);
    if (!on_writer_thread()) {
      queue_has_room_.wait(lock, [&] {
        return broken_ || stopping_ || queued_bytes_ == 0 ||
               queued_bytes_ + pending.bytes <= options_.queue_bytes;
      });
    }
    if (broken_) return failure(*broken_);
    if (stopping_)
      return failure(Disposition::kRetry, "stopped", "the log is being closed",
                     options_.dir.string());
    queued_bytes_ += pending.bytes;
    queue_.push_back(std::move(pending));
  }
  writer_wakeup_.notify_one();
  return {};
}

Result<void> Engine::commit(const std::string& group, TopicPartition partition,
                            std::int64_t offset) {
  VIGIE_INVARIANT(!on_writer_thread());
  struct Outcome {
    std::mutex mutex;
    std::condition_variable ready;
    std::optional<Result<void>> result;
  };
  // Shared with the acknowledgement, which may still be leaving its critical section when the
  // waiter has gone on.
  const auto outcome = std::make_shared<Outcome>();
  Pending pending;
  pending.to = partition;
  pending.bytes = kRecordOverheadBytes;
  pending.commit_key = commit_key(group, partition);
  pending.commit_offset = offset;
  pending.done = [outcome](const Result<LogPosition>& place) {
    {
      const std::lock_guard lock(outcome->mutex);
      outcome->result = place ? Result<void>() : Result<void>(tl::make_unexpected(place.error()));
    }
    outcome->ready.notify_one();
  };
  VIGIE_TRY(enqueue(std::move(pending)));
  std::unique_lock lock(outcome->mutex);
  outcome->ready.wait(lock, [&] { return outcome->result.has_value(); });
  return *outcome->result;
}

Result<std::optional<std::int64_t>> Engine::committed(const std::string& group,
                                                      TopicPartition partition) {
  return get_number(*database_, kMeta, commit_key(group, partition));
}

std::uint64_t Engine::appended() const {
  const std::lock_guard lock(mutex_);
  return appended_;
}

bool Engine::wait_beyond(std::uint64_t seen, MachineTime deadline) {
  std::unique_lock lock(mutex_);
  return appended_changed_.wait_until(lock, deadline, [&] {
    return appended_ != seen || stopping_;
  }) && !stopping_;
}

Result<void> Engine::take_membership(const std::string& group,
                                     const std::vector<proto::Topic>& topics) {
  const std::lock_guard lock(mutex_);
  for (const proto::Topic topic : topics) {
    if (members_.contains({group, topic})) {
      return failure(Disposition::kStop, "group_taken",
                     "the embedded log has one member a group and topic, and it is there already",
                     group + "/" + std::string(proto::spec(topic).short_name));
    }
  }
  for (const proto::Topic topic : topics) members_.emplace(group, topic);
  return {};
}

void Engine::give_up_membership(const std::string& group, const std::vector<proto::Topic>& topics) {
  const std::lock_guard lock(mutex_);
  for (const proto::Topic topic : topics) members_.erase({group, topic});
}

Result<Reader::Batch> Engine::read(TopicPartition partition, std::int64_t offset,
                                   std::size_t max_records, std::size_t max_bytes) {
  Reader::Batch batch;
  batch.from = partition;
  batch.next_offset = offset;
  const std::int64_t end = state(partition).end;
  if (end < 0)
    return failure(Disposition::kStop, "unknown_partition", "the log has no such partition",
                   name_of(partition));
  std::unique_ptr<storage::Cursor> cursor;
  if (offset < end)
    cursor = database_->cursor(kRecords,
                               {record_row_key(partition, offset), record_row_key(partition, end)});
  // The cursor is a snapshot; judged after it was taken, so that retention cannot remove between
  // the two what is then missed.
  const std::int64_t begin = state(partition).begin;
  if (offset < begin || offset > end) {
    return failure(
        Disposition::kStop, "log_gap",
        "offset " + std::to_string(offset) + " lies outside the log, which holds " +
            std::to_string(begin) + " to " + std::to_string(end) +
            "; records were lost to this reader. To go on, acknowledge it: vigie log skip " +
            std::string(proto::spec(partition.topic).short_name) + " " +
            std::to_string(partition.partition) + " " +
            std::to_string(offset < begin ? begin : end),
        name_of(partition) + "/" + std::to_string(offset));
  }
  if (!cursor) return batch;

  const std::size_t prefix_bytes = partition_prefix(partition).size();
  std::size_t bytes = 0;
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    if (batch.records.size() >= max_records || bytes >= max_bytes) return batch;
    VIGIE_ASSIGN(Record record, decode_record(cursor->value()));
    VIGIE_ASSIGN(record.offset, offset_of_row(cursor->key(), prefix_bytes));
    record.partition = partition.partition;
    batch.next_offset = record.offset + 1;
    bytes += record.key.size() + (record.value ? record.value->size() : 0);
    batch.records.push_back(std::move(record));
  }
  VIGIE_TRY(cursor->status());
  batch.next_offset = end;
  return batch;
}

void Engine::write_until_stopped(const std::stop_token& stop) {
  writer_id_ = std::this_thread::get_id();
  auto next_housekeeping = machine_now() + options_.housekeeping;
  for (;;) {
    std::vector<Pending> batch;
    {
      std::unique_lock lock(mutex_);
      writer_wakeup_.wait_until(lock, stop, next_housekeeping, [&] { return !queue_.empty(); });
      std::size_t bytes = 0;
      while (!queue_.empty() && (batch.empty() || bytes + queue_.front().bytes <= kMaxBatchBytes)) {
        bytes += queue_.front().bytes;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      if (batch.empty() && stop.stop_requested()) return;
    }
    if (!batch.empty()) write_batch(std::move(batch));
    if (machine_now() >= next_housekeeping) {
      if (!stop.stop_requested()) keep_house();
      next_housekeeping = machine_now() + options_.housekeeping;
    }
  }
}

// Offsets that records of the same keys have now, for those of compacted topics.
Result<void> Engine::find_superseded(Append& append, const std::vector<Pending>& batch) {
  std::vector<std::string> keys;
  for (const Pending& pending : batch) {
    if (pending.commit_key.empty() && proto::spec(pending.to.topic).compacted)
      keys.push_back(latest_key(pending.to, pending.record.key));
  }
  if (keys.empty()) return {};
  VIGIE_ASSIGN(const auto found, database_->get_many(kLatest, keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!found[i]) continue;
    VIGIE_ASSIGN(const std::int64_t offset, to_number(*found[i]));
    append.latest.emplace(keys[i], offset);
  }
  return {};
}

Result<void> Engine::add_record(Append& append, const Pending& pending) {
  auto state = append.states.find(pending.to);
  if (state == append.states.end())
    state = append.states.emplace(pending.to, this->state(pending.to)).first;
  PartitionState& partition = state->second;
  const std::int64_t now = clock_.now_unix_ms();
  const bool went_back_a_little =
      now < partition.last_timestamp && partition.last_timestamp - now < kMaxClockRegressionMs;
  partition.last_timestamp = went_back_a_little ? partition.last_timestamp : now;
  const std::int64_t offset = partition.end++;
  const std::string row = record_row_key(pending.to, offset);
  append.changes.put(kRecords, row, encode_record(pending.record, partition.last_timestamp));
  if (pending.to.topic == kBoundedTopic)
    sizes_.count(append.changes, pending.to, offset, pending.bytes - kRecordOverheadBytes,
                 partition.last_timestamp);
  if (!proto::spec(pending.to.topic).compacted) return {};

  std::string key = latest_key(pending.to, pending.record.key);
  append.changes.put(kLatest, key, number(offset));
  const auto before = append.latest.find(key);
  if (before == append.latest.end()) {
    append.latest.emplace(std::move(key), offset);
  } else {
    append.changes.remove(kRecords, record_row_key(pending.to, before->second));
    before->second = offset;
  }
  if (!pending.record.value)
    append.changes.put(kTombstones, number(partition.last_timestamp) + row, pending.record.key);
  return {};
}

void Engine::write_batch(std::vector<Pending> batch) {
  Append append;
  std::size_t bytes = 0;
  Result<void> written;
  {
    const std::lock_guard lock(mutex_);
    if (broken_) written = failure(*broken_);
  }
  if (written) written = find_superseded(append, batch);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    bytes += batch[i].bytes;
    if (!written) continue;
    if (!batch[i].commit_key.empty()) {
      append.changes.put(kMeta, batch[i].commit_key, number(batch[i].commit_offset));
      append.places.emplace_back(i, LogPosition{batch[i].to.partition, batch[i].commit_offset});
      continue;
    }
    written = add_record(append, batch[i]);
    if (written)
      append.places.emplace_back(
          i, LogPosition{batch[i].to.partition, append.states.at(batch[i].to).end - 1});
  }
  for (const auto& [partition, state] : append.states)
    append.changes.put(kMeta, end_key(partition), number(state.end));
  sizes_.keep_totals(append.changes);
  if (written) written = database_->write(append.changes, storage::Durability::kSynced);

  {
    const std::lock_guard lock(mutex_);
    queued_bytes_ -= bytes;
    if (written) {
      for (const auto& [partition, state] : append.states) {
        states_[partition].end = state.end;
        states_[partition].last_timestamp = state.last_timestamp;
      }
      if (!append.states.empty()) ++appended_;
    } else if (!broken_) {
      broken_ = written.error();
      broken_->disposition = Disposition::kStop;
    }
  }
  queue_has_room_.notify_all();
  appended_changed_.notify_all();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i].done) continue;
    batch[i].done(written ? Result<LogPosition>(append.places[i].second)
                          : Result<LogPosition>(tl::make_unexpected(written.error())));
  }
}

void Engine::keep_house() {
  const std::int64_t now = clock_.now_unix_ms();
  Result<void> done = reap_tombstones(now);
  for (const proto::TopicSpec& spec : proto::kTopics) {
    if (spec.compacted || spec.retention_ms < 0) continue;
    for (std::int32_t p = 0; done && p < partitions(spec.topic); ++p)
      done = retain({spec.topic, p}, now);
  }
  if (done && options_.pages_max_bytes > 0) done = retain_by_size();
  if (done) return;
  const std::lock_guard lock(mutex_);
  if (!broken_) {
    broken_ = done.error();
    broken_->disposition = Disposition::kStop;
  }
}

// The first offset whose record is not older than unix_ms. Log time ascends, so a binary search
// over offsets will do.
Result<std::int64_t> Engine::first_at_or_after(TopicPartition partition, std::int64_t begin,
                                               std::int64_t end, std::int64_t unix_ms) {
  while (begin < end) {
    const std::int64_t middle = begin + (end - begin) / 2;
    VIGIE_ASSIGN(const std::optional<std::string> bytes,
                 database_->get(kRecords, record_row_key(partition, middle)));
    // topics with retention have no holes; one that has counts as old
    std::int64_t timestamp = INT64_MIN;
    if (bytes) {
      VIGIE_ASSIGN(timestamp, timestamp_of(*bytes));
    }
    if (timestamp < unix_ms) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

Result<void> Engine::retain(TopicPartition partition, std::int64_t now) {
  const PartitionState before = state(partition);
  if (before.begin >= before.end) return {};
  const std::int64_t retention = proto::spec(partition.topic).retention_ms;
  const std::int64_t cutoff = now - retention;
  std::optional<std::int64_t> oldest = before.first_timestamp;
  if (!oldest) {
    // Read once: the first record may be a page of megabytes, and housekeeping comes often.
    VIGIE_ASSIGN(const std::optional<std::string> bytes,
                 database_->get(kRecords, record_row_key(partition, before.begin)));
    oldest = INT64_MIN;
    if (bytes) {
      VIGIE_ASSIGN(oldest, timestamp_of(*bytes));
    }
    const std::lock_guard lock(mutex_);
    states_[partition].first_timestamp = oldest;
  }
  if (*oldest >= cutoff - retention / kRetentionSlackParts) return {};
  VIGIE_ASSIGN(const std::int64_t begin,
               first_at_or_after(partition, before.begin, before.end, cutoff));
  return move_begin(partition, begin);
}

Result<void> Engine::retain_by_size() {
  const std::uint64_t most = options_.pages_max_bytes;
  if (sizes_.bytes() <= most) return {};
  VIGIE_ASSIGN(const auto read, read_by_all(kBoundedTopic));
  for (const SizeRetention::Cut& cut : sizes_.cuts(most, read))
    VIGIE_TRY(move_begin(cut.partition, cut.begin));
  // a mark of each partition may be over
  const std::uint64_t left = sizes_.bytes();
  const bool told = told_of_backlog_ && machine_now() - *told_of_backlog_ < kBetweenComplaints;
  if (left <= most + most / kRetentionSlackParts || told) return {};
  told_of_backlog_ = machine_now();
  logging::warn("pages take more than log.pages_max_mib: the others have not been read",
                {{"mib", static_cast<std::int64_t>(left >> 20)},
                 {"most_mib", static_cast<std::int64_t>(most >> 20)}});
  return {};
}

// Per partition the offset that every group that ever committed there has reached.
Result<std::map<TopicPartition, std::int64_t>> Engine::read_by_all(proto::Topic topic) {
  std::map<TopicPartition, std::int64_t> out;
  const auto cursor =
      database_->cursor(kMeta, {std::string(kCommits), storage::after_prefix(kCommits)});
  std::map<std::string, std::int32_t, std::less<>> of_prefix;
  for (std::int32_t p = 0; p < partitions(topic); ++p)
    of_prefix.emplace(partition_prefix({topic, p}), p);
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    const std::string_view rest = cursor->key().substr(kCommits.size());
    const std::size_t end_of_group = rest.find('\0');
    if (end_of_group == std::string_view::npos) continue;
    const auto found = of_prefix.find(rest.substr(end_of_group + 1));
    if (found == of_prefix.end()) continue;
    VIGIE_ASSIGN(const std::int64_t offset, to_number(cursor->value()));
    const auto known = out.try_emplace({topic, found->second}, offset).first;
    known->second = std::min(known->second, offset);
  }
  VIGIE_TRY(cursor->status());
  return out;
}

Result<void> Engine::move_begin(TopicPartition partition, std::int64_t begin) {
  // The beginning moves first, durably: a crash in between leaves rows that nobody sees, never a
  // gap that nobody knows of.
  storage::Batch batch;
  batch.put(kMeta, begin_key(partition), number(begin));
  sizes_.begin_at(batch, partition, begin);
  VIGIE_TRY(database_->write(batch, storage::Durability::kSynced));
  {
    const std::lock_guard lock(mutex_);
    states_[partition].begin = begin;
    states_[partition].first_timestamp.reset();
  }
  return database_->drop_range(kRecords, record_row_key(partition, 0),
                               record_row_key(partition, begin));
}

// Removes tombstones that every reader has had time to see. They are found by time; key and offset
// say which rows they are.
Result<void> Engine::reap_tombstones(std::int64_t now) {
  if (now < kTombstoneKeptMs) return {};
  storage::Batch batch;
  std::size_t reaped = 0;
  const auto cursor = database_->cursor(kTombstones, {"", number(now - kTombstoneKeptMs)});
  for (cursor->seek_to_first(); cursor->valid() && reaped < kTombstonesPerRound;
       cursor->next(), ++reaped) {
    const std::string_view row =
        cursor->key().substr(std::min<std::size_t>(8, cursor->key().size()));
    batch.remove(kTombstones, cursor->key());
    batch.remove(kRecords, row);
    if (row.size() < 8) continue;
    std::string latest(row.substr(0, row.size() - 8));
    latest += cursor->value();
    VIGIE_ASSIGN(const std::optional<std::string> offset, database_->get(kLatest, latest));
    if (offset && *offset == row.substr(row.size() - 8)) batch.remove(kLatest, latest);
  }
  VIGIE_TRY(cursor->status());
  if (batch.empty()) return {};
  return database_->write(batch, storage::Durability::kSynced);
}

}  // namespace vigie::log
