#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/log.h"

/// What every engine of the log must do: the same cases over the embedded engine (unit tests) and
/// over Kafka (tests/integration/kafka). A program includes this once and instantiates LogCases
/// with its engine.
namespace vigie::log {

/// An engine under test: topics are empty at first; topics that are not single have
/// kCasePartitions.
class EngineUnderTest {
 public:
  virtual ~EngineUnderTest() = default;
  /// `queue_bytes` 0: as usual. Opening again finds what was there.
  virtual Result<std::unique_ptr<Log>> open(std::size_t queue_bytes) = 0;
};
using MakeEngine = std::unique_ptr<EngineUnderTest> (*)();

inline constexpr std::int32_t kCasePartitions = 4;

class LogCases : public testing::TestWithParam<MakeEngine> {
 protected:
  void SetUp() override {
    engine_ = GetParam()();
    if (!engine_) GTEST_SKIP() << "no engine here; run ops/test --kafka";
    open();
  }
  void open(std::size_t queue_bytes = 0) {
    log_.reset();
    auto opened = engine_->open(queue_bytes);
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  static NewRecord record(proto::Topic topic, std::string key, std::string value) {
    return {topic, std::move(key), std::move(value)};
  }
  std::vector<Record> all(proto::Topic topic) {
    std::vector<Record> out;
    const auto ends = read_to_end(*log_, topic, [&](const Record& each) -> Result<void> {
      out.push_back(each);
      return {};
    });
    EXPECT_TRUE(ends.has_value()) << ends.error().to_string();
    return out;
  }
  /// The first poll that assigns.
  static std::vector<TopicPartition> assigned(Group& group) {
    for (int i = 0; i < 300; ++i) {
      auto polled = group.poll(10, std::chrono::milliseconds(100));
      EXPECT_TRUE(polled.has_value()) << polled.error().to_string();
      if (polled)
        EXPECT_EQ(polled->settled, !polled->assigned.empty())
            << "a member of these topics owns something whenever it is assigned";
      if (!polled || !polled->assigned.empty())
        return polled ? polled->assigned : std::vector<TopicPartition>();
    }
    return {};
  }
  /// The first record that comes.
  static std::string next_key(Group& group) {
    for (int i = 0; i < 100; ++i) {
      auto polled = group.poll(1, std::chrono::milliseconds(100));
      EXPECT_TRUE(polled.has_value()) << polled.error().to_string();
      if (!polled) return "";
      for (const Reader::Batch& batch : polled->batches) {
        if (!batch.records.empty()) return batch.records[0].key;
      }
    }
    return "";
  }

  std::unique_ptr<EngineUnderTest> engine_;
  std::unique_ptr<Log> log_;
};

using proto::Topic;

TEST_P(LogCases, GivesRecordsBackInOrderWithKeyValueTimeAndOffset) {
  ASSERT_TRUE(append(*log_, {record(Topic::kQuarantine, "a", "1"),
                             record(Topic::kQuarantine, "b", ""),
                             {Topic::kQuarantine, "c", std::nullopt}})
                  .has_value());
  open();
  const std::vector<Record> records = all(Topic::kQuarantine);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].key, "a");
  EXPECT_EQ(records[0].value, "1");
  EXPECT_EQ(records[0].offset, 0);
  EXPECT_GT(records[0].timestamp_unix_ms, 0);
  EXPECT_EQ(records[1].offset, 1);
  EXPECT_EQ(records[1].value, "") << "an empty value is no tombstone";
  EXPECT_EQ(records[2].value, std::nullopt);
}

TEST_P(LogCases, PutsARecordInThePartitionOfItsPartitionKey) {
  ASSERT_TRUE(
      append(*log_, {record(Topic::kPages, "key", "1"), {Topic::kPages, "key", "2", "other"}})
          .has_value());
  std::map<std::string, std::int32_t> places;
  for (const Record& each : all(Topic::kPages)) places[*each.value] = each.partition;
  EXPECT_EQ(places["1"], proto::partition_of("key", kCasePartitions));
  EXPECT_EQ(places["2"], proto::partition_of("other", kCasePartitions));
  EXPECT_EQ(log_->partitions(Topic::kPages).value(), kCasePartitions);
  EXPECT_EQ(log_->partitions(Topic::kFingerprints).value(), 1);
}

TEST_P(LogCases, AcknowledgesWithThePlaceAndOffsetsKnowIt) {
  const auto producer = log_->producer();
  LogPosition place{-1, -1};
  ASSERT_TRUE(producer
                  ->send(record(Topic::kFingerprints, "a", "1"),
                         [&](const Result<LogPosition>& result) {
                           ASSERT_TRUE(result.has_value());
                           place = *result;
                         })
                  .has_value());
  ASSERT_TRUE(producer->flush().has_value());
  EXPECT_EQ(place.partition, 0);
  EXPECT_EQ(place.offset, 0);
  EXPECT_EQ(log_->offsets({Topic::kFingerprints, 0}).value().begin, 0);
  EXPECT_EQ(log_->offsets({Topic::kFingerprints, 0}).value().end, 1);
}

