#include "indexer/subscriptions/channels.h"

#include <algorithm>
#include <array>

#include "platform/text/base64.h"
#include "platform/url/url.h"

namespace vigie::indexer::subscriptions {
namespace {

constexpr std::array<std::string_view, 4> kOtherTypes{"email", "slack", "teams", "matrix"};
constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kMinSecretBytes = 24;  // Standard Webhooks: 24 to 64 bytes
constexpr std::size_t kMaxSecretBytes = 64;
constexpr std::size_t kMaxIdBytes = 64;

tl::unexpected<Error> bad(std::string detail) { return failure(Disposition::kQuarantine, "bad_subscription", std::move(detail)); }

Result<void> check_secret(std::string_view secret) {
  const std::string wrong = "a webhook secret is whsec_ and the base64 of 24 to 64 bytes; leave it out to have one made";
  if (!secret.starts_with(kSecretPrefix)) return bad(wrong);
  const auto bytes = text::base64_decode(secret.substr(kSecretPrefix.size()));
  if (!bytes || bytes->size() < kMinSecretBytes || bytes->size() > kMaxSecretBytes) return bad(wrong);
  return {};
}

}  // namespace

Result<void> check_channel(const v1::Channel& channel, const Limits& limits) {
  const bool plain_id = std::all_of(channel.id().begin(), channel.id().end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (channel.id().empty() || channel.id().size() > kMaxIdBytes || !plain_id) {
    return bad("the id of a channel is 1 to 64 letters, digits, - and _; leave it out to have one made");
  }
  if (std::find(kOtherTypes.begin(), kOtherTypes.end(), channel.type()) != kOtherTypes.end()) {
    return bad("this version does not deliver to channels of type " + channel.type() +
               "; use a webhook, or follow the alerts by /v1/stream or the subscription's feed.atom");
  }
  if (channel.type() != "webhook") return bad("the type of a channel must be webhook");
  if (channel.url().size() > limits.url_bytes) return bad("the url of a webhook has at most " + std::to_string(limits.url_bytes) + " bytes");
  const auto url = url::parse(channel.url());
  if (!url || !url->is_http() || !url->host || url->host->empty()) return bad("the url of a webhook must be an absolute http or https URL");
  if (!url->username.empty() || !url->password.empty()) return bad("the url of a webhook must not hold a user name or a password; the secret signs each delivery");
  return check_secret(channel.secret());
}

}  // namespace vigie::indexer::subscriptions
