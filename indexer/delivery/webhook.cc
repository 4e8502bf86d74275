#include <algorithm>
#include <charconv>

#include "indexer/delivery/delivery.h"
#include "indexer/delivery/metrics.h"
#include "platform/dates/dates.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout{5'000};
constexpr std::chrono::milliseconds kTotalTimeout{15'000};  // Standard Webhooks: 15 to 30 s
// nobody reads the body; the status says all
constexpr std::size_t kResponseBytes = 16ULL << 10;
constexpr std::size_t kErrorBytes = 256;

// A date in Retry-After is not worth the trouble of a clock that may differ.
std::optional<std::chrono::milliseconds> retry_after(const net::HttpResponse& response) {
  return dates::retry_after_seconds(
      response.header("retry-after"),
      std::chrono::duration_cast<std::chrono::seconds>(kMaxRetryAfter));
}

Attempt attempt_of(const Result<net::HttpResponse>& response) {
  Attempt attempt;
  if (!response) {
    attempt.error = text::prefix(response.error().to_string(), kErrorBytes);
    return attempt;
  }
  attempt.status = static_cast<std::uint32_t>(response->status);
  if (response->status >= 200 && response->status < 300) {
    attempt.outcome = Outcome::kDelivered;
    return attempt;
  }
  attempt.error = "the receiver answered " + std::to_string(response->status);
  if (response->status == 410) {
    attempt.outcome = Outcome::kGone;
    return attempt;
  }
  if (response->status >= 300 && response->status < 400)
    attempt.error += "; redirects are not followed, give the final URL";
  attempt.retry_after = retry_after(*response);
  return attempt;
}

class WebhookSender final : public Sender {
 public:
  WebhookSender(net::HttpClient& client, Clock& clock, metrics::Registry& registry)
      : client_(client), clock_(clock), metrics_(registry) {}

  void send(const Message& message, Done done) override {
    Attempt refused;
    if (message.channel.type() != "webhook") {
      refused.outcome = Outcome::kGone;
      refused.error = "this version delivers to channels of type webhook only";
      return done(std::move(refused));
    }
    net::HttpRequest request;
    request.method = "POST";
    request.url = message.channel.url();
    request.body = cloud_event(message);
    const std::int64_t now_seconds = clock_.now_unix_ms() / 1000;
    const Result<std::string> signature =
        sign(message.channel.secret(), message.delivery_id, now_seconds, request.body);
    if (!signature) {
      refused.outcome = Outcome::kGone;
      refused.error = signature.error().detail;
      return done(std::move(refused));
    }
    request.headers = {{"content-type", "application/cloudevents+json; charset=utf-8"},
                       {"webhook-id", message.delivery_id},
                       {"webhook-timestamp", std::to_string(now_seconds)},
                       {"webhook-signature", *signature}};
    request.limits.connect = kConnectTimeout;
    request.limits.total = kTotalTimeout;
    request.limits.decoded_bytes = kResponseBytes;
    const auto begin = clock_.since_boot();
    // The response may come when this sender has gone: it refers only to what outlives the client's
    // calls.
    client_.start(std::move(request), [begin, done = std::move(done), &clock = clock_,
                                       &seconds = metrics_.attempt_seconds](
                                          const Result<net::HttpResponse>& response) {
      seconds.observe(std::chrono::duration<double>(clock.since_boot() - begin).count());
      done(attempt_of(response));
    });
  }

 private:
  net::HttpClient& client_;
  Clock& clock_;
  DeliveryMetrics metrics_;
};

}  // namespace

std::unique_ptr<Sender> make_sender(net::HttpClient& client, Clock& clock,
                                    metrics::Registry& registry) {
  return std::make_unique<WebhookSender>(client, clock, registry);
}

}  // namespace vigie::indexer::delivery
