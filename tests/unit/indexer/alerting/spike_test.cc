// Alerts of subscriptions of kind spike: what `matches` says of a day is told once in 24 hours.
#include <gtest/gtest.h>

#include "platform/dates/dates.h"
#include "tests/unit/indexer/alerting/alerter_fixture.h"

namespace vigie::indexer::alerting {
namespace {

constexpr milliseconds kHour{3'600'000};

class SpikeAlertTest : public AlerterTest {
 protected:
  void SetUp() override {
    AlerterTest::SetUp();
    const std::int64_t nine = dates::parse_rfc3339("2026-06-01T09:00:00Z").value();
    clock_.jump_wall(milliseconds(nine - clock_.now_unix_ms()));
  }
  void follow(const std::string& kind, const std::string& rhythm = "") {
    v1::SubscriptionRecord record;
    record.set_kind(kind);
    record.set_rhythm(rhythm);
    subscribe("s", 1, false, {"c1"}, record);
  }
  /// As indexer/spikes writes it at this hour.
  std::string spike() {
    const std::int64_t end = clock_.now_unix_ms() / kHour.count() * kHour.count();
    v1::MatchRecord match;
    match.set_match_id(proto::match_id("s", "spike/" + std::to_string(end)));
    match.set_subscription_id("s");
    match.set_subscription_revision(1);
    match.set_matched_at_unix_ms(end);
    match.mutable_article()->set_article_id("newest");
    match.mutable_article()->set_title("The newest article");
    match.mutable_article()->set_url("https://example.org/newest");
    match.mutable_article()->set_discovered_at_unix_ms(end - 40LL * 24 * kHour.count());
    v1::Spike& spike = *match.mutable_spike();
    spike.set_begin_unix_ms(end - 24 * kHour.count());
    spike.set_end_unix_ms(end);
    spike.set_count(41);
    spike.set_sentence("41 in the last 24 hours, usual 2–5: very unusual");
    EXPECT_TRUE(
        log::append(*log_, {{Topic::kMatches, "s", match.SerializeAsString()}}).has_value());
    return match.match_id();
  }
  bool quiet(std::size_t count) {
    std::this_thread::sleep_for(milliseconds(60));
    return sender_.count() == count;
  }
};

TEST_F(SpikeAlertTest, ASpikeIsToldByTheChannelWithItsSentenceFirst) {
  follow("spike");
  start();
  const std::string id = spike();
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  const delivery::Message sent = sender_.sent()[0];
  EXPECT_EQ(sent.delivery_id, id);
  EXPECT_EQ(sent.match.spike().count(), 41U);
  const delivery::Notice notice = delivery::notice_of(sent);
  EXPECT_EQ(notice.items.at(0).headline, "41 in the last 24 hours, usual 2–5: very unusual");
  EXPECT_EQ(notice.items.at(0).sentence, "Newest: The newest article");
  const std::string event = delivery::cloud_event(sent);
  EXPECT_NE(event.find("\"vigie.spike.v1\""), std::string::npos) << event;
  EXPECT_NE(event.find("\"count\":41"), std::string::npos) << event;
  const auto alerts = alerter_->alerts("s", 10);
  ASSERT_EQ(alerts->size(), 1U);
  EXPECT_EQ(alerts->front().spike().count(), 41U);
}

TEST_F(SpikeAlertTest, IsToldOnceIn24HoursWhateverIsWrittenMeanwhile) {
  follow("spike");
  start();
  spike();
  spike();  // two processes looked at once
  for (int hour = 1; hour < 24; ++hour) {
    clock_.advance(kHour);
    spike();
  }
  ASSERT_TRUE(all_read(25));
  EXPECT_TRUE(quiet(1));
  EXPECT_EQ(metric("vigie_alerts_repeats_total"), 24);
  clock_.advance(kHour);
  spike();
  EXPECT_TRUE(eventually([&] { return sender_.count() == 2; })) << "a day later it is told again";
}

TEST_F(SpikeAlertTest, ARestartAndARebuildTellNothingTwice) {
  follow("spike");
  start();
  spike();
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  double read = 1;
  for (const char* state : {"alerter", "another machine"}) {
    stop();
    start(state);
    spike();
    clock_.advance(kHour);
    spike();
    ASSERT_TRUE(all_read(read += 2));
    EXPECT_TRUE(quiet(1)) << state;
  }
}

TEST_F(SpikeAlertTest, KeepsToTheRhythmOfItsSubscription) {
  follow("spike", "daily@08:00 Europe/Paris");
  start();
  spike();
  ASSERT_TRUE(all_read(1));
  EXPECT_TRUE(quiet(0));
  clock_.advance(24 * kHour);
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  const delivery::Message sent = sender_.sent()[0];
  ASSERT_TRUE(sent.digest && sent.notice);
  ASSERT_EQ(sent.digest->entries_size(), 1);
  EXPECT_EQ(sent.digest->entries(0).spike().count(), 41U);
  EXPECT_EQ(sent.notice->items.at(0).headline, "41 in the last 24 hours, usual 2–5: very unusual");
  EXPECT_NE(delivery::cloud_event(sent).find("\"spike\":{"), std::string::npos);
}

TEST_F(SpikeAlertTest, EachKindIsToldOfItsOwnAlone) {
  follow("");
  start();
  spike();
  ASSERT_TRUE(all_read(1));
  EXPECT_EQ(dropped("other_kind"), 1);
  stop();
  v1::SubscriptionRecord record;
  record.set_kind("spike");
  subscribe("t", 1, false, {"c1"}, record);
  start();
  match("t", "an article", "");
  ASSERT_TRUE(all_read(2));
  EXPECT_EQ(dropped("other_kind"), 2);
  EXPECT_TRUE(quiet(0));
}

}  // namespace
}  // namespace vigie::indexer::alerting
