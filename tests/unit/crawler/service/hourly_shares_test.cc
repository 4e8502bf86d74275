#include "crawler/service/hourly_shares.h"

#include <gtest/gtest.h>

namespace vigie::crawler::service {
namespace {

TEST(HourlyShares, AreSoManyAndEachSourceHasItsOwn) {
  HourlyShares shares;
  std::int64_t now = 1'780'000'000'000;
  const auto take = [&](const char* source, std::size_t urls) {
    std::size_t taken = 0;
    for (std::size_t i = 0; i < urls; ++i) taken += shares.take(source, now) ? 1 : 0;
    return taken;
  };
  EXPECT_EQ(take("a", HourlyShares::kMost - 1), HourlyShares::kMost - 1);
  now += 59 * 60'000;
  EXPECT_EQ(take("a", 10), 1U);
  EXPECT_EQ(take("b", 10), 10U);
  now += 60'000;
  EXPECT_EQ(take("a", 10), 10U) << "an hour is over";
  EXPECT_EQ(take("a", HourlyShares::kMost), HourlyShares::kMost - 10);
  now -= 30 * 60'000;
  EXPECT_EQ(take("a", 10), 10U) << "a clock that is set back holds nothing up";
}

}  // namespace
}  // namespace vigie::crawler::service
