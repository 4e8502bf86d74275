#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "indexer/delivery/delivery.h"
#include "platform/net/address.h"
#include "platform/text/ascii.h"
#include "platform/url/url.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::array<std::string_view, 4> kOtherTypes{"email", "slack", "teams", "matrix"};
constexpr std::size_t kMaxIdBytes = 64;      // part of keys and of paths
constexpr std::size_t kMaxUrlBytes = 2'048;  // what receivers and their proxies take

tl::unexpected<Error> refusal(ErrorCode code, std::string detail) {
  return failure(Disposition::kQuarantine, code, std::move(detail));
}

bool is_plain(char c) { return text::ascii::is_alphanumeric(c) || c == '-' || c == '_'; }

/// Whatever a reader of URLs passes over in silence (the URL standard takes tabs, line breaks and
/// outer spaces away) would be stored, shown and perhaps copied as it was typed.
bool is_written_plainly(std::string_view url) {
  return std::none_of(url.begin(), url.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F || c == '\\' || c == '<' || c == '>' || c == '"';
  });
}

/// Nothing for a name, which is judged when it is resolved.
std::optional<bool> may_be_contacted(const std::string& host,
                                     std::span<const net::Network> allowed) {
  std::string literal = host;
  if (literal.starts_with('[')) literal = literal.substr(1, literal.size() - 2);
  if (literal == "localhost" || literal.ends_with(".localhost")) literal = "127.0.0.1";
  const auto address = net::parse_network(literal);
  if (!address) return std::nullopt;
  const auto bytes = std::as_bytes(std::span(address->address)).first(address->v6 ? 16 : 4);
  return net::may_contact(bytes, allowed).value_or(false);
}

/// Errors: bad_channel_url.
Result<void> check_url(const std::string& written, const AllowedNetworks& allowed) {
  if (written.size() > kMaxUrlBytes)
    return refusal("bad_channel_url",
                   "the url of a webhook has at most " + std::to_string(kMaxUrlBytes) + " bytes");
  if (!is_written_plainly(written))
    return refusal("bad_channel_url",
                   "the url of a webhook holds no spaces, line breaks, quotes, < > or backslashes; "
                   "write them percent-encoded");
  const auto url = url::parse(written);
  if (!url || !url->is_http() || !url->host || url->host->empty())
    return refusal("bad_channel_url", "the url of a webhook must be an absolute http or https URL");
  if (!url->username.empty() || !url->password.empty()) {
    return refusal("bad_channel_url",
                   "the url of a webhook must not hold a user name or a password; the secret signs "
                   "each delivery");
  }
  if (allowed && !may_be_contacted(*url->host, *allowed).value_or(true))
    return refusal("bad_channel_url",
                   "this address is in a network that receives no webhooks; webhook.allow_networks "
                   "lets the operator allow it");
  return {};
}

}  // namespace

Result<void> check_channel(const v1::Channel& channel, const AllowedNetworks& allowed) {
  const std::string& id = channel.id();
  if (id.empty() || id.size() > kMaxIdBytes || !std::all_of(id.begin(), id.end(), is_plain)) {
    return refusal(
        "bad_subscription",
        "the id of a channel is 1 to 64 letters, digits, - and _; leave it out to have one made");
  }
  if (std::find(kOtherTypes.begin(), kOtherTypes.end(), channel.type()) != kOtherTypes.end()) {
    return refusal(
        "unsupported_channel",
        "this version does not deliver to channels of type " + channel.type() +
            "; use a webhook, or follow the alerts by /v1/stream or the subscription's feed.atom");
  }
  if (channel.type() != "webhook")
    return refusal("unsupported_channel", "the type of a channel must be webhook");
  VIGIE_TRY(check_url(channel.url(), allowed));
  return check_secret(channel.secret());
}

}  // namespace vigie::indexer::delivery
