#include "indexer/saved/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include "platform/log/embedded_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::indexer::saved {
namespace {

using namespace std::chrono_literals;

constexpr const char* kAna = "ana";

std::string id_of(int i) {
  std::string out(26, 'a');
  for (std::size_t at = 25; i > 0; i /= 26, --at) out[at] = static_cast<char>('a' + i % 26);
  return out;
}

class Saved : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vigie_saved_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    auto opened = log::open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }
  std::unique_ptr<SavedStore> open(const Limits& limits = {}) {
    auto store = SavedStore::open(*log_, clock_, random_, limits);
    EXPECT_TRUE(store) << store.error().to_string();
    return std::move(*store);
  }
  static Search made(SavedStore& store, std::string name = "Chips",
                     const std::string& person = kAna) {
    auto created = store.create(person, {std::move(name), "chips", false});
    EXPECT_TRUE(created) << created.error().to_string();
    return created.value_or(Search());
  }
  /// What compaction left: the keys that have a value.
  std::set<std::string> keys() {
    std::set<std::string> out;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kSearches, [&](const log::Record& record) {
      if (record.value) out.insert(record.key);
      else out.erase(record.key);
      return Result<void>();
    }));
    return out;
  }

  bool run_until(SavedStore& store, const std::function<bool()>& done) {
    std::jthread role([&](std::stop_token stop) { EXPECT_TRUE(store.run(std::move(stop))); });
    for (int i = 0; i < 500; ++i) {
      if (done()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  FakeClock clock_{1'767'139'200'000};
  SeededRandom random_{7};
  std::filesystem::path dir_;
  std::unique_ptr<log::Log> log_;
};

TEST_F(Saved, SearchesAreThereAfterARestartAndForTheirPersonAlone) {
  std::string id;
  {
    auto store = open();
    id = made(*store).record.id();
    clock_.advance(1s);
    ASSERT_TRUE(store->replace(kAna, id, {"Chips, home", "chips lang:fr", true}));
    made(*store, "Chips", "user:ben");
  }
  auto store = open();
  ASSERT_EQ(store->list(kAna).size(), 1U);
  const auto [search, seen_until] = store->list(kAna).front();
  EXPECT_EQ(search.id(), id);
  EXPECT_EQ(search.name(), "Chips, home");
  EXPECT_EQ(search.query(), "chips lang:fr");
  EXPECT_TRUE(search.home());
  EXPECT_EQ(search.updated_at_unix_ms() - search.created_at_unix_ms(), 1'000);
  EXPECT_EQ(seen_until, search.created_at_unix_ms());
  EXPECT_EQ(store->list("user:ben").size(), 1U);
  EXPECT_FALSE(store->find("user:ben", id)) << "somebody else's";
  EXPECT_EQ(store->replace("user:ben", id, {"Mine", "", false}).error().code,
            ErrorCode("not_found"));
  EXPECT_EQ(store->remove("user:ben", id).error().code, ErrorCode("not_found"));
  EXPECT_EQ(store->see_all("user:ben", id, 5).error().code, ErrorCode("not_found"));
}

TEST_F(Saved, WhatIsDeletedLeavesNothing) {
  auto store = open();
  const std::string id = made(*store).record.id();
  ASSERT_TRUE(store->see(kAna, {id_of(1)}, true));
  ASSERT_TRUE(store->remove(kAna, id));
  EXPECT_TRUE(store->list(kAna).empty());
  EXPECT_EQ(keys(), std::set<std::string>{person_id(kAna) + "/seen/" + id_of(1)});
  EXPECT_TRUE(open()->list(kAna).empty());
}

TEST_F(Saved, BoundsAreToldByName) {
  Limits limits;
  limits.searches = 2;
  limits.people = 2;
  auto store = open(limits);
  const auto refused = [&](const Draft& draft, const char* person = kAna) {
    const auto made = store->create(person, draft);
    return made ? std::string("none") : std::string(made.error().code.text());
  };
  EXPECT_EQ(refused({"", "chips", false}), "bad_argument");
  EXPECT_EQ(refused({" \t\n", "chips", false}), "bad_argument") << "nothing to see";
  EXPECT_EQ(refused({std::string(121, 'x'), "chips", false}), "bad_argument");
  EXPECT_EQ(refused({"x", std::string(4'097, 'x'), false}), "bad_argument");
  made(*store);
  EXPECT_EQ(refused({"Chips", "other", false}), "conflict");
  const std::string second = made(*store, "Second").record.id();
  EXPECT_EQ(refused({"Third", "chips", false}), "over_quota");
  EXPECT_EQ(store->replace(kAna, second, {"Chips", "", false}).error().code, ErrorCode("conflict"));
  EXPECT_TRUE(store->replace(kAna, second, {"Second", "other", false})) << "its own name";
  made(*store, "Chips", "ben");
  EXPECT_EQ(refused({"Chips", "chips", false}, "eve"), "over_quota");
  EXPECT_EQ(store->see("eve", {id_of(1)}, true).error().code, ErrorCode("over_quota"));
  ASSERT_TRUE(store->remove("ben", store->list("ben").front().record.id()));
  EXPECT_EQ(refused({"Chips", "chips", false}, "eve"), "none") << "there is room again";
}

TEST_F(Saved, AllSeenNeverGoesBackAndSmallerMarksAreBuried) {
  auto store = open();
  const Search search = made(*store);
  const std::string& id = search.record.id();
  const std::int64_t later = search.seen_until_unix_ms + 5'000;
  ASSERT_TRUE(store->see_all(kAna, id, later));
  EXPECT_EQ(store->see_all(kAna, id, later - 1)->seen_until_unix_ms, later);
  EXPECT_EQ(store->replace(kAna, id, {"New", "q", false})->seen_until_unix_ms, later);
  EXPECT_EQ(open()->find(kAna, id)->seen_until_unix_ms, later);
  ASSERT_TRUE(store->see_all(kAna, id, later + 1));
  EXPECT_EQ(keys().size(), 3U) << "the search and two marks";
  EXPECT_TRUE(run_until(*store, [&] { return keys().size() == 2; }));
  EXPECT_EQ(open()->find(kAna, id)->seen_until_unix_ms, later + 1);
}

TEST_F(Saved, SeenIdsAreKeptOnceAndTheOldestGo) {
  Limits limits;
  limits.seen = 3;
  auto store = open(limits);
  EXPECT_EQ(store->seen(kAna, id_of(1)), std::nullopt);
  for (int i = 1; i <= 3; ++i) {
    clock_.advance(1s);
    ASSERT_TRUE(store->see(kAna, {id_of(i), id_of(i)}, true));
  }
  const std::uint64_t turn = store->turn(kAna);
  ASSERT_TRUE(store->see(kAna, {id_of(1)}, true));
  EXPECT_EQ(store->turn(kAna), turn) << "what is known is not written again";
  clock_.advance(1s);
  ASSERT_TRUE(store->see(kAna, {id_of(1)}, false));
  EXPECT_EQ(store->seen(kAna, id_of(1)), false);
  EXPECT_NE(store->turn(kAna), turn);
  ASSERT_TRUE(store->see(kAna, {id_of(4)}, true));
  EXPECT_EQ(store->seen(kAna, id_of(2)), std::nullopt) << "the oldest";
  EXPECT_EQ(store->seen(kAna, id_of(1)), false);
  EXPECT_EQ(keys().size(), 3U);
  auto again = open(limits);
  EXPECT_EQ(again->seen(kAna, id_of(3)), true);
  EXPECT_EQ(again->seen(kAna, id_of(2)), std::nullopt);
  EXPECT_EQ(again->seen("ben", id_of(3)), std::nullopt);
  EXPECT_EQ(store->see(kAna, {"../../etc"}, true).error().code, ErrorCode("bad_argument"));
}

/// Two processes on one log.
TEST_F(Saved, WhatAnotherProcessWroteIsReadBeforeAChange) {
  auto here = open();
  auto there = open();
  const std::string id = made(*here).record.id();
  ASSERT_TRUE(there->see_all(kAna, id, clock_.now_unix_ms() + 9'000)) << "it caught up";
  ASSERT_TRUE(here->replace(kAna, id, {"Renamed", "chips", true}));
  ASSERT_TRUE(there->catch_up({}));
  for (SavedStore* store : {here.get(), there.get()}) {
    EXPECT_EQ(store->find(kAna, id)->record.name(), "Renamed");
    EXPECT_EQ(store->find(kAna, id)->seen_until_unix_ms, clock_.now_unix_ms() + 9'000);
  }
}

/// A log that lets another process write between our reading and our writing.
class OvertakingLog : public log::Log {
 public:
  explicit OvertakingLog(log::Log& real) : real_(real) {}
  std::function<void()> before_send;

  Result<std::int32_t> partitions(proto::Topic topic) override { return real_.partitions(topic); }
  Result<log::OffsetRange> offsets(log::TopicPartition partition) override {
    return real_.offsets(partition);
  }
  std::unique_ptr<log::Producer> producer() override {
    if (auto overtake = std::exchange(before_send, nullptr)) overtake();
    return real_.producer();
  }
  std::unique_ptr<log::Reader> reader() override { return real_.reader(); }
  Result<std::unique_ptr<log::Group>> join(const std::string& group,
                                           std::span<const proto::Topic> topics,
                                           const log::MemberOptions& options) override {
    return real_.join(group, topics, options);
  }
  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                log::TopicPartition partition) override {
    return real_.committed(group, partition);
  }
  Result<void> set_committed(const std::string& group, log::TopicPartition partition,
                             std::int64_t offset) override {
    return real_.set_committed(group, partition, offset);
  }
  std::uint64_t disk_bytes() override { return real_.disk_bytes(); }

 private:
  log::Log& real_;
};

TEST_F(Saved, WhatCameBetweenReadingAndWritingIsNotLost) {
  OvertakingLog slow(*log_);
  auto opened = SavedStore::open(slow, clock_, random_);
  ASSERT_TRUE(opened);
  auto here = std::move(*opened);
  auto there = open();
  const std::string id = made(*there).record.id();
  const std::int64_t until = clock_.now_unix_ms() + 60'000;
  slow.before_send = [&] { ASSERT_TRUE(there->see_all(kAna, id, until)); };
  ASSERT_TRUE(here->see_all(kAna, id, until - 1)) << "an earlier mark is written after a later one";
  slow.before_send = [&] { ASSERT_TRUE(there->see_all(kAna, id, until + 5)); };
  ASSERT_TRUE(here->replace(kAna, id, {"Renamed", "chips lang:fr", true}));
  const auto again = open();
  for (SavedStore* store : {here.get(), again.get()}) {
    EXPECT_EQ(store->find(kAna, id)->seen_until_unix_ms, until + 5);
    EXPECT_EQ(store->find(kAna, id)->record.name(), "Renamed");
  }
}

/// Who has read the deletion ignores what another process wrote after it, and buries that.
TEST_F(Saved, WhatWasDeletedDoesNotComeBack) {
  OvertakingLog slow(*log_);
  auto opened = SavedStore::open(slow, clock_, random_);
  ASSERT_TRUE(opened);
  auto here = std::move(*opened);
  auto there = open();
  const std::string id = made(*there).record.id();
  slow.before_send = [&] { ASSERT_TRUE(there->remove(kAna, id)); };
  static_cast<void>(here->replace(kAna, id, {"Renamed", "", false}));
  ASSERT_TRUE(there->catch_up({}));
  EXPECT_TRUE(there->list(kAna).empty());
  EXPECT_EQ(keys().size(), 1U) << "the late text";
  EXPECT_TRUE(run_until(*there, [&] { return keys().empty(); }));
  ASSERT_TRUE(here->catch_up({}));
  EXPECT_TRUE(here->list(kAna).empty());
}

TEST_F(Saved, MarksOfASearchGoWithIt) {
  auto store = open();
  const std::string id = made(*store).record.id();
  ASSERT_TRUE(store->see_all(kAna, id, clock_.now_unix_ms() + 1));
  ASSERT_TRUE(store->remove(kAna, id));
  EXPECT_EQ(keys().size(), 1U);
  auto other = open();
  EXPECT_TRUE(run_until(*other, [&] { return keys().empty(); })) << "also by who saw no search";
}

TEST_F(Saved, RecordsThatAreNoneAreLeftAlone) {
  v1::SavedSearch wrong;
  wrong.set_person("ben");
  wrong.set_id(id_of(1));
  ASSERT_TRUE(log::append(
      *log_,
      {{proto::Topic::kSearches, "x", std::string("\xff\xff")},
       {proto::Topic::kSearches, person_id(kAna) + "/search/" + id_of(1),
        wrong.SerializeAsString()},
       {proto::Topic::kSearches, person_id(kAna) + "/seen/" + id_of(1), std::string("\xff\xff")},
       {proto::Topic::kSearches, person_id(kAna) + "/seen/" + id_of(2), std::nullopt}}));
  auto store = open();
  EXPECT_TRUE(store->list(kAna).empty());
  EXPECT_EQ(store->seen(kAna, id_of(1)), std::nullopt);
  EXPECT_EQ(made(*store).record.name(), "Chips");
}

TEST_F(Saved, ItsRoleTellsWhatOthersWrite) {
  auto here = open();
  auto there = open();
  made(*there);
  EXPECT_TRUE(run_until(*here, [&] { return here->list(kAna).size() == 1; }));
}

}  // namespace
}  // namespace vigie::indexer::saved
