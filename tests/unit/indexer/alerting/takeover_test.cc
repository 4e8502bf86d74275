// Owners of one partition after each other, and beside each other: what one of them delivered, no
// other sends again, as far as the log knew of it.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "indexer/alerting/changelog.h"
#include "tests/unit/indexer/alerting/alerter_fixture.h"
#include "tests/unit/indexer/alerting/doomed.h"

namespace vigie::indexer::alerting {
namespace {

class TakeOverTest : public AlerterTest {
 protected:
  /// The newest record of each delivery, as the log has it.
  std::map<std::string, v1::DeliveryRecord> in_log() {
    std::map<std::string, v1::DeliveryRecord> out;
    EXPECT_TRUE(
        log::read_to_end(*log_, Topic::kDeliveries, [&](const log::Record& record) -> Result<void> {
          v1::DeliveryRecord delivery;
          if (record.value && record.key.ends_with("/c1") &&
              delivery.ParseFromString(*record.value))
            out[delivery.delivery_id()] = delivery;
          return {};
        }).has_value());
    return out;
  }
  bool is_in_log(const std::string& id, v1::DeliveryState state, std::uint32_t attempts) {
    const auto all = in_log();
    const auto found = all.find(id);
    return found != all.end() && found->second.state() == state &&
           found->second.attempts() == attempts;
  }
  bool log_says(const std::string& id, v1::DeliveryState state, std::uint32_t attempts) {
    return eventually([&] { return is_in_log(id, state, attempts); });
  }
  /// The same, while time goes on.
  bool comes_to(const std::string& id, v1::DeliveryState state, std::uint32_t attempts) {
    return eventually([&] {
      clock_.advance(milliseconds(1'000));
      return is_in_log(id, state, attempts);
    });
  }
  std::size_t sent_of(const std::string& id) const {
    const auto sent = sender_.sent();
    return static_cast<std::size_t>(std::ranges::count(sent, id, &delivery::Message::delivery_id));
  }
};

TEST_F(TakeOverTest, WhoComesBackDoesNotSendWhatAnotherDeliveredMeanwhile) {
  subscribe("s");
  sender_.answer(500);
  start("one");
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(log_says(id, v1::DELIVERY_STATE_PENDING, 1));
  stop();
  sender_.answer(200);
  start("another");
  ASSERT_TRUE(eventually([&] { return alerter_->owned().size() == 3; }));
  ASSERT_TRUE(comes_to(id, v1::DELIVERY_STATE_DELIVERED, 2));
  stop();
  start("one");  // and no match came between
  clock_.advance(milliseconds(60'000));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(sent_of(id), 2U);
  EXPECT_EQ(state_of_newest("s"), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(alerter_->alerts("s", 10)->size(), 1U);
}

TEST_F(TakeOverTest, WhoStartsAgainGoesOnFromWhatItKnows) {
  subscribe("s");
  sender_.answer(500);
  start("one");
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(log_says(id, v1::DELIVERY_STATE_PENDING, 1));
  stop();
  sender_.answer(200);
  start("one");
  ASSERT_TRUE(eventually([&] { return alerter_->owned().size() == 3; }));
  EXPECT_TRUE(comes_to(id, v1::DELIVERY_STATE_DELIVERED, 2));
  EXPECT_EQ(sent_of(id), 2U);
}

TEST_F(TakeOverTest, WhatAPowerFailureTookOfTheDiskIsNotSentAgainWhereTheLogHasIt) {
  subscribe("s");
  sender_.hold(true);
  start("one");
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(log_says(id, v1::DELIVERY_STATE_PENDING, 0));
  // the disk as it was synced last
  std::filesystem::copy(dir_ / "one", dir_ / "failed", std::filesystem::copy_options::recursive);
  sender_.release();
  ASSERT_TRUE(log_says(id, v1::DELIVERY_STATE_DELIVERED, 1));
  stop();
  start("failed");
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
  clock_.advance(milliseconds(60'000));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(sent_of(id), 1U);
}

/// At each call of log, disk and receiver from the match on, one after the other.
TEST_F(TakeOverTest, WhereverAnOwnerDiesTheNextOneSendsAnAlertAtMostOnce) {
  Doom doom;
  DoomedLog log(*log_, doom);
  DoomedSender sender(sender_, doom);
  through_ = &log;
  through_sender_ = &sender;
  disk_ = [&doom](const storage::Options& options) -> Result<std::unique_ptr<storage::Database>> {
    VIGIE_ASSIGN(std::unique_ptr<storage::Database> real, storage::open(options));
    return std::unique_ptr<storage::Database>(
        std::make_unique<DoomedDatabase>(std::move(real), doom));
  };
  subscribe("s", 1, false, {"c1", "c2"});
  std::size_t deaths = 0;
  start("owner 0");
  for (std::int64_t call = 1; call <= 18; ++call) {
    ASSERT_TRUE(eventually([&] { return alerter_->owned().size() == 3; }));
    std::this_thread::sleep_for(milliseconds(10));
    doom.set(call);
    const std::string id = match("s", "a" + std::to_string(call), "");
    eventually([&] { return doom.dead() || is_in_log(id, v1::DELIVERY_STATE_DELIVERED, 1); });
    deaths += doom.dead() ? 1 : 0;
    stop();
    doom.set(0);
    const std::size_t before = sent_of(id);
    clock_.advance(milliseconds(1'000));  // the next owner has another time
    start("owner " + std::to_string(call));
    ASSERT_TRUE(eventually([&] {
      const auto known = alerter_->deliveries("s", 2);
      return known && known->size() == 2 &&
             std::ranges::all_of(*known, [&](const v1::DeliveryRecord& delivery) {
               return delivery.delivery_id() == id &&
                      delivery.state() == v1::DELIVERY_STATE_DELIVERED;
             });
    })) << "died at call "
        << call;
    EXPECT_LE(sent_of(id) - before, 2U) << "a message a channel; died at call " << call;
    EXPECT_EQ(alerter_->alerts("s", 100)->size(), static_cast<std::size_t>(call));
    EXPECT_EQ(alerter_->deliveries("s", 1000)->size(), static_cast<std::size_t>(2 * call));
  }
  EXPECT_GT(deaths, 12U);
}

/// Of a group that another took over while this process slept.
class Slept final : public log::Log {
 public:
  explicit Slept(log::Log& log) : log_(log) {}
  std::unique_ptr<log::Producer> producer() override { return log_.producer(); }
  std::unique_ptr<log::Reader> reader() override { return log_.reader(); }
  Result<std::unique_ptr<log::Group>> join(const std::string& group,
                                           std::span<const proto::Topic> topics,
                                           const log::MemberOptions& options) override {
    VIGIE_ASSIGN(auto real, log_.join(group, topics, options));
    return std::unique_ptr<log::Group>(std::make_unique<Member>(std::move(real), *this));
  }
  Result<std::int32_t> partitions(proto::Topic topic) override { return log_.partitions(topic); }
  Result<log::OffsetRange> offsets(log::TopicPartition at) override { return log_.offsets(at); }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                log::TopicPartition at) override {
    return log_.committed(group, at);
  }
  Result<void> set_committed(const std::string& group, log::TopicPartition at,
                             std::int64_t offset) override {
    return log_.set_committed(group, at, offset);
  }
  std::uint64_t disk_bytes() override { return log_.disk_bytes(); }

  std::atomic<bool> taken{false};  // by another: nothing is confirmed any more
  std::atomic<bool> told{false};   // to the member: its next poll is a revocation
  std::atomic<bool> given{false};  // back: the poll after is an assignment
  std::atomic<int> asked{0};       // whether it is still ours
  std::function<void()> before_told;

 private:
  class Member final : public log::Group {
   public:
    Member(std::unique_ptr<log::Group> real, Slept& log) : real_(std::move(real)), log_(log) {}
    Result<Polled> poll(std::size_t most, milliseconds timeout) override {
      Polled polled;
      if (log_.taken && log_.told.exchange(false)) {
        log_.before_told();
        polled.revoked = mine_;
        lost_ = true;
        return polled;
      }
      if (lost_ && !log_.given) {
        std::this_thread::sleep_for(milliseconds(2));
        return polled;
      }
      if (lost_) {
        log_.taken = lost_ = false;
        polled.assigned = mine_;
        return polled;
      }
      VIGIE_ASSIGN(polled, real_->poll(most, timeout));
      if (!polled.assigned.empty()) mine_ = polled.assigned;
      return polled;
    }
    Result<void> start(log::TopicPartition at, std::optional<std::int64_t> offset) override {
      return real_->start(at, offset);
    }
    Result<void> commit(log::TopicPartition at, std::int64_t next_offset) override {
      return real_->commit(at, next_offset);
    }
    Result<bool> confirm(log::TopicPartition at, std::int64_t next_offset) override {
      ++log_.asked;
      if (log_.taken) return false;
      VIGIE_TRY(real_->commit(at, next_offset));
      return true;
    }
    void pause(log::TopicPartition at) override { real_->pause(at); }
    void resume(log::TopicPartition at) override { real_->resume(at); }
    bool lost() const override { return lost_; }

   private:
    std::unique_ptr<log::Group> real_;
    Slept& log_;
    std::vector<log::TopicPartition> mine_;
    bool lost_ = false;
  };

  log::Log& log_;
};

class SleptTest : public TakeOverTest {
 protected:
  /// What another owner writes that delivers what is pending, and nothing else.
  void another_delivers(const std::string& id) {
    v1::DeliveryRecord delivery = in_log().at(id);
    delivery.set_state(v1::DELIVERY_STATE_DELIVERED);
    delivery.set_attempts(delivery.attempts() + 1);
    delivery.set_ended_at_unix_ms(clock_.now_unix_ms());
    const std::int32_t partition = proto::partition_of("s", 3);
    ASSERT_TRUE(log::append(*log_, {learned_record(partition, 3, 12'345),
                                    {Topic::kDeliveries, changelog_key(delivery),
                                     delivery.SerializeAsString(), "s"}})
                    .has_value());
  }
  void SetUp() override {
    TakeOverTest::SetUp();
    slept_ = std::make_unique<Slept>(*log_);
    slept_->before_told = [] {};
    through_ = slept_.get();
  }
  void TearDown() override {
    stop();
    slept_.reset();
    TakeOverTest::TearDown();
  }
  void hears_that_it_lost_all() {
    slept_->told = true;
    ASSERT_TRUE(eventually([&] { return alerter_->owned().empty(); }));
  }
  void comes_back() {
    slept_->given = true;
    ASSERT_TRUE(eventually([&] { return alerter_->owned().size() == 3; }));
    clock_.advance(milliseconds(60'000));
    std::this_thread::sleep_for(milliseconds(50));
  }
  std::unique_ptr<Slept> slept_;
};

TEST_F(SleptTest, WhoLostItsPartitionsWritesNothingOverWhatTheNextOwnerWrote) {
  subscribe("s");
  start();
  const std::string first = match("s", "first", "");
  ASSERT_TRUE(log_says(first, v1::DELIVERY_STATE_DELIVERED, 1));
  sender_.answer(500);
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(log_says(id, v1::DELIVERY_STATE_PENDING, 1));
  sender_.hold(true);
  clock_.advance(milliseconds(5'000));
  ASSERT_TRUE(eventually([&] { return sent_of(id) == 2; }));
  another_delivers(id);
  // Its second attempt fails, too, and it wants to say so just when it hears that it owns no more.
  slept_->before_told = [this] { sender_.release(); };
  slept_->taken = true;
  hears_that_it_lost_all();
  EXPECT_TRUE(log_says(id, v1::DELIVERY_STATE_DELIVERED, 2));
  sender_.answer(200);
  comes_back();
  EXPECT_EQ(sent_of(id), 2U);
  EXPECT_EQ(state_of_newest("s"), v1::DELIVERY_STATE_DELIVERED);
}

TEST_F(SleptTest, WhoMayHaveSleptAsksBeforeItSendsOrWrites) {
  subscribe("s");
  sender_.answer(500);
  start();
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(log_says(id, v1::DELIVERY_STATE_PENDING, 1));
  EXPECT_EQ(slept_->asked, 0) << "one that is awake costs nothing";
  sender_.answer(200);
  slept_->taken = true;
  another_delivers(id);
  clock_.advance(milliseconds(30'000));  // in which it slept, so that a try is due
  ASSERT_TRUE(eventually([&] { return slept_->asked > 2; }));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(sent_of(id), 1U) << "it has not heard yet that it lost its partitions";
  hears_that_it_lost_all();
  comes_back();
  EXPECT_EQ(sent_of(id), 1U);
  // awake again, it is as before
  const std::string next = match("s", "next", "");
  EXPECT_TRUE(log_says(next, v1::DELIVERY_STATE_DELIVERED, 1));
}

TEST_F(SleptTest, WhatAReceiverTookStaysTakenThoughTheLogWasNotToldInTime) {
  subscribe("s");
  start();
  sender_.hold(true);
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(log_says(id, v1::DELIVERY_STATE_PENDING, 0));
  slept_->taken = true;
  const std::int32_t partition = proto::partition_of("s", 3);
  ASSERT_TRUE(log::append(*log_, {learned_record(partition, 3, 12'345)}).has_value());
  // It was taken; the next owner died before it sent anything.
  slept_->before_told = [this] { sender_.release(); };
  hears_that_it_lost_all();
  comes_back();
  EXPECT_EQ(sent_of(id), 1U);
  EXPECT_TRUE(log_says(id, v1::DELIVERY_STATE_DELIVERED, 1));
}

}  // namespace
}  // namespace vigie::indexer::alerting
