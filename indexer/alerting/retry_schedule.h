#pragma once

#include <chrono>
#include <cstdint>

namespace vigie::indexer::alerting {

// ops/spec/http_api.md, "Webhooks": the first retry comes within 5 s
inline constexpr std::chrono::milliseconds kFirstRetryDelay{4'000};
inline constexpr std::chrono::milliseconds kLongestRetryDelay = std::chrono::hours(6);
inline constexpr int kRetryDelayGrowth = 3;

/// Time to wait after the given number of failed attempts (≥ 1): 4 s, 12 s, 36 s, … 6 h, each
/// shortened by up to a fifth (`chance` in [0, 1)), so that receivers that failed together are not
/// all tried again together.
std::chrono::milliseconds retry_delay(std::uint32_t failed_attempts, double chance);

}  // namespace vigie::indexer::alerting
