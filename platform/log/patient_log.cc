#include "platform/log/patient_log.h"

#include <utility>

#include "platform/logging/logging.h"

namespace vigie::log {
namespace {

constexpr std::chrono::milliseconds kAskAgain{500};
constexpr std::chrono::milliseconds kTellAgain{10'000};

class Patience {
 public:
  Patience(Clock& clock, std::stop_token stop, std::function<bool()> patient)
      : clock_(clock), stop_(std::move(stop)), patient_(std::move(patient)) {}

  template <typename Ask>
  auto wait(const Ask& ask) const -> decltype(ask()) {
    std::chrono::milliseconds told{-1};
    for (;;) {
      auto response = ask();
      if (response || response.error().disposition != Disposition::kRetry) return response;
      if (stop_.stop_requested() || !patient_()) return response;
      const std::chrono::milliseconds now = clock_.since_boot();
      if (told.count() < 0 || now - told >= kTellAgain) {
        told = now;
        logging::warn("waiting for the log", {{"error", response.error().to_string()}});
      }
      clock_.sleep_for(kAskAgain, stop_);
    }
  }

 private:
  Clock& clock_;
  const std::stop_token stop_;
  const std::function<bool()> patient_;
};

class PatientGroup final : public Group {
 public:
  PatientGroup(std::unique_ptr<Group> group, const Patience& patience)
      : group_(std::move(group)), patience_(patience) {}

  Result<Polled> poll(std::size_t max_records, std::chrono::milliseconds timeout) override {
    return patience_.wait([&] { return group_->poll(max_records, timeout); });
  }
  Result<void> start(TopicPartition partition, std::optional<std::int64_t> offset) override {
    return patience_.wait([&] { return group_->start(partition, offset); });
  }
  Result<void> commit(TopicPartition partition, std::int64_t next_offset) override {
    return patience_.wait([&] { return group_->commit(partition, next_offset); });
  }
  Result<bool> confirm(TopicPartition partition, std::int64_t next_offset) override {
    return patience_.wait([&] { return group_->confirm(partition, next_offset); });
  }
  void pause(TopicPartition partition) override { group_->pause(partition); }
  void resume(TopicPartition partition) override { group_->resume(partition); }
  bool lost() const override { return group_->lost(); }

 private:
  std::unique_ptr<Group> group_;
  const Patience& patience_;
};

class PatientReader final : public Reader {
 public:
  PatientReader(std::unique_ptr<Reader> reader, const Patience& patience)
      : reader_(std::move(reader)), patience_(patience) {}

  Result<void> assign(TopicPartition partition, std::int64_t offset) override {
    return patience_.wait([&] { return reader_->assign(partition, offset); });
  }
  void unassign(TopicPartition partition) override { reader_->unassign(partition); }
  void pause(TopicPartition partition) override { reader_->pause(partition); }
  void resume(TopicPartition partition) override { reader_->resume(partition); }
  Result<std::vector<Batch>> poll(std::size_t max_records,
                                  std::chrono::milliseconds timeout) override {
    return patience_.wait([&] { return reader_->poll(max_records, timeout); });
  }

 private:
  std::unique_ptr<Reader> reader_;
  const Patience& patience_;
};

class PatientLog final : public Log {
 public:
  PatientLog(Log& log, Clock& clock, std::stop_token stop, std::function<bool()> patient)
      : log_(log), patience_(clock, std::move(stop), std::move(patient)) {}

  std::unique_ptr<Producer> producer() override { return log_.producer(); }
  std::unique_ptr<Reader> reader() override {
    return std::make_unique<PatientReader>(log_.reader(), patience_);
  }
  Result<std::unique_ptr<Group>> join(const std::string& group,
                                      std::span<const proto::Topic> topics,
                                      const MemberOptions& options) override {
    VIGIE_ASSIGN(auto joined, patience_.wait([&] { return log_.join(group, topics, options); }));
    return std::unique_ptr<Group>(std::make_unique<PatientGroup>(std::move(joined), patience_));
  }
  Result<std::int32_t> partitions(proto::Topic topic) override {
    return patience_.wait([&] { return log_.partitions(topic); });
  }
  Result<OffsetRange> offsets(TopicPartition partition) override {
    return patience_.wait([&] { return log_.offsets(partition); });
  }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                TopicPartition partition) override {
    return patience_.wait([&] { return log_.committed(group, partition); });
  }
  Result<void> set_committed(const std::string& group, TopicPartition partition,
                             std::int64_t offset) override {
    return patience_.wait([&] { return log_.set_committed(group, partition, offset); });
  }
  std::size_t largest_record(proto::Topic topic) const override {
    return log_.largest_record(topic);
  }
  std::uint64_t disk_bytes() override { return log_.disk_bytes(); }
  bool has_room() override { return log_.has_room(); }
  bool connected() override { return log_.connected(); }

 private:
  Log& log_;
  const Patience patience_;
};

}  // namespace

std::unique_ptr<Log> make_patient(Log& log, Clock& clock, std::stop_token stop,
                                  std::function<bool()> patient) {
  return std::make_unique<PatientLog>(log, clock, std::move(stop), std::move(patient));
}

}  // namespace vigie::log
