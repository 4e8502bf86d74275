#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "indexer/alerting/alerter.h"
#include "indexer/stories/clusterer.h"
#include "indexer/subscriptions/store.h"
#include "platform/fingerprint/fingerprint.h"
#include "platform/log/embedded_log.h"
#include "proto/identity.h"
#include "proto/story.pb.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"
#include "tests/unit/indexer/service/group_log.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

using proto::Topic;
using std::chrono::milliseconds;

constexpr std::int32_t kPartitions = 3;
constexpr const char* kAlerters = "vigie-alerter";
constexpr const char* kClusterers = "vigie-clusterer";

std::string fingerprint_of(std::uint64_t first, std::uint64_t count = 300) {
  std::vector<std::uint64_t> shingles;
  for (std::uint64_t i = 0; i < count; ++i) shingles.push_back((first + i) * 0x9e3779b97f4a7c15ULL);
  return fingerprint::make(shingles);
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 4000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return false;
}

/// What all receivers saw, whoever sent it.
class Receivers {
 public:
  void answer(std::uint32_t status) { status_ = status; }
  std::uint32_t take(const delivery::Message& message, const std::string& member) {
    const std::lock_guard lock(mutex_);
    ids_[message.subscription_id][message.delivery_id] += status_ == 200 ? 1 : 0;
    ++attempts_[member];
    return status_;
  }
  /// Ids under which a subscription was told something, with how often.
  std::map<std::string, int> told(const std::string& subscription) {
    const std::lock_guard lock(mutex_);
    return ids_[subscription];
  }
  int attempts_of(const std::string& member) {
    const std::lock_guard lock(mutex_);
    return attempts_[member];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::map<std::string, int>> ids_;
  std::map<std::string, int> attempts_;
  std::atomic<std::uint32_t> status_{200};
};

class NamedSender final : public delivery::Sender {
 public:
  NamedSender(Receivers& receivers, std::string member)
      : receivers_(receivers), member_(std::move(member)) {}
  void send(const delivery::Message& message, Done done) override {
    delivery::Attempt attempt;
    attempt.status = receivers_.take(message, member_);
    attempt.outcome =
        attempt.status == 200 ? delivery::Outcome::kDelivered : delivery::Outcome::kFailed;
    if (attempt.status != 200)
      attempt.error = "the receiver answered " + std::to_string(attempt.status);
    done(attempt);
  }

 private:
  Receivers& receivers_;
  std::string member_;
};

class FailoverTest : public ::testing::Test {
 protected:
  /// One alerter on a thread of its own, with a folder of its own.
  struct Alerting {
    Alerting(FailoverTest& test, const std::string& name)
        : log(*test.log_, test.coordinator_, name),
          sender(test.receivers_, name),
          registry(metrics::make_registry()) {
      alerting::AlerterOptions options;
      options.dir = test.folder_.path() / name;
      options.idle_poll = milliseconds(5);
      options.stop_wait = milliseconds(50);
      store =
          std::move(subscriptions::SubscriptionStore::open(log, test.clock_, test.random_).value());
      alerter = std::move(alerting::Alerter::open(log, *store, sender, test.clock_, test.random_,
                                                  *registry, options)
                              .value());
      followed =
          std::jthread([this](std::stop_token stop) { EXPECT_TRUE(store->run(std::move(stop))); });
      thread = std::jthread([this](std::stop_token stop) {
        const auto ended = alerter->run(std::move(stop));
        if (!ended) error = ended.error().code;
      });
    }
    /// As after kill -9: nothing more of it reaches the log.
    void kill() {
      log.cut();
      thread.request_stop();
      thread.join();
    }
    double read() { return registry->counter("vigie_alerts_matches_total", "").value(); }
    GroupLog log;
    NamedSender sender;
    std::unique_ptr<metrics::Registry> registry;
    std::unique_ptr<subscriptions::SubscriptionStore> store;
    std::unique_ptr<alerting::Alerter> alerter;
    std::string error;
    std::jthread followed;
    std::jthread thread;
  };

