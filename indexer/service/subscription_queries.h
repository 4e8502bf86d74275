#pragma once

#include <memory>
#include <mutex>
#include <stop_token>

#include "indexer/api/vocabulary.h"
#include "indexer/matching/matcher.h"
#include "indexer/subscriptions/store.h"
#include "platform/clock/clock.h"
#include "platform/result/result.h"

namespace vigie::indexer::service {

/// Keeps the matcher at what subscriptions ask for under the packs in force: an older id of a topic
/// stands for the present one, also where a pack folds one topic into another while this runs.
/// Thread-safe.
class SubscriptionQueries {
 public:
  /// All must outlive it.
  SubscriptionQueries(const api::CurrentVocabulary& vocabulary, matching::Matcher& matcher,
                      Clock& clock);

  /// For the listener of a store.
  void apply(const v1::SubscriptionRecord& subscription);
  /// Applies those again whose queries mean something else since the packs changed; how many.
  std::size_t follow_packs(const subscriptions::SubscriptionStore& store);
  /// follow_packs every two seconds, until stopped.
  Result<void> run(const subscriptions::SubscriptionStore& store, const std::stop_token& stop);

 private:
  const api::CurrentVocabulary& vocabulary_;
  matching::Matcher& matcher_;
  Clock& clock_;
  std::mutex mutex_;  // one change of the matcher at a time, with the newest record
  std::shared_ptr<const api::Vocabulary> used_;
};

}  // namespace vigie::indexer::service
