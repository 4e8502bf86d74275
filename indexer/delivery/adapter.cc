#include "indexer/delivery/adapter.h"

#include <algorithm>
#include <cmath>

#include "platform/dates/dates.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout{5'000};
constexpr std::chrono::milliseconds kTotalTimeout{15'000};  // Standard Webhooks: 15 to 30 s
constexpr std::size_t kResponseBytes = 16ULL << 10;
constexpr std::size_t kErrorBytes = 256;

std::string said(std::string_view why) { return text::ellipsize(text::visible_line(why), 160); }

}  // namespace

const Adapter* adapter_of(std::string_view type) {
  const std::pair<std::string_view, const Adapter& (*)()> all[] = {
      {"webhook", webhook_adapter}, {"email", email_adapter},     {"slack", slack_adapter},
      {"teams", teams_adapter},     {"matrix", matrix_adapter},   {"telegram", telegram_adapter},
      {"ntfy", ntfy_adapter},       {"discord", discord_adapter},
  };
  for (const auto& [name, adapter] : all)
    if (name == type) return &adapter();
  return nullptr;
}

net::HttpRequest json_post(std::string url, std::string body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.body = std::move(body);
  request.headers = {{"content-type", "application/json; charset=utf-8"}};
  request.limits.connect = kConnectTimeout;
  request.limits.total = kTotalTimeout;
  // a receiver that works before it answers sends nothing meanwhile
  request.limits.stall = kTotalTimeout;
  request.limits.decoded_bytes = kResponseBytes;
  return request;
}

void set_retry_after(Attempt& attempt, double seconds) {
  if (!(seconds >= 0)) return;  // NaN, too
  const double most = std::chrono::duration<double>(kMaxRetryAfter).count();
  attempt.retry_after = std::chrono::milliseconds(
      static_cast<std::int64_t>(std::ceil(std::min(seconds, most) * 1000.0)));
}

Attempt attempt_of_http(const ServiceResponse& response) {
  Attempt attempt;
  attempt.status = response.status;
  if (response.status >= 200 && response.status < 300) {
    attempt.outcome = Outcome::kDelivered;
    return attempt;
  }
  attempt.error = "the receiver answered " + std::to_string(response.status);
  if (response.status == 410) {
    attempt.outcome = Outcome::kGone;
    return attempt;
  }
  if (response.status >= 300 && response.status < 400)
    attempt.error += "; redirects are not followed, give the final URL";
  attempt.retry_after =
      dates::retry_after(response.retry_after, response.now_unix_ms, kMaxRetryAfter);
  return attempt;
}

Attempt gone(Attempt attempt, std::string_view why) {
  attempt.outcome = Outcome::kGone;
  attempt.error = text::ellipsize(
      "the service answered " + std::to_string(attempt.status) + ": " + said(why), kErrorBytes);
  attempt.retry_after.reset();
  return attempt;
}

Attempt refused(Attempt attempt, std::string_view why) {
  attempt = gone(std::move(attempt), why);
  attempt.outcome = Outcome::kRefused;
  return attempt;
}

}  // namespace vigie::indexer::delivery
