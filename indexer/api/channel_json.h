#pragma once

#include <cstddef>

#include "platform/json/json.h"
#include "platform/result/result.h"
#include "proto/subscription.pb.h"

/// Channels as the API writes and reads them: the members of their kind. Private to indexer/api.
namespace vigie::indexer::api {

/// A channel of a body that fits its schema, and of which member `place` (channels[PLACE]) it is.
/// A token is kept where secrets are. Errors (kQuarantine): unknown_member, naming it, for one that
/// the channel's kind does not have.
Result<v1::Channel> read_channel(const Json& given, std::size_t place);

/// With the members of its kind. Of secrets the webhook's alone is ever shown, `with_secret`.
Json channel_json(const v1::Channel& channel, bool with_secret);

}  // namespace vigie::indexer::api
