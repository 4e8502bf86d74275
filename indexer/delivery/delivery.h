#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/delivery/kinds.h"
#include "indexer/delivery/notice.h"
#include "platform/clock/clock.h"
#include "platform/metrics/metrics.h"
#include "platform/net/address.h"
#include "platform/net/http_client.h"
#include "platform/net/mail_client.h"
#include "platform/result/result.h"
#include "proto/digest.pb.h"
#include "proto/match.pb.h"
#include "proto/spike.pb.h"
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

/// Says of an item how far its event is reported, where that is more than one article. Pure.
void tell_reach(const v1::EventReach& reach, NoticeItem& item);

/// The notice of a message: its own, else of its match. Pure.
Notice notice_of(const Message& message);

enum class Outcome {
  kDelivered,  // taken
  kFailed,     // try again later
  kRefused,    // this message will never be taken; the next may be
  kGone,       // nothing will ever be taken there: switch the channel off
};

struct Attempt {
  Outcome outcome = Outcome::kFailed;
  std::uint32_t status = 0;  // of HTTP, or the reply code of SMTP; 0 for none
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

struct SendOptions {
  net::MailClient* mail = nullptr;  // null: e-mail is not set up, and fails
  std::string mail_from = {};       // as in a From header: a mailbox, or NAME <MAILBOX>
  std::string pages_url = {};       // where people reach the pages; "": nobody said
};

/// Sends to channels of every kind; HTTP through `client`, which judges every peer. Redirects count
/// as failures (Standard Webhooks). `client`, `clock`, `registry` and the mail client must outlive
/// the sender.
std::unique_ptr<Sender> make_sender(net::HttpClient& client, Clock& clock,
                                    metrics::Registry& registry, SendOptions options = {});

/// Networks that are not global and may be contacted all the same; nothing: addresses are not
/// judged.
using AllowedNetworks = std::optional<std::vector<net::Network>>;

/// Judges a channel, complete with id and secret, when a subscription is made or changed. An
/// address that stands in the URL is judged at once; one that a name resolves to, when it is sent.
/// Errors (kQuarantine): unsupported_channel, bad_channel_url, bad_secret, bad_subscription (its
/// id, mailbox, room, chat or topic); the detail says what to change and holds no secret.
Result<void> check_channel(const v1::Channel& channel, const AllowedNetworks& allowed = {});

/// The rule that check_channel and sign share: whsec_ and the base64 of 8 to 128 bytes. Errors:
/// kQuarantine bad_secret.
Result<void> check_secret(std::string_view secret);

/// A new secret: "whsec_" and 32 random bytes in base64.
std::string make_secret(Random& random);

/// "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body". Errors: kQuarantine bad_secret.
/// Source: Standard Webhooks 1.0.0, "Signature scheme". Known result: the test vector of its
/// reference libraries.
Result<std::string> sign(std::string_view secret, std::string_view webhook_id,
                         std::int64_t unix_seconds, std::string_view body);

/// The signatures of a webhook: by its secret, and while it is being changed by the one before,
/// with a space between them (Standard Webhooks 1.0.0, "Multiple signatures"). Errors: as sign().
Result<std::string> signatures(const v1::Channel& channel, std::string_view webhook_id,
                               std::int64_t now_unix_ms, std::string_view body);
/// So long the secret before signs beside the new one.
inline constexpr std::int64_t kRotationMs = 86'400'000;

/// The body of ops/spec/http_api.md, "Webhooks": a CloudEvent 1.0 of type vigie.alert.v1
/// (vigie.test.v1 for a sample, vigie.digest.v1 for a digest, vigie.spike.v1 for a spike),
/// structured mode. The same bytes at every attempt.
std::string cloud_event(const Message& message);

/// What proves that whoever unsubscribes was sent the mail: a MAC of subscription and channel by
/// the channel's secret, 52 characters of base32.
std::string unsubscribe_token(const std::string& subscription_id, const v1::Channel& channel);

/// HMAC (RFC 2104) with SHA-256: 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);

// a receiver cannot park a delivery for longer
inline constexpr std::chrono::milliseconds kMaxRetryAfter = std::chrono::hours(6);

}  // namespace vigie::indexer::delivery
