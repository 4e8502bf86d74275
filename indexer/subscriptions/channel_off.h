#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proto/subscription.pb.h"

namespace vigie::indexer::subscriptions {

/// Keys of ChannelOff in `subscriptions` begin so; ids of subscriptions have no "/".
inline constexpr std::string_view kChannelOffPrefix = "channel-off/";

/// Key of the fact in the log.
std::string channel_off_key(const std::string& subscription_id, const std::string& channel_id);

/// Whether a fact holds for the channel as a person left it: the receiver said it of this channel,
/// and nobody added it anew, pointed it elsewhere or switched it on since. Pure.
bool in_force(const v1::ChannelOff& fact, const v1::Channel& channel);

/// The facts of all channels: what receivers said, beside what people said. Not thread-safe.
class ChannelFacts {
 public:
  void put(v1::ChannelOff fact);
  void remove(std::string_view key);
  /// The fact that holds for a channel; null if none does.
  const v1::ChannelOff* of(const std::string& subscription_id, const v1::Channel& channel) const;
  /// The record with the channels off that a fact switches off.
  v1::SubscriptionRecord joined(v1::SubscriptionRecord record) const;

  /// Keys of the facts of subscriptions that are `ours` and that never hold again. `find` gives the
  /// record of a subscription as people left it, null if there is none.
  using Find = std::function<const v1::SubscriptionRecord*(const std::string& id)>;
  using Ours = std::function<bool(const std::string& subscription_id)>;
  std::vector<std::string> dead(const Find& find, const Ours& ours) const;

 private:
  std::map<std::string, v1::ChannelOff, std::less<>> by_key_;
};

}  // namespace vigie::indexer::subscriptions
