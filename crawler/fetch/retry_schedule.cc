#include "crawler/fetch/retry_schedule.h"

#include <algorithm>

namespace vigie::crawler::fetch {
namespace {

/// Beyond these any ceiling has been reached; without a bound the product would overflow.
constexpr std::uint32_t kMaxDoublings = 12;

}  // namespace

std::chrono::milliseconds backoff(const RetrySchedule& schedule, std::uint32_t failures) {
  const std::uint32_t doublings = std::min(failures == 0 ? 0 : failures - 1, kMaxDoublings);
  return std::min(schedule.ceiling,
                  std::chrono::milliseconds(schedule.base.count() * (1LL << doublings)));
}

}  // namespace vigie::crawler::fetch
