#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/result/result.h"

/// Mail as it goes over the wire: RFC 5322, 2045 to 2047. Pure.
namespace vigie::indexer::delivery {

/// A mailbox with the name before it, as people write a From.
struct Mailbox {
  std::string name;     // UTF-8, "" for none
  std::string address;  // local@domain
};

/// "alerts@example.org" or "vigie <alerts@example.org>". Errors (kQuarantine bad_subscription): a
/// local part that is not ASCII or needs quotes, no domain, more than 254 bytes (RFC 5321
/// §4.5.3.1.3). A domain of other scripts is taken as IDNA has it.
Result<Mailbox> read_mailbox(std::string_view text);

/// "domain" of local@domain.
std::string domain_of(const std::string& address);

/// A header's text in ASCII: encoded words of UTF-8 in base64, each at most 75 characters and of
/// whole code points, where it is not plain (RFC 2047 §2, §5). Folded.
std::string encoded_words(std::string_view utf8);

/// Lines of at most 76 characters that end in CR LF (RFC 2045 §6.7).
std::string quoted_printable(std::string_view utf8);

struct Mail {
  Mailbox from;
  std::string to;
  std::string subject;
  std::string message_id;  // without brackets
  std::int64_t unix_ms = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // further ones, ASCII, in one line
  std::string plain;
  std::string html;
};

/// multipart/alternative, the same bytes for the same mail.
std::string written_mail(const Mail& mail);

}  // namespace vigie::indexer::delivery
