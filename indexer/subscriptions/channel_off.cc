#include "indexer/subscriptions/channel_off.h"

#include <algorithm>
#include <utility>

namespace vigie::indexer::subscriptions {

std::string channel_off_key(const std::string& subscription_id, const std::string& channel_id) {
  return std::string(kChannelOffPrefix) + subscription_id + "/" + channel_id;
}

bool in_force(const v1::ChannelOff& fact, const v1::Channel& channel) {
  return fact.channel_id() == channel.id() && fact.revision() >= channel.on_since_revision();
}

void ChannelFacts::put(v1::ChannelOff fact) {
  std::string key = channel_off_key(fact.subscription_id(), fact.channel_id());
  by_key_[std::move(key)] = std::move(fact);
}

void ChannelFacts::remove(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) by_key_.erase(found);
}

const v1::ChannelOff* ChannelFacts::of(const std::string& subscription_id,
                                       const v1::Channel& channel) const {
  const auto found = by_key_.find(channel_off_key(subscription_id, channel.id()));
  if (found == by_key_.end() || !in_force(found->second, channel)) return nullptr;
  return &found->second;
}

v1::SubscriptionRecord ChannelFacts::joined(v1::SubscriptionRecord record) const {
  for (v1::Channel& channel : *record.mutable_channels()) {
    const v1::ChannelOff* fact = of(record.id(), channel);
    if (fact == nullptr) continue;
    channel.set_disabled(true);
    if (channel.disabled_reason().empty()) channel.set_disabled_reason(fact->reason());
  }
  return record;
}

std::vector<std::string> ChannelFacts::dead(const Find& find, const Ours& ours) const {
  std::vector<std::string> out;
  for (const auto& [key, fact] : by_key_) {
    if (!ours(fact.subscription_id())) continue;
    const v1::SubscriptionRecord* record = find(fact.subscription_id());
    const bool holds =
        record != nullptr &&
        std::any_of(record->channels().begin(), record->channels().end(),
                    [&, &of = fact](const v1::Channel& channel) { return in_force(of, channel); });
    if (!holds) out.push_back(key);
  }
  return out;
}

}  // namespace vigie::indexer::subscriptions
