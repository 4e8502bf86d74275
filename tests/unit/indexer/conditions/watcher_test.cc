#include "indexer/conditions/watcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <thread>

#include "indexer/conditions/note.h"
#include "indexer/subscriptions/store.h"
#include "platform/log/embedded_log.h"
#include "proto/match.pb.h"
#include "proto/quarantine.pb.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"
#include "tests/unit/indexer/alerting/doomed.h"

namespace vigie::indexer::conditions {
namespace {

using alerting::Doom;
using alerting::DoomedLog;
using proto::Topic;
using std::chrono::milliseconds;
using std::chrono::minutes;

class WatcherTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vigie_watcher_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 2;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
    auto store = subscriptions::SubscriptionStore::open(*log_, clock_, random_);
    ASSERT_TRUE(store);
    store_ = std::move(*store);
    all_ = subscribe("system:*");
  }
  void TearDown() override {
    store_.reset();
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  std::string subscribe(const std::string& query) {
    subscriptions::Draft draft;
    draft.name = query;
    draft.query = query;
    v1::Channel channel;
    channel.set_type("webhook");
    channel.set_url("https://receiver.example/hook");
    draft.channels.push_back(channel);
    const auto made = store_->create(draft);
    EXPECT_TRUE(made) << made.error().to_string();
    return made ? made->id() : "";
  }

  void source(const std::string& id, const std::string& state) {
    v1::StatusRecord record;
    v1::SourceStatus& status = *record.mutable_source();
    status.set_source_id(id);
    status.set_name("Name of " + id);
    status.set_state(state);
    status.set_reported_at_unix_ms(clock_.now_unix_ms());
    status.set_last_article_unix_ms(clock_.now_unix_ms() - 3LL * 86'400'000);
    if (state == "ok") status.set_last_article_unix_ms(clock_.now_unix_ms());
    append({Topic::kStatus, "source/" + id, record.SerializeAsString()});
  }
  void service(std::uint64_t free_bytes, std::int64_t lag) {
    v1::StatusRecord record;
    v1::ServiceStatus& status = *record.mutable_service();
    status.set_service("extractor");
    status.set_instance("m1");
    status.set_reported_at_unix_ms(clock_.now_unix_ms());
    status.set_disk_free_bytes(free_bytes);
    v1::TopicLag& pages = *status.add_lags();
    pages.set_topic("pages");
    pages.set_end(lag);
    append({Topic::kStatus, "service/extractor-m1", record.SerializeAsString()});
  }
  void delivery(const std::string& id, v1::DeliveryState state, const std::string& error,
                bool put_off = false) {
    v1::DeliveryRecord record;
    record.set_delivery_id(id);
    record.set_subscription_id(all_);
    record.set_channel_id(store_->find(all_)->channels(0).id());
    record.set_state(state);
    record.set_attempts(1);
    record.set_last_error(error);
    record.set_put_off(put_off);
    append({Topic::kDeliveries, id + "/" + record.channel_id(), record.SerializeAsString(), all_});
  }
  void append(log::NewRecord record) { ASSERT_TRUE(log::append(*log_, {std::move(record)})); }

  WatcherOptions options() {
    WatcherOptions out;
    out.idle_poll = milliseconds(2);
    out.look_every = milliseconds(0);
    out.limits = {1'000'000, 1'000};
    return out;
  }

  /// Runs a watcher until it has looked at everything that is in the log, or dies.
  void look(Doom* doom = nullptr) {
    const auto registry = metrics::make_registry();
    DoomedLog doomed(*log_, doom != nullptr ? *doom : none_);
    Watcher watcher(doomed,
                    {[this] { return store_->list(); },
                     [this](const std::stop_token& stop) { return store_->catch_up(stop); }},
                    clock_, *registry, options());
    std::atomic<bool> over = false;
    std::jthread thread([&](std::stop_token stop) {
      const auto ended = watcher.run(std::move(stop));
      EXPECT_TRUE(ended || (doom != nullptr && doom->dead())) << ended.error().to_string();
      over = true;
    });
    for (int i = 0; i < 5'000 && !over && looks(*registry) < 2; ++i)
      std::this_thread::sleep_for(milliseconds(2));
    EXPECT_TRUE(over || looks(*registry) >= 2);
  }
  static int looks(metrics::Registry& registry) {
    const std::string all = registry.expose();
    const std::string name = "\nvigie_conditions_looks_total ";
    const std::size_t at = all.find(name);
    return at == std::string::npos ? 0 : std::stoi(all.substr(at + name.size()));
  }
  /// Goes on in steps in which sources and services report, as they do.
  template <class Report>
  void pass(minutes time, Report report) {
    for (minutes gone{0}; gone < time; ++gone) {
      clock_.advance(minutes(1));
      report();
      look();
    }
  }

  /// Titles that a subscription was told, with how often the log has each.
  std::map<std::string, int> told(const std::string& subscription) {
    std::map<std::string, int> out;
    EXPECT_TRUE(log::read_to_end(*log_, Topic::kMatches, [&](const log::Record& record) {
      v1::MatchRecord match;
      EXPECT_TRUE(match.ParseFromString(*record.value));
      EXPECT_EQ(record.key, match.subscription_id());
      if (match.subscription_id() == subscription) ++out[match.article().title()];
      ids_.insert(match.match_id());
      return Result<void>();
    }));
    return out;
  }
  using Told = std::map<std::string, int>;

  FakeClock clock_;
  SeededRandom random_{7};
  Doom none_;
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<subscriptions::SubscriptionStore> store_;
  std::string all_;
  std::set<std::string> ids_;  // of matches
};

// Each minute is another process: what is known of a condition is in the log alone.
TEST_F(WatcherTest, AQuietSourceIsToldOnceAndOnceWhenItIsHeardAgain) {
  const std::string quiet = subscribe("system:quiet OR system:lag");
  const std::string disk = subscribe("system:disk");
  pass(minutes(12), [&] { source("le-monde", "quiet"); });
  EXPECT_EQ(told(all_), (Told{{"Name of le-monde has gone quiet", 1}}));
  pass(minutes(12), [&] { source("le-monde", "ok"); });
  const Told both{{"Name of le-monde has gone quiet", 1},
                  {"Over: Name of le-monde has gone quiet", 1}};
  EXPECT_EQ(told(all_), both);
  EXPECT_EQ(told(quiet), both);
  EXPECT_EQ(told(disk), Told());
}

TEST_F(WatcherTest, ASourceThatFailsIsNoLongerCalledQuietNorHeard) {
  pass(minutes(7), [&] { source("a", "quiet"); });
  pass(minutes(62), [&] { source("a", "failing"); });
  EXPECT_EQ(told(all_), (Told{{"Name of a has gone quiet", 1}, {"Name of a fails", 1}}));
  pass(minutes(7), [&] { source("a", "ok"); });
  EXPECT_EQ(told(all_).size(), 4U);
}

TEST_F(WatcherTest, ASourceThatFloodsIsToldAndThatItFailsMeanwhileEndsNothing) {
  const std::string flooding = subscribe("system:flooding");
  pass(minutes(4), [&] { source("a", "flooding"); });
  EXPECT_EQ(told(all_), Told()) << "not long enough";
  pass(minutes(3), [&] { source("a", "flooding"); });
  pass(minutes(20), [&] { source("a", "blocked"); });
  const Told begun{{"Name of a floods", 1}};
  EXPECT_EQ(told(all_), begun);
  pass(minutes(7), [&] { source("a", "ok"); });
  const Told both{{"Name of a floods", 1}, {"Over: Name of a floods", 1}};
  EXPECT_EQ(told(all_), both);
  EXPECT_EQ(told(flooding), both);
}

TEST_F(WatcherTest, WhoIsSilentChangesNothing) {
  pass(minutes(7), [&] { source("a", "quiet"); });
  pass(minutes(20), [] {});
  EXPECT_EQ(told(all_), (Told{{"Name of a has gone quiet", 1}}));
}

TEST_F(WatcherTest, ASourceThatIsTakenAwayEnds) {
  pass(minutes(7), [&] { source("a", "quiet"); });
  pass(minutes(7), [&] { append({Topic::kStatus, "source/a", std::nullopt}); });
  EXPECT_EQ(told(all_).count("Over: Name of a has gone quiet"), 1U);
}

TEST_F(WatcherTest, DiskAndLagHaveAGapBetweenWrongAndRight) {
  pass(minutes(7), [&] { service(900'000, 1'200); });
  EXPECT_EQ(told(all_),
            (Told{{"Falls behind: extractor m1 on pages", 1}, {"Nearly full: the disk of m1", 1}}));
  pass(minutes(7), [&] { service(1'200'000, 600); });
  EXPECT_EQ(told(all_).size(), 2U) << "neither wrong nor right";
  pass(minutes(7), [&] { service(1'300'000, 400); });
  EXPECT_EQ(told(all_).size(), 4U);
}

TEST_F(WatcherTest, AChannelThatTakesNothingIsNamedAndTheErrorSaid) {
  delivery("d1", v1::DELIVERY_STATE_PENDING, "http_500");
  pass(minutes(7), [] {});
  ASSERT_EQ(told(all_), (Told{{"Not delivered: “system:*” by webhook", 1}}));
  delivery("d1", v1::DELIVERY_STATE_DELIVERED, "");
  pass(minutes(7), [] {});
  EXPECT_EQ(told(all_).size(), 2U);
}

TEST_F(WatcherTest, AChannelWhoseNextTryWaitsForQuietHoursIsNotOneThatTakesNothing) {
  delivery("d1", v1::DELIVERY_STATE_PENDING, "http_500");
  pass(minutes(1), [] {});
  delivery("d1", v1::DELIVERY_STATE_PENDING, "http_500", true);
  pass(minutes(30), [] {});
  EXPECT_EQ(told(all_), Told()) << "it failed once, and nothing was tried since";
  delivery("d1", v1::DELIVERY_STATE_PENDING, "http_500");  // in the morning, again
  pass(minutes(2), [] {});
  EXPECT_EQ(told(all_), Told()) << "the time in which nothing was tried does not count";
  pass(minutes(5), [] {});
  EXPECT_EQ(told(all_).size(), 1U);
  // What has begun does not end because nothing is tried.
  delivery("d1", v1::DELIVERY_STATE_PENDING, "http_500", true);
  pass(minutes(30), [] {});
  EXPECT_EQ(told(all_).size(), 1U);
  delivery("d1", v1::DELIVERY_STATE_DELIVERED, "");
  pass(minutes(7), [] {});
  EXPECT_EQ(told(all_).size(), 2U);
}

TEST_F(WatcherTest, ManyRecordsThatAreSetAsideAreTold) {
  WatcherOptions options = this->options();
  Observer observer(options.limits, clock_.now_unix_ms());
  v1::QuarantineRecord failed;
  failed.set_stage("extract");
  failed.set_reason("no_text");
  log::Record record;
  record.value = failed.SerializeAsString();
  const auto nobody = [](const std::string&, const std::string&) {
    return std::optional<std::string>();
  };
  for (std::size_t i = 1; i <= kManyAside; ++i) {
    record.timestamp_unix_ms = clock_.now_unix_ms();
    observer.take_quarantine(record);
    const auto seen = observer.look(clock_.now_unix_ms(), nobody);
    EXPECT_EQ(seen.size(), i < kFewAside ? 0U : 1U);
    if (!seen.empty()) EXPECT_EQ(seen[0].wrong, i >= kManyAside);
  }
  EXPECT_FALSE(observer.knows_all_of(Kind::kQuarantine, clock_.now_unix_ms()));
  clock_.advance(minutes(61));
  EXPECT_TRUE(observer.look(clock_.now_unix_ms(), nobody).empty());
  EXPECT_TRUE(observer.knows_all_of(Kind::kQuarantine, clock_.now_unix_ms()));
}

// kill -9 at every call of the log, from the first look at what is wrong to the end of it.
TEST_F(WatcherTest, WhereverItDiesEachPhaseIsToldUnderOneId) {
  Doom doom;
  for (std::int64_t call = 1; call <= 12; ++call) {
    const std::string id = "s" + std::to_string(call);
    for (int minute = 0; minute < 20; ++minute) {
      clock_.advance(minutes(1));
      source(id, minute < 10 ? "quiet" : "ok");
      doom.set(minute % 2 == 0 ? call : 0);
      look(&doom);
    }
    pass(minutes(7), [&] { source(id, "ok"); });
    const Told all = told(all_);
    EXPECT_GE(all.count("Name of " + id + " has gone quiet"), 1U) << call;
    EXPECT_GE(all.count("Over: Name of " + id + " has gone quiet"), 1U) << call;
    EXPECT_EQ(ids_.size(), 2U * static_cast<std::size_t>(call)) << call;
  }
}

// An owner that slept writes a lesser revision: it is passed over, and written over.
TEST_F(WatcherTest, ALateRecordOfAnOwnerThatSleptIsWrittenOver) {
  pass(minutes(7), [&] { source("a", "quiet"); });
  v1::ConditionRecord late;
  late.set_kind("quiet");
  late.set_subject("a");
  late.set_revision(1);
  late.set_state(v1::CONDITION_STATE_PENDING);
  late.set_told(true);
  const auto registry = metrics::make_registry();
  Watcher watcher(*log_,
                  {[this] { return store_->list(); },
                   [this](const std::stop_token& stop) { return store_->catch_up(stop); }},
                  clock_, *registry, options());
  std::jthread thread([&](std::stop_token stop) { EXPECT_TRUE(watcher.run(std::move(stop))); });
  const auto has_looked = [&](int times) {
    for (int i = 0; i < 5'000 && looks(*registry) < times; ++i)
      std::this_thread::sleep_for(milliseconds(2));
    ASSERT_GE(looks(*registry), times);
  };
  has_looked(2);
  append({Topic::kStatus, "condition/quiet/a", late.SerializeAsString()});
  has_looked(looks(*registry) + 3);
  v1::ConditionRecord newest;
  ASSERT_TRUE(log::read_to_end(*log_, Topic::kStatus, [&](const log::Record& record) {
    if (record.key == "condition/quiet/a") newest.ParseFromString(record.value.value_or(""));
    return Result<void>();
  }));
  EXPECT_EQ(newest.state(), v1::CONDITION_STATE_ON);
  EXPECT_GT(newest.revision(), 1U);
}

}  // namespace
}  // namespace vigie::indexer::conditions
