#include "platform/log/embedded_log.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <set>
#include <thread>

#include "platform/storage/storage.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::log {
namespace {

using proto::Topic;
using std::chrono::milliseconds;

constexpr milliseconds kNow{0};
constexpr milliseconds kLong{10'000};

class EmbeddedLogTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_log_" + std::to_string(getpid()) + "_" +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  EmbeddedOptions options() const {
    EmbeddedOptions out;
    out.dir = dir_;
    out.partitions = 4;
    out.housekeeping = milliseconds(5);
    out.pages_max_bytes = pages_max_bytes_;
    return out;
  }
  Log& open() {
    log_.reset();
    auto opened = open_embedded(options(), clock_);
    EXPECT_TRUE(opened.has_value()) << opened.error().to_string();
    log_ = std::move(*opened);
    return *log_;
  }
  static NewRecord record(Topic topic, std::string key, std::string value) {
    return {topic, std::move(key), std::move(value)};
  }
  static std::vector<Record> all(Log& log, Topic topic) {
    std::vector<Record> out;
    const auto ends = read_to_end(log, topic, [&](const Record& each) -> Result<void> {
      out.push_back(each);
      return {};
    });
    EXPECT_TRUE(ends.has_value()) << ends.error().to_string();
    return out;
  }
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }

  // Twelve minutes of pages, 24 MiB in all, each partition a quarter of them.
  void append_pages(Log& log) {
    const std::string value(1 << 20, 'p');
    for (int minute = 0; minute < 12; ++minute) {
      std::vector<NewRecord> records;
      for (const char* key : {"a", "b"})
        records.push_back(record(Topic::kPages, key + std::to_string(minute), value));
      ASSERT_TRUE(append(log, std::move(records)).has_value());
      clock_.advance(std::chrono::minutes(1));
    }
  }
  /// A group reads all pages that are there, and says so.
  static void read_all_pages(Log& log, const std::string& name) {
    const std::array topics{Topic::kPages};
    auto group = log.join(name, topics);
    ASSERT_TRUE(group.has_value()) << group.error().to_string();
    for (int p = 0; p < 4; ++p) {
      const TopicPartition partition{Topic::kPages, p};
      const std::int64_t end = log.offsets(partition).value().end;
      if (end > 0) ASSERT_TRUE((*group)->commit(partition, end).has_value());
    }
  }
  static std::size_t pages_left(Log& log) {
    std::int64_t out = 0;
    for (int p = 0; p < 4; ++p) {
      const OffsetRange range = log.offsets({Topic::kPages, p}).value();
      out += range.end - range.begin;
    }
    return static_cast<std::size_t>(out);
  }

  std::filesystem::path dir_;
  FakeClock clock_;
  std::unique_ptr<Log> log_;
  std::uint64_t pages_max_bytes_ = 0;
};

TEST_F(EmbeddedLogTest, GivesRecordsBackInOrderWithKeyValueTimeAndOffset) {
  Log& log = open();
  ASSERT_TRUE(append(log, {record(Topic::kQuarantine, "a", "1"),
                           record(Topic::kQuarantine, "b", "2"),
                           {Topic::kQuarantine, "c", std::nullopt}})
                  .has_value());
  const std::vector<Record> records = all(log, Topic::kQuarantine);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].key, "a");
  EXPECT_EQ(records[0].value, "1");
  EXPECT_EQ(records[0].offset, 0);
  EXPECT_EQ(records[0].timestamp_unix_ms, clock_.now_unix_ms());
  EXPECT_EQ(records[1].offset, 1);
  EXPECT_EQ(records[2].value, std::nullopt);
}

