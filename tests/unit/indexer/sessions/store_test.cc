#include "indexer/sessions/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include "platform/log/embedded_log.h"
#include "platform/log/pausing_log.h"
#include "proto/identity.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"
#include "tests/unit/indexer/alerting/doomed.h"

namespace vigie::indexer::sessions {
namespace {

using namespace std::chrono_literals;

const std::string kKey = proto::sha256("0123456789abcdef0123");
const std::string kOtherKey = proto::sha256("fedcba9876543210fedc");

/// The digests of the keys of a file.
SessionStore::DigestsOf of(std::vector<std::string> digests) {
  return [digests = std::move(digests)](const std::string& key_id) {
    return key_id.empty() ? digests : std::vector<std::string>();
  };
}

class Sessions : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vigie-sessions-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 1;
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = log::make_pausing(std::move(*opened), [this] { return room_.load(); });
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  std::unique_ptr<SessionStore> open(const SessionStore::Options& options = {}) {
    auto opened = SessionStore::open(*log_, clock_, random_, options);
    EXPECT_TRUE(opened) << opened.error().to_string();
    return std::move(*opened);
  }
  static SessionStore::Begun begin(SessionStore& store, std::string_view agent = "Firefox") {
    auto begun = store.begin({kKey, {}, "Ana", "192.0.2.1", std::string(agent)});
    EXPECT_TRUE(begun) << begun.error().to_string();
    return std::move(*begun);
  }
  /// run() until `done`, at most ten seconds.
  static bool run_until(SessionStore& store, const std::function<bool()>& done) {
    std::jthread running([&](std::stop_token stop) { EXPECT_TRUE(store.run(std::move(stop))); });
    for (int i = 0; i < 10'000 && !done(); ++i) std::this_thread::sleep_for(1ms);
    return done();
  }
  std::vector<log::Record> records() {
    std::vector<log::Record> out;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kSessions, [&](const log::Record& record) {
      out.push_back(record);
      return Result<void>();
    }));
    return out;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  std::atomic<bool> room_{true};
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
};

TEST_F(Sessions, AreRandomAndOutliveTheProcess) {
  auto store = open();
  const auto one = begin(*store);
  const auto two = begin(*store);
  EXPECT_NE(one.token, two.token);
  EXPECT_EQ(one.token.size(), 64U);
  store = open();
  const auto found = store->use(one.token, of({kOtherKey, kKey}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, one.session.id());
  EXPECT_EQ(found->key_digest, kKey);
  EXPECT_EQ(found->caller, "Ana");
  for (const std::string& wrong : {std::string(), std::string(64, '0'), one.token.substr(1),
                                   one.token + "0", one.session.id(), std::string("vigie")})
    EXPECT_FALSE(store->use(wrong, of({kKey}))) << wrong;
}

TEST_F(Sessions, EndWithTheirKey) {
  auto store = open();
  const auto begun = begin(*store);
  EXPECT_TRUE(store->use(begun.token, of({kKey})));
  EXPECT_FALSE(store->use(begun.token, of({kOtherKey})));
  EXPECT_FALSE(store->use(begun.token, of({})));
}

TEST_F(Sessions, LeaveNothingInTheLogThatLetsAnybodyIn) {
  auto store = open();
  const auto begun = begin(*store, "evil\r\n\x1b[31m agent");
  const auto all = records();
  ASSERT_EQ(all.size(), 1U);
  const std::string& value = *all[0].value;
  EXPECT_EQ(value.find(begun.token), std::string::npos);
  EXPECT_EQ(value.find(kKey), std::string::npos);
  for (const std::string_view part : {begun.session.token_sha256(), begun.session.proof()})
    EXPECT_FALSE(store->use(part, of({kKey}))) << "what is stored is not what is shown";
  EXPECT_EQ(begun.session.user_agent(), "evil???[31m agent");
}

TEST_F(Sessions, EndByACallForGood) {
  auto store = open();
  const auto begun = begin(*store);
  const auto other = begin(*store);
  EXPECT_EQ(store->list().size(), 2U);
  const auto ended = store->end(begun.session.id());
  ASSERT_TRUE(ended);
  EXPECT_TRUE(*ended);
  EXPECT_FALSE(*store->end(begun.session.id())) << "there is none any more";
  EXPECT_FALSE(store->use(begun.token, of({kKey})));
  EXPECT_TRUE(store->use(other.token, of({kKey})));
  // The record of its beginning comes by the log after the end is known.
  bool came_back = false;
  EXPECT_TRUE(run_until(*store, [&, i = 0]() mutable {
    came_back = came_back || store->use(begun.token, of({kKey})).has_value();
    return ++i > 500;
  }));
  EXPECT_FALSE(came_back);
  EXPECT_FALSE(open()->use(begun.token, of({kKey})));
}

TEST_F(Sessions, BegunOrEndedByAnotherIndexerAreSoHere) {
  auto here = open();
  auto there = open();
  const auto begun = begin(*there);
  EXPECT_TRUE(run_until(*here, [&] { return here->use(begun.token, of({kKey})).has_value(); }));
  ASSERT_TRUE(there->end(begun.session.id()));
  auto again = open();
  EXPECT_FALSE(again->use(begun.token, of({kKey})));
}

TEST_F(Sessions, EndWhenTheyWereNotUsedForAMonth) {
  auto store = open();
  const auto used = begin(*store);
  const auto left = begin(*store);
  for (int day = 0; day < 40; ++day) {
    clock_.advance(24h);
    EXPECT_TRUE(store->use(used.token, of({kKey}))) << day;
  }
  EXPECT_FALSE(store->use(left.token, of({kKey})));
  ASSERT_EQ(store->list().size(), 1U);
  EXPECT_EQ(store->list()[0].record.id(), used.session.id());
}

TEST_F(Sessions, EndAYearAfterTheirBeginningHoweverUsed) {
  auto store = open();
  const auto begun = begin(*store);
  for (int week = 0; week < 52; ++week) {
    clock_.advance(24h * 7);
    EXPECT_TRUE(store->use(begun.token, of({kKey}))) << week;
  }
  clock_.advance(24h * 2);
  EXPECT_FALSE(store->use(begun.token, of({kKey})));
}

TEST_F(Sessions, TheLogLearnsOfUseAndOfTheEnd) {
  auto store = open();
  const auto used = begin(*store);
  const auto left = begin(*store);
  clock_.advance(24h * 29);
  EXPECT_TRUE(store->use(used.token, of({kKey})));
  clock_.advance(24h * 2);
  // keep_house(): one session is told to be used, the other gets a tombstone.
  EXPECT_TRUE(run_until(*store, [&] {
    std::set<std::string> keys;
    for (const log::Record& record : records()) {
      if (record.value) keys.insert(record.key);
    }
    return keys ==
           std::set<std::string>{used.session.id(), std::string(kUsedPrefix) + used.session.id()};
  }));
  const auto again = open();
  EXPECT_TRUE(again->use(used.token, of({kKey}))) << "used two days ago, begun 31 days ago";
  EXPECT_FALSE(again->use(left.token, of({kKey})));
}

TEST_F(Sessions, AreKnownHereWhileTheDiskIsNearlyFullAndWrittenLater) {
  auto store = open();
  const auto before = begin(*store);
  room_ = false;
  const auto begun = begin(*store);
  EXPECT_TRUE(store->use(begun.token, of({kKey})));
  ASSERT_TRUE(store->end(before.session.id()));
  EXPECT_EQ(records().size(), 1U) << "nothing was written";
  room_ = true;
  EXPECT_TRUE(run_until(*store, [&] { return open()->use(begun.token, of({kKey})).has_value(); }));
  EXPECT_FALSE(open()->use(before.token, of({kKey})));
}

TEST_F(Sessions, AreWrittenAtOnceWhateverTheDiskHereWhereOthersReadTheLog) {
  const auto here = open({.own_disk = false});
  const auto other = open({.own_disk = false});
  room_ = false;
  const auto begun = begin(*here);
  EXPECT_FALSE(other->of(begun.token));
  ASSERT_TRUE(other->catch_up({}));
  ASSERT_TRUE(other->of(begun.token)) << "who signs out elsewhere is signed out";
  EXPECT_EQ(other->end(begun.session.id()).value(), true);
  room_ = true;
  ASSERT_TRUE(here->catch_up({}));
  EXPECT_TRUE(open()->list().empty()) << "nothing comes behind the end";
  EXPECT_TRUE(here->list().empty());
}

TEST_F(Sessions, AnEndThatTheLogDidNotTakeIsNoneUntilItIsAskedForAgain) {
  alerting::Doom doom;
  alerting::DoomedLog log(*log_, doom);
  const auto store = SessionStore::open(log, clock_, random_, {});
  ASSERT_TRUE(store);
  const auto begun = begin(**store);
  doom.set(1);
  EXPECT_FALSE((*store)->end(begun.session.id()));
  EXPECT_TRUE((*store)->use(begun.token, of({kKey}))) << "as it is at every other indexer";
  doom.set(0);
  EXPECT_EQ((*store)->end(begun.session.id()).value(), true);
  EXPECT_FALSE((*store)->use(begun.token, of({kKey})));
  EXPECT_FALSE(open()->use(begun.token, of({kKey})));
}

TEST_F(Sessions, PassOverWhatIsNoRecord) {
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kSessions, "x", std::string("\xff\xff")},
                                  {proto::Topic::kSessions, "used/x", std::string("\xff")},
                                  {proto::Topic::kSessions, "y", std::nullopt}}));
  EXPECT_TRUE(open()->list().empty());
}

TEST_F(Sessions, KeepOnlySoMany) {
  constexpr std::size_t kFew = 20;
  auto store = open({.most = kFew});
  const auto first = begin(*store);
  for (std::size_t i = 1; i < kFew; ++i) begin(*store);
  clock_.advance(1ms);
  EXPECT_TRUE(store->use(first.token, of({kKey})));
  const auto last = begin(*store);
  EXPECT_EQ(store->list().size(), kFew);
  EXPECT_TRUE(store->use(first.token, of({kKey}))) << "it was used";
  EXPECT_TRUE(store->use(last.token, of({kKey})));
}

}  // namespace
}  // namespace vigie::indexer::sessions
