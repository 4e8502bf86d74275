#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proto/subscription.pb.h"

/// The kinds of channels and what a person says of each. One table: the checks, the API and the
/// masks read it.
namespace vigie::indexer::delivery {

enum class Secret {
  kSigns,  // made here, told once: whsec_…
  kIsUrl,  // the URL itself: whoever has it may post
  kToken,  // given by a person for the service
  kIsOwn,  // made here, told to nobody
};

/// A row of the table. Members are those of a channel in the API.
struct Kind {
  std::string_view type;
  Secret secret = Secret::kSigns;
  bool has_url = true;
  std::string_view default_url = {};  // of a service that has one; else a URL is needed
  std::string_view recipient = {};    // name of the member: room, chat, topic; "": none
  bool needs_token = false;           // of kToken
};

std::span<const Kind> kinds();
/// Null for a type that there is not.
const Kind* kind_of(std::string_view type);
/// "webhook, email, … or discord".
std::string kind_names();

/// Whether a channel of a kind has a member of the API of this name. Those that every kind has (id,
/// type, disabled …) are not asked for.
bool has_member(const Kind& kind, std::string_view member);

/// What readers are shown of a secret URL: its origin, and that there is more.
std::string masked_url(std::string_view url);
/// Ends the shown form of a URL that is a secret.
inline constexpr std::string_view kMaskedPath = "/••••••••";

/// Whether two states of a channel send to the same place: a change of anything else leaves a
/// channel off that its receiver switched off.
bool same_destination(const v1::Channel& a, const v1::Channel& b);

}  // namespace vigie::indexer::delivery
