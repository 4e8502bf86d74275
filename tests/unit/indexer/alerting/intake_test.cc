#include "indexer/alerting/intake.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <set>

#include "indexer/alerting/alerts.h"
#include "indexer/analysis/first.h"
#include "platform/fingerprint/fingerprint.h"
#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::alerting {
namespace {

using proto::Topic;
constexpr std::int64_t kHourMs = 3'600'000;

std::string text(std::uint64_t first, std::uint64_t words = 300) {
  std::vector<std::uint64_t> shingles;
  for (std::uint64_t i = 0; i < words; ++i) shingles.push_back((first + i) * 0x9e3779b97f4a7c15ULL);
  return fingerprint::make(shingles);
}

class IntakeTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_intake_" + std::to_string(getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 1;
    log_ = std::move(log::open_embedded(options, clock_).value());
    store_ = std::move(Store::open(dir_ / "alerter").value());
    for (const auto& [id, deleted] : {std::pair("s", false), {"t", false}, {"gone", true}})
      subscribe(id, deleted);
    subscriptions_ =
        std::move(subscriptions::SubscriptionStore::open(*log_, clock_, random_).value());
    intake_.emplace(*store_, *subscriptions_, clock_, metrics_, options_);
  }
  void TearDown() override {
    intake_.reset();
    subscriptions_.reset();
    store_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }
  void subscribe(const std::string& id, bool deleted, std::uint64_t revision = 1) {
    v1::SubscriptionRecord subscription;
    subscription.set_id(id);
    subscription.set_revision(revision);
    subscription.set_deleted(deleted);
    for (const char* channel : {"hook", "off"}) {
      v1::Channel& added = *subscription.add_channels();
      added.set_id(channel);
      added.set_disabled(std::string_view(channel) == "off");
    }
    ASSERT_TRUE(
        log::append(*log_, {{Topic::kSubscriptions, id, subscription.SerializeAsString()}}));
  }
  struct Given {
    std::string id = "m1";
    std::string subscription = "s";
    std::string fingerprint = {};
    std::int64_t matched_ago_ms = 0;
    std::int64_t discovered_ago_ms = 0;
    std::uint64_t revision = 1;
    std::string source = {};
    std::string title = {};
    std::optional<std::int64_t> published_ago_ms = {};
  };
  log::Record record(const Given& given) {
    v1::MatchRecord match;
    match.set_match_id(given.id);
    match.set_subscription_id(given.subscription);
    match.set_subscription_revision(given.revision);
    match.set_fingerprint(given.fingerprint);
    match.set_matched_at_unix_ms(clock_.now_unix_ms() - given.matched_ago_ms);
    match.mutable_article()->set_discovered_at_unix_ms(clock_.now_unix_ms() -
                                                       given.discovered_ago_ms);
    v1::ArticleSummary& article = *match.mutable_article();
    article.set_article_id("article of " + given.id);
    article.set_title(given.title);
    article.mutable_source()->set_id(given.source);
    if (given.published_ago_ms) {
      article.set_published_unix_ms(clock_.now_unix_ms() - *given.published_ago_ms);
      article.set_published("2026-01-01T00:00:00Z");
    }
    match.add_evidence()->set_text("evidence of " + given.id);
    log::Record out;
    out.offset = next_++;
    out.key = given.subscription;
    out.value = match.SerializeAsString();
    return out;
  }
  /// What became of a record: the name of the metric that counted it.
  std::string take(const log::Record& record) {
    const std::map<std::string, double> before = counts();
    EXPECT_EQ(intake_->take(record, *producer_, raised_, {}).value(), true);
    EXPECT_EQ(store_->position(0).value(), record.offset + 1) << "in the same batch";
    for (const auto& [name, count] : counts()) {
      if (count > before.at(name)) return name;
    }
    return "nothing";
  }
  std::string take(const Given& given) { return take(record(given)); }
  std::map<std::string, double> counts() {
    std::map<std::string, double> out;
    for (const char* name : {"raised", "copies", "repeats"})
      out[name] = registry_->counter("vigie_alerts_" + std::string(name) + "_total", "").value();
    for (const char* reason : {"subscription_deleted", "subscription_unknown", "too_old",
                               "bad_record", "too_many", "too_many_of_source"})
      out[reason] =
          registry_->counter("vigie_alerts_dropped_total", "", {{"reason", reason}}).value();
    return out;
  }

  std::filesystem::path dir_;
  FakeClock clock_;
  SeededRandom random_{7};
  AlerterOptions options_;
  std::unique_ptr<metrics::Registry> registry_ = metrics::make_registry();
  AlertingMetrics metrics_{*registry_};
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<subscriptions::SubscriptionStore> subscriptions_;
  std::optional<Intake> intake_;
  std::unique_ptr<log::Producer> producer_ = nullptr;
  std::vector<Intake::Raised> raised_;
  std::int64_t next_ = 0;
};

