#include "indexer/service/subscription_queries.h"

#include <utility>

#include "indexer/conditions/kinds.h"
#include "indexer/subscriptions/kind.h"
#include "platform/logging/logging.h"

namespace vigie::indexer::service {
namespace {

constexpr std::chrono::milliseconds kLookEvery{2'000};

}  // namespace

SubscriptionQueries::SubscriptionQueries(const api::CurrentVocabulary& vocabulary,
                                         matching::Matcher& matcher, Clock& clock)
    : vocabulary_(vocabulary), matcher_(matcher), clock_(clock) {}

namespace {

/// What the matcher of articles is told. Those of kind spike meet none (indexer/spikes).
v1::SubscriptionRecord matched(v1::SubscriptionRecord subscription, std::string query) {
  subscription.set_query(std::move(query));
  if (subscription.kind() == subscriptions::kSpike) subscription.set_deleted(true);
  return subscription;
}

}  // namespace

void SubscriptionQueries::apply(const v1::SubscriptionRecord& subscription) {
  const std::lock_guard lock(mutex_);
  if (used_ == nullptr) used_ = vocabulary_.now();
  v1::SubscriptionRecord with_ids = matched(subscription, used_->with_ids(subscription.query()));
  // Of vigie itself no article tells (indexer/conditions).
  if (conditions::asks_for_conditions(subscription.query())) with_ids.set_deleted(true);
  if (auto applied = matcher_.apply(with_ids); !applied) {
    logging::warn("subscription does not match anything",
                  {{"subscription", subscription.id()}, {"reason", applied.error().to_string()}});
  }
}

std::size_t SubscriptionQueries::follow_packs(const subscriptions::SubscriptionStore& store) {
  const auto now = vocabulary_.now();
  std::shared_ptr<const api::Vocabulary> before;
  {
    const std::lock_guard lock(mutex_);
    if (used_ == now) return 0;
    before = std::exchange(used_, now);
  }
  if (before == nullptr) return 0;
  std::size_t changed = 0;
  for (const v1::SubscriptionRecord& one : store.list()) {
    const std::lock_guard lock(mutex_);
    const auto present = store.find(one.id());  // a change may have come since
    if (!present) continue;
    const v1::SubscriptionRecord with_ids = matched(*present, now->with_ids(present->query()));
    if (with_ids.query() == before->with_ids(present->query())) continue;
    ++changed;
    if (auto applied = matcher_.apply(with_ids); !applied) {
      logging::warn("subscription does not match anything",
                    {{"subscription", one.id()}, {"reason", applied.error().to_string()}});
    }
  }
  if (changed > 0) logging::info("subscriptions follow the packs", {{"changed", changed}});
  return changed;
}

Result<void> SubscriptionQueries::run(const subscriptions::SubscriptionStore& store,
                                      const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    clock_.sleep_for(kLookEvery, stop);
    follow_packs(store);
  }
  return {};
}

}  // namespace vigie::indexer::service
