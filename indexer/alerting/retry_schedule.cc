#include "indexer/alerting/retry_schedule.h"

#include <algorithm>

namespace vigie::indexer::alerting {

std::chrono::milliseconds retry_delay(std::uint32_t failed_attempts, double chance) {
  std::chrono::milliseconds pause = kFirstRetryDelay;
  for (std::uint32_t i = 1; i < failed_attempts && pause < kLongestRetryDelay; ++i)
    pause *= kRetryDelayGrowth;
  pause = std::min(pause, kLongestRetryDelay);
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(pause.count()) * (1.0 - 0.2 * chance)));
}

}  // namespace vigie::indexer::alerting
