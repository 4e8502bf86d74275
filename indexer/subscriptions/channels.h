#pragma once

#include "indexer/subscriptions/store.h"

/// What a channel must look like.
namespace vigie::indexer::subscriptions {

/// Errors: kQuarantine bad_subscription saying what to change.
Result<void> check_channel(const v1::Channel& channel, const Limits& limits);

}  // namespace vigie::indexer::subscriptions
