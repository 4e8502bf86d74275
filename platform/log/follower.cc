#include "platform/log/follower.h"

#include <utility>

namespace vigie::log {
namespace {

// how late a stop may be heard
constexpr std::chrono::milliseconds kPoll{200};

}  // namespace

TopicFollower::TopicFollower(Log& log, proto::Topic topic, Take take)
    : TopicFollower(log, topic, std::move(take), Options{}) {}

TopicFollower::TopicFollower(Log& log, proto::Topic topic, Take take, const Options& options)
    : log_(log), topic_(topic), take_(std::move(take)), options_(options) {}

Result<void> TopicFollower::start(std::int32_t partition, std::int64_t offset) {
  if (reader_) VIGIE_TRY(reader_->assign({topic_, partition}, offset));
  next_[partition] = offset;
  return {};
}

Result<void> TopicFollower::start_all() {
  VIGIE_ASSIGN(const std::int32_t partitions, log_.partitions(topic_));
  for (std::int32_t p = 0; p < partitions; ++p) {
    VIGIE_ASSIGN(const OffsetRange range, log_.offsets({topic_, p}));
    VIGIE_TRY(start(p, range.begin));
  }
  return {};
}

void TopicFollower::stop(std::int32_t partition) {
  next_.erase(partition);
  if (reader_) reader_->unassign({topic_, partition});
}

std::int64_t TopicFollower::next_offset(std::int32_t partition) const {
  const auto found = next_.find(partition);
  return found == next_.end() ? 0 : found->second;
}

std::vector<std::int64_t> TopicFollower::next_offsets() const {
  std::vector<std::int64_t> out;
  for (const auto& [partition, next] : next_) {
    out.resize(static_cast<std::size_t>(partition), 0);
    out.push_back(next);
  }
  return out;
}

Result<bool> TopicFollower::follow(std::chrono::milliseconds wait) {
  if (!reader_) VIGIE_TRY(open_reader(nullptr));
  VIGIE_ASSIGN(const std::vector<Reader::Batch> batches, reader_->poll(options_.max_records, wait));
  VIGIE_TRY(take(batches));
  return !batches.empty();
}

Result<bool> TopicFollower::follow_to_end(const std::stop_token& stop) {
  Ends ends;
  for (const auto& [partition, next] : next_) VIGIE_TRY(add_unread(partition, ends));
  return read_to(std::move(ends), stop);
}

Result<bool> TopicFollower::follow_to_end(std::int32_t partition, const std::stop_token& stop) {
  Ends ends;
  VIGIE_TRY(add_unread(partition, ends));
  return read_to(std::move(ends), stop);
}

Result<void> TopicFollower::add_unread(std::int32_t partition, Ends& ends) {
  VIGIE_ASSIGN(const OffsetRange range, log_.offsets({topic_, partition}));
  if (next_offset(partition) < range.end) ends.emplace(partition, range.end);
  return {};
}

/// Between two calls that only read to the end no reader stays open: on Kafka each is a client of
/// its own, with connections and threads.
Result<bool> TopicFollower::read_to(Ends ends, const std::stop_token& stop) {
  if (ends.empty()) return true;
  const bool stays = reader_ != nullptr;
  if (!stays) VIGIE_TRY(open_reader(&ends));
  Result<bool> reached = poll_to(std::move(ends), stop);
  if (!stays) reader_.reset();
  if (reader_) {
    for (const auto& [partition, next] : next_) reader_->resume({topic_, partition});
  }
  return reached;
}

/// Only what has not reached its end is read: the records of other partitions would hide that the
/// log is silent.
Result<bool> TopicFollower::poll_to(Ends ends, const std::stop_token& stop) {
  for (const auto& [partition, next] : next_) {
    if (!ends.contains(partition)) reader_->pause({topic_, partition});
  }
  std::chrono::milliseconds silence{0};
  while (!ends.empty()) {
    if (stop.stop_requested()) return false;
    VIGIE_ASSIGN(const std::vector<Reader::Batch> batches,
                 reader_->poll(options_.max_records, kPoll));
    // a log that nobody can reach is not silent: it is waited for
    const bool silent = batches.empty() && log_.connected();
    silence = silent ? silence + kPoll : std::chrono::milliseconds(0);
    if (silence >= options_.silence) {
      const auto& [partition, end] = *ends.begin();
      return failure(
          log_silent({topic_, partition}, next_offset(partition), end, options_.silence));
    }
    VIGIE_TRY(take(batches));
    for (const Reader::Batch& batch : batches) {
      const auto end = ends.find(batch.from.partition);
      if (end == ends.end() || batch.next_offset < end->second) continue;
      ends.erase(end);
      reader_->pause(batch.from);
    }
  }
  return true;
}

Result<void> TopicFollower::open_reader(const Ends* only) {
  std::unique_ptr<Reader> reader = log_.reader();
  for (const auto& [partition, next] : next_) {
    if (only != nullptr && !only->contains(partition)) continue;
    VIGIE_TRY(reader->assign({topic_, partition}, next));
  }
  reader_ = std::move(reader);
  return {};
}

Result<void> TopicFollower::take(const std::vector<Reader::Batch>& batches) {
  for (const Reader::Batch& batch : batches) {
    const auto found = next_.find(batch.from.partition);
    if (found == next_.end()) continue;
    if (Result<void> taken = take_(batch); !taken) {
      reader_.reset();  // it stands behind what was not taken
      return taken;
    }
    found->second = batch.next_offset;
  }
  return {};
}

Error log_silent(TopicPartition partition, std::int64_t next_offset, std::int64_t end,
                 std::chrono::milliseconds silence) {
  return Error{"log_silent", Disposition::kRetry,
               "the log gave no record for " + std::to_string(silence.count() / 1000) +
                   " s while it holds more (read to offset " + std::to_string(next_offset) +
                   " of " + std::to_string(end) + "); look at the broker",
               std::string(proto::spec(partition.topic).short_name) + "/" +
                   std::to_string(partition.partition)};
}

Result<std::vector<std::int64_t>> read_to_end(
    Log& log, proto::Topic topic, const std::function<Result<void>(const Record&)>& each,
    const std::stop_token& stop) {
  VIGIE_ASSIGN(const std::int32_t partitions, log.partitions(topic));
  std::vector<std::int64_t> ends;
  TopicFollower follower(log, topic, [&](const Reader::Batch& batch) -> Result<void> {
    const std::int64_t end = ends[static_cast<std::size_t>(batch.from.partition)];
    for (const Record& record : batch.records) {
      if (record.offset < end) VIGIE_TRY(each(record));
    }
    return {};
  });
  for (std::int32_t p = 0; p < partitions; ++p) {
    VIGIE_ASSIGN(const OffsetRange range, log.offsets({topic, p}));
    VIGIE_TRY(follower.start(p, range.begin));
    ends.push_back(range.end);
  }
  VIGIE_ASSIGN(const bool reached, follower.follow_to_end(stop));
  if (!reached) {
    return failure(Disposition::kStop, "stopped", "a stop was asked for before the end was read",
                   std::string(proto::spec(topic).short_name));
  }
  return ends;
}

}  // namespace vigie::log