TEST_F(IntakeTest, DecidesWhatAMatchIs) {
  producer_ = log_->producer();
  const std::int64_t keep = options_.keep_ms;
  const std::int64_t window = options_.copy_window_ms;
  const struct {
    const char* what;
    Given given;
    const char* becomes;
  } cases[] = {
      {"the first of its story", {.id = "m1", .fingerprint = text(0)}, "raised"},
      {"the same match", {.id = "m1", .fingerprint = text(0)}, "repeats"},
      {"the same article, rewritten", {.id = "m1", .fingerprint = text(9'000)}, "repeats"},
      {"a copy", {.id = "m2", .fingerprint = text(20)}, "copies"},
      {"the copy again", {.id = "m2", .fingerprint = text(20)}, "repeats"},
      {"the same text for another",
       {.id = "m3", .subscription = "t", .fingerprint = text(0)},
       "raised"},
      {"another story", {.id = "m4", .fingerprint = text(100'000)}, "raised"},
      {"too short for a fingerprint", {.id = "m5"}, "raised"},
      {"too short, too, and no copy of it", {.id = "m6"}, "raised"},
      {"of a deleted subscription", {.id = "m7", .subscription = "gone"}, "subscription_deleted"},
      {"of no subscription", {.id = "m8", .subscription = "never"}, "subscription_unknown"},
      {"as old as may be", {.id = "m9", .discovered_ago_ms = keep}, "raised"},
      {"older", {.id = "m10", .discovered_ago_ms = keep + 1}, "too_old"},
      {"without an id", {.id = ""}, "bad_record"},
      {"an id that is a path", {.id = "a/b"}, "bad_record"},
      {"a long id", {.id = std::string(129, 'x')}, "bad_record"},
      {"an old story",
       {.id = "m11", .fingerprint = text(200'000), .matched_ago_ms = window},
       "raised"},
      {"its copy within the window",
       {.id = "m12", .fingerprint = text(200'010), .matched_ago_ms = kHourMs},
       "copies"},
      {"another old story",
       {.id = "m13", .fingerprint = text(300'000), .matched_ago_ms = window + kHourMs},
       "raised"},
      {"its copy after the window", {.id = "m14", .fingerprint = text(300'010)}, "raised"},
  };
  for (const auto& each : cases) EXPECT_EQ(take(each.given), each.becomes) << each.what;
  EXPECT_TRUE(intake_->quarantined_any());
  EXPECT_FALSE(intake_->quarantined_any());
  ASSERT_TRUE(producer_->flush());
  EXPECT_EQ(log_->offsets({Topic::kQuarantine, 0}).value().end, 3);
}

TEST_F(IntakeTest, WhatNamesAnotherSubscriptionThanItsKeyOrIsNoMatchIsBad) {
  producer_ = log_->producer();
  log::Record other = record({});
  other.key = "t";
  EXPECT_EQ(take(other), "bad_record");
  log::Record garbage = record({});
  garbage.value = "\xff\xff garbage";
  EXPECT_EQ(take(garbage), "bad_record");
  log::Record tombstone = record({});
  tombstone.value.reset();
  EXPECT_EQ(take(tombstone), "bad_record");
}

TEST_F(IntakeTest, AnAlertHasADeliveryForEachChannelThatIsOn) {
  producer_ = log_->producer();
  ASSERT_EQ(take({.id = "m1", .fingerprint = text(0)}), "raised");
  ASSERT_EQ(raised_.size(), 1U);
  ASSERT_EQ(raised_[0].deliveries.size(), 1U);
  const v1::DeliveryRecord& delivery = raised_[0].deliveries[0];
  EXPECT_EQ(delivery.channel_id(), "hook");
  EXPECT_EQ(delivery.delivery_id(), "m1");
  EXPECT_EQ(delivery.state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(delivery.next_due_unix_ms(), clock_.now_unix_ms());
  std::vector<std::string> pending;
  ASSERT_TRUE(store_->pending_deliveries(
      [&](const v1::DeliveryRecord& row) { pending.push_back(row.channel_id()); }));
  EXPECT_EQ(pending, std::vector<std::string>{"hook"});
}

/// A subscription that floods is told so many alerts an hour, the others all of theirs; what was
/// not told is counted, also by whoever goes on after a restart.
TEST_F(IntakeTest, ASubscriptionThatFloodsIsToldItsShareOfAnHour) {
  options_.alerts_per_hour = 3;
  producer_ = log_->producer();
  clock_.advance(std::chrono::milliseconds(kHourMs - clock_.now_unix_ms() % kHourMs));
  int number = 0;
  const auto meet = [&](const std::string& subscription) {
    return take({.id = "m" + std::to_string(++number), .subscription = subscription});
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(meet("s"), "raised");
  EXPECT_EQ(store_->left_out("s")->matches, 0U);
  EXPECT_EQ(meet("s"), "too_many");
  EXPECT_EQ(meet("t"), "raised");
  intake_.emplace(*store_, *subscriptions_, clock_, metrics_, options_);
  EXPECT_EQ(meet("s"), "too_many");
  EXPECT_EQ(meet("t"), "raised");
  EXPECT_EQ(take({.id = "m1"}), "repeats") << "what was told before is no new alert";
  EXPECT_EQ(store_->left_out("s")->matches, 2U);
  EXPECT_EQ(store_->left_out("s")->hour_unix_ms, clock_.now_unix_ms());
  clock_.advance(std::chrono::milliseconds(kHourMs));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(meet("s"), "raised");
  EXPECT_EQ(store_->left_out("s")->matches, 2U) << "of the hour before";
  EXPECT_EQ(meet("s"), "too_many");
  EXPECT_EQ(store_->left_out("s")->matches, 1U);
}

/// One source does not take the hour of a subscription from the others, before a restart or after.
TEST_F(IntakeTest, ASourceThatFloodsLeavesTheOthersTheirs) {
  options_.alerts_per_hour = 5;
  producer_ = log_->producer();
  clock_.advance(std::chrono::milliseconds(kHourMs - clock_.now_unix_ms() % kHourMs));
  int number = 0;
  const auto meet = [&](const std::string& subscription, const std::string& source) {
    return take(
        {.id = "m" + std::to_string(++number), .subscription = subscription, .source = source});
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(meet("s", "flood"), "raised");
  EXPECT_EQ(meet("s", "flood"), "too_many_of_source");
  EXPECT_EQ(meet("t", "flood"), "raised") << "another subscription has its own hour";
  intake_.emplace(*store_, *subscriptions_, clock_, metrics_, options_);
  EXPECT_EQ(meet("s", "flood"), "too_many_of_source");
  EXPECT_EQ(meet("s", "other"), "raised");
  EXPECT_EQ(meet("s", "third"), "raised");
  EXPECT_EQ(meet("s", "third"), "too_many") << "of all together";
  EXPECT_EQ(store_->left_out("s")->matches, 3U);
  clock_.advance(std::chrono::milliseconds(kHourMs));
  EXPECT_EQ(meet("s", "flood"), "raised");
}

TEST_F(IntakeTest, WhatWaitsIsAskedForInTheOrderOfItsTimeWhateverItsPartition) {
  storage::Batch batch;
  const auto wait = [&](const std::string& id, std::int32_t partition, std::int64_t offset,
                        std::int64_t time) {
    v1::WaitingMatch one;
    one.mutable_match()->set_match_id(id);
    one.mutable_match()->set_subscription_id("s" + std::to_string(partition));
    one.set_partition(partition);
    one.set_offset(offset);
    one.set_log_time_unix_ms(time);
    store_->waiting().put(batch, one);
  };
  wait("d", 0, 7, 40);
  wait("e", 0, 8, 35);  // a broker whose clock is behind: still after what stands before it
  wait("b", 1, 2, 20);
  wait("a", 2, 9, 10);
  wait("c", 2, 10, 30);
  ASSERT_TRUE(store_->write(batch, storage::Durability::kBuffered).has_value());
  const auto ids = [&](std::size_t limit) {
    std::string out;
    const auto first = store_->waiting().first([](const std::string&) { return true; }, limit);
    for (const v1::WaitingMatch& one : first.value()) out += one.match().match_id();
    return out;
  };
  EXPECT_EQ(ids(10), "abcde");
  EXPECT_EQ(ids(2), "ab") << "none of partition 0 before older ones of the others";
}

TEST_F(IntakeTest, AMatchOfARevisionThatIsNotKnownYetWaitsForIt) {
  producer_ = log_->producer();
  subscribe("later", false);
  EXPECT_EQ(take({.id = "m1", .subscription = "later"}), "raised") << "read from the log";
  subscribe("s", true, 2);
  EXPECT_EQ(take({.id = "m2", .subscription = "s", .revision = 1}), "raised") << "known enough";
  EXPECT_EQ(take({.id = "m3", .subscription = "s", .revision = 2}), "subscription_deleted");
}

// Two releases of one house with the same about-us are two alerts.
TEST_F(IntakeTest, WhatAHouseRepeatsIsNoCopy) {
  producer_ = log_->producer();
  const auto release = [](std::uint64_t news) {
    std::vector<std::uint64_t> shingles;
    for (std::uint64_t i = 0; i < 24; ++i) shingles.push_back(news * 10'000 + i + 1);
    for (std::uint64_t i = 0; i < 150; ++i) shingles.push_back(9'000'000 + i);
    return fingerprint::make(shingles);
  };
  EXPECT_EQ(take({.id = "m1",
                  .fingerprint = release(1),
                  .source = "acme",
                  .title = "Harbour strike goes on"}),
            "raised");
  EXPECT_EQ(
      take({.id = "m2", .fingerprint = release(2), .source = "acme", .title = "Rates on hold"}),
      "raised");
  EXPECT_EQ(
      take({.id = "m3", .fingerprint = release(3), .source = "acme", .title = "A bridge for Lyon"}),
      "raised");
  EXPECT_EQ(
      take({.id = "m4", .fingerprint = release(4), .source = "wire", .title = "Ministers meet"}),
      "raised")
      << "the foot of the other house is known by now";
  EXPECT_EQ(
      take({.id = "m5", .fingerprint = release(1), .source = "wire", .title = "Dockers stay out"}),
      "copies");
}

// An alert is shown by the first in time of its articles, and stands where its newest match does.
TEST_F(IntakeTest, AnAlertIsShownByTheFirstAndSortedByTheNewest) {
  producer_ = log_->producer();
  SeededRandom random(5);
  for (int round = 0; round < 40; ++round) {
    const std::uint64_t news = 1'000'000 * static_cast<std::uint64_t>(round + 1);
    std::optional<v1::ArticleSummary> first;
    std::string first_evidence;
    const int members = 1 + static_cast<int>(random.next() % 5);
    for (int i = 0; i < members; ++i) {
      Given given{.id = "r" + std::to_string(round) + "-" + std::to_string(i),
                  .fingerprint = text(news)};
      // few distinct times, so that there are ties; some published later than discovered
      given.discovered_ago_ms = static_cast<std::int64_t>(random.next() % 3) * kHourMs;
      if (random.next() % 3 > 0)
        given.published_ago_ms = static_cast<std::int64_t>(random.next() % 4) * kHourMs;
      const log::Record one = record(given);
      v1::MatchRecord match;
      ASSERT_TRUE(match.ParseFromString(*one.value));
      if (!first || analysis::is_earlier(match.article(), *first)) {
        first = match.article();
        first_evidence = match.evidence(0).text();
      }
      take(one);
    }
    const auto newest = store_->groups("s", 1, {}).value();
    ASSERT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest[0].delivery_id(), "r" + std::to_string(round) + "-0");
    EXPECT_EQ(newest[0].match_ids_size(), members);
    EXPECT_EQ(shown_article(newest[0]).article_id(), first->article_id());
    EXPECT_EQ(shown_evidence(newest[0])[0].text(), first_evidence);
    EXPECT_EQ(newest[0].article().article_id(), "article of r" + std::to_string(round) + "-0")
        << "what was told stays";
    clock_.advance(std::chrono::minutes(1));
  }
  // A copy of an old one brings it to the front; pages neither repeat nor skip it.
  take({.id = "late", .fingerprint = text(1'000'000)});
  EXPECT_EQ(store_->groups("s", 1, {}).value()[0].delivery_id(), "r0-0");
  std::set<std::string> seen;
  std::string before;
  for (;;) {
    const auto page = store_->groups("s", 7, before).value();
    if (page.empty()) break;
    for (const v1::AlertGroup& group : page) EXPECT_TRUE(seen.insert(group.delivery_id()).second);
    before = cursor_of(page.back());
  }
  EXPECT_EQ(seen.size(), 40U);
}

TEST_F(IntakeTest, AStoreOfAnOlderVersionIsListed) {
  producer_ = log_->producer();
  take({.id = "m1", .fingerprint = text(0)});
  const v1::AlertGroup group = store_->groups("s", 1, {}).value()[0];
  intake_.reset();
  store_.reset();
  {
    storage::Options options;
    options.dir = dir_ / "alerter";
    for (const char* name : {"groups", "newest", "summaries", "summary_users"})
      options.families.push_back({name, storage::Use::kSmall});
    const auto database = storage::open(options).value();
    storage::Batch batch;
    for (std::size_t family = 0; family < options.families.size(); ++family) {
      const auto cursor = database->cursor(family);
      for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
        if (family == 0) {
          batch.put(family, cursor->key(), group.SerializeAsString());  // whole
        } else {
          batch.remove(family, cursor->key());
        }
      }
    }
    ASSERT_TRUE(database->write(batch, storage::Durability::kSynced));
  }
  store_ = std::move(Store::open(dir_ / "alerter").value());
  const auto listed = store_->groups("s", 10, {}).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].SerializeAsString(), group.SerializeAsString());
}

/// What the alerts of many subscriptions on one article take on the disk.
class SharedSummariesTest : public IntakeTest {
 protected:
  struct Rows {
    std::size_t count = 0;
    std::size_t bytes = 0;
  };
  Rows rows_of(const char* family) {
    intake_.reset();
    store_.reset();
    Rows out;
    {
      storage::Options options;
      options.dir = dir_ / "alerter";
      options.families = {{family, storage::Use::kSmall}};
      const auto database = storage::open(options).value();
      const auto cursor = database->cursor(0);
      for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
        ++out.count;
        out.bytes += cursor->value().size();
      }
    }
    store_ = std::move(Store::open(dir_ / "alerter").value());
    intake_.emplace(*store_, *subscriptions_, clock_, metrics_, options_);
    return out;
  }
  /// As time goes on: what is forgotten now may leave something to be looked at later.
  void forget(std::size_t at_once) {
    do {
      clock_.advance(std::chrono::milliseconds(1));
    } while (store_->forget_expired(clock_.now_unix_ms(), options_.keep_ms, at_once).value() != 0);
  }
  /// A match of that subscription: the article is the same, the snippet is its own.
  std::string meet(int subscription, const std::string& title, std::int64_t published_ago_ms = 0) {
    const std::string id = "many" + std::to_string(subscription);
    log::Record record = this->record({.id = title.substr(0, 20) + " " + id,
                                       .subscription = id,
                                       .fingerprint = text(0),
                                       .title = title,
                                       .published_ago_ms = published_ago_ms});
    v1::MatchRecord match;
    EXPECT_TRUE(match.ParseFromString(*record.value));
    match.mutable_article()->set_article_id(title);
    match.mutable_article()->set_snippet("snippet of " + id);
    record.value = match.SerializeAsString();
    return take(record);
  }
};

TEST_F(SharedSummariesTest, AreKeptOnceForAllSubscriptionsAndGoWithTheLast) {
  constexpr int kMany = 40;
  const std::string title = std::string(2'000, 't');
  producer_ = log_->producer();
  for (int i = 0; i < kMany; ++i) subscribe("many" + std::to_string(i), false);
  ASSERT_TRUE(subscriptions_->catch_up({}).value());
  for (int i = 0; i < kMany; ++i) ASSERT_EQ(meet(i, title), "raised");
  EXPECT_EQ(rows_of("summaries").count, 1U);
  EXPECT_LT(rows_of("groups").bytes, kMany * 500U) << "none has the title";
  for (int i = 0; i < kMany; ++i) {
    const auto alerts = store_->groups("many" + std::to_string(i), 2, {}).value();
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_EQ(alerts[0].article().title(), title);
    EXPECT_EQ(alerts[0].article().snippet(), "snippet of many" + std::to_string(i));
  }
  // Copies, each earlier than the one before, are shown in the place of the first: of those that
  // one alert used before none stays.
  for (const char* copy : {"a copy", "an earlier one"})
    ASSERT_EQ(meet(0, copy, copy[1] == 'n' ? 2'000 : 1'000), "copies");
  clock_.advance(std::chrono::milliseconds(1'000));
  forget(1'000);
  EXPECT_EQ(rows_of("summaries").count, 2U) << "the article and the earliest copy";
  EXPECT_EQ(store_->groups("many0", 1, {}).value()[0].first().title(), "an earlier one");
  clock_.advance(std::chrono::milliseconds(options_.keep_ms + 1'000));
  forget(7);
  EXPECT_EQ(rows_of("groups").count, 0U);
  EXPECT_EQ(rows_of("summary_users").count, 0U);
  EXPECT_EQ(rows_of("summaries").count, 0U);
}

TEST_F(SharedSummariesTest, AGroupThatIsRestoredTwiceLeavesNoneBehind) {
  producer_ = log_->producer();
  ASSERT_EQ(take({.id = "m1", .fingerprint = text(0), .title = "first"}), "raised");
  v1::AlertGroup group = store_->groups("s", 1, {}).value()[0];
  const std::int64_t expires = clock_.now_unix_ms() + options_.keep_ms;
  storage::Batch batch;
  for (const char* title : {"shown once", "shown at the end"}) {
    group.mutable_first()->set_title(title);
    ASSERT_TRUE(store_->restore_group(batch, group, expires));
  }
  ASSERT_TRUE(store_->write(batch, storage::Durability::kBuffered));
  EXPECT_EQ(rows_of("summaries").count, 3U);
  EXPECT_EQ(store_->groups("s", 1, {}).value()[0].SerializeAsString(), group.SerializeAsString());
  clock_.advance(std::chrono::milliseconds(options_.keep_ms + 1'000));
  forget(1'000);
  EXPECT_EQ(rows_of("groups").count, 0U);
  EXPECT_EQ(rows_of("summaries").count, 0U);
}

}  // namespace
}  // namespace vigie::indexer::alerting
