// Days that are unusual for a subscription: looked at each full hour, told once in 24 hours.
#include "indexer/spikes/watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "platform/dates/dates.h"
#include "tests/unit/indexer/alerting/alerter_fixture.h"
#include "tests/unit/platform/metrics/readme_table.h"

namespace vigie::indexer::spikes {
namespace {

constexpr std::chrono::milliseconds kMinute{60'000};
constexpr std::chrono::milliseconds kHour = 60 * kMinute;

TEST(Metrics, StandInTheTableOfTheReadme) {
  metrics::testing::expect_readme_lists<SpikeMetrics>("indexer/spikes/README.md");
}

/// A watch beside a real alerter on one log; what a day is, a test says.
class SpikeWatchTest : public alerting::AlerterTest {
 protected:
  void SetUp() override {
    AlerterTest::SetUp();
    const std::int64_t nine = dates::parse_rfc3339("2026-06-01T09:30:00Z").value();
    clock_.jump_wall(std::chrono::milliseconds(nine - clock_.now_unix_ms()));
  }
  void TearDown() override {
    watch_.reset();
    AlerterTest::TearDown();
  }
  void follow(const std::string& id, const std::string& kind = "spike",
              std::uint64_t revision = 1) {
    v1::SubscriptionRecord record;
    record.set_kind(kind);
    record.set_query("chips");
    subscribe(id, revision, false, {"c1"}, record);
    if (store_) EXPECT_TRUE(store_->catch_up({}).has_value());
  }
  void live(const std::string& state = "alerter") {
    watch_.reset();
    start(state);
    ASSERT_TRUE(eventually([&] { return alerter_->owned().size() == 3; }));
    watch_ = std::make_unique<SpikeWatch>(
        SpikeWatch::Seams{*log_, *store_, *alerter_, clock_, *registry_},
        [this](const v1::SubscriptionRecord& subscription, std::int64_t end) {
          return judge(subscription, end);
        });
  }
  Result<Judged> judge(const v1::SubscriptionRecord& subscription, std::int64_t end) {
    asked_.emplace_back(subscription.id(), end);
    if (fails_) return failure(Disposition::kRetry, "log_silent", "a shard does not answer");
    Judged out;
    out.complete = complete_;
    if (!unusual_.contains(end) || !complete_) return out;
    out.spike.emplace();
    out.spike->set_end_unix_ms(end);
    out.spike->set_count(41);
    out.spike->set_sentence("41 in the last 24 hours, usual 2–5: very unusual");
    out.article.set_article_id("newest");
    out.article.set_title("Chips");
    return out;
  }
  std::int64_t hour() const { return clock_.now_unix_ms() / kHour.count() * kHour.count(); }
  /// To three minutes after the next full hour.
  void to_next_hour() {
    clock_.advance(std::chrono::milliseconds(hour() - clock_.now_unix_ms()) + kHour + 3 * kMinute);
  }
  std::size_t look() {
    const auto written = watch_->look();
    EXPECT_TRUE(written.has_value()) << written.error().to_string();
    return written.value_or(0);
  }
  /// Times of the days of whose end somebody was told, by delivery id.
  std::set<std::int64_t> told() const {
    std::set<std::int64_t> out;
    for (const delivery::Message& message : sender_.sent())
      out.insert(message.match.spike().end_unix_ms());
    return out;
  }

  std::unique_ptr<SpikeWatch> watch_;
  std::set<std::int64_t> unusual_;  // ends of days
  std::vector<std::pair<std::string, std::int64_t>> asked_;
  bool fails_ = false;
  bool complete_ = true;
};

TEST_F(SpikeWatchTest, JudgesEachSubscriptionOfItsKindOnceAnHour) {
  follow("a");
  follow("b");
  follow("articles", "");
  live();
  to_next_hour();
  EXPECT_EQ(look(), 0U);
  EXPECT_EQ(look(), 0U);
  EXPECT_EQ(asked_,
            (std::vector<std::pair<std::string, std::int64_t>>{{"a", hour()}, {"b", hour()}}));
  to_next_hour();
  look();
  EXPECT_EQ(asked_.size(), 4U);
  follow("a", "spike", 2);
  look();
  EXPECT_EQ(asked_.size(), 5U) << "what was changed is judged anew";
}

TEST_F(SpikeWatchTest, WaitsTwoMinutesForWhatWasPublishedBeforeTheHour) {
  follow("a");
  live();
  to_next_hour();
  clock_.jump_wall(std::chrono::milliseconds(hour() + 119'000 - clock_.now_unix_ms()));
  look();
  EXPECT_TRUE(asked_.empty());
  clock_.advance(std::chrono::milliseconds(1'000));
  look();
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(SpikeWatchTest, WhatIsUnusualIsToldAndNotAgainForADay) {
  follow("a");
  live();
  for (int i = 0; i < 60; ++i) unusual_.insert(hour() + i * kHour.count());
  to_next_hour();
  const std::int64_t first = hour();
  EXPECT_EQ(look(), 1U);
  ASSERT_TRUE(eventually([&] { return sender_.count() == 1; }));
  for (int i = 1; i < 24; ++i) {
    to_next_hour();
    EXPECT_EQ(look(), 0U) << i;
  }
  EXPECT_EQ(asked_.size(), 1U) << "nothing is searched for what cannot be told";
  to_next_hour();
  EXPECT_EQ(look(), 1U);
  ASSERT_TRUE(eventually([&] { return sender_.count() == 2; }));
  EXPECT_EQ(told(), (std::set<std::int64_t>{first, first + 24 * kHour.count()}));
}

TEST_F(SpikeWatchTest, ADayThatIsNotWholeIsAskedForAgain) {
  follow("a");
  live();
  to_next_hour();
  unusual_.insert(hour());
  complete_ = false;
  EXPECT_EQ(look(), 0U);
  complete_ = true;
  fails_ = true;
  EXPECT_EQ(look(), 0U);
  fails_ = false;
  EXPECT_EQ(look(), 1U);
  EXPECT_TRUE(eventually([&] { return sender_.count() == 1; }));
}

TEST_F(SpikeWatchTest, TwoThatLookAtOnceTellOnce) {
  follow("a");
  live();
  to_next_hour();
  unusual_.insert(hour());
  SpikeWatch other({*log_, *store_, *alerter_, clock_, *registry_},
                   [this](const v1::SubscriptionRecord& subscription, std::int64_t end) {
                     return judge(subscription, end);
                   });
  // Neither sees an alert of the other: nobody reads `matches` meanwhile.
  {
    const auto hold = alerter_->gate().hold(std::chrono::seconds(5));
    ASSERT_TRUE(hold.has_value());
    EXPECT_EQ(look(), 1U);
    EXPECT_EQ(other.look().value_or(0), 1U);
  }
  ASSERT_TRUE(all_read(2));
  EXPECT_EQ(sender_.count(), 1U);
}

/// A quarter of hours: bursts, restarts, other machines that know only the log, and writers that
/// look twice. What is told is what the rule says, each once.
TEST_F(SpikeWatchTest, AQuarterWithRestartsAndTakeOversTellsWhatTheRuleSays) {
  follow("a");
  live();
  std::mt19937_64 engine(27);
  std::set<std::int64_t> expected;
  std::int64_t last = 0;
  int burst = 0;
  int machines = 0;
  for (int i = 0; i < 91 * 24; ++i) {
    to_next_hour();
    if (burst == 0 && engine() % 60 == 0) burst = 1 + static_cast<int>(engine() % 50);
    if (burst > 0) {
      --burst;
      unusual_.insert(hour());
      if (hour() - last >= 24 * kHour.count()) {
        last = hour();
        expected.insert(last);
      }
    }
    look();
    if (engine() % 97 == 0) {
      // with what was just written perhaps not read
      stop();
      live(engine() % 2 == 0 ? "alerter" : "machine " + std::to_string(++machines));
      look();
    }
    ASSERT_TRUE(eventually([&] { return sender_.count() >= expected.size(); })) << i;
  }
  EXPECT_EQ(told(), expected);
  EXPECT_EQ(sender_.count(), expected.size()) << "each once";
  EXPECT_GT(expected.size(), 25U);
  EXPECT_GT(machines, 5);
}

}  // namespace
}  // namespace vigie::indexer::spikes
