#include "crawler/service/options.h"

#include <gtest/gtest.h>

namespace vigie::crawler::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

CrawlerOptions options_of(std::vector<std::string> sets) {
  const auto settings = config::load(config::Program::kCrawler, {"", std::move(sets), {}});
  EXPECT_TRUE(settings);
  return read_options(*settings);
}

// ops/spec/settings.md: crawl.revisits_s, crawl.retry_base_s, crawl.retry_ceiling_s.
TEST(Options, HaveTheDefaultsOfTheTable) {
  const CrawlerOptions options = options_of({});
  const CrawlerOptions unset;
  EXPECT_EQ(options.revisit_policy.revisits, unset.revisit_policy.revisits);
  EXPECT_EQ(options.revisit_policy.poll_floor, unset.revisit_policy.poll_floor);
  EXPECT_EQ(options.revisit_policy.retry.base, unset.revisit_policy.retry.base);
  EXPECT_EQ(options.revisit_policy.retry.ceiling, unset.revisit_policy.retry.ceiling);
  EXPECT_EQ(options.body_limits.page, unset.body_limits.page);
  EXPECT_EQ(options.max_in_flight, unset.max_in_flight);
  EXPECT_EQ(options.min_gap, unset.min_gap);
  EXPECT_EQ(options.ip_gap, unset.ip_gap);
}

// A short floor changes how often feeds are polled, and nothing else.
TEST(Options, AFloorChangesNoOtherSchedule) {
  for (const char* floor : {"1", "2", "2.001", "60", "3600"}) {
    const CrawlerOptions options = options_of({std::string("fetch.feed_floor_s=") + floor});
    EXPECT_EQ(options.revisit_policy.revisits, CrawlerOptions().revisit_policy.revisits) << floor;
    EXPECT_EQ(options.revisit_policy.retry.base, seconds(30)) << floor;
    EXPECT_EQ(options.revisit_policy.retry.ceiling, seconds(3600)) << floor;
  }
}

TEST(Options, TakeTheSchedulesOfTheSettings) {
  const CrawlerOptions options = options_of({"fetch.feed_floor_s=1.5", "crawl.revisits_s=[20, 60]",
                                             "crawl.retry_base_s=1.5", "crawl.retry_ceiling_s=10"});
  EXPECT_EQ(options.revisit_policy.poll_floor, milliseconds(1'500));
  EXPECT_EQ(options.revisit_policy.revisits, (std::vector<milliseconds>{seconds(20), seconds(60)}));
  EXPECT_EQ(options.revisit_policy.retry.base, milliseconds(1'500));
  EXPECT_EQ(options.revisit_policy.retry.ceiling, seconds(10));
  EXPECT_TRUE(options_of({"crawl.revisits_s=[]"}).revisit_policy.revisits.empty());
}

// platform/log/groups.h: `log.group` is that of the program that reads it.
TEST(Options, TakeTheGroupOfTheRole) {
  EXPECT_EQ(options_of({}).group, "crawler");
  EXPECT_EQ(options_of({"log.group=mine"}).group, "mine");
  const auto all = config::load(config::Program::kUp, {"", {}, {}});
  ASSERT_TRUE(all);
  EXPECT_EQ(read_options(*all).group, "crawler");
}

}  // namespace
}  // namespace vigie::crawler::service
