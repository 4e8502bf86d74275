#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace vigie::crawler::service {

/// How many new URLs a source has listed within the hour, on whatever sites. An hour begins with
/// the first of them. In memory: a start begins anew. One thread.
class HourlyShares {
 public:
  static constexpr std::size_t kMost = 30'000;

  /// Whether the source may have one more, which counts it.
  bool take(const std::string& source_id, std::int64_t now_unix_ms) {
    Share& share = shares_[source_id];
    const std::int64_t age_ms = now_unix_ms - share.begun_unix_ms;
    // A clock that is set back holds nothing up.
    if (age_ms < 0 || age_ms >= kHourMs) share = {now_unix_ms, 0};
    if (share.taken >= kMost) return false;
    ++share.taken;
    return true;
  }

 private:
  static constexpr std::int64_t kHourMs = 3'600'000;
  struct Share {
    std::int64_t begun_unix_ms = 0;
    std::size_t taken = 0;
  };
  std::unordered_map<std::string, Share> shares_;  // of sources that listed something
};

}  // namespace vigie::crawler::service
