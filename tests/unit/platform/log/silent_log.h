#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "platform/log/log.h"

namespace vigie::log::testing {

/// A log whose readers get no record of one topic while it is silent, though its offsets say that
/// there are more: a broker that does not answer. `log` must outlive it.
class SilentLog final : public Log {
 public:
  SilentLog(Log& log, proto::Topic topic) : log_(log), topic_(topic) {}

  void be_silent(bool silent) { silent_ = silent; }
  /// Polls of a reader that gave nothing because of the silence.
  int silent_polls() const { return silent_polls_; }

  std::unique_ptr<Producer> producer() override { return log_.producer(); }
  std::unique_ptr<Reader> reader() override {
    return std::make_unique<SilentReader>(*this, log_.reader());
  }
  Result<std::unique_ptr<Group>> join(const std::string& group,
                                      std::span<const proto::Topic> topics,
                                      const MemberOptions& options) override {
    return log_.join(group, topics, options);
  }
  Result<std::int32_t> partitions(proto::Topic topic) override { return log_.partitions(topic); }
  Result<OffsetRange> offsets(TopicPartition partition) override { return log_.offsets(partition); }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                TopicPartition partition) override {
    return log_.committed(group, partition);
  }
  Result<void> set_committed(const std::string& group, TopicPartition partition,
                             std::int64_t offset) override {
    return log_.set_committed(group, partition, offset);
  }
  std::uint64_t disk_bytes() override { return log_.disk_bytes(); }

 private:
  class SilentReader final : public Reader {
   public:
    SilentReader(SilentLog& log, std::unique_ptr<Reader> real)
        : log_(log), real_(std::move(real)) {}
    Result<void> assign(TopicPartition partition, std::int64_t offset) override {
      of_the_topic_ = of_the_topic_ || partition.topic == log_.topic_;
      return real_->assign(partition, offset);
    }
    void unassign(TopicPartition partition) override { real_->unassign(partition); }
    void pause(TopicPartition partition) override { real_->pause(partition); }
    void resume(TopicPartition partition) override { real_->resume(partition); }
    Result<std::vector<Batch>> poll(std::size_t max_records,
                                    std::chrono::milliseconds timeout) override {
      if (!of_the_topic_ || !log_.silent_) return real_->poll(max_records, timeout);
      ++log_.silent_polls_;
      std::this_thread::sleep_for(std::min(timeout, std::chrono::milliseconds(2)));
      return std::vector<Batch>();
    }

   private:
    SilentLog& log_;
    std::unique_ptr<Reader> real_;
    bool of_the_topic_ = false;
  };

  Log& log_;
  proto::Topic topic_;
  std::atomic<bool> silent_{true};
  std::atomic<int> silent_polls_{0};
};

}  // namespace vigie::log::testing
