#include "crawler/websub/callbacks.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "crawler/fetch/page_check.h"
#include "crawler/websub/signature.h"
#include "crawler/websub/subscription.h"
#include "platform/secrets/hmac.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::crawler::websub {
namespace {

constexpr std::chrono::milliseconds kMinute{60'000};
constexpr std::size_t kIdBytes = 16;

std::string name_in(const http::Request& request) {
  return request.path.substr(request.path.rfind('/') + 1);
}

/// What a hub gives where it does not say for how long.
std::chrono::seconds lease_of(const std::string& text) {
  std::int64_t seconds = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, seconds);
  if (text.empty() || error != std::errc() || at != end || seconds < 0) return kWantedLease;
  return std::chrono::seconds(std::min<std::int64_t>(seconds, kLongestLease.count()));
}

}  // namespace

CallbackNames::CallbackNames(std::string key, std::string_view url) : key_(std::move(key)) {
  while (url.ends_with('/')) url.remove_suffix(1);
  url_ = url;
}

std::string CallbackNames::id(const std::string& feed, const std::string& hub,
                              const std::string& topic) const {
  const std::string made = secrets::hmac(secrets::HashKind::kSha256, key_,
                                         "callback\n" + feed + "\n" + hub + "\n" + topic);
  return proto::base32(std::string_view(made).substr(0, kIdBytes));
}

std::string CallbackNames::secret(const std::string& id) const {
  return proto::base32(secrets::hmac(secrets::HashKind::kSha256, key_, "secret\n" + id));
}

std::string CallbackNames::hash(const std::string& id) const {
  return proto::to_bytes(proto::digest128(url(id)));
}

void Callbacks::connect(std::function<void(HubCall)> sink, std::function<void(Outcome)> count) {
  sink_ = std::move(sink);
  count_ = std::move(count);
}

void Callbacks::expect(const std::string& id, Expected expected) {
  const std::lock_guard lock(mutex_);
  known_[id].expected = std::move(expected);
}

void Callbacks::forget(const std::string& id) {
  const std::lock_guard lock(mutex_);
  known_.erase(id);
}

void Callbacks::forget_all() {
  const std::lock_guard lock(mutex_);
  known_.clear();
}

void Callbacks::done(std::size_t body_bytes) {
  const std::lock_guard lock(mutex_);
  waiting_bytes_ -= std::min(waiting_bytes_, body_bytes);
}

http::Response Callbacks::refuse(Outcome outcome) {
  if (count_) count_(outcome);
  if (outcome == Outcome::kUnknown)
    return http::Response::problem(404, "not_found", "There is no such callback.");
  http::Response response =
      http::Response::problem(429, "too_many", "Too much is pushed; the feed will be polled.");
  response.headers.emplace_back("Retry-After", "60");
  return response;
}

http::Response Callbacks::verify(const http::Request& request) {
  const std::string mode = request.parameter("hub.mode").value_or("");
  const std::string topic = request.parameter("hub.topic").value_or("");
  std::string challenge = request.parameter("hub.challenge").value_or("");
  const bool is_question = mode == "subscribe" || mode == "unsubscribe";
  HubCall call;
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(name_in(request));
    if (found == known_.end() || found->second.expected.topic != topic)
      return refuse(Outcome::kUnknown);
    if (is_question && (challenge.empty() || challenge.size() > kMaxChallengeBytes))
      return http::Response::problem(400, "bad_challenge", "hub.challenge is missing or too long.");
    const bool subscribes = found->second.expected.subscribes;
    call.feed = found->second.expected.feed;
    const bool meant = subscribes ? mode == "subscribe" || mode == "denied" : mode == "unsubscribe";
    if (!meant) return refuse(Outcome::kUnknown);
    if (!subscribes) known_.erase(found);
  }
  if (mode == "denied") {
    call.kind = HubCall::Kind::kDenied;
    call.reason = request.parameter("hub.reason").value_or("");
    sink_(std::move(call));
    return http::Response::text("", "text/plain; charset=utf-8");
  }
  if (mode == "subscribe") {
    call.kind = HubCall::Kind::kVerified;
    call.lease = lease_of(request.parameter("hub.lease_seconds").value_or(""));
    sink_(std::move(call));
  }
  return http::Response::text(std::move(challenge), "text/plain; charset=utf-8");
}

bool Callbacks::is_one_too_many(Known& known) {
  const auto now = clock_.since_boot();
  if (known.in_minute == 0 || now - known.minute >= kMinute) {
    known.minute = now;
    known.in_minute = 0;
  }
  return ++known.in_minute > kMostAMinute;
}

http::Response Callbacks::push(const http::Request& request) {
  HubCall call;
  std::string secret;
  bool reads_body = false;
  const std::string id = name_in(request);
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end() || !found->second.expected.subscribes)
      return refuse(Outcome::kUnknown);
    if (is_one_too_many(found->second)) return refuse(Outcome::kTooMany);
    call.feed = found->second.expected.feed;
    secret = found->second.expected.secret;
    reads_body = found->second.expected.reads_body;
  }
  // WebSub §7.1: a wrong signature is acknowledged and passed over, so that nobody can try secrets.
  const auto taken = [] { return http::Response::text("", "text/plain; charset=utf-8", 202); };
  const Signature signature =
      judge_signature(request.header("x-hub-signature"), request.body, secret);
  if (signature == Signature::kWrong) {
    count_(Outcome::kBadSignature);
    return taken();
  }
  if (signature == Signature::kRight && reads_body) {
    call.body = request.body;
    call.charset = fetch::charset_of(request.header("content-type"));
  }
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end()) return refuse(Outcome::kUnknown);
    std::deque<std::string>& bodies = found->second.bodies;
    const std::string digest = proto::sha256(request.body);
    if (!request.body.empty() && std::find(bodies.begin(), bodies.end(), digest) != bodies.end()) {
      count_(Outcome::kRepeated);
      return taken();
    }
    if (waiting_bytes_ + call.body.size() > kMaxWaitingBytes) return refuse(Outcome::kTooMany);
    waiting_bytes_ += call.body.size();
    bodies.push_back(digest);
    if (bodies.size() > kRemembered) bodies.pop_front();
  }
  count_(Outcome::kTaken);
  sink_(std::move(call));
  return taken();
}

std::shared_ptr<http::Router> callback_router(std::shared_ptr<Callbacks> callbacks,
                                              std::string_view callback_url) {
  auto router = std::make_shared<http::Router>();
  const auto url = url::parse(callback_url);
  std::string pattern = url ? url->path : std::string();
  while (pattern.ends_with('/')) pattern.pop_back();
  pattern += "/{id}";
  router->add("GET", pattern,
              [callbacks](const http::Request& request) { return callbacks->verify(request); });
  router->add(
      "POST", pattern,
      [callbacks](const http::Request& request) { return callbacks->push(request); },
      Callbacks::kMaxBodyBytes);
  return router;
}

}  // namespace vigie::crawler::websub