TEST_F(EmbeddedLogTest, PutsARecordInThePartitionOfItsPartitionKey) {
  Log& log = open();
  ASSERT_TRUE(append(log, {record(Topic::kPages, "key", "1"), {Topic::kPages, "key", "2", "other"}})
                  .has_value());
  std::map<std::string, std::int32_t> places;
  for (const Record& each : all(log, Topic::kPages)) places[*each.value] = each.partition;
  EXPECT_EQ(places["1"], proto::partition_of("key", 4));
  EXPECT_EQ(places["2"], proto::partition_of("other", 4));
  EXPECT_EQ(log.partitions(Topic::kPages).value(), 4);
  EXPECT_EQ(log.partitions(Topic::kFingerprints).value(), 1);
}

TEST_F(EmbeddedLogTest, GoesOnAtTheNextOffsetAfterReopening) {
  ASSERT_TRUE(append(open(), {record(Topic::kFingerprints, "a", "1")}).has_value());
  Log& log = open();
  ASSERT_TRUE(append(log, {record(Topic::kFingerprints, "b", "2")}).has_value());
  const std::vector<Record> records = all(log, Topic::kFingerprints);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].offset, 1);
}

TEST_F(EmbeddedLogTest, AcknowledgesWithThePlaceOnceReadersCanSeeIt) {
  Log& log = open();
  const auto producer = log.producer();
  LogPosition place;
  bool seen = false;
  ASSERT_TRUE(producer
                  ->send(record(Topic::kFingerprints, "a", "1"),
                         [&](const Result<LogPosition>& result) {
                           ASSERT_TRUE(result.has_value());
                           place = *result;
                           seen = log.offsets({Topic::kFingerprints, 0}).value().end == 1;
                         })
                  .has_value());
  ASSERT_TRUE(producer->flush().has_value());
  EXPECT_EQ(place.offset, 0);
  EXPECT_TRUE(seen);
}

TEST_F(EmbeddedLogTest, RefusesARecordOverTheTopicsLimitAndGoesOn) {
  Log& log = open();
  const auto producer = log.producer();
  const auto refused = producer->send(record(Topic::kFingerprints, "a", std::string(1 << 16, 'x')));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode("too_large"));
  EXPECT_EQ(refused.error().disposition, Disposition::kQuarantine);
  ASSERT_TRUE(producer->send(record(Topic::kFingerprints, "b", "x")).has_value());
  EXPECT_TRUE(producer->flush().has_value());
  EXPECT_EQ(all(log, Topic::kFingerprints).size(), 1U);
}

TEST_F(EmbeddedLogTest, CompactedTopicKeepsTheLastRecordOfEachKey) {
  Log& log = open();
  ASSERT_TRUE(
      append(log, {record(Topic::kSubscriptions, "a", "1"), record(Topic::kSubscriptions, "b", "1"),
                   record(Topic::kSubscriptions, "a", "2")})
          .has_value());
  ASSERT_TRUE(append(log, {record(Topic::kSubscriptions, "b", "2")}).has_value());
  const std::vector<Record> records = all(log, Topic::kSubscriptions);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].key, "a");
  EXPECT_EQ(records[0].value, "2");
  EXPECT_EQ(records[0].offset, 2);
  EXPECT_EQ(records[1].value, "2");
  EXPECT_EQ(log.offsets({Topic::kSubscriptions, 0}).value().begin, 0) << "holes are no gap";
  EXPECT_EQ(log.offsets({Topic::kSubscriptions, 0}).value().end, 4);
}

TEST_F(EmbeddedLogTest, TombstonesAreSeenForADayAndThenGo) {
  Log& log = open();
  ASSERT_TRUE(append(log, {record(Topic::kSubscriptions, "a", "1"),
                           {Topic::kSubscriptions, "a", std::nullopt}})
                  .has_value());
  ASSERT_EQ(all(log, Topic::kSubscriptions).size(), 1U);
  EXPECT_EQ(all(log, Topic::kSubscriptions)[0].value, std::nullopt);
  clock_.advance(std::chrono::hours(25));
  EXPECT_TRUE(eventually([&] { return all(log, Topic::kSubscriptions).empty(); }));
  EXPECT_EQ(log.offsets({Topic::kSubscriptions, 0}).value().end, 2)
      << "an offset is never used twice";
  ASSERT_TRUE(append(open(), {record(Topic::kSubscriptions, "a", "3")}).has_value());
  EXPECT_EQ(all(*log_, Topic::kSubscriptions)[0].offset, 2);
}

