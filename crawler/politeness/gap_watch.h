#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crawler/politeness/metrics.h"
#include "crawler/politeness/politeness.h"
#include "platform/metrics/metrics.h"

namespace vigie::crawler::politeness {

/// Measures politeness apart from what decides it: remembers when the last response of each host,
/// registrable domain and address ended, and counts every request that began sooner after it than
/// the gap, or before it. In good order nothing is ever counted. One thread. Memory: an entry a
/// name for as long as a gap can matter, kMaxEntries at most before idle ones go.
class GapWatch {
 public:
  /// Entries beyond which those whose gap is over are forgotten.
  static constexpr std::size_t kMaxEntries = 100'000;

  /// Metrics: vigie_crawler_politeness_violations_total{scope}, vigie_crawler_smallest_gap_ratio.
  GapWatch(std::chrono::milliseconds min_gap, std::chrono::milliseconds ip_gap,
           metrics::Registry& registry);

  /// A request has ended. `peer`: the address that answered; "" if none did. Times on the boot
  /// clock, `begun` when the request was handed out.
  void ended(const PolitenessKeys& keys, std::string_view peer, std::chrono::milliseconds begun,
             std::chrono::milliseconds ended);

 private:
  void check(const std::string& name, std::chrono::milliseconds required,
             metrics::Counter& violations, std::chrono::milliseconds begun,
             std::chrono::milliseconds ended);
  void forget_idle(std::chrono::milliseconds now);

  std::chrono::milliseconds min_gap_;
  std::chrono::milliseconds ip_gap_;
  GapMetrics metrics_;
  metrics::Gauge* smallest_ = nullptr;  // exists once two requests to the same name have been seen
  std::unordered_map<std::string, std::chrono::milliseconds> last_end_;
};

}  // namespace vigie::crawler::politeness
