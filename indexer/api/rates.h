#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "indexer/api/metrics.h"
#include "platform/http/http.h"

namespace vigie {
class Clock;
}

namespace vigie::indexer::api {

/// How often a caller (a key at an address) may ask: so many requests a minute, and as many at once
/// after a minute of silence (a token bucket). Callers without a key are on this machine, and not
/// limited, but for those who read a brief by its link: there an address is a caller. Bounded in
/// memory. Thread-safe. Private to indexer/api.
class Rates {
 public:
  /// The clock and the registry must outlive it.
  Rates(Clock& clock, metrics::Registry& registry, std::size_t per_minute)
      : clock_(clock), metrics_(registry), per_minute_(static_cast<double>(per_minute)) {}

  /// 429 too_many_requests with Retry-After, where the caller asked too often.
  std::optional<http::Response> check(const http::Request& request);

 private:
  static constexpr std::size_t kMaxCallers = 10'000;
  struct Bucket {
    double tokens = 0;
    std::chrono::milliseconds at{0};  // since boot
  };
  void refill(Bucket& bucket, std::chrono::milliseconds now) const;
  void make_room(std::chrono::milliseconds now);

  Clock& clock_;
  ApiMetrics metrics_;
  const double per_minute_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;  // by caller
};

}  // namespace vigie::indexer::api