TEST_F(EmbeddedLogTest, ATombstoneThatWasOverwrittenTakesNothingWithIt) {
  Log& log = open();
  ASSERT_TRUE(append(log, {{Topic::kSubscriptions, "a", std::nullopt},
                           record(Topic::kSubscriptions, "a", "new")})
                  .has_value());
  clock_.advance(std::chrono::hours(25));
  std::this_thread::sleep_for(milliseconds(50));
  ASSERT_EQ(all(log, Topic::kSubscriptions).size(), 1U);
  ASSERT_TRUE(append(log, {record(Topic::kSubscriptions, "a", "newer")}).has_value());
  ASSERT_EQ(all(log, Topic::kSubscriptions).size(), 1U);
  EXPECT_EQ(all(log, Topic::kSubscriptions)[0].value, "newer");
}

TEST_F(EmbeddedLogTest, RetentionRemovesOldRecordsAndAReaderThatWasOvertakenStopsLoudly) {
  Log& log = open();
  ASSERT_TRUE(append(log, {record(Topic::kFingerprints, "old", "1"),
                           record(Topic::kFingerprints, "old too", "1")})
                  .has_value());
  const auto reader = log.reader();
  ASSERT_TRUE(reader->assign({Topic::kFingerprints, 0}, 0).has_value());
  clock_.advance(std::chrono::hours(24 * 22));
  ASSERT_TRUE(append(log, {record(Topic::kFingerprints, "new", "2")}).has_value());
  ASSERT_TRUE(
      eventually([&] { return log.offsets({Topic::kFingerprints, 0}).value().begin == 2; }));
  const auto overtaken = reader->poll(10, kNow);
  ASSERT_FALSE(overtaken.has_value());
  EXPECT_EQ(overtaken.error().code, ErrorCode("log_gap"));
  EXPECT_EQ(overtaken.error().disposition, Disposition::kStop);
  EXPECT_NE(overtaken.error().detail.find("vigie log skip fingerprints 0 2"), std::string::npos);
  const std::vector<Record> left = all(open(), Topic::kFingerprints);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].key, "new");
}

TEST_F(EmbeddedLogTest, BeyondABoundTheOldestPagesThatWereReadGo) {
  pages_max_bytes_ = 10ULL << 20;
  Log& log = open();
  append_pages(log);
  read_all_pages(log, "extractor");
  ASSERT_TRUE(eventually([&] { return pages_left(log) == 9; }))
      << pages_left(log) << "; ten and their keys are more than the bound";
  std::set<std::string> keys;
  for (const Record& each : all(log, Topic::kPages)) keys.insert(each.key);
  EXPECT_EQ(keys.size(), pages_left(log));
  EXPECT_TRUE(keys.contains("a11") && keys.contains("b11")) << "the newest stay";
  EXPECT_FALSE(keys.contains("a0") || keys.contains("b0")) << "the oldest go";
  Log& again = open();
  EXPECT_EQ(pages_left(again), 9U);
  append_pages(again);
  read_all_pages(again, "extractor");
  EXPECT_TRUE(eventually([&] { return pages_left(again) == 9; }))
      << "what was counted is known after opening: " << pages_left(again);
}

TEST_F(EmbeddedLogTest, PagesThatAGroupHasNotReadStayWhateverTheyTake) {
  pages_max_bytes_ = 4ULL << 20;
  Log& log = open();
  append_pages(log);
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(pages_left(log), 24U) << "nobody has read anything";
  {
    const std::array topics{Topic::kPages};
    auto slow = log.join("slow", topics);
    ASSERT_TRUE(slow.has_value());
    for (int p = 0; p < 4; ++p) ASSERT_TRUE((*slow)->commit({Topic::kPages, p}, 0).has_value());
  }
  read_all_pages(log, "quick");
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(pages_left(log), 24U) << "one of the two has read nothing";
  read_all_pages(log, "slow");
  EXPECT_TRUE(eventually([&] { return pages_left(log) <= 4 + 4; })) << pages_left(log);
}

