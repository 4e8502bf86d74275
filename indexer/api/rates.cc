#include "indexer/api/rates.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "indexer/api/problems.h"
#include "platform/clock/clock.h"

namespace vigie::indexer::api {
namespace {

constexpr double kMinuteMs = 60'000;

}  // namespace

void Rates::refill(Bucket& bucket, std::chrono::milliseconds now) const {
  const double gone = static_cast<double>((now - bucket.at).count());
  bucket.tokens = std::min(per_minute_, bucket.tokens + gone * per_minute_ / kMinuteMs);
  bucket.at = now;
}

/// Who has not asked for a minute may ask as one that was never seen.
void Rates::make_room(std::chrono::milliseconds now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    Bucket bucket = entry.second;
    refill(bucket, now);
    return bucket.tokens >= per_minute_;
  });
  if (buckets_.size() < kMaxCallers) return;
  buckets_.erase(std::ranges::max_element(buckets_, {},
                                          [](const auto& entry) { return entry.second.tokens; }));
}

std::optional<http::Response> Rates::check(const http::Request& request) {
  // Who reads a brief by its link shows no key: there an address is a caller.
  const bool by_link = request.path.starts_with("/b/") && !request.peer.empty();
  if (!by_link &&
      (request.caller.empty() || !request.path.starts_with("/v1/") || request.path == "/v1/peer"))
    return std::nullopt;
  double missing = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.since_boot();
    const std::string caller = request.peer + ' ' + (by_link ? "link" : request.caller);
    if (buckets_.size() >= kMaxCallers && !buckets_.contains(caller)) make_room(now);
    Bucket& bucket = buckets_.try_emplace(caller, Bucket{per_minute_, now}).first->second;
    refill(bucket, now);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return std::nullopt;
    }
    missing = 1 - bucket.tokens;
  }
  metrics_.refused.of("too_many_requests").add();
  http::Response response =
      problem("too_many_requests",
              "This caller asked more often than it may (api.requests_per_minute); wait a moment.");
  const double wait_s = missing / per_minute_ * kMinuteMs / 1'000;
  response.headers.emplace_back("Retry-After",
                                std::to_string(static_cast<long>(std::ceil(wait_s))));
  return response;
}

}  // namespace vigie::indexer::api
