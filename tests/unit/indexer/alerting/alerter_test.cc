#include "indexer/alerting/alerter.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <thread>

#include "proto/quarantine.pb.h"
#include "tests/unit/indexer/alerting/alerter_fixture.h"
#include "tests/unit/platform/log/silent_log.h"

namespace vigie::indexer::alerting {
namespace {

TEST_F(AlerterTest, DeliversAMatchOnceToEachChannelUnderItsMatchId) {
  subscribe("s", 1, false, {"c1", "c2"});
  const std::string id = match("s", "a", fingerprint_of(0, 300));
  start();
  ASSERT_TRUE(eventually([&] { return sender_.count() == 2; }));
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
  for (const delivery::Message& message : sender_.sent()) {
    EXPECT_EQ(message.delivery_id, id);
    EXPECT_EQ(message.subscription_name, "name of s");
    EXPECT_EQ(message.match.article().title(), "title of a");
  }
  EXPECT_EQ(hooks_, 1);
  const auto alerts = alerter_->alerts("s", 10);
  ASSERT_TRUE(alerts.has_value());
  ASSERT_EQ(alerts->size(), 1U);
  EXPECT_EQ((*alerts)[0].evidence(0).sentence(), "because of a");
  EXPECT_EQ((*alerts)[0].article().article_id(), "a");
}

TEST_F(AlerterTest, ARepeatedMatchAndACopyDoNotAlertAgain) {
  subscribe("s");
  start();
  const std::string first = match("s", "a", fingerprint_of(0, 300));
  match("s", "a", fingerprint_of(0, 300));      // the same article again
  match("s", "a", fingerprint_of(5'000, 300));  // a rewritten version of it
  const std::string copy = match("s", "b", fingerprint_of(20, 300));
  match("s", "b", fingerprint_of(20, 300));       // the copy again
  match("s", "c", fingerprint_of(100'000, 300));  // another story
  ASSERT_TRUE(all_read(6));
  EXPECT_EQ(sender_.count(), 2U);
  EXPECT_EQ(metric("vigie_alerts_raised_total"), 2);
  EXPECT_EQ(metric("vigie_alerts_copies_total"), 1);
  EXPECT_EQ(metric("vigie_alerts_repeats_total"), 3);
  const auto alerts = alerter_->alerts("s", 10);
  ASSERT_TRUE(alerts.has_value());
  ASSERT_EQ(alerts->size(), 2U);
  for (const v1::AlertGroup& group : *alerts) {
    if (group.delivery_id() != first) continue;
    ASSERT_EQ(group.match_ids_size(), 2);
    EXPECT_EQ(group.match_ids(1), copy);
  }
}

TEST_F(AlerterTest, ACopyAlertsAnotherSubscriptionAndTextsTooShortAreNoCopies) {
  subscribe("s");
  subscribe("t");
  start();
  match("s", "a", fingerprint_of(0, 300));
  match("t", "b", fingerprint_of(0, 300));
  match("s", "c", "");
  match("s", "d", "");
  ASSERT_TRUE(all_read(4));
  EXPECT_EQ(sender_.count(), 4U);
}

TEST_F(AlerterTest, ACopyAfterFourteenDaysAlertsAgain) {
  subscribe("s");
  start();
  match("s", "a", fingerprint_of(0, 300));
  ASSERT_TRUE(all_read(1));
  clock_.advance(std::chrono::hours(24 * 14 - 1));
  match("s", "b", fingerprint_of(0, 300));
  ASSERT_TRUE(all_read(2));
  EXPECT_EQ(metric("vigie_alerts_copies_total"), 1);
  clock_.advance(std::chrono::hours(2));
  match("s", "c", fingerprint_of(0, 300));
  ASSERT_TRUE(all_read(3));
  EXPECT_EQ(sender_.count(), 2U) << "the group's alert is older than the window";
}

TEST_F(AlerterTest, DropsMatchesOfDeletedAndUnknownSubscriptionsAndOldArticlesWithAReason) {
  subscribe("gone", 2, true);
  subscribe("s");
  match("gone", "a", "");
  match("never", "a", "");
  match("s", "old", "", 1, std::chrono::hours(24 * 31));
  EXPECT_TRUE(
      log::append(*log_, {{Topic::kMatches, "s", std::string("\xff\xff garbage")}}).has_value());
  start();
  ASSERT_TRUE(all_read(4));
  EXPECT_EQ(sender_.count(), 0U);
  EXPECT_EQ(dropped("subscription_deleted"), 1);
  EXPECT_EQ(dropped("subscription_unknown"), 1);
  EXPECT_EQ(dropped("too_old"), 1);
  EXPECT_EQ(dropped("bad_record"), 1);
  EXPECT_TRUE(eventually([&] { return log_->offsets({Topic::kQuarantine, 0}).value().end == 1; }));
}

TEST_F(AlerterTest, ReadsOnToTheRevisionAMatchNamesAndUsesThePresentChannels) {
  subscribe("s", 1, false, {"old"});
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  subscribe("s", 2, false, {"new"});
  match("s", "b", "", 2);
  ASSERT_TRUE(eventually([&] { return sender_.count() == 2; }));
  EXPECT_EQ(sender_.sent()[1].channel.id(), "new");
}

TEST_F(AlerterTest, RetriesWithinFiveSecondsThenLaterAndGivesUpAfterThreeDays) {
  subscribe("s");
  sender_.answer(503);
  start();
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return attempts_of_newest("s") == 1; }));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(sender_.count(), 1U) << "no retry while no time passes";
  clock_.advance(milliseconds(5000));  // the first retry within 5 s
  ASSERT_TRUE(eventually([&] { return attempts_of_newest("s") == 2; }));
  clock_.advance(milliseconds(5000));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(sender_.count(), 2U) << "pauses grow";
  clock_.advance(milliseconds(8000));
  ASSERT_TRUE(eventually([&] { return sender_.count() == 3 && attempts_of_newest("s") == 3; }));
  for (int i = 0; i < 14 && state_of_newest("s") == v1::DELIVERY_STATE_PENDING; ++i) {
    const std::size_t before = sender_.count();
    clock_.advance(std::chrono::hours(6));
    ASSERT_TRUE(eventually(
        [&] { return sender_.count() > before && attempts_of_newest("s") == sender_.count(); }));
  }
  EXPECT_EQ(state_of_newest("s"), v1::DELIVERY_STATE_FAILED);
  for (const delivery::Message& message : sender_.sent()) EXPECT_EQ(message.delivery_id, id);
  EXPECT_EQ(metric("vigie_deliveries_ended_total", {{"state", "failed"}}), 1);
}

TEST_F(AlerterTest, WaitsAsLongAsTheServiceAsksFromTheFirstAttemptOn) {
  subscribe("s");
  sender_.answer(429);
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return attempts_of_newest("s") == 1; }));
  clock_.advance(milliseconds(59'000));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(sender_.count(), 1U);
  clock_.advance(milliseconds(1'000));
  ASSERT_TRUE(eventually([&] { return sender_.count() == 2; }));
}

TEST_F(AlerterTest, WhatIsRefusedForGoodEndsAndLeavesTheChannelOn) {
  subscribe("s");
  sender_.answer(400);
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_FAILED; }));
  EXPECT_EQ(metric("vigie_deliveries_attempts_total", {{"outcome", "refused"}}), 1);
  clock_.advance(milliseconds(1'000));  // the next delivery is the newest
  sender_.answer(200);
  match("s", "b", "");
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
}

TEST_F(AlerterTest, AReceiverThatSaysGoneSwitchesItsChannelOffByAFactOfItsOwn) {
  const v1::SubscriptionRecord subscription = subscribe("s");
  sender_.answer(410);
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DISABLED; }));
  std::map<std::string, std::string> records;
  ASSERT_TRUE(log::read_to_end(*log_, Topic::kSubscriptions,
                               [&](const log::Record& record) -> Result<void> {
                                 records[record.key] = record.value.value_or("");
                                 return {};
                               })
                  .has_value());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records["s"], subscription.SerializeAsString()) << "a person's record is a person's";
  v1::ChannelOff fact;
  ASSERT_TRUE(fact.ParseFromString(records["channel-off/s/c1"]));
  EXPECT_EQ(fact.revision(), 1U);
  EXPECT_EQ(fact.reason(), "the receiver answered 410");
  ASSERT_TRUE(store_->find("s"));
  EXPECT_TRUE(store_->find("s")->channels(0).disabled());
  EXPECT_EQ(store_->find("s")->revision(), 1U);
  match("s", "b", "");
  ASSERT_TRUE(all_read(2));
  EXPECT_EQ(sender_.count(), 1U);
  EXPECT_EQ(alerter_->alerts("s", 10).value().size(), 2U) << "the alert itself is still shown";
}

