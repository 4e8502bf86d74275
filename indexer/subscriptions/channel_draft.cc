#include "indexer/subscriptions/channel_draft.h"

#include <utility>

#include "indexer/delivery/delivery.h"
#include "indexer/delivery/kinds.h"

namespace vigie::indexer::subscriptions {
namespace {

bool is_left_out(const std::string& secret) {
  return secret.empty() || secret == kMaskedSecret || secret == kMaskedToken;
}

bool is_url_secret(const v1::Channel& channel) {
  const delivery::Kind* kind = delivery::kind_of(channel.type());
  return kind != nullptr && kind->secret == delivery::Secret::kIsUrl;
}

bool means(const v1::Channel& draft, const v1::Channel& old) {
  if (!draft.id().empty()) return draft.id() == old.id();
  if (draft.type() != old.type()) return false;
  if (is_url_secret(draft)) return draft.url() == old.secret();
  const delivery::Kind* kind = delivery::kind_of(draft.type());
  const std::string_view url =
      draft.url().empty() && kind != nullptr ? kind->default_url : std::string_view(draft.url());
  return url == old.url() && draft.address() == old.address() &&
         draft.recipient() == old.recipient();
}

tl::unexpected<Error> again(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_secret", std::move(detail));
}

/// While the one before signs beside it, it stays known.
void keep_previous(v1::Channel& channel, const v1::Channel* known, std::int64_t now) {
  channel.clear_previous_secret();
  channel.clear_previous_until_unix_ms();
  if (known == nullptr || known->secret().empty()) return;
  if (known->secret() != channel.secret()) {
    channel.set_previous_secret(known->secret());
    channel.set_previous_until_unix_ms(now + delivery::kRotationMs);
  } else if (known->previous_until_unix_ms() > now) {
    channel.set_previous_secret(known->previous_secret());
    channel.set_previous_until_unix_ms(known->previous_until_unix_ms());
  }
}

Result<void> complete_url_secret(v1::Channel& channel, const v1::Channel* known) {
  const bool keeps = known != nullptr && !known->secret().empty() &&
                     (channel.url().empty() || channel.url() == known->url());
  if (!keeps && channel.url().ends_with(delivery::kMaskedPath))
    return again("this URL is masked, and the channel is another: give the whole URL");
  channel.set_secret(keeps ? known->secret() : channel.url());
  channel.set_url(delivery::masked_url(channel.secret()));
  return {};
}

/// Whoever may change a channel must not learn its token by pointing the channel at a server of
/// theirs.
Result<void> complete_token(v1::Channel& channel, const v1::Channel* known) {
  if (!is_left_out(channel.secret())) return {};
  const bool masked = !channel.secret().empty();
  channel.clear_secret();
  if (known == nullptr || known->secret().empty()) {
    if (masked) return again("the token is masked, and none is known: give it");
    return {};
  }
  if (known->url() != channel.url()) return again("the URL is another one: give the token again");
  channel.set_secret(known->secret());
  return {};
}

}  // namespace

const v1::Channel* known_channel(const v1::SubscriptionRecord& record, const v1::Channel& draft) {
  for (const v1::Channel& old : record.channels())
    if (means(draft, old)) return &old;
  return nullptr;
}

Result<Completed> complete_channel(v1::Channel draft, const v1::Channel* known, bool anew,
                                   std::int64_t now_unix_ms, Random& random) {
  Completed out{std::move(draft)};
  v1::Channel& channel = out.channel;
  const delivery::Kind* kind = delivery::kind_of(channel.type());
  if (kind == nullptr) return out;  // check_channel says so
  if (known != nullptr && known->type() != channel.type()) known = nullptr;
  if (channel.url().empty()) channel.set_url(std::string(kind->default_url));
  switch (kind->secret) {
    case delivery::Secret::kSigns:
      if (anew ||
          (is_left_out(channel.secret()) && (known == nullptr || known->secret().empty()))) {
        channel.set_secret(delivery::make_secret(random));
        out.made_secret = true;
      } else if (is_left_out(channel.secret())) {
        channel.set_secret(known->secret());
      }
      keep_previous(channel, known, now_unix_ms);
      break;
    case delivery::Secret::kIsOwn:
      channel.set_secret(known != nullptr && !known->secret().empty()
                             ? known->secret()
                             : delivery::make_secret(random));
      break;
    case delivery::Secret::kIsUrl: VIGIE_TRY(complete_url_secret(channel, known)); break;
    case delivery::Secret::kToken: VIGIE_TRY(complete_token(channel, known)); break;
  }
  return out;
}

}  // namespace vigie::indexer::subscriptions
