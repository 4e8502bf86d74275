#pragma once

#include "indexer/api/catalogue.h"
#include "indexer/api/topic_views.h"
#include "indexer/api/vocabulary.h"
#include "indexer/search/index.h"
#include "indexer/spikes/watch.h"
#include "platform/log/log.h"

namespace vigie::indexer::service {

/// Judges the days of subscriptions by the index, in the names of the packs in force and of the
/// sources that report. For one thread.
class SpikeJudge {
 public:
  /// All must outlive it.
  SpikeJudge(const search::Index& index, const api::CurrentVocabulary& vocabulary,
             api::CurrentCatalogue catalogue, log::Log& log);
  /// Errors: those of the index, and bad_query.
  Result<spikes::Judged> judge_hour(const v1::SubscriptionRecord& subscription,
                                    std::int64_t end_unix_ms);

 private:
  const search::Index& index_;
  const api::CurrentVocabulary& vocabulary_;
  api::CurrentCatalogue catalogue_;
  api::StatusView status_;
};

}  // namespace vigie::indexer::service
