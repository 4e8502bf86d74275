#include "indexer/alerting/pauses.h"

#include <algorithm>

namespace vigie::indexer::alerting {

std::chrono::milliseconds pause_after(std::uint32_t failed_attempts, double chance) {
  std::chrono::milliseconds pause = kFirstPause;
  for (std::uint32_t i = 1; i < failed_attempts && pause < kLongestPause; ++i)
    pause *= kPauseGrowth;
  pause = std::min(pause, kLongestPause);
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(pause.count()) * (1.0 - 0.2 * chance)));
}

}  // namespace vigie::indexer::alerting
