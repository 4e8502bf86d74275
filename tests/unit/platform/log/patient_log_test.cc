#include "platform/log/patient_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <stop_token>

#include "platform/clock/clock.h"

namespace vigie::log {
namespace {

using proto::Topic;
using std::chrono::milliseconds;

/// A log whose broker is away for as many questions as `away` says, or refuses for good.
class AwayLog final : public Log {
 public:
  int away = 0;
  int asked = 0;
  Disposition disposition = Disposition::kRetry;

  Result<void> ask() {
    ++asked;
    if (away == 0) return {};
    --away;
    return failure(disposition, "broker_unreachable", "away");
  }
  std::unique_ptr<Producer> producer() override { return nullptr; }
  std::unique_ptr<Reader> reader() override { return std::make_unique<AwayReader>(*this); }
  Result<std::unique_ptr<Group>> join(const std::string&, std::span<const Topic>,
                                      const MemberOptions&) override {
    VIGIE_TRY(ask());
    return std::unique_ptr<Group>(std::make_unique<AwayGroup>(*this));
  }
  Result<std::int32_t> partitions(Topic) override { return 4; }
  Result<OffsetRange> offsets(TopicPartition) override {
    VIGIE_TRY(ask());
    return OffsetRange{3, 7};
  }
  Result<std::optional<std::int64_t>> committed(const std::string&, TopicPartition) override {
    VIGIE_TRY(ask());
    return std::optional<std::int64_t>(5);
  }
  Result<void> set_committed(const std::string&, TopicPartition, std::int64_t) override {
    return ask();
  }
  std::uint64_t disk_bytes() override { return 11; }
  bool has_room() override { return false; }
  bool connected() override { return away == 0; }

 private:
  struct AwayGroup final : Group {
    explicit AwayGroup(AwayLog& log_) : log(log_) {}
    Result<Polled> poll(std::size_t, milliseconds) override {
      VIGIE_TRY(log.ask());
      Polled polled;
      polled.settled = true;
      return polled;
    }
    Result<void> start(TopicPartition, std::optional<std::int64_t>) override { return log.ask(); }
    Result<void> commit(TopicPartition, std::int64_t) override { return log.ask(); }
    Result<bool> confirm(TopicPartition, std::int64_t) override {
      VIGIE_TRY(log.ask());
      return false;
    }
    void pause(TopicPartition) override {}
    void resume(TopicPartition) override {}
    bool lost() const override { return true; }
    AwayLog& log;
  };
  struct AwayReader final : Reader {
    explicit AwayReader(AwayLog& log_) : log(log_) {}
    Result<void> assign(TopicPartition, std::int64_t) override { return log.ask(); }
    void unassign(TopicPartition) override {}
    void pause(TopicPartition) override {}
    void resume(TopicPartition) override {}
    Result<std::vector<Batch>> poll(std::size_t, milliseconds) override {
      VIGIE_TRY(log.ask());
      return std::vector<Batch>{};
    }
    AwayLog& log;
  };
};

constexpr TopicPartition kPages{Topic::kPages, 0};
constexpr std::array kTopics{Topic::kPages};

/// Who sleeps wakes at once, that much later.
class PassingClock final : public Clock {
 public:
  std::int64_t now_unix_ms() const override { return boot_.count(); }
  milliseconds since_boot() const override { return boot_; }
  bool sleep_until(milliseconds deadline, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    boot_ = std::max(boot_, deadline);
    return true;
  }

 private:
  milliseconds boot_{0};
};

struct PatientLogTest : testing::Test {
  AwayLog real;
  PassingClock clock;
  std::stop_source stop;
  bool patient = true;
  std::unique_ptr<Log> log =
      make_patient(real, clock, stop.get_token(), [this] { return patient; });
};

TEST_F(PatientLogTest, AsksEveryQuestionAgainUntilABrokerAnswers) {
  real.away = 3;
  const auto range = log->offsets(kPages);
  ASSERT_TRUE(range) << range.error().to_string();
  EXPECT_EQ(range->end, 7);
  EXPECT_EQ(real.asked, 4);
  EXPECT_EQ(clock.since_boot(), milliseconds(1'500)) << "half a second between two questions";
  real.away = 2;
  EXPECT_EQ(log->committed("g", kPages)->value_or(-1), 5);
  real.away = 2;
  EXPECT_TRUE(log->set_committed("g", kPages, 1));
  real.away = 2;
  const auto group = log->join("g", kTopics);
  ASSERT_TRUE(group);
  real.away = 2;
  EXPECT_TRUE((*group)->poll(1, milliseconds(0))->settled);
  real.away = 2;
  EXPECT_TRUE((*group)->start(kPages));
  real.away = 2;
  EXPECT_TRUE((*group)->commit(kPages, 1));
  real.away = 2;
  const auto confirmed = (*group)->confirm(kPages, 1);
  ASSERT_TRUE(confirmed);
  EXPECT_FALSE(*confirmed) << "what a broker answers is passed on";
  EXPECT_TRUE((*group)->lost());
  const auto reader = log->reader();
  real.away = 2;
  EXPECT_TRUE(reader->assign(kPages, 0));
  real.away = 2;
  EXPECT_TRUE(reader->poll(1, milliseconds(0)));
}

TEST_F(PatientLogTest, AnErrorThatNeedsAPersonIsToldAtOnce) {
  real.away = 1;
  real.disposition = Disposition::kStop;
  const auto range = log->offsets(kPages);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().disposition, Disposition::kStop);
  EXPECT_EQ(real.asked, 1);
}

TEST_F(PatientLogTest, AStopEndsTheWaiting) {
  real.away = 1'000'000;
  stop.request_stop();
  const auto range = log->offsets(kPages);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().disposition, Disposition::kRetry);
  EXPECT_EQ(real.asked, 1);
}

TEST_F(PatientLogTest, AProgramThatStartsDoesNotWait) {
  patient = false;
  real.away = 1;
  EXPECT_FALSE(log->offsets(kPages));
  EXPECT_TRUE(log->offsets(kPages));
}

TEST_F(PatientLogTest, PassesOnWhatTheLogIs) {
  real.away = 1;
  EXPECT_FALSE(log->connected());
  real.away = 0;
  EXPECT_TRUE(log->connected());
  EXPECT_FALSE(log->has_room());
  EXPECT_EQ(log->disk_bytes(), 11U);
  EXPECT_EQ(log->partitions(Topic::kPages).value_or(0), 4);
}

TEST_F(PatientLogTest, WhoAppendsOverHttpIsToldAtOnceThatNoBrokerIsThere) {
  real.away = 1;
  const auto appended = append(*log, {{Topic::kPages, "k", "v"}});
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, ErrorCode("broker_unreachable"));
  EXPECT_EQ(appended.error().disposition, Disposition::kRetry);
}

}  // namespace
}  // namespace vigie::log
