#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "indexer/delivery/delivery.h"
#include "indexer/delivery/notice.h"
#include "platform/net/http_client.h"
#include "platform/net/mail_client.h"

/// One adapter a kind of channel: what is sent, and what the service means by its response. Private
/// to indexer/delivery.
namespace vigie::indexer::delivery {

/// What an adapter composes from.
struct Envelope {
  const Message& message;
  const Notice& notice;
  const SendOptions& options;
  std::int64_t now_unix_ms = 0;
};

using Outgoing = std::variant<net::HttpRequest, net::MailRequest>;

/// What came back, of HTTP or SMTP.
struct ServiceResponse {
  std::uint32_t status = 0;  // of HTTP, or a reply code of SMTP
  std::string body;          // the beginning; of SMTP the last reply line
  std::string retry_after;   // the header, as it was written
  std::string stage;         // SMTP: the command that was answered
  std::int64_t now_unix_ms = 0;
};

class Adapter {
 public:
  virtual ~Adapter() = default;
  /// Pure: the same envelope gives the same bytes, but for what an adapter says of `now`. Errors
  /// (kQuarantine): of a channel to which nothing can be sent; the detail holds no secret.
  virtual Result<Outgoing> compose(const Envelope& envelope) const = 0;
  /// Pure. `error` says what the service answered, without secrets.
  virtual Attempt attempt_of(const ServiceResponse& response) const = 0;
};

/// Null for a type that there is not. The adapters are stateless and live as long as the program.
const Adapter* adapter_of(std::string_view type);

const Adapter& webhook_adapter();
const Adapter& email_adapter();
const Adapter& slack_adapter();
const Adapter& teams_adapter();
const Adapter& matrix_adapter();
const Adapter& telegram_adapter();
const Adapter& ntfy_adapter();
const Adapter& discord_adapter();

/// A POST of JSON with the limits that every receiver has.
net::HttpRequest json_post(std::string url, std::string body);

/// The rules that all services share: 2xx is delivered, 410 gone, 429 and 5xx fail for now with
/// Retry-After in seconds or as a date (RFC 9110 §10.2.3). Everything else fails for now.
Attempt attempt_of_http(const ServiceResponse& response);
/// `attempt` with another outcome and what the service said, at most 256 bytes of it.
Attempt gone(Attempt attempt, std::string_view why);
Attempt refused(Attempt attempt, std::string_view why);
/// Sets `retry_after` from seconds, bounded; nothing for what is no positive number.
void set_retry_after(Attempt& attempt, double seconds);

}  // namespace vigie::indexer::delivery