TEST_F(EmbeddedLogTest, WithoutABoundPagesStayForTheirTime) {
  Log& log = open();
  append_pages(log);
  read_all_pages(log, "extractor");
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(pages_left(log), 24U);
}

TEST_F(EmbeddedLogTest, ArticlesAreKeptForEver) {
  Log& log = open();
  ASSERT_TRUE(append(log, {record(Topic::kArticles, "a", "1")}).has_value());
  clock_.advance(std::chrono::hours(24 * 3650));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(all(log, Topic::kArticles).size(), 1U);
}

TEST_F(EmbeddedLogTest, AnOffsetBeyondTheEndIsAGap) {
  Log& log = open();
  const auto reader = log.reader();
  ASSERT_TRUE(reader->assign({Topic::kFingerprints, 0}, 0).has_value());
  const auto beyond = reader->assign({Topic::kFingerprints, 0}, 1);
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().code, ErrorCode("log_gap"));
}

TEST_F(EmbeddedLogTest, AWaitingReaderIsWokenByAnAppend) {
  Log& log = open();
  const auto reader = log.reader();
  ASSERT_TRUE(reader->assign({Topic::kFingerprints, 0}, 0).has_value());
  std::jthread writer([&] {
    std::this_thread::sleep_for(milliseconds(50));
    ASSERT_TRUE(append(log, {record(Topic::kFingerprints, "a", "1")}).has_value());
  });
  const auto before = std::chrono::steady_clock::now();
  const auto batches = reader->poll(10, kLong);
  ASSERT_TRUE(batches.has_value());
  ASSERT_EQ(batches->size(), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - before, kLong / 2);
  EXPECT_EQ((*batches)[0].next_offset, 1);
}

TEST_F(EmbeddedLogTest, PollSharesItsRoomBetweenPartitionsAndLeavesPausedOnesAlone) {
  Log& log = open();
  std::vector<NewRecord> records;
  for (int i = 0; i < 400; ++i)
    records.push_back(record(Topic::kPages, "key" + std::to_string(i), "v"));
  ASSERT_TRUE(append(log, std::move(records)).has_value());
  const auto reader = log.reader();
  for (std::int32_t p = 0; p < 4; ++p)
    ASSERT_TRUE(reader->assign({Topic::kPages, p}, 0).has_value());
  reader->pause({Topic::kPages, 3});
  const auto batches = reader->poll(30, kNow);
  ASSERT_TRUE(batches.has_value());
  ASSERT_EQ(batches->size(), 3U);
  for (const Reader::Batch& batch : *batches) {
    EXPECT_EQ(batch.records.size(), 10U);
    EXPECT_NE(batch.from.partition, 3);
  }
  reader->resume({Topic::kPages, 3});
  std::size_t total = 30;
  for (;;) {
    const auto more = reader->poll(50, kNow);
    ASSERT_TRUE(more.has_value());
    if (more->empty()) break;
    for (const Reader::Batch& batch : *more) total += batch.records.size();
  }
  EXPECT_EQ(total, 400U);
}

TEST_F(EmbeddedLogTest, NextOffsetPassesHolesAtTheEnd) {
  Log& log = open();
  ASSERT_TRUE(append(log, {{Topic::kSubscriptions, "a", std::nullopt}}).has_value());
  clock_.advance(std::chrono::hours(25));
  ASSERT_TRUE(eventually([&] { return all(log, Topic::kSubscriptions).empty(); }));
  const auto reader = log.reader();
  ASSERT_TRUE(reader->assign({Topic::kSubscriptions, 0}, 0).has_value());
  const auto batches = reader->poll(10, kNow);
  ASSERT_TRUE(batches.has_value());
  ASSERT_EQ(batches->size(), 1U);
  EXPECT_TRUE((*batches)[0].records.empty());
  EXPECT_EQ((*batches)[0].next_offset, 1);
}