  void SetUp() override {
    log::EmbeddedOptions options;
    options.dir = folder_.path() / "log";
    options.partitions = kPartitions;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  void give(const std::string& member, const std::vector<std::int32_t>& partitions) {
    std::vector<log::TopicPartition> list;
    for (const std::int32_t partition : partitions) list.push_back({Topic::kMatches, partition});
    coordinator_.assign(kAlerters, member, std::move(list));
  }
  void subscribe(const std::string& id, std::uint64_t revision = 1, bool deleted = false) {
    v1::SubscriptionRecord subscription;
    subscription.set_id(id);
    subscription.set_revision(revision);
    subscription.set_name("name of " + id);
    subscription.set_deleted(deleted);
    v1::Channel& channel = *subscription.add_channels();
    channel.set_id("c");
    channel.set_type("webhook");
    ASSERT_TRUE(
        log::append(*log_, {{Topic::kSubscriptions, id, subscription.SerializeAsString()}}));
  }
  std::string match(const std::string& subscription, const std::string& article,
                    const std::string& fingerprint, std::uint64_t revision = 1) {
    v1::MatchRecord match;
    match.set_match_id(proto::match_id(subscription, article));
    match.set_subscription_id(subscription);
    match.set_subscription_revision(revision);
    match.set_fingerprint(fingerprint);
    match.set_matched_at_unix_ms(clock_.now_unix_ms());
    match.mutable_article()->set_article_id(article);
    match.mutable_article()->set_title("title of " + article);
    match.mutable_article()->set_discovered_at_unix_ms(clock_.now_unix_ms());
    EXPECT_TRUE(log::append(*log_, {{Topic::kMatches, subscription, match.SerializeAsString()}}));
    return match.match_id();
  }

  Folder folder_;
  FakeClock clock_;
  SeededRandom random_{7};
  Coordinator coordinator_;
  Receivers receivers_;
  std::unique_ptr<log::Log> log_;
};

TEST_F(FailoverTest, AnAlerterTakesOverFromTheTopicsAloneAndNothingIsLostOrDoubled) {
  for (const char* id : {"s1", "s2", "s3", "s4"}) subscribe(id);
  give("one", {0, 1, 2});
  auto one = std::make_unique<Alerting>(*this, "one");
  std::map<std::string, std::set<std::string>> expected;
  for (const char* id : {"s1", "s2", "s3", "s4"})
    expected[id].insert(match(id, "first", fingerprint_of(0)));
  ASSERT_TRUE(eventually([&] {
    return receivers_.told("s1").size() + receivers_.told("s2").size() +
               receivers_.told("s3").size() + receivers_.told("s4").size() ==
           4;
  }));
  EXPECT_EQ(one->alerter->owned(), (std::vector<std::int32_t>{0, 1, 2}));
  // The receivers go down, so that what comes now is pending when the owner dies with its disk.
  receivers_.answer(503);
  for (const char* id : {"s1", "s2", "s3", "s4"})
    expected[id].insert(match(id, "second", fingerprint_of(10'000)));
  ASSERT_TRUE(eventually([&] { return one->read() >= 8 && receivers_.attempts_of("one") >= 8; }));
  std::this_thread::sleep_for(milliseconds(50));
  one->kill();
  one.reset();
  std::filesystem::remove_all(folder_.path() / "one");
  for (const char* id : {"s1", "s2", "s3", "s4"}) {
    // of another shard, and read by another alerter: no second alert
    match(id, "copy of first", fingerprint_of(15));
    expected[id].insert(match(id, "third", fingerprint_of(50'000)));
  }
  receivers_.answer(200);
  auto two = std::make_unique<Alerting>(*this, "two");
  give("two", {0, 1, 2});
  ASSERT_TRUE(eventually([&] {
    clock_.advance(milliseconds(500));
    for (const auto& [id, ids] : expected) {
      for (const std::string& one_id : ids) {
        const auto told = receivers_.told(id);
        const auto found = told.find(one_id);
        if (found == told.end() || found->second == 0) return false;
      }
    }
    return true;
  }));
  std::this_thread::sleep_for(milliseconds(50));
  for (const auto& [id, ids] : expected) {
    for (const auto& [told, times] : receivers_.told(id)) {
      EXPECT_TRUE(ids.contains(told)) << id << " was told under an id that it should not know";
      EXPECT_LE(times, 1) << "nothing that was acknowledged and in the log is told again";
    }
    // The alerts are shown as before, the copy beside its first.
    const auto alerts = two->alerter->alerts(id, 10);
    ASSERT_TRUE(alerts);
    ASSERT_EQ(alerts->size(), 3U);
    std::size_t copies = 0;
    for (const v1::AlertGroup& group : *alerts)
      copies += static_cast<std::size_t>(group.match_ids_size()) - 1;
    EXPECT_EQ(copies, 1U);
  }
}

TEST_F(FailoverTest, AKillBetweenTheAttemptAndTheLogRepeatsUnderTheSameIdAlone) {
  subscribe("s");
  give("one", {0, 1, 2});
  auto one = std::make_unique<Alerting>(*this, "one");
  ASSERT_TRUE(eventually([&] { return one->alerter->owned().size() == 3; }));
  one->log.cut();  // from here on it still sends, and tells nobody
  const std::string id = match("s", "a", fingerprint_of(0));
  ASSERT_TRUE(eventually([&] { return receivers_.told("s").contains(id); }));
  one->kill();
  one.reset();
  std::filesystem::remove_all(folder_.path() / "one");
  match("s", "copy", fingerprint_of(10));
  give("two", {0, 1, 2});
  Alerting two(*this, "two");
  ASSERT_TRUE(eventually([&] { return receivers_.told("s")[id] == 2; }));
  ASSERT_TRUE(eventually([&] { return two.read() >= 2; }));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(receivers_.told("s").size(), 1U);
}

TEST_F(FailoverTest, AZombieAndItsSuccessorTellTheSameIds) {
  subscribe("s");
  give("one", {0, 1, 2});
  Alerting one(*this, "one");
  match("s", "a", fingerprint_of(0));
  ASSERT_TRUE(eventually([&] { return receivers_.told("s").size() == 1; }));
  give("two", {0, 1, 2});  // and the first has not heard of it
  Alerting two(*this, "two");
  ASSERT_TRUE(eventually([&] { return two.alerter->owned().size() == 3; }));
  std::set<std::string> expected{proto::match_id("s", "a")};
  for (int i = 0; i < 20; ++i) {
    expected.insert(match("s", "b" + std::to_string(i),
                          fingerprint_of(100'000ULL * static_cast<std::uint64_t>(i + 1))));
    match("s", "c" + std::to_string(i),
          fingerprint_of(100'000ULL * static_cast<std::uint64_t>(i + 1) + 10));
  }
  ASSERT_TRUE(eventually([&] { return one.read() >= 41 && two.read() >= 40; }));
  std::this_thread::sleep_for(milliseconds(100));
  std::set<std::string> told;
  for (const auto& [id, times] : receivers_.told("s")) {
    told.insert(id);
    EXPECT_LE(times, 2);
  }
  EXPECT_EQ(told, expected);
}

// ARCHITECTURE.md, "Catch up before you act": the alerter reads subscriptions and deliveries to
// their end before it takes a new match, on every assignment and with local state too.
TEST_F(FailoverTest, AnAlerterCatchesUpBeforeItActs) {
  subscribe("gone");
  subscribe("s");
  give("one", {0, 1, 2});
  Alerting one(*this, "one");
  const std::string first = match("s", "a", fingerprint_of(0));
  ASSERT_TRUE(eventually([&] { return receivers_.told("s").size() == 1; }));
  // While another owns the partitions, an alert is raised there and a subscription goes.
  give("one", {});
  ASSERT_TRUE(eventually([&] { return one.alerter->owned().empty(); }));
  std::string second;
  {
    give("two", {0, 1, 2});
    Alerting two(*this, "two");
    second = match("s", "b", fingerprint_of(40'000));
    ASSERT_TRUE(eventually([&] { return receivers_.told("s").size() == 2; }));
    give("two", {});
    ASSERT_TRUE(eventually([&] { return two.alerter->owned().empty(); }));
  }
  subscribe("gone", 2, true);
  match("gone", "c", fingerprint_of(80'000));
  match("s", "copy of b", fingerprint_of(40'010));
  match("s", "b", fingerprint_of(40'000));
  give("one", {0, 1, 2});
  ASSERT_TRUE(eventually([&] { return one.read() >= 4; }));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(receivers_.told("s"), (std::map<std::string, int>{{first, 1}, {second, 1}}))
      << "what the other owner told is known";
  EXPECT_TRUE(receivers_.told("gone").empty()) << "the deletion was read before the match";
}

class ClustererFailoverTest : public FailoverTest {
 protected:
  struct Clustering {
    Clustering(ClustererFailoverTest& test, const std::string& name)
        : log(*test.log_, test.coordinator_, name), registry(metrics::make_registry()) {
      stories::ClustererOptions options;
      options.dir = test.folder_.path() / name;
      options.idle_poll = milliseconds(5);
      clusterer = std::move(stories::Clusterer::open(log, test.clock_, *registry, options).value());
      thread = std::jthread([this](std::stop_token stop) {
        static_cast<void>(clusterer->run(std::move(stop)).has_value());
      });
    }
    void kill() {
      log.cut();
      thread.request_stop();
      thread.join();
    }
    double decided() {
      double out = 0;
      for (const char* kind : {"own", "joined", "known"})
        out += registry->counter("vigie_stories_articles_total", "", {{"story", kind}}).value();
      return out;
    }
    GroupLog log;
    std::unique_ptr<metrics::Registry> registry;
    std::unique_ptr<stories::Clusterer> clusterer;
    std::jthread thread;
  };
  void owner(const std::string& member) {
    coordinator_.assign(kClusterers, member, {{Topic::kFingerprints, 0}});
  }
  void write(const std::string& article, const std::string& fingerprint) {
    v1::FingerprintRecord record;
    record.set_article_id(article);
    record.set_fingerprint(fingerprint);
    ASSERT_TRUE(log::append(*log_, {{Topic::kFingerprints, article, record.SerializeAsString()}}));
  }
  /// Every story that was ever published for each article.
  std::map<std::string, std::set<std::string>> published() {
    std::map<std::string, std::set<std::string>> out;
    EXPECT_TRUE(
        log::read_to_end(*log_, Topic::kStories, [&](const log::Record& record) -> Result<void> {
          v1::StoryRecord story;
          EXPECT_TRUE(story.ParseFromString(record.value.value_or("")));
          out[record.key].insert(story.story_id());
          return {};
        }));
    return out;
  }
};

TEST_F(ClustererFailoverTest, ASuccessorWithoutADiskGivesTheStoriesThatTheFirstWouldHaveGiven) {
  owner("one");
  auto one = std::make_unique<Clustering>(*this, "one");
  for (std::uint64_t i = 0; i < 20; ++i)
    write("first" + std::to_string(i), fingerprint_of(i * 100'000));
  ASSERT_TRUE(eventually([&] { return published().size() == 20; }));
  one->kill();
  one.reset();
  std::filesystem::remove_all(folder_.path() / "one");
  for (std::uint64_t i = 0; i < 20; ++i)
    write("copy" + std::to_string(i), fingerprint_of(i * 100'000 + 10));
  owner("two");
  Clustering two(*this, "two");
  ASSERT_TRUE(eventually([&] { return published().size() == 40; }));
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(published()["copy" + number], std::set<std::string>{"first" + number});
    EXPECT_EQ(published()["first" + number], std::set<std::string>{"first" + number});
  }
}

TEST_F(ClustererFailoverTest, TwoOwnersAtOnceWriteTheSame) {
  owner("one");
  owner("two");
  Clustering one(*this, "one");
  Clustering two(*this, "two");
  for (std::uint64_t i = 0; i < 60; ++i)
    write("a" + std::to_string(i), fingerprint_of((i % 15) * 100'000 + i));
  ASSERT_TRUE(eventually(
      [&] { return published().size() == 60 && one.decided() >= 60 && two.decided() >= 60; }));
  for (const auto& [article, stories] : published()) EXPECT_EQ(stories.size(), 1U) << article;
  EXPECT_EQ(published()["a17"], std::set<std::string>{"a2"});
}

// ARCHITECTURE.md, "Catch up before you act": the clusterer reads stories to their end before it
// takes a new fingerprint, on every assignment and with local state too.
TEST_F(ClustererFailoverTest, AClustererCatchesUpBeforeItActs) {
  owner("one");
  Clustering one(*this, "one");
  write("a", fingerprint_of(0));
  ASSERT_TRUE(eventually([&] { return published().size() == 1; }));
  coordinator_.assign(kClusterers, "one", {});
  // Another owner, or an older decision rule, published a story that this one would not have given:
  // what is published wins.
  v1::StoryRecord story;
  story.set_article_id("b");
  story.set_story_id("published before");
  std::this_thread::sleep_for(milliseconds(50));
  ASSERT_TRUE(log::append(*log_, {{Topic::kStories, "b", story.SerializeAsString()}}));
  write("b", fingerprint_of(200'000));
  write("copy of b", fingerprint_of(200'010));
  owner("one");
  ASSERT_TRUE(eventually([&] { return published().size() == 3; }));
  EXPECT_EQ(published()["b"], std::set<std::string>{"published before"});
  EXPECT_EQ(published()["copy of b"], std::set<std::string>{"published before"});
}

}  // namespace
}  // namespace vigie::indexer::testing
