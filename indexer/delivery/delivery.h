#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/delivery/notice.h"
#include "platform/clock/clock.h"
#include "platform/metrics/metrics.h"
#include "platform/net/address.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"
#include "proto/digest.pb.h"
#include "proto/match.pb.h"
#include "proto/subscription.pb.h"

/// Channels: how an alert leaves vigie. One attempt each; when to try again is the alerter's
/// business.
namespace vigie::indexer::delivery {

/// What a channel is told.
struct Message {
  std::string delivery_id;  // the webhook-id: the same at every attempt
  v1::Channel channel;
  std::string subscription_id;
  std::string subscription_name;
  v1::MatchRecord match;
  bool sample = false;                  // made by POST …/test
  std::string subscription_query = {};  // as typed
  /// What is told, where it is not this one match: a digest. Nothing: notice_of(message).
  std::optional<Notice> notice = {};
  std::optional<v1::Digest> digest = {};  // what `notice` was made of, for programs
};

enum class Outcome {
  kDelivered,  // 2xx
  kFailed,     // anything else: try again later
  kGone,       // 410: switch the channel off
};

struct Attempt {
  Outcome outcome = Outcome::kFailed;
  std::uint32_t status = 0;  // HTTP status, 0 for none
  // slug and words for people; empty when delivered; at most 256 bytes
  std::string error;
  // what the receiver asked for, at most kMaxRetryAfter
  std::optional<std::chrono::milliseconds> retry_after;
};

/// The seam for sending. Thread-safe.
class Sender {
 public:
  virtual ~Sender() = default;
  using Done = std::function<void(Attempt)>;
  /// Makes one attempt. `done` is called once, from any thread, perhaps before this returns; it
  /// must be quick.
  virtual void send(const Message& message, Done done) = 0;
};

/// Sends webhooks through `client`, which judges every peer. Redirects count as failures (Standard
/// Webhooks). Both must outlive the sender.
std::unique_ptr<Sender> make_sender(net::HttpClient& client, Clock& clock,
                                    metrics::Registry& registry);

/// Networks that are not global and may be contacted all the same; nothing: addresses are not
/// judged.
using AllowedNetworks = std::optional<std::vector<net::Network>>;

/// Judges a channel, complete with id and secret, when a subscription is made or changed. An
/// address that stands in the URL is judged at once; one that a name resolves to, when it is sent.
/// Errors (kQuarantine): unsupported_channel, bad_channel_url, bad_secret, bad_subscription (its
/// id); the detail says what to change.
Result<void> check_channel(const v1::Channel& channel, const AllowedNetworks& allowed = {});

/// The rule that check_channel and sign share: whsec_ and the base64 of 8 to 128 bytes. Errors:
/// kQuarantine bad_secret.
Result<void> check_secret(std::string_view secret);

/// A new secret: "whsec_" and 32 random bytes in base64.
std::string make_secret(Random& random);

/// "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body". Errors: kQuarantine bad_secret.
/// Source: Standard Webhooks 1.0.0, "Signature scheme". Known answer: the test vector of its
/// reference libraries.
Result<std::string> sign(std::string_view secret, std::string_view webhook_id,
                         std::int64_t unix_seconds, std::string_view body);

/// The body of ops/spec/http_api.md, "Webhooks": a CloudEvent 1.0 of type vigie.alert.v1
/// (vigie.test.v1 for a sample, vigie.digest.v1 for a digest), structured mode. The same bytes at
/// every attempt.
std::string cloud_event(const Message& message);

/// HMAC (RFC 2104) with SHA-256: 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);

// a receiver cannot park a delivery for longer
inline constexpr std::chrono::milliseconds kMaxRetryAfter = std::chrono::hours(6);

}  // namespace vigie::indexer::delivery
