#include "crawler/politeness/gap_watch.h"

#include <algorithm>

#include "platform/logging/logging.h"

namespace vigie::crawler::politeness {
namespace {

using std::chrono::milliseconds;

}  // namespace

GapWatch::GapWatch(milliseconds min_gap, milliseconds ip_gap, metrics::Registry& registry)
    : min_gap_(min_gap), ip_gap_(ip_gap), metrics_(registry) {}

void GapWatch::ended(const PolitenessKeys& keys, std::string_view peer, milliseconds begun,
                     milliseconds ended) {
  forget_idle(ended);
  check("host:" + keys.host, min_gap_, metrics_.violations.of("host"), begun, ended);
  check("domain:" + keys.domain, min_gap_, metrics_.violations.of("domain"), begun, ended);
  if (!peer.empty())
    check("address:" + std::string(peer), ip_gap_, metrics_.violations.of("address"), begun, ended);
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
    smallest_ = &metrics_.smallest_ratio.of();
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
