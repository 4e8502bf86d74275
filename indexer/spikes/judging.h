#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/search/coverage.h"
#include "indexer/search/facet.h"
#include "indexer/spikes/watch.h"
#include "indexer/trend/judge.h"
#include "platform/result/result.h"
#include "proto/spike.pb.h"
#include "proto/subscription.pb.h"

namespace vigie::indexer::search {
class Index;
}
namespace vigie::indexer::trend {
struct Reading;
}

namespace vigie::indexer::spikes {

/// The sensitivity of a subscription; medium where it says none that there is.
trend::Sensitivity sensitivity_of(const v1::SubscriptionRecord& subscription);

/// A reading as one sentence for people, with names.
using Sentence = std::function<std::string(const trend::Reading&)>;

/// The day of a subscription that ends with a full hour. `query`: the subscription's, parsed.
/// Errors: those of the index.
Result<Judged> judge_day(const search::Index& index, const query::Query& query,
                         const v1::SubscriptionRecord& subscription, std::int64_t end_unix_ms,
                         const Sentence& sentence);

/// The days that a subscription would have been told of, were it there between two instants: each
/// full hour judged, at most one in 24 hours; in order, without sentences. One count of the index.
/// Errors: those of the index.
Result<std::vector<v1::Spike>> would_have_told(const search::Index& index,
                                               const query::Query& query,
                                               const v1::SubscriptionRecord& subscription,
                                               std::int64_t begin_unix_ms, std::int64_t end_unix_ms,
                                               search::Coverage& coverage);

}  // namespace vigie::indexer::spikes