/// A log that calls `before` once, when the first record of `subscriptions` is about to be sent.
class InterruptedLog final : public log::Log {
 public:
  InterruptedLog(log::Log& log, std::function<void()> before)
      : log_(log), before_(std::move(before)) {}
  std::unique_ptr<log::Producer> producer() override {
    return std::make_unique<Interrupted>(*this, log_.producer());
  }
  std::unique_ptr<log::Reader> reader() override { return log_.reader(); }
  Result<std::unique_ptr<log::Group>> join(const std::string& group, std::span<const Topic> topics,
                                           const log::MemberOptions& options) override {
    return log_.join(group, topics, options);
  }
  Result<std::int32_t> partitions(Topic topic) override { return log_.partitions(topic); }
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

 private:
  class Interrupted final : public log::Producer {
   public:
    Interrupted(InterruptedLog& log, std::unique_ptr<log::Producer> real)
        : log_(log), real_(std::move(real)) {}
    Result<void> send(log::NewRecord record, Acknowledged acknowledged) override {
      if (record.topic == Topic::kSubscriptions && log_.before_)
        std::exchange(log_.before_, nullptr)();
      return real_->send(std::move(record), std::move(acknowledged));
    }
    Result<void> flush() override { return real_->flush(); }

   private:
    InterruptedLog& log_;
    std::unique_ptr<log::Producer> real_;
  };

