#include "indexer/alerting/retry_schedule.h"

#include <gtest/gtest.h>

namespace vigie::indexer::alerting {
namespace {

using std::chrono::milliseconds;

TEST(RetrySchedule, GrowsThreefoldFromFourSecondsToSixHoursAndIsShortenedByUpToAFifth) {
  const struct {
    std::uint32_t failed_attempts;
    std::int64_t longest_ms;
    std::int64_t half_way_ms;  // chance 0.5
  } cases[] = {
      {1, 4'000, 3'600},
      {2, 12'000, 10'800},
      {3, 36'000, 32'400},
      {4, 108'000, 97'200},
      {5, 324'000, 291'600},
      {6, 972'000, 874'800},
      {7, 2'916'000, 2'624'400},
      {8, 8'748'000, 7'873'200},
      {9, 21'600'000, 19'440'000},
      {10, 21'600'000, 19'440'000},
      {1'000, 21'600'000, 19'440'000},
      {UINT32_MAX, 21'600'000, 19'440'000},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(retry_delay(each.failed_attempts, 0.0), milliseconds(each.longest_ms))
        << each.failed_attempts;
    EXPECT_EQ(retry_delay(each.failed_attempts, 0.5), milliseconds(each.half_way_ms))
        << each.failed_attempts;
    EXPECT_GT(retry_delay(each.failed_attempts, 0.999'999),
              milliseconds(each.longest_ms * 4 / 5 - 1))
        << each.failed_attempts;
  }
}

TEST(RetrySchedule, TheFirstRetryComesWithinFiveSecondsAndNoneBeforeTheOneBeforeIt) {
  EXPECT_LE(retry_delay(1, 0.0), milliseconds(5'000));
  for (std::uint32_t attempt = 1; attempt < 9; ++attempt)
    EXPECT_LT(retry_delay(attempt, 0.0), retry_delay(attempt + 1, 0.999)) << attempt;
}

}  // namespace
}  // namespace vigie::indexer::alerting
