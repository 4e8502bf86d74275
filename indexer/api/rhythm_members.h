#pragma once

#include <cstdint>
#include <vector>

#include "indexer/rhythm/rule.h"
#include "indexer/search/index.h"
#include "platform/json/json.h"
#include "platform/result/result.h"
#include "proto/subscription.pb.h"

/// The members of a subscription that say when it is told, and of what. Private to indexer/api.
namespace vigie::indexer::api {

/// Of a body that fits its schema. Errors: kQuarantine bad_parameter, for an instant that is none.
Result<v1::SubscriptionRecord> when_of(const Json& body);

/// Adds them to a subscription as it is shown.
void set_when(const v1::SubscriptionRecord& subscription, Json& out);

/// What the rule would have told of them between two instants; `exact`: whether the number of
/// stories was counted and not put up from a sample.
Json estimate_json(const rhythm::Rule& rule, const std::vector<TimelineBin>& hours,
                   double stories_of_articles, bool exact, std::int64_t begin_unix_ms,
                   std::int64_t end_unix_ms);

/// What a subscription of kind spike would have told: so many days, between two instants in which
/// so many articles met its query.
Json spike_estimate_json(std::uint64_t days, std::uint64_t articles, std::int64_t begin_unix_ms,
                         std::int64_t end_unix_ms);

}  // namespace vigie::indexer::api
