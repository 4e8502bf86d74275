#include "crawler/fetch/retry_schedule.h"

#include <gtest/gtest.h>

#include <limits>

namespace vigie::crawler::fetch {
namespace {

using std::chrono::milliseconds;

TEST(RetrySchedule, DoublesTheBaseUpToTheCeiling) {
  const RetrySchedule production;
  struct Row {
    std::uint32_t failures;
    std::int64_t seconds;
  };
  for (const auto& [failures, seconds] :
       {Row{0, 30}, {1, 30}, {2, 60}, {3, 120}, {4, 240}, {7, 1920}, {8, 3600}, {9, 3600}})
    EXPECT_EQ(backoff(production, failures), std::chrono::seconds(seconds)) << failures;
}

TEST(RetrySchedule, NeverOverflowsNorGoesBack) {
  const RetrySchedule schedule{milliseconds(1), milliseconds(100 * 3'600'000)};
  milliseconds before{0};
  for (std::uint32_t failures = 0; failures < 100; ++failures) {
    EXPECT_GE(backoff(schedule, failures), before) << failures;
    before = backoff(schedule, failures);
  }
  EXPECT_EQ(backoff(schedule, std::numeric_limits<std::uint32_t>::max()), before);
}

TEST(RetrySchedule, IsTheCeilingWhereThatIsBelowTheBase) {
  EXPECT_EQ(backoff({milliseconds(30'000), milliseconds(10'000)}, 1), milliseconds(10'000));
}

}  // namespace
}  // namespace vigie::crawler::fetch