  log::Log& log_;
  std::function<void()> before_;
};

// Two writers of one compacted key: a person's change was answered, and a restart undid it, because
// the alerter wrote the whole record as it had read it before.
TEST_F(AlerterTest, WhatAPersonChangedWhileAReceiverSaidGoneIsNotUndone) {
  subscribe("s");
  const auto other = subscriptions::SubscriptionStore::open(*log_, clock_, random_);
  ASSERT_TRUE(other.has_value());
  subscriptions::Draft changed;
  changed.name = "renamed";
  changed.query = "topic:new";
  changed.channels.emplace_back();
  changed.channels[0].set_id("c1");
  changed.channels[0].set_type("webhook");
  std::uint64_t answered = 0;
  InterruptedLog interrupted(*log_, [&] {
    changed.channels[0].set_url((*other)->find("s")->channels(0).url());
    const auto replaced = (*other)->replace("s", changed, 1);
    ASSERT_TRUE(replaced.has_value()) << replaced.error().to_string();
    answered = replaced->revision();
  });
  through_ = &interrupted;
  sender_.answer(410);
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DISABLED; }));
  ASSERT_EQ(answered, 2U) << "the race was forced";
  stop();
  through_ = nullptr;
  start();  // reads the topic from its start
  const auto after = store_->find("s");
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->revision(), 2U);
  EXPECT_EQ(after->query(), "topic:new");
  EXPECT_EQ(after->name(), "renamed");
  EXPECT_TRUE(after->channels(0).disabled()) << "what the receiver said holds, too";
}

TEST_F(AlerterTest, AChannelThatAPersonSwitchedOnMeanwhileStaysOn) {
  subscribe("s");
  sender_.hold(true);
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  // While the attempt is under way the receiver moves: what the old one says is of no use.
  subscriptions::Draft moved;
  moved.name = "s";
  moved.query = "topic:chips";
  moved.channels.emplace_back();
  moved.channels[0].set_id("c1");
  moved.channels[0].set_type("webhook");
  moved.channels[0].set_url("https://example.org/elsewhere");
  ASSERT_TRUE(store_->replace("s", moved).has_value());
  sender_.answer(410);
  sender_.release();
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DISABLED; }));
  EXPECT_FALSE(store_->find("s")->channels(0).disabled());
  EXPECT_EQ(log_->offsets({Topic::kSubscriptions, 0}).value().end, 2) << "no fact was written";
}

