// Subscriptions that tell an event once: later articles of it join the alert that told of it.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <set>

#include "tests/unit/indexer/alerting/alerter_fixture.h"
#include "tests/unit/indexer/alerting/doomed.h"

namespace vigie::indexer::alerting {
namespace {

constexpr milliseconds kLook{200};

/// What the index knows of events, as a test says it.
class KnownEvents {
 public:
  void know(const std::string& article, const std::string& event) {
    const std::lock_guard lock(mutex_);
    events_[article] = event;
  }
  Events of(const std::vector<std::string>& articles) const {
    const std::lock_guard lock(mutex_);
    Events out;
    for (const std::string& article : articles) {
      if (const auto known = events_.find(article); known != events_.end()) out.insert(*known);
    }
    return out;
  }
  /// An article a language and a source.
  std::optional<v1::EventReach> reach(const std::string& event) const {
    const std::lock_guard lock(mutex_);
    v1::EventReach out;
    for (const auto& [article, of] : events_) {
      if (of != event) continue;
      out.set_articles(out.articles() + 1);
      out.add_languages("x-" + article);
      out.set_sources(out.sources() + 1);
    }
    return out.articles() == 0 ? std::nullopt : std::optional(out);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> events_;  // by article
};

class OnePerEventTest : public AlerterTest {
 protected:
  void SetUp() override {
    AlerterTest::SetUp();
    change_ = [this](AlerterOptions& options) {
      options.events = [this](const auto& articles) { return events_.of(articles); };
      options.reach = [this](const std::string& event) { return events_.reach(event); };
    };
  }
  void follow(const std::string& id, const std::string& rhythm = "") {
    v1::SubscriptionRecord record;
    record.set_one_per_event(true);
    record.set_rhythm(rhythm);
    subscribe(id, 1, false, {"c1"}, record);
  }
  std::string find(const std::string& article, const std::string& event = "") {
    if (!event.empty()) events_.know(article, event);
    return match("s", article, "");
  }
  bool comes(std::size_t count) {
    return passes([&] { return sender_.count() >= count; }) && quiet(count);
  }
  bool quiet(std::size_t count) {
    std::this_thread::sleep_for(milliseconds(50));
    return sender_.count() == count;
  }
  /// The clock goes on meanwhile, by less than anything waits.
  template <class Condition>
  bool passes(Condition condition) {
    return eventually([&] {
      clock_.advance(kLook / 10);
      return condition();
    });
  }
  std::size_t articles_of_newest() {
    const auto alerts = alerter_->alerts("s", 1);
    return alerts && !alerts->empty() ? static_cast<std::size_t>(alerts->front().match_ids_size())
                                      : 0;
  }