TEST_P(LogCases, RefusesARecordOverTheTopicsLimitAndGoesOn) {
  const auto producer = log_->producer();
  const auto refused = producer->send(record(Topic::kFingerprints, "a", std::string(1 << 16, 'x')));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode("too_large"));
  EXPECT_EQ(refused.error().disposition, Disposition::kQuarantine);
  ASSERT_TRUE(producer->send(record(Topic::kFingerprints, "b", "x")).has_value());
  EXPECT_TRUE(producer->flush().has_value());
  EXPECT_EQ(all(Topic::kFingerprints).size(), 1U);
}

TEST_P(LogCases, TakesTheLargestRecordOfEachTopicWhateverItsBytes) {
  for (const proto::TopicSpec& spec : proto::kTopics) {
    std::string value(static_cast<std::size_t>(spec.max_record_bytes) - 3, '\0');
    // xorshift: bytes that no compression makes smaller
    std::uint64_t state = 88172645463325252ULL;
    for (char& byte : value) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      byte = static_cast<char>(state);
    }
    const auto appended = append(*log_, {record(spec.topic, "key", value)});
    ASSERT_TRUE(appended.has_value()) << appended.error().to_string();
    const std::vector<Record> records = all(spec.topic);
    ASSERT_EQ(records.size(), 1U) << spec.short_name;
    EXPECT_TRUE(records[0].value == value) << spec.short_name;
  }
}

TEST_P(LogCases, AnOffsetOutsideTheLogIsAGapThatSaysHowToGoOn) {
  const auto reader = log_->reader();
  ASSERT_TRUE(reader->assign({Topic::kFingerprints, 0}, 0).has_value());
  const auto beyond = reader->assign({Topic::kFingerprints, 0}, 1);
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().code, ErrorCode("log_gap"));
  EXPECT_EQ(beyond.error().disposition, Disposition::kStop);
  EXPECT_NE(beyond.error().detail.find("vigie log skip fingerprints 0 0"), std::string::npos)
      << beyond.error().to_string();
}

TEST_P(LogCases, AWaitingReaderIsWokenByAnAppend) {
  const auto reader = log_->reader();
  ASSERT_TRUE(reader->assign({Topic::kFingerprints, 0}, 0).has_value());
  std::jthread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_TRUE(append(*log_, {record(Topic::kFingerprints, "a", "1")}).has_value());
  });
  const auto before = std::chrono::steady_clock::now();
  const auto batches = reader->poll(10, std::chrono::seconds(20));
  ASSERT_TRUE(batches.has_value());
  ASSERT_EQ(batches->size(), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
  EXPECT_EQ((*batches)[0].next_offset, 1);
}

TEST_P(LogCases, APausedPartitionGivesNothingUntilItIsResumedAndThenAll) {
  std::vector<NewRecord> records;
  for (int i = 0; i < 400; ++i)
    records.push_back(record(Topic::kPages, "key" + std::to_string(i), "v"));
  ASSERT_TRUE(append(*log_, std::move(records)).has_value());
  const auto reader = log_->reader();
  for (std::int32_t p = 0; p < kCasePartitions; ++p)
    ASSERT_TRUE(reader->assign({Topic::kPages, p}, 0).has_value());
  std::map<std::int32_t, std::int64_t> next;
  std::size_t total = 0;
  const auto read_for = [&](std::chrono::milliseconds time, std::size_t enough) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < deadline && total < enough) {
      const auto batches = reader->poll(30, std::chrono::milliseconds(100));
      ASSERT_TRUE(batches.has_value());
      for (const Reader::Batch& batch : *batches) {
        for (const Record& each : batch.records)
          EXPECT_EQ(each.offset, next[batch.from.partition]++);
        total += batch.records.size();
      }
    }
  };
  read_for(std::chrono::seconds(10), 30);  // fetched ahead by now
  reader->pause({Topic::kPages, 3});
  const std::int64_t paused_at = next[3];
  read_for(std::chrono::seconds(1), 1000);
  EXPECT_EQ(next[3], paused_at);
  EXPECT_EQ(total, 400U - static_cast<std::size_t>(log_->offsets({Topic::kPages, 3}).value().end -
                                                   paused_at));
  reader->resume({Topic::kPages, 3});
  read_for(std::chrono::seconds(10), 400);
  EXPECT_EQ(total, 400U);
}

