// An owner that slept beyond its session just before it wrote leaves a record behind a newer one of
// the same key, and the log keeps that alone. For each kind of record: what the next owner makes of
// it, whose disk is empty (decision 0034, "What stays").
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "indexer/alerting/changelog.h"
#include "platform/dates/dates.h"
#include "proto/delivery_keys.h"
#include "tests/unit/indexer/alerting/alerter_fixture.h"

namespace vigie::indexer::alerting {
namespace {

constexpr milliseconds kDay = std::chrono::hours(24);

class OlderRecordTest : public AlerterTest {
 protected:
  /// The newest value of each key that begins so.
  std::map<std::string, std::string> in_log(Topic topic, std::string_view prefix = "") {
    std::map<std::string, std::string> out;
    EXPECT_TRUE(log::read_to_end(*log_, topic, [&](const log::Record& record) -> Result<void> {
                  if (!record.key.starts_with(prefix)) return {};
                  if (record.value) out[record.key] = *record.value;
                  else out.erase(record.key);
                  return {};
                }).has_value());
    return out;
  }
  std::map<std::string, std::string> deliveries_in_log() {
    auto out = in_log(Topic::kDeliveries);
    std::erase_if(out, [](const auto& one) { return !proto::is_delivery_key(one.first); });
    return out;
  }
  bool log_says(v1::DeliveryState state, std::uint32_t attempts) {
    return eventually([&] {
      clock_.advance(milliseconds(500));
      const auto all = deliveries_in_log();
      return !all.empty() && std::ranges::all_of(all, [&](const auto& one) {
        v1::DeliveryRecord delivery;
        return delivery.ParseFromString(one.second) && delivery.state() == state &&
               delivery.attempts() == attempts;
      });
    });
  }
  /// Takes the place of what came after them.
  void write_again(Topic topic, const std::map<std::string, std::string>& older) {
    ASSERT_FALSE(older.empty());
    for (const auto& [key, value] : older)
      ASSERT_TRUE(log::append(*log_, {{topic, key, value, "s"}}).has_value());
  }
  void start_next(const std::string& state = "next") {
    start(state);
    ASSERT_TRUE(eventually([&] { return alerter_->owned().size() == 3; }));
  }
  /// So many messages, however much time goes by.
  void stays_at(std::size_t messages, milliseconds step = milliseconds(30'000)) {
    for (int i = 0; i < 4; ++i) {
      clock_.advance(step);
      std::this_thread::sleep_for(milliseconds(30));
    }
    EXPECT_EQ(sender_.count(), messages);
  }
  std::set<std::string> ids_sent() const {
    std::set<std::string> out;
    for (const delivery::Message& message : sender_.sent()) out.insert(message.delivery_id);
    return out;
  }
};

TEST_F(OlderRecordTest, OfADeliveryItIsSentOnceMoreUnderItsIdAndNeverAgain) {
  subscribe("s");
  sender_.answer(500);
  start("one");
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(log_says(v1::DELIVERY_STATE_PENDING, 1));
  const auto older = deliveries_in_log();
  sender_.answer(200);
  ASSERT_TRUE(log_says(v1::DELIVERY_STATE_DELIVERED, 2));
  stop();
  write_again(Topic::kDeliveries, older);
  start_next();
  ASSERT_TRUE(log_says(v1::DELIVERY_STATE_DELIVERED, 2));
  stays_at(3);
  EXPECT_EQ(ids_sent(), std::set<std::string>{id});
  EXPECT_EQ(alerter_->alerts("s", 10)->size(), 1U);
  stop();
  start_next("after that");
  stays_at(3);
}

TEST_F(OlderRecordTest, OfAnAlertNoCopyIsToldAgain) {
  const std::string same = fingerprint_of(1, 200);
  subscribe("s");
  start("one");
  const std::string id = match("s", "a", same);
  ASSERT_TRUE(log_says(v1::DELIVERY_STATE_DELIVERED, 1));
  const auto older = in_log(Topic::kDeliveries, proto::kAlertPrefix);
  match("s", "copy", same);
  ASSERT_TRUE(eventually([&] { return in_log(Topic::kDeliveries, proto::kAlertPrefix) != older; }));
  stop();
  write_again(Topic::kDeliveries, older);
  start_next();
  const double read = metric("vigie_alerts_matches_total");
  match("s", "copy", same);  // a shard that was taken over writes it again
  match("s", "another", same);
  ASSERT_TRUE(all_read(read + 2));
  stays_at(1);
  EXPECT_EQ(ids_sent(), std::set<std::string>{id});
  EXPECT_EQ(alerter_->alerts("s", 10)->size(), 1U);
  EXPECT_EQ(alerter_->alerts("s", 10)->front().match_ids_size(), 3);
}

TEST_F(OlderRecordTest, OfAMatchThatWaitedForItsEventIsNoSecondAlert) {
  v1::SubscriptionRecord once;
  once.set_one_per_event(true);
  subscribe("s", 1, false, {"c1"}, once);
  start("one");
  match("s", "a", "");
  ASSERT_TRUE(
      eventually([&] { return !in_log(Topic::kDeliveries, proto::kWaitingPrefix).empty(); }));
  const auto older = in_log(Topic::kDeliveries, proto::kWaitingPrefix);
  ASSERT_TRUE(log_says(v1::DELIVERY_STATE_DELIVERED, 1));
  ASSERT_TRUE(
      eventually([&] { return in_log(Topic::kDeliveries, proto::kWaitingPrefix).empty(); }));
  stop();
  write_again(Topic::kDeliveries, older);
  start_next();
  ASSERT_TRUE(eventually([&] {
    clock_.advance(milliseconds(1'000));
    return in_log(Topic::kDeliveries, proto::kWaitingPrefix).empty();
  })) << "it does not wait for ever";
  stays_at(1);
  EXPECT_EQ(alerter_->alerts("s", 10)->size(), 1U);
}

TEST_F(OlderRecordTest, OfASlotNoDigestIsToldAgainAndTheNextHoldsWhatIsNew) {
  clock_.jump_wall(
      milliseconds(dates::parse_rfc3339("2026-06-01T09:05:00Z").value() - clock_.now_unix_ms()));
  v1::SubscriptionRecord daily;
  daily.set_rhythm("daily@08:00 Europe/Paris");
  subscribe("s", 1, false, {"c1"}, daily);
  start("one");
  std::map<std::string, std::string> older;
  for (std::size_t day = 1; day <= 2; ++day) {
    match("s", "of day " + std::to_string(day), "");
    ASSERT_TRUE(all_read(static_cast<double>(day)));
    clock_.advance(kDay);
    ASSERT_TRUE(eventually([&] { return sender_.count() == day; }));
    ASSERT_TRUE(log_says(v1::DELIVERY_STATE_DELIVERED, 1));
    if (day == 1) older = in_log(Topic::kDigests);
  }
  stop();
  write_again(Topic::kDigests, older);
  start_next();
  stays_at(2);
  const double read = metric("vigie_alerts_matches_total");
  match("s", "of day 3", "");
  ASSERT_TRUE(all_read(read + 1));
  clock_.advance(kDay);
  ASSERT_TRUE(eventually([&] { return sender_.count() == 3; }));
  const auto last = sender_.sent().back();
  ASSERT_TRUE(last.digest.has_value());
  ASSERT_EQ(last.digest->entries_size(), 1);
  EXPECT_EQ(last.digest->entries(0).article().article_id(), "of day 3");
  EXPECT_EQ(ids_sent().size(), 3U);
}

TEST_F(OlderRecordTest, OfItsOwnMarkWhoSleptSendsNothingThatAnotherDelivered) {
  subscribe("s");
  sender_.answer(500);
  start("one");
  const std::string id = match("s", "a", "");
  ASSERT_TRUE(log_says(v1::DELIVERY_STATE_PENDING, 1));
  const auto older = in_log(Topic::kDeliveries, proto::kMarkPrefix);
  stop();
  sender_.answer(200);
  start_next();
  ASSERT_TRUE(log_says(v1::DELIVERY_STATE_DELIVERED, 2));
  stop();
  for (const auto& [key, value] : older) {
    v1::MatchesPosition mark;
    ASSERT_TRUE(mark.ParseFromString(value));
    ASSERT_TRUE(log::append(*log_, {learned_record(mark.partition(), 3,
                                                   static_cast<std::uint64_t>(mark.next_offset()))})
                    .has_value());
  }
  start_next("one");
  stays_at(2);
  EXPECT_EQ(ids_sent(), std::set<std::string>{id});
  EXPECT_EQ(state_of_newest("s"), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_EQ(alerter_->alerts("s", 10)->size(), 1U);
}

}  // namespace
}  // namespace vigie::indexer::alerting