  KnownEvents events_;
};

TEST_F(OnePerEventTest, ALaterArticleJoinsTheAlertAndTellsNobody) {
  follow("s");
  start();
  const std::string a = find("a", "E");
  ASSERT_TRUE(comes(1));
  find("b", "E");
  find("c", "E");
  ASSERT_TRUE(passes([&] { return articles_of_newest() == 3; }));
  EXPECT_TRUE(quiet(1));
  const auto alerts = alerter_->alerts("s", 10);
  ASSERT_EQ(alerts->size(), 1U);
  EXPECT_EQ(alerts->front().delivery_id(), a);
  EXPECT_EQ(alerts->front().reach().event_id(), "E");
  EXPECT_EQ(alerts->front().reach().sources(), 3U) << "as of the last that joined";
  EXPECT_EQ(metric("vigie_alerts_same_event_total"), 2);
  find("other", "F");
  EXPECT_TRUE(comes(2)) << "another event alerts";
}

TEST_F(OnePerEventTest, AnAlertSaysHowFarItsEventIsReportedByThen) {
  follow("s");
  for (const char* article : {"k", "l", "m", "n"}) events_.know(article, "E");  // met by nobody
  start();
  find("a", "E");
  ASSERT_TRUE(comes(1));
  const delivery::Message sent = sender_.sent()[0];
  EXPECT_EQ(sent.match.reach().languages_size(), 5);
  EXPECT_EQ(sent.match.reach().sources(), 5U);
  const delivery::Notice notice = delivery::notice_of(sent);
  ASSERT_EQ(notice.items.size(), 1U);
  EXPECT_EQ(notice.items[0].languages, 5U);
  EXPECT_EQ(notice.items[0].sources, 5U);
}

TEST_F(OnePerEventTest, AMatchWaitsUntilItsEventIsKnown) {
  follow("s");
  start();
  find("a");
  ASSERT_TRUE(all_read(1));
  clock_.advance(5 * kLook);
  EXPECT_TRUE(quiet(0));
  EXPECT_TRUE(alerter_->alerts("s", 10)->empty());
  events_.know("a", "E");
  ASSERT_TRUE(comes(1));
  find("b");
  ASSERT_TRUE(all_read(2));
  events_.know("b", "E");
  ASSERT_TRUE(passes([&] { return articles_of_newest() == 2; }));
  EXPECT_TRUE(quiet(1));
}

TEST_F(OnePerEventTest, WhatHasNoEventInHalfAMinuteIsAnAlertOfItsOwn) {
  follow("s");
  start();
  find("a");
  ASSERT_TRUE(all_read(1));
  clock_.advance(milliseconds(29'000));
  EXPECT_TRUE(quiet(0));
  clock_.advance(milliseconds(1'500));
  EXPECT_TRUE(comes(1));
  EXPECT_EQ(metric("vigie_alerts_event_unknown_total"), 1);
  EXPECT_FALSE(alerter_->alerts("s", 10)->front().has_reach());
}

TEST_F(OnePerEventTest, WithoutTheOptionEachArticleAlertsAtOnce) {
  subscribe("s");
  start();
  find("a", "E");
  find("b", "E");
  EXPECT_TRUE(eventually([&] { return sender_.count() == 2; })) << "and waits for no event";
}

TEST_F(OnePerEventTest, ARestartAndARebuildKnowWhatWasTold) {
  follow("s");
  start();
  find("a", "E");
  ASSERT_TRUE(comes(1));
  for (const char* state : {"alerter", "another machine"}) {
    stop();
    start(state);
    const std::size_t before = articles_of_newest();
    find("later in " + std::string(state), "E");
    ASSERT_TRUE(passes([&] { return articles_of_newest() > before; })) << state;
    EXPECT_TRUE(quiet(1)) << state;
  }
}

TEST_F(OnePerEventTest, WhatWaitsIsToldAfterARestartAndARebuild) {
  follow("s");
  start();
  find("a");
  find("b");
  ASSERT_TRUE(all_read(2));
  stop();
  start();
  ASSERT_TRUE(eventually([&] { return !alerter_->owned().empty(); }));
  events_.know("a", "E");
  ASSERT_TRUE(comes(1));
  stop();
  start("another machine");
  events_.know("b", "E");
  ASSERT_TRUE(passes([&] { return articles_of_newest() == 2; }));
  EXPECT_TRUE(quiet(1));
}

TEST_F(OnePerEventTest, ASlotIsClosedOnceWhatWaitedBeforeItIsDecided) {
  follow("s", "hourly");
  clock_.jump_wall(milliseconds(3'600'000 - clock_.now_unix_ms() % 3'600'000 - 10'000));
  start();
  find("a");
  ASSERT_TRUE(all_read(1));
  clock_.advance(milliseconds(11'000));
  EXPECT_TRUE(quiet(0)) << "the slot is due, and waits";
  find("b", "F");
  events_.know("a", "E");
  ASSERT_TRUE(comes(1));
  const delivery::Message sent = sender_.sent()[0];
  ASSERT_TRUE(sent.digest.has_value());
  ASSERT_EQ(sent.digest->entries_size(), 1) << "b came after the hour";
  EXPECT_EQ(sent.digest->entries(0).event_id(), "E");
  EXPECT_EQ(sent.digest->entries(0).reach().sources(), 1U);
}

/// Counts who looks through a family of the store as a whole.
class CountedDatabase final : public storage::Database {
 public:
  CountedDatabase(std::unique_ptr<storage::Database> real, std::atomic<int>& looks)
      : real_(std::move(real)), looks_(looks) {}
  Result<std::optional<std::string>> get(std::size_t family, std::string_view key) override {
    return real_->get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> get_many(
      std::size_t family, const std::vector<std::string>& keys) override {
    return real_->get_many(family, keys);
  }
  Result<void> write(storage::Batch& batch, storage::Durability durability) override {
    return real_->write(batch, durability);
  }
  Result<void> sync() override { return real_->sync(); }
  std::unique_ptr<storage::Cursor> cursor(std::size_t family, storage::KeyRange range) override {
    if (range.begin.empty() && range.end.empty()) ++looks_;
    return real_->cursor(family, std::move(range));
  }
  Result<std::uint64_t> ingest(std::size_t family,
                               const std::function<Result<void>(const Emit&)>& rows) override {
    return real_->ingest(family, rows);
  }
  Result<void> drop_range(std::size_t family, std::string_view begin,
                          std::string_view end) override {
    return real_->drop_range(family, begin, end);
  }
  Result<void> compact(std::size_t family) override { return real_->compact(family); }
  Result<void> checkpoint(const std::filesystem::path& to) override {
    return real_->checkpoint(to);
  }
  std::uint64_t disk_bytes() override { return real_->disk_bytes(); }

 private:
  std::unique_ptr<storage::Database> real_;
  std::atomic<int>& looks_;
};

TEST_F(OnePerEventTest, WhatWaitsIsReadWhenItsEventsAreAskedForAndNotAtEachTurn) {
  std::atomic<int> looks{0};
  disk_ = [&looks](const storage::Options& options) -> Result<std::unique_ptr<storage::Database>> {
    VIGIE_ASSIGN(std::unique_ptr<storage::Database> real, storage::open(options));
    return std::unique_ptr<storage::Database>(
        std::make_unique<CountedDatabase>(std::move(real), looks));
  };
  follow("s");
  subscribe("other");
  start();
  find("a");
  ASSERT_TRUE(all_read(1));
  const int before = looks;
  for (int i = 0; i < 40; ++i) match("other", "other " + std::to_string(i), "");  // turns
  ASSERT_TRUE(eventually([&] { return sender_.count() == 40; }));
  EXPECT_LE(looks - before, 1) << "the clock stands still: nobody asks";
  events_.know("a", "E");
  ASSERT_TRUE(passes([&] { return sender_.count() == 41; }));
}

/// Dies at a chosen call, again and again, now with its disk and now without.
TEST_F(OnePerEventTest, AnEventIsToldOnceHoweverOftenItsOwnerDies) {
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
  follow("s");
  std::mt19937_64 engine(16);
  int lives = 0;
  int deaths = 0;
  const auto known = [&] {
    std::size_t articles = 0;
    const auto alerts = alerter_->alerts("s", 200);
    for (const v1::AlertGroup& group : alerts.value())
      articles += static_cast<std::size_t>(group.match_ids_size());
    return articles;
  };
  start();
  for (int step = 0; step < 120; ++step) {
    const std::string article = "a" + std::to_string(step);
    find(article);
    if (engine() % 2 == 0) doom.arm(static_cast<std::int64_t>(1 + engine() % 12));
    events_.know(article, "E" + std::to_string(engine() % 40));
    passes([&] { return doom.dead() || known() == static_cast<std::size_t>(step) + 1; });
    if (!doom.dead()) continue;
    ++deaths;
    stop();
    doom.set(0);
    start(engine() % 2 == 0 ? "alerter" : "machine " + std::to_string(++lives));
  }
  stop();
  doom.set(0);
  start("the last machine");
  ASSERT_TRUE(passes([&] { return known() == 120; })) << known() << " articles of 120";
  std::map<std::string, std::set<std::string>> told;  // event → ids of its alerts
  const auto count_told = [&] {
    told.clear();
    for (const delivery::Message& message : sender_.sent())
      told[message.match.reach().event_id()].insert(message.delivery_id);
    return told.size();
  };
  // what is known is told a moment later
  passes([&] { return count_told() == alerter_->alerts("s", 200).value().size(); });
  std::set<std::string> events;
  const auto alerts = alerter_->alerts("s", 200);
  for (const v1::AlertGroup& group : alerts.value()) {
    EXPECT_TRUE(events.insert(group.reach().event_id()).second) << group.reach().event_id();
    ASSERT_EQ(told[group.reach().event_id()].size(), 1U) << group.reach().event_id();
    EXPECT_EQ(*told[group.reach().event_id()].begin(), group.delivery_id());
  }
  EXPECT_EQ(told.size(), events.size());
  EXPECT_GT(deaths, 10);
}

}  // namespace
}  // namespace vigie::indexer::alerting