TEST_F(AlerterTest, AFactThatHoldsNoLongerIsForgotten) {
  subscribe("s");
  sender_.answer(410);
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DISABLED; }));
  ASSERT_TRUE(store_->remove("s").has_value());
  clock_.advance(std::chrono::minutes(2));
  std::map<std::string, bool> live;
  EXPECT_TRUE(eventually([&] {
    live.clear();
    const auto read = log::read_to_end(*log_, Topic::kSubscriptions,
                                       [&](const log::Record& record) -> Result<void> {
                                         live[record.key] = record.value.has_value();
                                         return {};
                                       });
    return read.has_value() && live.count("channel-off/s/c1") > 0 && !live["channel-off/s/c1"];
  }));
  EXPECT_TRUE(live["s"]) << "the record of the deletion is the store's";
}

/// An alerter that has to read from a log that gives nothing of one topic.
class SilentAlerter : public AlerterTest {
 protected:
  void be_silent(Topic topic) {
    silent_ = std::make_unique<log::testing::SilentLog>(*log_, topic);
    silent_->be_silent(false);
    through_ = silent_.get();
  }
  void TearDown() override {
    if (silent_) silent_->be_silent(false);  // lets one go that hears nothing
    AlerterTest::TearDown();
    silent_.reset();
  }
  bool ends() {
    return eventually([&] { return over_.load(); });
  }
  std::unique_ptr<log::testing::SilentLog> silent_;
};

TEST_F(SilentAlerter, HearsAStopWhileItTakesOver) {
  subscribe("s");
  start();
  match("s", "a", fingerprint_of(0, 300));
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
  stop();
  be_silent(Topic::kDeliveries);
  silent_->be_silent(true);
  start("new");
  ASSERT_TRUE(eventually([&] { return silent_->silent_polls() >= 3; }));
  thread_.request_stop();
  ASSERT_TRUE(ends());
  EXPECT_EQ(failure_, "");
  // What was not taken over is taken over the next time.
  silent_->be_silent(false);
  stop();
  start("new");
  ASSERT_TRUE(eventually([&] { return alerter_->alerts("s", 10).value().size() == 1; }));
}

TEST_F(SilentAlerter, FailsAfterAMinuteInWhichItCannotTakeOver) {
  subscribe("s");
  start();
  match("s", "a", fingerprint_of(0, 300));
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
  stop();
  be_silent(Topic::kDeliveries);
  silent_->be_silent(true);
  start("new");
  ASSERT_TRUE(ends());
  EXPECT_EQ(failure_, "log_silent");
}

TEST_F(SilentAlerter, HearsAStopWhileAMatchWaitsForItsSubscription) {
  be_silent(Topic::kSubscriptions);
  subscribe("t");
  start();
  match("t", "first", "");
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  silent_->be_silent(true);
  ASSERT_TRUE(eventually([&] { return silent_->silent_polls() >= 1; }));  // the store's own reader
  subscribe("s");
  const std::string id = match("s", "a", "");
  std::this_thread::sleep_for(milliseconds(100));  // the alerter has met the match
  thread_.request_stop();
  ASSERT_TRUE(ends());
  EXPECT_EQ(failure_, "");
  EXPECT_EQ(sender_.count(), 1U);
  silent_->be_silent(false);
  stop();
  start();
  ASSERT_TRUE(eventually([&] { return sender_.count() == 2; })) << "the match is read again";
  EXPECT_EQ(sender_.sent()[1].delivery_id, id);
}

TEST_F(AlerterTest, DeletingASubscriptionEndsItsPendingDeliveries) {
  subscribe("s");
  sender_.answer(500);
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  subscribe("s", 2, true);
  std::this_thread::sleep_for(milliseconds(50));
  clock_.advance(milliseconds(5000));
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DISABLED; }));
  EXPECT_EQ(sender_.count(), 1U);
}

TEST_F(AlerterTest, AStopWaitsForAnAttemptUnderWayAsLongAsTheClockSays) {
  subscribe("s");
  sender_.hold(true);
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  thread_.request_stop();
  std::this_thread::sleep_for(4 * kStopWait);  // of real time, in which the clock stands still
  EXPECT_FALSE(over_);
  clock_.advance(kStopWait - milliseconds(1));
  std::this_thread::sleep_for(4 * kStopWait);
  EXPECT_FALSE(over_);
  clock_.advance(milliseconds(1));
  EXPECT_TRUE(eventually([&] { return over_.load(); }));
}

