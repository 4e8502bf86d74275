#pragma once

#include <string>
#include <string_view>

#include "platform/result/result.h"
#include "proto/subscription.pb.h"

/// What a subscription is told of: articles that meet its query, or days that are unusual for it.
namespace vigie::indexer::subscriptions {

inline constexpr std::string_view kArticles = "articles";  // also where a record says nothing
inline constexpr std::string_view kSpike = "spike";

/// Brings kind, sensitivity, drops and one_per_event of a draft into their one spelling: a kind of
/// articles is "", a spike without sensitivity has "medium". `before`: the record that it replaces,
/// or nullptr. Pure.
/// Errors: kQuarantine bad_subscription, naming the nearest: a kind or a sensitivity that there is
/// not; a member that the kind does not have; another kind than before.
Result<void> settle_kind(v1::SubscriptionRecord& record, const v1::SubscriptionRecord* before);

}  // namespace vigie::indexer::subscriptions