TEST_F(EmbeddedLogTest, AGroupGoesOnFromItsCommittedPositionAfterReopening) {
  const std::vector<Topic> topics{Topic::kFingerprints};
  {
    Log& log = open();
    ASSERT_TRUE(append(log, {record(Topic::kFingerprints, "a", "1"),
                             record(Topic::kFingerprints, "b", "2")})
                    .has_value());
    const auto group = log.join("clusterer", topics);
    ASSERT_TRUE(group.has_value());
    const auto first = (*group)->poll(10, kNow);
    ASSERT_TRUE(first.has_value());
    ASSERT_EQ(first->assigned.size(), 1U);
    ASSERT_TRUE((*group)->start(first->assigned[0]).has_value());
    const auto batches = (*group)->poll(1, kNow);
    ASSERT_TRUE(batches.has_value());
    ASSERT_EQ(batches->batches.size(), 1U);
    EXPECT_EQ(batches->batches[0].records[0].key, "a");
    ASSERT_TRUE((*group)->commit(first->assigned[0], batches->batches[0].next_offset).has_value());
  }
  Log& log = open();
  EXPECT_EQ(log.committed("clusterer", {Topic::kFingerprints, 0}).value(), 1);
  EXPECT_EQ(log.committed("another", {Topic::kFingerprints, 0}).value(), std::nullopt);
  const auto group = log.join("clusterer", topics);
  ASSERT_TRUE(group.has_value());
  ASSERT_TRUE((*group)->poll(10, kNow).has_value());
  ASSERT_TRUE((*group)->start({Topic::kFingerprints, 0}).has_value());
  EXPECT_EQ((*group)->poll(10, kNow).value().batches.at(0).records.at(0).key, "b");
  ASSERT_TRUE(log.set_committed("clusterer", {Topic::kFingerprints, 0}, 9).has_value());
  EXPECT_EQ((*group)->start({Topic::kFingerprints, 0}).error().code, ErrorCode("log_gap"));
}

TEST_F(EmbeddedLogTest, TellsHowManyRecordsAGroupHasNotDealtWith) {
  std::map<std::string, std::int64_t> lags;
  EmbeddedOptions told = options();
  told.on_lag = [&](const std::string& group, Topic topic, std::int64_t records) {
    lags[group + "/" + std::string(proto::spec(topic).short_name)] = records;
  };
  auto opened = open_embedded(told, clock_);
  ASSERT_TRUE(opened.has_value());
  ASSERT_TRUE(append(**opened, {record(Topic::kPages, "a", "1"), record(Topic::kPages, "b", "2"),
                                record(Topic::kPages, "c", "3")})
                  .has_value());
  const std::vector<Topic> topics{Topic::kPages};
  const auto group = (*opened)->join("extractor", topics);
  ASSERT_TRUE(group.has_value());
  const auto first = (*group)->poll(1, kNow);
  ASSERT_TRUE(first.has_value());
  for (const TopicPartition partition : first->assigned)
    ASSERT_TRUE((*group)->start(partition).has_value());
  const auto poll_later = [&] {
    clock_.advance(std::chrono::seconds(1));
    return (*group)->poll(1, kNow).has_value();
  };
  const auto lag = [&](std::int64_t records) {
    return std::map<std::string, std::int64_t>{{"extractor/pages", records}};
  };
  ASSERT_TRUE(poll_later());
  EXPECT_EQ(lags, lag(3)) << "nothing was given yet";
  ASSERT_TRUE(poll_later());
  EXPECT_EQ(lags, lag(2)) << "what is given is dealt with at the next poll, committed or not";
  ASSERT_TRUE(poll_later());
  ASSERT_TRUE(poll_later());
  EXPECT_EQ(lags, lag(0));
}

