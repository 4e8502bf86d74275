#pragma once

#include <cstdint>
#include <string_view>

#include "platform/clock/clock.h"
#include "platform/result/result.h"
#include "proto/subscription.pb.h"

/// What a person said of a channel, completed by what is known of it.
namespace vigie::indexer::subscriptions {

/// Shown instead of a secret after it was shown once.
inline constexpr std::string_view kMaskedSecret = "whsec_••••••••";
/// Shown instead of a token, always.
inline constexpr std::string_view kMaskedToken = "••••••••";

/// The channel of `record` that a draft means: the one of its id, or without an id the one that
/// sends to the same URL, mailbox, room, chat or topic; null if there is none.
const v1::Channel* known_channel(const v1::SubscriptionRecord& record, const v1::Channel& draft);

struct Completed {
  v1::Channel channel;
  bool made_secret = false;  // a secret that is told by the call that made it, and never again
};

/// Secret and URL as they are kept. A secret that is left out or masked is the known one; where
/// there is none it is made, if the kind has one that is made. A URL that is a secret becomes the
/// secret; what readers are shown takes its place. A webhook's secret that is replaced signs beside
/// the new one for a day (delivery::kRotationMs). `anew`: a new one is made whatever is known. A
/// token is kept only for the server that it was given for. Errors (kQuarantine bad_secret): it has
/// to be given again.
Result<Completed> complete_channel(v1::Channel draft, const v1::Channel* known, bool anew,
                                   std::int64_t now_unix_ms, Random& random);

}  // namespace vigie::indexer::subscriptions
