#include <algorithm>
#include <array>

#include "indexer/delivery/delivery.h"
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

}  // namespace

Result<void> check_channel(const v1::Channel& channel) {
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
  if (channel.url().size() > kMaxUrlBytes)
    return refusal("bad_channel_url",
                   "the url of a webhook has at most " + std::to_string(kMaxUrlBytes) + " bytes");
  const auto url = url::parse(channel.url());
  if (!url || !url->is_http() || !url->host || url->host->empty())
    return refusal("bad_channel_url", "the url of a webhook must be an absolute http or https URL");
  if (!url->username.empty() || !url->password.empty()) {
    return refusal("bad_channel_url",
                   "the url of a webhook must not hold a user name or a password; the secret signs "
                   "each delivery");
  }
  return check_secret(channel.secret());
}

}  // namespace vigie::indexer::delivery