TEST_F(EmbeddedLogTest, AGroupHasOneMemberForEachTopic) {
  Log& log = open();
  const std::vector<Topic> pages{Topic::kPages};
  const std::vector<Topic> articles{Topic::kArticles};
  auto first = log.join("g", pages);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(log.join("g", articles).has_value());
  EXPECT_EQ(log.join("g", pages).error().code, ErrorCode("group_taken"));
  first->reset();
  EXPECT_TRUE(log.join("g", pages).has_value());
}

TEST_F(EmbeddedLogTest, AFullQueueBlocksAndLosesNothing) {
  EmbeddedOptions small = options();
  small.queue_bytes = 1000;
  auto log = open_embedded(small, clock_);
  ASSERT_TRUE(log.has_value());
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < 4; ++sender) {
    senders.emplace_back([&, sender] {
      const auto producer = (*log)->producer();
      for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(producer
                        ->send(record(Topic::kQuarantine, std::to_string(sender),
                                      std::to_string(i) + std::string(200, '.')))
                        .has_value());
      }
      ASSERT_TRUE(producer->flush().has_value());
    });
  }
  senders.clear();
  std::map<std::string, int> next;
  for (const Record& each : all(**log, Topic::kQuarantine))
    EXPECT_EQ(std::stoi(*each.value), next[each.key]++) << "order of a producer is kept";
  for (const auto& [sender, count] : next) EXPECT_EQ(count, 100) << sender;
  EXPECT_EQ(next.size(), 4U);
}

TEST_F(EmbeddedLogTest, AnAcknowledgementMaySendOnAFullQueue) {
  EmbeddedOptions small = options();
  small.queue_bytes = 1;
  auto log = open_embedded(small, clock_);
  ASSERT_TRUE(log.has_value());
  const auto producer = (*log)->producer();
  ASSERT_TRUE(
      producer
          ->send(record(Topic::kQuarantine, "a", "1"),
                 [&](const Result<LogPosition>&) {
                   EXPECT_TRUE(producer->send(record(Topic::kQuarantine, "b", "2")).has_value());
                   EXPECT_TRUE(producer->send(record(Topic::kQuarantine, "c", "3")).has_value());
                 })
          .has_value());
  EXPECT_TRUE(eventually([&] { return all(**log, Topic::kQuarantine).size() == 3; }));
  ASSERT_TRUE(producer->flush().has_value());
}

TEST_F(EmbeddedLogTest, LogTimeDoesNotGoBackWithTheWallClock) {
  Log& log = open();
  ASSERT_TRUE(append(log, {record(Topic::kFingerprints, "a", "1")}).has_value());
  const std::int64_t first = clock_.now_unix_ms();
  clock_.jump_wall(milliseconds(-5000));
  ASSERT_TRUE(append(open(), {record(Topic::kFingerprints, "b", "2")}).has_value());
  EXPECT_EQ(all(*log_, Topic::kFingerprints)[1].timestamp_unix_ms, first);
  clock_.jump_wall(std::chrono::hours(-24));
  ASSERT_TRUE(append(*log_, {record(Topic::kFingerprints, "c", "3")}).has_value());
  EXPECT_EQ(all(*log_, Topic::kFingerprints)[2].timestamp_unix_ms, clock_.now_unix_ms())
      << "a clock that was wrong by far is not followed for ever";
}

TEST_F(EmbeddedLogTest, AnotherNumberOfPartitionsIsRefused) {
  open();
  log_.reset();
  EmbeddedOptions other = options();
  other.partitions = 5;
  const auto opened = open_embedded(other, clock_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode("partitions_changed"));
}

TEST_F(EmbeddedLogTest, ASecondOpeningIsLocked) {
  open();
  const auto second = open_embedded(options(), clock_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode("locked"));
}

