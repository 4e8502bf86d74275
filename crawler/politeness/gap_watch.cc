#include "crawler/politeness/gap_watch.h"

#include <algorithm>

#include "platform/logging/logging.h"

namespace vigie::crawler::politeness {
namespace {

using std::chrono::milliseconds;

metrics::Counter& violations(metrics::Registry& registry, const char* scope) {
  return registry.counter(
      "vigie_crawler_politeness_violations_total",
      "Requests that began sooner after the end of the answer before them than the gap allows.",
      {{"scope", scope}});
}

}  // namespace

GapWatch::GapWatch(milliseconds min_gap, milliseconds ip_gap, metrics::Registry& registry)
    : min_gap_(min_gap),
      ip_gap_(ip_gap),
      registry_(registry),
      host_(violations(registry, "host")),
      domain_(violations(registry, "domain")),
      address_(violations(registry, "address")) {}

void GapWatch::ended(const PolitenessKeys& keys, std::string_view peer, milliseconds begun,
                     milliseconds ended) {
  forget_idle(ended);
  check("host:" + keys.host, min_gap_, host_, begun, ended);
  check("domain:" + keys.domain, min_gap_, domain_, begun, ended);
  if (!peer.empty()) check("address:" + std::string(peer), ip_gap_, address_, begun, ended);
}

void GapWatch::check(const std::string& name, milliseconds required, metrics::Counter& violations,
                     milliseconds begun, milliseconds ended) {
  const auto [last, first] = last_end_.try_emplace(name, ended);
  if (first) return;
  const milliseconds gap = begun - last->second;
  last->second = std::max(last->second, ended);
  if (required <= milliseconds(0)) return;
  if (gap < required) {
    violations.add();
    logging::error("politeness violated", {{"whom", name},
                                           {"gap_ms", static_cast<long>(gap.count())},
                                           {"required_ms", static_cast<long>(required.count())}});
  }
  const double ratio = static_cast<double>(gap.count()) / static_cast<double>(required.count());
  if (smallest_ == nullptr) {
    smallest_ = &registry_.gauge("vigie_crawler_smallest_gap_ratio",
                                 "Smallest gap between two requests since the start, as a multiple "
                                 "of what is required; below 1 is a violation.");
    smallest_->set(ratio);
  } else {
    smallest_->set(std::min(smallest_->value(), ratio));
  }
}

void GapWatch::forget_idle(milliseconds now) {
  if (last_end_.size() < kMaxEntries) return;
  const milliseconds longest = std::max(min_gap_, ip_gap_);
  std::erase_if(last_end_, [&](const auto& entry) { return entry.second + longest < now; });
}

}  // namespace vigie::crawler::politeness
