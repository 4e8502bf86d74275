#include "indexer/delivery/kinds.h"

#include <algorithm>
#include <array>

#include "platform/url/url.h"

namespace vigie::indexer::delivery {
namespace {

// A table: one row a kind.
constexpr std::array<Kind, 8> kKinds{{
    {.type = "webhook"},
    {.type = "email", .secret = Secret::kIsOwn, .has_url = false},
    {.type = "slack", .secret = Secret::kIsUrl},
    {.type = "teams", .secret = Secret::kIsUrl},
    {.type = "matrix", .secret = Secret::kToken, .recipient = "room", .needs_token = true},
    {.type = "telegram",
     .secret = Secret::kToken,
     .default_url = "https://api.telegram.org",
     .recipient = "chat",
     .needs_token = true},
    {.type = "ntfy",
     .secret = Secret::kToken,
     .default_url = "https://ntfy.sh",
     .recipient = "topic"},
    {.type = "discord", .secret = Secret::kIsUrl},
}};

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

const Kind* kind_of(std::string_view type) {
  const auto found = std::ranges::find(kKinds, type, &Kind::type);
  return found == kKinds.end() ? nullptr : &*found;
}

std::string kind_names() {
  std::string out;
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (i > 0) out += i + 1 == kKinds.size() ? " or " : ", ";
    out += kKinds[i].type;
  }
  return out;
}

bool has_member(const Kind& kind, std::string_view member) {
  if (member == "url") return kind.has_url;
  if (member == "address") return kind.type == "email";
  if (member == "secret" || member == "rotate_secret") return kind.secret == Secret::kSigns;
  if (member == "token") return kind.secret == Secret::kToken;
  return !member.empty() && member == kind.recipient;
}

std::string masked_url(std::string_view url) {
  const auto parsed = url::parse(url);
  if (!parsed || !parsed->host) return std::string(kMaskedPath);
  std::string out = parsed->scheme + "://" + *parsed->host;
  if (parsed->port) out += ":" + std::to_string(*parsed->port);
  return out + std::string(kMaskedPath);
}

bool same_destination(const v1::Channel& a, const v1::Channel& b) {
  const Kind* kind = kind_of(a.type());
  // a receiver of webhooks is where it was whatever it is signed with; a service that refused a
  // token may take the next
  const bool by_secret =
      kind != nullptr && (kind->secret == Secret::kIsUrl || kind->secret == Secret::kToken);
  return a.type() == b.type() && a.url() == b.url() && a.address() == b.address() &&
         a.recipient() == b.recipient() && (!by_secret || a.secret() == b.secret());
}

}  // namespace vigie::indexer::delivery