TEST_F(EmbeddedLogTest, ADamagedRowIsAnErrorAndNoCrash) {
  ASSERT_TRUE(append(open(), {record(Topic::kFingerprints, "a", "1"),
                              record(Topic::kFingerprints, "b", "2")})
                  .has_value());
  log_.reset();
  {
    storage::Options stored;
    stored.dir = dir_;
    stored.families = {{"records", storage::Use::kDocuments}};
    auto database = storage::open(stored);
    ASSERT_TRUE(database.has_value()) << database.error().to_string();
    std::string row("fingerprints\0\0\0", 15);
    storage::append_u64(row, 0);
    storage::Batch batch;
    batch.put(0, row, "garbage");
    ASSERT_TRUE((*database)->write(batch, storage::Durability::kSynced).has_value());
  }
  Log& log = open();
  const auto read =
      read_to_end(log, Topic::kFingerprints, [](const Record&) { return Result<void>(); });
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode("corrupt"));
  EXPECT_EQ(read.error().disposition, Disposition::kStop);
}

TEST_F(EmbeddedLogTest, ReadToEndStopsAtTheEndItFoundAndPassesErrorsOn) {
  Log& log = open();
  ASSERT_TRUE(append(log, {record(Topic::kFingerprints, "a", "1")}).has_value());
  int calls = 0;
  const auto ends = read_to_end(log, Topic::kFingerprints, [&](const Record&) -> Result<void> {
    ++calls;
    return append(log, {record(Topic::kFingerprints, "b", "2")});
  });
  ASSERT_TRUE(ends.has_value());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(*ends, std::vector<std::int64_t>{1});
  const auto failed = read_to_end(log, Topic::kFingerprints, [](const Record&) -> Result<void> {
    return failure(Disposition::kStop, "corrupt", "");
  });
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode("corrupt"));
}

// reliability: what was acknowledged survives kill -9, in order, once. The ledger of what was
// acknowledged is outside the killed process.
TEST_F(EmbeddedLogTest, WhatWasAcknowledgedSurvivesKillInOrderAndOnce) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer allows no threads after a fork of a program with threads";
#endif
  std::vector<int> acknowledged;
  int next = 0;
  for (int round = 0; round < 5; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      SystemClock clock;
      auto log = open_embedded(options(), clock);
      if (!log) _exit(1);
      const auto producer = (*log)->producer();
      for (int i = next;; ++i) {
        const auto sent = producer->send(record(Topic::kQuarantine, "k", std::to_string(i)),
                                         [&ends, i](const Result<LogPosition>& place) {
                                           if (place && write(ends[1], &i, sizeof i) != sizeof i)
                                             _exit(2);
                                         });
        if (!sent) _exit(3);
      }
    }
    close(ends[1]);
    int id = 0;
    const int until = next + 200 + round * 777;
    while (id < until && read(ends[0], &id, sizeof id) == sizeof id) acknowledged.push_back(id);
    kill(child, SIGKILL);
    while (read(ends[0], &id, sizeof id) == sizeof id) acknowledged.push_back(id);
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);

    std::vector<int> stored;
    Log& log = open();
    std::int64_t offset = 0;
    for (const Record& each : all(log, Topic::kQuarantine)) {
      EXPECT_EQ(each.offset, offset++);
      stored.push_back(std::stoi(*each.value));
    }
    log_.reset();
    ASSERT_TRUE(std::is_sorted(stored.begin(), stored.end()));
    ASSERT_EQ(std::adjacent_find(stored.begin(), stored.end()), stored.end()) << "none twice";
    ASSERT_TRUE(
        std::includes(stored.begin(), stored.end(), acknowledged.begin(), acknowledged.end()))
        << "round " << round;
    next = stored.back() + 1;
  }
  EXPECT_GT(acknowledged.size(), 1000U);
}

}  // namespace
}  // namespace vigie::log