TEST_P(LogCases, AReaderMovesAPartitionAndLetsItGo) {
  ASSERT_TRUE(append(*log_, {record(Topic::kFingerprints, "a", "1"),
                             record(Topic::kFingerprints, "b", "2")})
                  .has_value());
  const auto reader = log_->reader();
  ASSERT_TRUE(reader->assign({Topic::kFingerprints, 0}, 1).has_value());
  EXPECT_EQ(reader->poll(1, std::chrono::seconds(10)).value().at(0).records.at(0).key, "b");
  ASSERT_TRUE(reader->assign({Topic::kFingerprints, 0}, 0).has_value());
  EXPECT_EQ(reader->poll(1, std::chrono::seconds(10)).value().at(0).records.at(0).key, "a");
  reader->unassign({Topic::kFingerprints, 0});
  EXPECT_TRUE(reader->poll(10, std::chrono::milliseconds(300)).value().empty());
}

TEST_P(LogCases, AGroupGoesOnFromItsCommittedPositionAfterReopening) {
  const std::vector<Topic> topics{Topic::kFingerprints};
  ASSERT_TRUE(append(*log_, {record(Topic::kFingerprints, "a", "1"),
                             record(Topic::kFingerprints, "b", "2")})
                  .has_value());
  for (const char* expected : {"a", "b"}) {
    open();
    const auto group = log_->join("clusterer", topics);
    ASSERT_TRUE(group.has_value());
    const std::vector<TopicPartition> mine = assigned(**group);
    ASSERT_EQ(mine.size(), 1U);
    ASSERT_TRUE((*group)->start(mine[0]).has_value());
    EXPECT_EQ(next_key(**group), expected);
    if (std::string_view(expected) == "a") ASSERT_TRUE((*group)->commit(mine[0], 1).has_value());
    EXPECT_EQ(log_->committed("clusterer", mine[0]).value(), 1);
    EXPECT_EQ(log_->committed("another", mine[0]).value(), std::nullopt);
    ASSERT_TRUE((*group)->start(mine[0], 0).has_value())
        << "a stored position wins over the committed one";
    EXPECT_EQ(next_key(**group), "a");
    EXPECT_EQ((*group)->start(mine[0], 9).error().code, ErrorCode("log_gap"));
  }
}

TEST_P(LogCases, ACommittedPositionIsMovedWhileNobodyIsInTheGroup) {
  ASSERT_TRUE(append(*log_, {record(Topic::kFingerprints, "a", "1"),
                             record(Topic::kFingerprints, "b", "2")})
                  .has_value());
  const auto moved = log_->set_committed("skipped", {Topic::kFingerprints, 0}, 2);
  ASSERT_TRUE(moved.has_value()) << moved.error().to_string();
  open();
  EXPECT_EQ(log_->committed("skipped", {Topic::kFingerprints, 0}).value(), 2);
}

TEST_P(LogCases, AFullQueueBlocksAndLosesNothing) {
  open(1000);
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < 4; ++sender) {
    senders.emplace_back([&, sender] {
      const auto producer = log_->producer();
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
  for (const Record& each : all(Topic::kQuarantine))
    EXPECT_EQ(std::stoi(*each.value), next[each.key]++) << "order of a producer is kept";
  for (const auto& [sender, count] : next) EXPECT_EQ(count, 100) << sender;
  EXPECT_EQ(next.size(), 4U);
}

TEST_P(LogCases, AnAcknowledgementMaySendOnAFullQueue) {
  open(1);
  const auto producer = log_->producer();
  std::atomic<int> sent{0};
  ASSERT_TRUE(
      producer
          ->send(record(Topic::kQuarantine, "a", "1"),
                 [&](const Result<LogPosition>&) {
                   EXPECT_TRUE(producer->send(record(Topic::kQuarantine, "b", "2")).has_value());
                   EXPECT_TRUE(producer->send(record(Topic::kQuarantine, "c", "3")).has_value());
                   sent = 2;
                 })
          .has_value());
  for (int i = 0; i < 1000 && sent < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_TRUE(producer->flush().has_value());
  EXPECT_EQ(all(Topic::kQuarantine).size(), 3U);
}

TEST_P(LogCases, ReadToEndStopsAtTheEndItFoundAndPassesErrorsOn) {
  ASSERT_TRUE(append(*log_, {record(Topic::kFingerprints, "a", "1")}).has_value());
  int calls = 0;
  const auto ends = read_to_end(*log_, Topic::kFingerprints, [&](const Record&) -> Result<void> {
    ++calls;
    return append(*log_, {record(Topic::kFingerprints, "b", "2")});
  });
  ASSERT_TRUE(ends.has_value());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(*ends, std::vector<std::int64_t>{1});
  const auto failed = read_to_end(*log_, Topic::kFingerprints, [](const Record&) -> Result<void> {
    return failure(Disposition::kStop, "io", "");
  });
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode("io"));
}

}  // namespace vigie::log
