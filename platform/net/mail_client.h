#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "platform/result/result.h"

namespace vigie::net {

/// One mail to one mailbox.
struct MailRequest {
  std::string from;  // envelope: a mailbox, without name and brackets
  std::string to;
  std::string data;  // RFC 5322, lines end in CR LF; the client does dot-stuffing
};

/// What the server said last. Source: RFC 5321 §4.2.
struct MailResponse {
  int status = 0;     // reply code: 250, 450, 550 …
  std::string text;   // the last reply line, code included, at most 512 bytes
  std::string stage;  // the command that it answered: EHLO, AUTH, MAIL, RCPT, DATA, "." …
};

/// The seam for outgoing mail. Thread-safe. `done` is called exactly once, on a thread of the
/// client; it must be quick. A reply of the server, whatever it is, is a response; errors are what
/// came instead (kRetry): dns, connect, tls, timeout_total, reset, protocol, wrong_credentials;
/// busy, where kMostWaiting mails wait; stopped, when the client is being destroyed.
class MailClient {
 public:
  virtual ~MailClient() = default;
  using Done = std::function<void(Result<MailResponse>)>;
  virtual void start(MailRequest request, Done done) = 0;
};

/// The mail server of the operator; it is not judged by address.
struct MailOptions {
  std::string url;       // smtp://HOST[:PORT] or smtps://HOST[:PORT]
  std::string username;  // "": no AUTH
  std::string password;
  std::string ca_file;      // PEM, beside nothing else; "": the system's
  std::string hello;        // the domain of EHLO
  bool require_tls = true;  // smtp://: STARTTLS or nothing is sent; false: where it is offered
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds total{
      30'000};  // of one mail; the clocks of RFC 5321 §4.5.3.2 are longer
  /// After a failure to reach the server or to sign in, what waits fails with it for so long: a
  /// server that is down takes no place from the channels that work.
  std::chrono::milliseconds rest{10'000};
  std::size_t connections = 4;
};

inline constexpr std::size_t kMostWaiting = 1'000;

/// By libcurl. A connection is used for one mail after the other.
std::unique_ptr<MailClient> make_mail_client(MailOptions options);

}  // namespace vigie::net
