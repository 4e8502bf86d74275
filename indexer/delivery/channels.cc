#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "indexer/delivery/delivery.h"
#include "indexer/delivery/mime.h"
#include "platform/net/address.h"
#include "platform/text/ascii.h"
#include "platform/text/visible.h"
#include "platform/url/url.h"

namespace vigie::indexer::delivery {
namespace {

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

bool is_allowed_literal(const std::string& host, const AllowedNetworks& allowed) {
  return allowed && may_be_contacted(host, *allowed).value_or(false);
}

/// `shown`: what an error may say of the URL. Errors: bad_channel_url.
Result<void> check_url(const std::string& written, const std::string& what,
                       const std::string& shown, bool is_secret, const AllowedNetworks& allowed) {
  if (written.size() > kMaxUrlBytes)
    return refusal("bad_channel_url",
                   what + " has at most " + std::to_string(kMaxUrlBytes) + " bytes");
  if (!is_written_plainly(written))
    return refusal("bad_channel_url",
                   what +
                       " holds no spaces, line breaks, quotes, < > or backslashes; write them "
                       "percent-encoded");
  if (text::visible_line(written) != written)
    return refusal("bad_channel_url", what + " holds signs that no reader sees; leave them out");
  const auto url = url::parse(written);
  // A reader of URLs takes https:host and https:///host for https://host.
  const std::string_view rest =
      std::string_view(written).substr(url ? url->scheme.size() : written.size());
  if (!url || !url->is_http() || !url->host || url->host->empty() || !rest.starts_with("://") ||
      rest.starts_with(":///"))
    return refusal("bad_channel_url", what + " must be an absolute http or https URL");
  if (url->effective_port() == 0)
    return refusal("bad_channel_url", what + " has the port 0, on which nobody listens");
  if (!url->username.empty() || !url->password.empty())
    return refusal("bad_channel_url", what + " must not hold a user name or a password");
  if (allowed && !may_be_contacted(*url->host, *allowed).value_or(true))
    return refusal("bad_channel_url",
                   shown +
                       " is in a network that receives no webhooks; webhook.allow_networks "
                       "lets the operator allow it");
  // an address that the operator allowed is a server of the house, or a test
  if (is_secret && url->scheme != "https" && !is_allowed_literal(*url->host, allowed))
    return refusal("bad_channel_url",
                   what + " must be https: it carries a secret that others must not read");
  return {};
}

bool is_visible_word(const std::string& text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// Room, chat or topic. Errors: bad_subscription.
Result<void> check_recipient(const Kind& kind, const std::string& recipient) {
  if (kind.recipient.empty()) return {};
  const auto bad = [&](std::string_view rule) {
    return refusal("bad_subscription", "the " + std::string(kind.recipient) +
                                           " of a channel of type " + std::string(kind.type) +
                                           " is " + std::string(rule));
  };
  if (kind.recipient == "room") {
    // an alias would have to be resolved; ids are what the API takes
    const bool fits = is_visible_word(recipient, 255) && recipient.front() == '!';
    return fits ? Result<void>()
                : bad("the id of a room, such as !abc:example.org, from its settings");
  }
  if (kind.recipient == "chat") {
    const std::string_view digits =
        std::string_view(recipient).substr(recipient.starts_with('-') ? 1 : 0);
    const bool is_number = !digits.empty() && digits.size() <= 18 &&
                           std::all_of(digits.begin(), digits.end(), text::ascii::is_digit);
    const bool is_name = is_visible_word(recipient, 64) && recipient.front() == '@' &&
                         std::all_of(recipient.begin() + 1, recipient.end(), is_plain);
    return is_number || (is_name && recipient.size() > 1)
               ? Result<void>()
               : bad("the number of a chat or the @name of a channel");
  }
  // "Publish": ^[-_A-Za-z0-9]{1,64}$
  const bool fits = !recipient.empty() && recipient.size() <= 64 &&
                    std::all_of(recipient.begin(), recipient.end(), is_plain);
  return fits ? Result<void>() : bad("1 to 64 letters, digits, - and _");
}

Result<void> check_token(const Kind& kind, const std::string& token) {
  if (token.empty() && !kind.needs_token) return {};
  // it goes into a header or a path
  const bool fits =
      is_visible_word(token, 512) && std::all_of(token.begin(), token.end(), [](char c) {
        return is_plain(c) || std::string_view(":.~+/=").find(c) != std::string_view::npos;
      });
  const bool is_bot = kind.type != "telegram" || token.find('/') == std::string::npos;
  if (fits && is_bot) return {};
  return refusal("bad_secret", "the token of a channel of type " + std::string(kind.type) +
                                   " is the access token that the service gave, without spaces");
}

}  // namespace

Result<void> check_channel(const v1::Channel& channel, const AllowedNetworks& allowed) {
  const std::string& id = channel.id();
  if (id.empty() || id.size() > kMaxIdBytes || !std::all_of(id.begin(), id.end(), is_plain)) {
    return refusal(
        "bad_subscription",
        "the id of a channel is 1 to 64 letters, digits, - and _; leave it out to have one made");
  }
  const Kind* kind = kind_of(channel.type());
  if (kind == nullptr)
    return refusal("unsupported_channel", "the type of a channel is " + kind_names());
  const std::string what = "the url of a channel of type " + channel.type();
  if (kind->secret == Secret::kIsUrl)
    return check_url(channel.secret(), what, masked_url(channel.secret()), true, allowed);
  if (kind->has_url)
    VIGIE_TRY(
        check_url(channel.url(), what, channel.url(), kind->secret == Secret::kToken, allowed));
  VIGIE_TRY(check_recipient(*kind, channel.recipient()));
  if (kind->secret == Secret::kToken) return check_token(*kind, channel.secret());
  if (channel.type() == "email") {
    VIGIE_ASSIGN(const Mailbox mailbox, read_mailbox(channel.address()));
    if (channel.address().find('<') != std::string::npos || mailbox.address.empty())
      return refusal("bad_subscription", "the address of a channel is NAME@DOMAIN alone");
  }
  return check_secret(channel.secret());
}

}  // namespace vigie::indexer::delivery