TEST_F(AlerterTest, ADeliveryThatACrashInterruptedIsResumedAtOnceUnderItsId) {
  subscribe("s");
  sender_.hold(true);  // the attempt never ends
  start();
  const std::string id = match("s", "a", fingerprint_of(0, 300));
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  // the disk as kill -9 leaves it
  std::filesystem::copy(dir_ / "alerter", dir_ / "crashed",
                        std::filesystem::copy_options::recursive);
  stop();
  sender_.hold(false);
  start("crashed");
  ASSERT_TRUE(eventually([&] { return sender_.count() == 2; }));
  EXPECT_EQ(sender_.sent()[1].delivery_id, id);
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
  match("s", "b", fingerprint_of(0, 300));
  ASSERT_TRUE(all_read(2));
  EXPECT_EQ(sender_.count(), 2U) << "the group is remembered";
}

TEST_F(AlerterTest, StateIsRebuiltFromDeliveriesWhenTheDirectoryIsLost) {
  subscribe("s");
  start();
  match("s", "a", fingerprint_of(0, 300));
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  sender_.answer(500);
  const std::string pending = match("s", "other", fingerprint_of(100'000, 300));
  ASSERT_TRUE(eventually([&] { return sender_.count() == 2; }));
  std::this_thread::sleep_for(milliseconds(50));
  stop();
  std::filesystem::remove_all(dir_ / "alerter");
  sender_.answer(200);
  start("new");
  clock_.advance(milliseconds(5000));
  ASSERT_TRUE(eventually([&] { return sender_.count() == 3; }));
  EXPECT_EQ(sender_.sent()[2].delivery_id, pending);
  match("s", "a", fingerprint_of(0, 300));
  match("s", "b", fingerprint_of(20, 300));
  ASSERT_TRUE(all_read(4));
  EXPECT_EQ(sender_.count(), 3U);
  EXPECT_EQ(alerter_->alerts("s", 10).value().size(), 2U);
  EXPECT_EQ(failure_, "");
}

TEST_F(AlerterTest, PagesThroughAlertsNewestFirstAndCountsThemByDay) {
  subscribe("s");
  start();
  std::vector<std::string> ids;
  for (int day = 0; day < 3; ++day) {
    ids.push_back(match("s", "article" + std::to_string(day), ""));
    ASSERT_TRUE(all_read(day + 1));
    if (day < 2) clock_.advance(std::chrono::hours(24));
  }
  const auto page = alerter_->alerts("s", 2);
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ((*page)[0].delivery_id(), ids[2]);
  const auto rest = alerter_->alerts("s", 2, cursor_of((*page)[1]));
  ASSERT_TRUE(rest.has_value());
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ((*rest)[0].delivery_id(), ids[0]);
  EXPECT_EQ(alerter_->alerts("s", 2, "nobody").error().code, ErrorCode("not_found"));
  const auto days = alerter_->counts_per_day("s", 4, {});
  ASSERT_TRUE(days.has_value());
  std::vector<std::uint64_t> counts;
  for (const DayCount& each : *days) counts.push_back(each.alerts);
  EXPECT_EQ(counts, (std::vector<std::uint64_t>{0, 1, 1, 1}));
}

TEST_F(AlerterTest, CountsTheDaysOfAZone) {
  const auto zone = dates::TimeZone::named("Europe/Paris").value();
  // 2026-03-29T00:00Z, an hour before Paris goes to summer time
  clock_.jump_wall(milliseconds(1'774'742'400'000 - clock_.now_unix_ms()));
  subscribe("s");
  start();
  for (int i = 0; i < 26; ++i) {
    match("s", "article" + std::to_string(i), "");
    ASSERT_TRUE(all_read(i + 1));
    if (i < 25) clock_.advance(std::chrono::hours(1));
  }
  const auto counts = [&](const dates::TimeZone& of) {
    std::vector<std::pair<std::int64_t, std::uint64_t>> out;
    const auto days = alerter_->counts_per_day("s", 3, of);
    for (const DayCount& each : days.value()) out.emplace_back(each.begin_unix_ms, each.alerts);
    return out;
  };
  constexpr std::int64_t kHourMs = 3'600'000;
  constexpr std::int64_t kSunday = 1'774'738'800'000;  // 2026-03-28T23:00Z, midnight in Paris
  using Counts = std::vector<std::pair<std::int64_t, std::uint64_t>>;
  EXPECT_EQ(counts(zone),
            (Counts{{kSunday - 24 * kHourMs, 0}, {kSunday, 22}, {kSunday + 23 * kHourMs, 4}}));
  EXPECT_EQ(
      counts({}),
      (Counts{{kSunday - 23 * kHourMs, 0}, {kSunday + kHourMs, 24}, {kSunday + 25 * kHourMs, 2}}));
}

TEST_F(AlerterTest, ForgetsDeliveriesAndGroupsAfterThirtyDaysAndTombstonesThem) {
  subscribe("s");
  start();
  match("s", "a", fingerprint_of(0, 300));
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
  clock_.advance(std::chrono::hours(24 * 31));
  ASSERT_TRUE(eventually([&] {
    return alerter_->alerts("s", 1).value().empty() && alerter_->deliveries("s", 1).value().empty();
  }));
  std::size_t live = 0;
  ASSERT_TRUE(eventually([&] {
    live = 0;
    const auto read =
        log::read_to_end(*log_, Topic::kDeliveries, [&](const log::Record& record) -> Result<void> {
          const bool of_all =
              record.key.starts_with("position/") || record.key.starts_with("learned/");
          if (record.value && !of_all) ++live;
          return {};
        });
    return read.has_value() && live == 0;
  })) << live;
}

TEST_F(AlerterTest, OneSlowReceiverHoldsUpOnlyItself) {
  subscribe("slow");
  subscribe("quick");
  sender_.hold(true);
  start();
  for (int i = 0; i < 20; ++i) match("slow", "article" + std::to_string(i), "");
  ASSERT_TRUE(all_read(20));
  EXPECT_EQ(sender_.count(), 4U) << "attempts under way for one channel";
  sender_.hold(false);
  match("quick", "a", "");
  ASSERT_TRUE(eventually([&] { return state_of_newest("quick") == v1::DELIVERY_STATE_DELIVERED; }));
  EXPECT_EQ(sender_.count(), 5U);
}

TEST_F(AlerterTest, ATestGoesToEveryEnabledChannelAtOnceAndLeavesNoTrace) {
  v1::SubscriptionRecord subscription = subscribe("s", 1, false, {"c1", "c2", "c3"});
  subscription.mutable_channels(1)->set_disabled(true);
  start();
  sender_.answer(404);
  const std::vector<TestResult> results = alerter_->send_test(subscription);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[1].channel_id, "c3");
  EXPECT_EQ(results[1].attempt.status, 404U);
  EXPECT_TRUE(sender_.sent()[0].sample);
  EXPECT_TRUE(alerter_->alerts("s", 10).value().empty());
  EXPECT_TRUE(alerter_->deliveries("s", 10).value().empty());
}

TEST_F(AlerterTest, AnAlertSentAgainKeepsItsIdAndItsDeliveries) {
  const v1::SubscriptionRecord subscription = subscribe("s");
  start();
  match("s", "a", "");
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
  const std::string id = alerter_->alerts("s", 1).value()[0].delivery_id();
  const auto results = alerter_->send_again(subscription, id);
  ASSERT_TRUE(results);
  ASSERT_EQ(results->size(), 1U);
  EXPECT_EQ((*results)[0].attempt.outcome, delivery::Outcome::kDelivered);
  ASSERT_EQ(sender_.count(), 2U);
  EXPECT_EQ(sender_.sent()[1].delivery_id, sender_.sent()[0].delivery_id);
  EXPECT_EQ(sender_.sent()[1].match.article().article_id(),
            sender_.sent()[0].match.article().article_id());
  EXPECT_FALSE(sender_.sent()[1].sample);
  EXPECT_EQ(alerter_->deliveries("s", 10).value().size(), 1U);
  EXPECT_EQ(alerter_->send_again(subscription, "none").error().code, ErrorCode("not_found"));
}

}  // namespace
}  // namespace vigie::indexer::alerting
