#include "platform/log/follower.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "platform/clock/clock.h"
#include "platform/log/embedded_log.h"
#include "tests/unit/platform/log/silent_log.h"

namespace vigie::log {
namespace {

using proto::Topic;
using std::chrono::milliseconds;

class FollowerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie_follower_" + std::to_string(getpid()) + "_" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
    EmbeddedOptions options;
    options.dir = dir_;
    options.partitions = 3;
    auto opened = open_embedded(options, clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }
  void write(Topic topic, const std::string& key) {
    ASSERT_TRUE(append(*log_, {{topic, key, "of " + key}}));
  }
  TopicFollower::Take note() {
    return [this](const Reader::Batch& batch) -> Result<void> {
      for (const Record& record : batch.records) keys_.push_back(record.key);
      return {};
    };
  }

  SystemClock clock_;
  std::filesystem::path dir_;
  std::unique_ptr<Log> log_;
  std::vector<std::string> keys_;
};

TEST_F(FollowerTest, TakesWhatWasThereThenWhatComes) {
  for (const char* key : {"a", "b", "c", "d", "e"}) write(Topic::kFrontier, key);
  TopicFollower follower(*log_, Topic::kFrontier, note());
  ASSERT_TRUE(follower.start_all());
  EXPECT_EQ(follower.follow_to_end({}).value(), true);
  EXPECT_EQ(keys_.size(), 5U);
  EXPECT_EQ(follower.follow_to_end({}).value(), true);
  EXPECT_EQ(keys_.size(), 5U) << "nothing comes twice";
  EXPECT_EQ(follower.follow().value(), false);
  write(Topic::kFrontier, "f");
  EXPECT_EQ(follower.follow(milliseconds(1'000)).value(), true);
  EXPECT_EQ(keys_.back(), "f");
  std::int64_t sum = 0;
  for (const std::int64_t next : follower.next_offsets()) sum += next;
  EXPECT_EQ(sum, 6);
}

TEST_F(FollowerTest, ReadsOnePartitionToItsEndAndTheOthersAfterIt) {
  std::map<std::int32_t, std::string> key_in;
  for (int i = 0; key_in.size() < 3; ++i)
    key_in.try_emplace(proto::partition_of(std::to_string(i), 3), std::to_string(i));
  for (const auto& [partition, key] : key_in) write(Topic::kFrontier, key);
  TopicFollower follower(*log_, Topic::kFrontier, note());
  ASSERT_TRUE(follower.start_all());
  EXPECT_EQ(follower.follow_to_end(1, {}).value(), true);
  EXPECT_EQ(keys_, std::vector<std::string>{key_in[1]});
  // with a reader that stays open, too
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(follower.follow(milliseconds(50)));
  EXPECT_EQ(keys_.size(), 3U);
  for (const auto& [partition, key] : key_in) write(Topic::kFrontier, key);
  EXPECT_EQ(follower.follow_to_end(2, {}).value(), true);
  ASSERT_EQ(keys_.size(), 4U);
  EXPECT_EQ(keys_.back(), key_in[2]);
  follower.stop(0);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(follower.follow(milliseconds(50)));
  EXPECT_EQ(keys_.size(), 5U) << "what is stopped is read no longer, what was held back is";
}

TEST_F(FollowerTest, WhatWasNotTakenComesAgain) {
  write(Topic::kControl, "a");
  write(Topic::kControl, "b");
  bool refuse = true;
  TopicFollower follower(*log_, Topic::kControl, [&](const Reader::Batch& batch) -> Result<void> {
    if (refuse) return failure(Disposition::kRetry, "io", "not now");
    for (const Record& record : batch.records) keys_.push_back(record.key);
    return {};
  });
  ASSERT_TRUE(follower.start_all());
  EXPECT_EQ(follower.follow(milliseconds(500)).error().code, ErrorCode("io"));
  EXPECT_EQ(follower.follow_to_end({}).error().code, ErrorCode("io"));
  EXPECT_EQ(follower.next_offset(0), 0);
  refuse = false;
  EXPECT_EQ(follower.follow(milliseconds(500)).value(), true);
  EXPECT_EQ(keys_, (std::vector<std::string>{"a", "b"}));
}

TEST_F(FollowerTest, StartsWhereItIsToldAndSaysSoIfTheLogDoesNotHoldThat) {
  for (const char* key : {"a", "b", "c"}) write(Topic::kFingerprints, key);
  TopicFollower follower(*log_, Topic::kFingerprints, note());
  ASSERT_TRUE(follower.start(0, 1));
  ASSERT_TRUE(follower.follow_to_end({}));
  EXPECT_EQ(keys_, (std::vector<std::string>{"b", "c"}));
  ASSERT_TRUE(follower.start(0, 9));
  EXPECT_EQ(follower.follow().error().code, ErrorCode("log_gap"));
}

TEST_F(FollowerTest, ASilentLogFailsAfterAMinuteWithOneSentence) {
  write(Topic::kStories, "a");
  testing::SilentLog silent(*log_, Topic::kStories);
  TopicFollower follower(silent, Topic::kStories, note());
  ASSERT_TRUE(follower.start_all());
  const auto reached = follower.follow_to_end({});
  ASSERT_FALSE(reached);
  EXPECT_EQ(reached.error().code, ErrorCode("log_silent"));
  EXPECT_EQ(reached.error().disposition, Disposition::kRetry);
  for (const char* part : {"60 s", "read to offset 0 of 1", "look at the broker"})
    EXPECT_NE(reached.error().detail.find(part), std::string::npos) << reached.error().detail;
  EXPECT_EQ(reached.error().where, "stories/" + std::to_string(proto::partition_of("a", 3)));
  EXPECT_GE(silent.silent_polls(), 60) << "none of a second or more, or a stop is heard late";
}

TEST_F(FollowerTest, RecordsOfOtherPartitionsDoNotHideThatOneIsSilent) {
  // a log that gives the records of all partitions but one
  class HalfSilent final : public Reader {
   public:
    Result<void> assign(TopicPartition partition, std::int64_t offset) override {
      next_[partition] = offset;
      return {};
    }
    void unassign(TopicPartition partition) override { next_.erase(partition); }
    void pause(TopicPartition partition) override { paused_[partition] = true; }
    void resume(TopicPartition partition) override { paused_[partition] = false; }
    Result<std::vector<Batch>> poll(std::size_t, milliseconds) override {
      std::vector<Batch> batches;
      for (auto& [partition, offset] : next_) {
        if (partition.partition == 0 || paused_[partition]) continue;
        Batch batch;
        batch.from = partition;
        batch.next_offset = ++offset;
        batches.push_back(std::move(batch));
      }
      return batches;
    }

   private:
    std::map<TopicPartition, std::int64_t> next_;
    std::map<TopicPartition, bool> paused_;
  };
  class HalfSilentLog final : public Log {
   public:
    std::unique_ptr<Producer> producer() override { return nullptr; }
    std::unique_ptr<Reader> reader() override { return std::make_unique<HalfSilent>(); }
    Result<std::unique_ptr<Group>> join(const std::string&, std::span<const Topic>,
                                        const MemberOptions&) override {
      return std::unique_ptr<Group>();
    }
    Result<std::int32_t> partitions(Topic) override { return 2; }
    Result<OffsetRange> offsets(TopicPartition) override { return OffsetRange{0, 5}; }
    Result<std::optional<std::int64_t>> committed(const std::string&, TopicPartition) override {
      return std::optional<std::int64_t>();
    }
    Result<void> set_committed(const std::string&, TopicPartition, std::int64_t) override {
      return {};
    }
    std::uint64_t disk_bytes() override { return 0; }
  } half;
  TopicFollower follower(half, Topic::kStories, note());
  ASSERT_TRUE(follower.start_all());
  EXPECT_EQ(follower.follow_to_end({}).error().code, ErrorCode("log_silent"));
  ASSERT_TRUE(follower.follow());
  EXPECT_EQ(follower.follow_to_end({}).error().code, ErrorCode("log_silent"))
      << "with a reader that stays";
}

TEST_F(FollowerTest, AStopIsHeardWhileTheLogIsSilent) {
  write(Topic::kStories, "a");
  testing::SilentLog silent(*log_, Topic::kStories);
  TopicFollower follower(silent, Topic::kStories, note());
  ASSERT_TRUE(follower.start_all());
  std::stop_source source;
  std::jthread stopper([&] {
    while (silent.silent_polls() < 3) std::this_thread::sleep_for(milliseconds(1));
    source.request_stop();
  });
  const auto reached = follower.follow_to_end(source.get_token());
  ASSERT_TRUE(reached) << reached.error().to_string();
  EXPECT_FALSE(*reached);
  silent.be_silent(false);
  EXPECT_EQ(follower.follow_to_end({}).value(), true) << "it goes on where it was";
  EXPECT_EQ(keys_, std::vector<std::string>{"a"});
}

TEST_F(FollowerTest, NoReaderIsOpenedWhereNothingIsNew) {
  write(Topic::kControl, "a");
  testing::SilentLog silent(*log_, Topic::kControl);
  TopicFollower follower(silent, Topic::kControl, note());
  ASSERT_TRUE(follower.start(0, 1));
  EXPECT_EQ(follower.follow_to_end({}).value(), true);
  EXPECT_EQ(silent.silent_polls(), 0);
}

TEST_F(FollowerTest, ReadToEndSaysThatItWasStopped) {
  write(Topic::kControl, "a");
  std::stop_source source;
  source.request_stop();
  const auto ends = read_to_end(
      *log_, Topic::kControl, [](const Record&) { return Result<void>(); }, source.get_token());
  ASSERT_FALSE(ends);
  EXPECT_EQ(ends.error().code, ErrorCode("stopped"));
}

}  // namespace
}  // namespace vigie::log
