#include "indexer/alerting/rules.h"

#include "platform/logging/logging.h"

namespace vigie::indexer::alerting {
namespace {

constexpr std::size_t kMaxRules = 50'000;  // some 300 bytes each

}  // namespace

rhythm::Rule Rules::of(const v1::SubscriptionRecord& subscription) {
  const auto known = by_id_.find(subscription.id());
  if (known != by_id_.end() && known->second.first == subscription.revision())
    return known->second.second;
  auto read = rhythm::rule_of(subscription);
  if (!read)
    logging::warn("a rhythm that this version does not know; the subscription is told at once",
                  {{"subscription", subscription.id()}, {"error", read.error().detail}});
  rhythm::Rule rule = read ? std::move(*read) : rhythm::Rule();
  if (known == by_id_.end() && rule.is_plain()) return rule;
  if (by_id_.size() >= kMaxRules) by_id_.clear();
  by_id_[subscription.id()] = {subscription.revision(), rule};
  return rule;
}

}  // namespace vigie::indexer::alerting
