#include "indexer/api/channel_json.h"

#include <array>

#include "indexer/api/views.h"
#include "indexer/delivery/kinds.h"
#include "indexer/subscriptions/channel_draft.h"

namespace vigie::indexer::api {
namespace {

constexpr std::array<const char*, 8> kOwnMembers{"url",  "address", "secret", "rotate_secret",
                                                 "room", "chat",    "topic",  "token"};

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

bool says_nothing(const Json& member) {
  return member.is_null() || (member.is_bool() && !member.as_bool()) ||
         (member.is_string() && member.as_string().empty());
}

Json secret_json(const v1::Channel& channel, bool with_secret) {
  if (channel.secret().empty()) return {};
  return with_secret ? Json(channel.secret()) : Json(subscriptions::kMaskedSecret);
}

}  // namespace

Result<v1::Channel> read_channel(const Json& given, std::size_t place) {
  v1::Channel channel;
  channel.set_type(given["type"].as_string());
  const delivery::Kind* kind = delivery::kind_of(channel.type());
  if (kind == nullptr)
    return failure(Disposition::kQuarantine, "unsupported_channel",
                   "the type of a channel is " + delivery::kind_names());
  for (const char* member : kOwnMembers) {
    if (says_nothing(given[member]) || delivery::has_member(*kind, member)) continue;
    return failure(Disposition::kQuarantine, "unknown_member",
                   "channels[" + std::to_string(place) + "]." + member +
                       " is no member of a channel of type " + channel.type());
  }
  channel.set_id(given["id"].as_string());
  channel.set_url(given["url"].as_string());
  channel.set_address(given["address"].as_string());
  channel.set_secret(
      given[kind->secret == delivery::Secret::kToken ? "token" : "secret"].as_string());
  if (!kind->recipient.empty()) channel.set_recipient(given[kind->recipient].as_string());
  channel.set_disabled(given["disabled"].as_bool());
  return channel;
}

Json channel_json(const v1::Channel& channel, bool with_secret) {
  const delivery::Kind* kind = delivery::kind_of(channel.type());
  const bool signs = kind == nullptr || kind->secret == delivery::Secret::kSigns;
  Json out = Json::object({{"id", channel.id()},
                           {"type", channel.type()},
                           {"url", text_or_null(channel.url())},
                           {"address", text_or_null(channel.address())},
                           {"secret", signs ? secret_json(channel, with_secret) : Json()}});
  if (kind != nullptr && !kind->recipient.empty())
    out.set(kind->recipient, text_or_null(channel.recipient()));
  if (kind != nullptr && kind->secret == delivery::Secret::kToken)
    out.set("token", channel.secret().empty() ? Json() : Json(subscriptions::kMaskedToken));
  if (!channel.previous_secret().empty())
    out.set("old_secret_ends", time_json(channel.previous_until_unix_ms()));
  out.set("disabled", channel.disabled());
  out.set("disabled_reason", text_or_null(channel.disabled_reason()));
  return out;
}

}  // namespace vigie::indexer::api
