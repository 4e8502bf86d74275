#include "crawler/websub/subscription.h"

#include <algorithm>

#include "crawler/fetch/retry_schedule.h"
#include "platform/http/http.h"
#include "platform/text/utf8.h"

namespace vigie::crawler::websub {
namespace {

/// Of what a hub says, in a message.
constexpr std::size_t kMaxWhyBytes = 300;
/// Of a lease, when the hub is asked for the next one.
constexpr int kRenewShare = 5;

void set_state(v1::HubSubscription& subscription, const char* state, std::int64_t now_unix_ms) {
  if (subscription.state() == state) return;
  subscription.set_state(state);
  subscription.set_since_unix_ms(now_unix_ms);
}

}  // namespace

v1::HubSubscription begin(const std::string& hub, const std::string& topic,
                          const std::string& callback, std::int64_t now_unix_ms) {
  v1::HubSubscription out;
  out.set_hub(hub);
  out.set_topic(topic);
  out.set_callback(callback);
  out.set_next_ask_unix_ms(now_unix_ms);
  set_state(out, kAsked, now_unix_ms);
  return out;
}

void note_taken(v1::HubSubscription& subscription, std::int64_t now_unix_ms) {
  subscription.set_asked_at_unix_ms(now_unix_ms);
  subscription.set_next_ask_unix_ms(now_unix_ms + kVerifyTime.count());
  if (!is_active(subscription, now_unix_ms)) set_state(subscription, kAsked, now_unix_ms);
}

void note_verified(v1::HubSubscription& subscription, std::chrono::seconds lease,
                   std::int64_t now_unix_ms) {
  const std::chrono::milliseconds held =
      std::clamp(lease, std::chrono::seconds(1), std::chrono::seconds(kLongestLease));
  subscription.set_lease_until_unix_ms(now_unix_ms + held.count());
  subscription.set_next_ask_unix_ms(now_unix_ms + held.count() - held.count() / kRenewShare);
  subscription.set_failures(0);
  subscription.clear_last_error();
  set_state(subscription, kActive, now_unix_ms);
}

void note_failed(v1::HubSubscription& subscription, bool refused, std::string_view why,
                 std::int64_t now_unix_ms) {
  subscription.set_failures(subscription.failures() + 1);
  subscription.set_last_error(text::ellipsize(text::collapse_spaces(why), kMaxWhyBytes));
  const auto wait = fetch::backoff({kFirstRetry, kLastRetry}, subscription.failures());
  subscription.set_asked_at_unix_ms(now_unix_ms);
  std::int64_t next = now_unix_ms + wait.count();
  // A hub that fails to renew still pushes until the lease ends, and is asked again in time.
  if (is_active(subscription, now_unix_ms) && !refused) {
    const std::int64_t left = subscription.lease_until_unix_ms() - now_unix_ms;
    next = std::min(next, now_unix_ms + std::max<std::int64_t>(1'000, left / 2));
  } else {
    subscription.clear_lease_until_unix_ms();
    subscription.set_proofs(0);
    set_state(subscription, refused ? kRefused : kFailed, now_unix_ms);
  }
  subscription.set_next_ask_unix_ms(next);
}

bool is_silent(const v1::HubSubscription& subscription, std::int64_t now_unix_ms) {
  const std::int64_t asked = subscription.asked_at_unix_ms();
  return subscription.state() == kAsked && asked != 0 && now_unix_ms - asked >= kVerifyTime.count();
}

bool is_active(const v1::HubSubscription& subscription, std::int64_t now_unix_ms) {
  return subscription.state() == kActive && now_unix_ms < subscription.lease_until_unix_ms();
}

std::string form_of(const HubRequest& request) {
  const auto field = [](std::string_view name, std::string_view value) {
    return std::string(name) + "=" + http::percent_encode(value);
  };
  std::string out = field("hub.mode", request.mode) + "&" + field("hub.topic", request.topic) +
                    "&" + field("hub.callback", request.callback);
  if (request.mode == "subscribe") {
    out += "&" + field("hub.lease_seconds", std::to_string(kWantedLease.count()));
    if (!request.secret.empty()) out += "&" + field("hub.secret", request.secret);
  }
  return out;
}

}  // namespace vigie::crawler::websub
