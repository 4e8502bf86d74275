#include "platform/log/pausing_log.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace vigie::log {
namespace {

/// So that a stop is never long in waiting.
constexpr std::chrono::milliseconds kLongestPause{200};

class PausingGroup final : public Group {
 public:
  PausingGroup(std::unique_ptr<Group> group, const std::function<bool()>& has_room)
      : group_(std::move(group)), has_room_(has_room) {}

  Result<Polled> poll(std::size_t max_records, std::chrono::milliseconds timeout) override {
    if (has_room_()) return group_->poll(max_records, timeout);
    std::this_thread::sleep_for(std::min(timeout, kLongestPause));
    return Polled{};
  }
  Result<void> start(TopicPartition partition, std::optional<std::int64_t> offset) override {
    return group_->start(partition, offset);
  }
  Result<void> commit(TopicPartition partition, std::int64_t next_offset) override {
    return group_->commit(partition, next_offset);
  }
  void pause(TopicPartition partition) override { group_->pause(partition); }
  void resume(TopicPartition partition) override { group_->resume(partition); }
  bool lost() const override { return group_->lost(); }
  Result<bool> confirm(TopicPartition partition, std::int64_t next_offset) override {
    return group_->confirm(partition, next_offset);
  }

 private:
  std::unique_ptr<Group> group_;
  const std::function<bool()>& has_room_;
};

class PausingLog final : public Log {
 public:
  PausingLog(std::unique_ptr<Log> log, std::function<bool()> has_room)
      : log_(std::move(log)), has_room_(std::move(has_room)) {}

  std::unique_ptr<Producer> producer() override { return log_->producer(); }
  std::unique_ptr<Reader> reader() override { return log_->reader(); }
  Result<std::unique_ptr<Group>> join(const std::string& group,
                                      std::span<const proto::Topic> topics,
                                      const MemberOptions& options) override {
    VIGIE_ASSIGN(auto joined, log_->join(group, topics, options));
    return std::unique_ptr<Group>(std::make_unique<PausingGroup>(std::move(joined), has_room_));
  }
  Result<std::int32_t> partitions(proto::Topic topic) override { return log_->partitions(topic); }
  Result<OffsetRange> offsets(TopicPartition partition) override {
    return log_->offsets(partition);
  }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                TopicPartition partition) override {
    return log_->committed(group, partition);
  }
  Result<void> set_committed(const std::string& group, TopicPartition partition,
                             std::int64_t offset) override {
    return log_->set_committed(group, partition, offset);
  }
  std::size_t largest_record(proto::Topic topic) const override {
    return log_->largest_record(topic);
  }
  std::uint64_t disk_bytes() override { return log_->disk_bytes(); }
  bool has_room() override { return has_room_(); }
  bool connected() override { return log_->connected(); }

 private:
  std::unique_ptr<Log> log_;
  const std::function<bool()> has_room_;
};

}  // namespace

std::unique_ptr<Log> make_pausing(std::unique_ptr<Log> log, std::function<bool()> has_room) {
  return std::make_unique<PausingLog>(std::move(log), std::move(has_room));
}

}  // namespace vigie::log
