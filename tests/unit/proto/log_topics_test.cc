#include "proto/log_topics.h"

#include <gtest/gtest.h>

#include <set>

namespace vigie::proto {
namespace {

// org.apache.kafka.common.utils.UtilsTest.testMurmur2.
TEST(Murmur2, GivesTheAnswersOfKafkasOwnTest) {
  const auto hash = [](std::string_view key) { return static_cast<std::int32_t>(murmur2(key)); };
  EXPECT_EQ(hash("21"), -973932308);
  EXPECT_EQ(hash("foobar"), -790332482);
  EXPECT_EQ(hash("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(hash("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(hash("abc"), 479470107);
}

TEST(PartitionOf, ClearsTheSignAndStaysInRange) {
  EXPECT_EQ(partition_of("foobar", 1000), (-790332482 & 0x7fffffff) % 1000);
  EXPECT_EQ(partition_of("abc", 12), 479470107 % 12);
  EXPECT_EQ(partition_of("", 1), 0);
  for (int i = 0; i < 1000; ++i) {
    const auto partition = partition_of("key" + std::to_string(i), 7);
    ASSERT_TRUE(partition >= 0 && partition < 7);
  }
  EXPECT_GE(partition_of(std::string("\xff\x80\x00\xfe\x81", 5), 12), 0);
}

TEST(Topics, StandInTheOrderOfTheirNumbersWithNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kTopics.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kTopics[i].topic), i);
    EXPECT_EQ(&spec(kTopics[i].topic), &kTopics[i]);
    names.insert(kTopics[i].short_name);
    EXPECT_GT(kTopics[i].max_record_bytes, 0);
    if (kTopics[i].compacted) EXPECT_EQ(kTopics[i].retention_ms, -1) << kTopics[i].short_name;
  }
  EXPECT_EQ(names.size(), kTopics.size());
  EXPECT_EQ(topic_name("vigie", Topic::kPages), "vigie.pages.v1");
  EXPECT_EQ(topic_name("a.b", Topic::kQuarantine), "a.b.quarantine.v1");
}

}  // namespace
}  // namespace vigie::proto
