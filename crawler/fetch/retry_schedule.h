#pragma once

#include <chrono>
#include <cstdint>

namespace vigie::crawler::fetch {

/// When a URL is tried again that could not be had.
struct RetrySchedule {
  std::chrono::milliseconds base{30'000};        // crawl.retry_base_s
  std::chrono::milliseconds ceiling{3'600'000};  // crawl.retry_ceiling_s
};

/// The back-off after `failures` in a row: the base, doubled with each further failure, at most the
/// ceiling. Pure.
std::chrono::milliseconds backoff(const RetrySchedule& schedule, std::uint32_t failures);

}  // namespace vigie::crawler::fetch
