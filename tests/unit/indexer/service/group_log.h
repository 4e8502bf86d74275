#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "platform/log/log.h"

namespace vigie::indexer::testing {

/// Who owns what, as the test says: the coordinator of all groups of one log. Thread-safe.
class Coordinator {
 public:
  /// From here on `member` of `group` owns exactly these partitions. A change is told as Kafka's
  /// eager assignor tells it: everything is taken back, then given anew.
  void assign(const std::string& group, const std::string& member,
              std::vector<log::TopicPartition> partitions) {
    const std::lock_guard lock(mutex_);
    State& state = states_[{group, member}];
    state.wanted = std::move(partitions);
    ++state.generation;
  }
  struct State {
    std::vector<log::TopicPartition> wanted;
    int generation = 0;
  };
  State state(const std::string& group, const std::string& member) {
    const std::lock_guard lock(mutex_);
    return states_[{group, member}];
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, State> states_;
};

/// The log as one process sees it: everything is that of `log`, but for groups, whose members the
/// coordinator decides. Both must outlive it.
class GroupLog final : public log::Log {
 public:
  GroupLog(log::Log& log, Coordinator& coordinator, std::string member)
      : log_(log), coordinator_(coordinator), member_(std::move(member)) {}

  /// From here on nothing of this process reaches the log, as after a kill.
  void cut() { cut_ = true; }

  std::unique_ptr<log::Producer> producer() override {
    return std::make_unique<CutProducer>(log_.producer(), cut_);
  }
  std::unique_ptr<log::Reader> reader() override { return log_.reader(); }
  Result<std::int32_t> partitions(proto::Topic topic) override { return log_.partitions(topic); }
  Result<log::OffsetRange> offsets(log::TopicPartition partition) override {
    return log_.offsets(partition);
  }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                log::TopicPartition partition) override {
    return log_.committed(group, partition);
  }
  Result<void> set_committed(const std::string& group, log::TopicPartition partition,
                             std::int64_t offset) override {
    return log_.set_committed(group, partition, offset);
  }
  std::uint64_t disk_bytes() override { return log_.disk_bytes(); }
  Result<std::unique_ptr<log::Group>> join(const std::string& group, std::span<const proto::Topic>,
                                           const log::MemberOptions&) override {
    return std::unique_ptr<log::Group>(std::make_unique<Member>(*this, group));
  }

 private:
  class CutProducer final : public log::Producer {
   public:
    CutProducer(std::unique_ptr<log::Producer> real, const std::atomic<bool>& cut)
        : real_(std::move(real)), cut_(cut) {}
    Result<void> send(log::NewRecord record, Acknowledged acknowledged) override {
      if (cut_) return failure(Disposition::kStop, "stopped", "this process is dead");
      return real_->send(std::move(record), std::move(acknowledged));
    }
    Result<void> flush() override { return real_->flush(); }

   private:
    std::unique_ptr<log::Producer> real_;
    const std::atomic<bool>& cut_;
  };

  class Member final : public log::Group {
   public:
    Member(GroupLog& log, std::string group)
        : log_(log), group_(std::move(group)), reader_(log.log_.reader()) {}

    Result<Polled> poll(std::size_t max_records, std::chrono::milliseconds timeout) override {
      Polled polled;
      const Coordinator::State state = log_.coordinator_.state(group_, log_.member_);
      if (state.generation != generation_) {
        if (!owned_.empty()) {
          polled.revoked.assign(owned_.begin(), owned_.end());
          for (const log::TopicPartition partition : owned_) reader_->unassign(partition);
          owned_.clear();
          return polled;
        }
        generation_ = state.generation;
        polled.assigned = state.wanted;
        polled.settled = true;
        owned_.insert(state.wanted.begin(), state.wanted.end());
        return polled;
      }
      if (owned_.empty()) {
        std::this_thread::sleep_for(std::min(timeout, std::chrono::milliseconds(5)));
        return polled;
      }
      VIGIE_ASSIGN(polled.batches,
                   reader_->poll(max_records, std::min(timeout, std::chrono::milliseconds(20))));
      return polled;
    }
    Result<void> start(log::TopicPartition partition, std::optional<std::int64_t> offset) override {
      if (!offset) {
        VIGIE_ASSIGN(offset, log_.committed(group_, partition));
      }
      if (!offset) {
        VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets(partition));
        offset = range.begin;
      }
      return reader_->assign(partition, *offset);
    }
    Result<void> commit(log::TopicPartition partition, std::int64_t next_offset) override {
      if (log_.cut_) return failure(Disposition::kStop, "stopped", "this process is dead");
      return log_.set_committed(group_, partition, next_offset);
    }
    void pause(log::TopicPartition partition) override { reader_->pause(partition); }
    void resume(log::TopicPartition partition) override { reader_->resume(partition); }

   private:
    GroupLog& log_;
    std::string group_;
    std::unique_ptr<log::Reader> reader_;
    std::set<log::TopicPartition> owned_;
    int generation_ = 0;
  };

  log::Log& log_;
  Coordinator& coordinator_;
  std::string member_;
  std::atomic<bool> cut_{false};
};

}  // namespace vigie::indexer::testing
