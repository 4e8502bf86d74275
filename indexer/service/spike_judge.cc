#include "indexer/service/spike_judge.h"

#include <utility>

#include "indexer/api/facet_names.h"
#include "indexer/api/trend_sentence.h"
#include "indexer/query/query.h"
#include "indexer/spikes/judging.h"

namespace vigie::indexer::service {

SpikeJudge::SpikeJudge(const search::Index& index, const api::CurrentVocabulary& vocabulary,
                       api::CurrentCatalogue catalogue, log::Log& log)
    : index_(index), vocabulary_(vocabulary), catalogue_(std::move(catalogue)), status_(log) {}

Result<spikes::Judged> SpikeJudge::judge_hour(const v1::SubscriptionRecord& subscription,
                                              std::int64_t end_unix_ms) {
  VIGIE_ASSIGN(query::Query query, query::parse(vocabulary_.now()->with_ids(subscription.query()),
                                                query::Use::kSubscription));
  const auto budget = index_.budget({}, true);
  query.budget = budget.get();
  return spikes::judge_day(
      index_, query, subscription, end_unix_ms, [this](const trend::Reading& reading) {
        return api::trend_sentence(reading, api::FacetNames(status_, api::now(catalogue_)));
      });
}

}  // namespace vigie::indexer::service
