#include "indexer/delivery/mime.h"

#include <algorithm>

#include "platform/dates/dates.h"
#include "platform/text/ascii.h"
#include "platform/text/base64.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "proto/identity.h"

namespace vigie::indexer::delivery {
namespace {

constexpr std::size_t kMaxAddressBytes = 254;
constexpr std::size_t kMaxLocalBytes = 64;  // RFC 5321 §4.5.3.1.1
constexpr std::size_t kLine = 76;
constexpr std::size_t kWordBytes = 45;  // 60 characters of base64, 72 with =?UTF-8?B? and ?=
constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::string_view kCrLf = "\r\n";

/// atext and dots (RFC 5322 §3.2.3).
bool is_local(std::string_view local) {
  if (local.empty() || local.size() > kMaxLocalBytes || local.front() == '.' ||
      local.back() == '.' || local.find("..") != std::string_view::npos)
    return false;
  return std::ranges::all_of(local, [](char c) {
    return text::ascii::is_alphanumeric(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  });
}

tl::unexpected<Error> no_mailbox(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_subscription", std::move(detail));
}

bool is_plain_header(std::string_view text) {
  return text.size() <= kLine && text.find("=?") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// RFC 5322 §3.3, in UTC.
std::string mail_date(std::int64_t unix_ms) {
  std::string date = dates::http_date(unix_ms);
  return date.substr(0, date.size() - 3) + "+0000";
}

/// A name is a phrase: quoted where it is plain, encoded where it is not.
std::string from_header(const Mailbox& from) {
  if (from.name.empty()) return from.address;
  std::string name = encoded_words(from.name);
  if (is_plain_header(from.name)) {
    std::string quoted = "\"";
    for (const char c : from.name) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    name = quoted + "\"";
  }
  return name + " <" + from.address + ">";
}

std::string part(const std::string& boundary, std::string_view type, std::string_view text) {
  return "--" + boundary + "\r\nContent-Type: " + std::string(type) +
         "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
         quoted_printable(text) + "\r\n";
}

}  // namespace

std::string domain_of(const std::string& address) { return address.substr(address.rfind('@') + 1); }

Result<Mailbox> read_mailbox(std::string_view written) {
  Mailbox out;
  std::string_view address = text::trim(written);
  if (std::ranges::any_of(address, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    return no_mailbox("a mailbox holds no line breaks and no other signs of control");
  if (address.ends_with('>')) {
    const std::size_t open = address.rfind('<');
    if (open == std::string_view::npos) return no_mailbox("a mailbox has no > without <");
    std::string_view name = text::trim(address.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
      name = name.substr(1, name.size() - 2);
    out.name = text::collapse_spaces(name);
    address = address.substr(open + 1, address.size() - open - 2);
  }
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || !is_local(address.substr(0, at)))
    return no_mailbox(
        "a mailbox is NAME@DOMAIN; its name holds letters, digits and signs of ASCII");
  const auto domain = url::domain_to_ascii(address.substr(at + 1), true);
  if (!domain || domain->empty() || domain->find('.') == std::string::npos)
    return no_mailbox("a mailbox ends in a domain, such as example.org");
  out.address = std::string(address.substr(0, at)) + "@" + *domain;
  if (out.address.size() > kMaxAddressBytes)
    return no_mailbox("a mailbox has at most " + std::to_string(kMaxAddressBytes) + " bytes");
  return out;
}

std::string encoded_words(std::string_view utf8) {
  if (is_plain_header(utf8)) return std::string(utf8);
  std::string out;
  while (!utf8.empty()) {
    const std::string_view word = text::prefix(utf8, kWordBytes);
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + text::base64_encode(word) + "?=";
    utf8.remove_prefix(word.size());
  }
  return out;
}

std::string quoted_printable(std::string_view utf8) {
  std::string out;
  std::size_t line = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const char c = utf8[i];
    if (c == '\n') {
      out += kCrLf;
      line = 0;
      continue;
    }
    const bool ends_line = i + 1 == utf8.size() || utf8[i + 1] == '\n';
    const bool plain = (c > 0x20 && c < 0x7F && c != '=') || (c == ' ' && !ends_line);
    const std::size_t width = plain ? 1 : 3;
    if (line + width > kLine - 1) {  // room for the sign that the line goes on
      out += "=\r\n";
      line = 0;
    }
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'=', kHex[byte >> 4U], kHex[byte & 15U]};
    }
    line += width;
  }
  return out;
}

std::string written_mail(const Mail& mail) {
  // "=_" is in no quoted-printable text (RFC 2045 §6.7, its rule 1)
  const std::string boundary = "=_" + proto::base32(proto::sha256(mail.message_id)).substr(0, 26);
  std::string out = "Date: " + mail_date(mail.unix_ms) + "\r\n";
  out += "From: " + from_header(mail.from) + "\r\n";
  out += "To: " + mail.to + "\r\n";
  out += "Subject: " + encoded_words(mail.subject) + "\r\n";
  out += "Message-ID: <" + mail.message_id + ">\r\n";
  for (const auto& [name, value] : mail.headers) out += name + ": " + value + "\r\n";
  out += "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"" + boundary +
         "\"\r\n\r\n";
  out += part(boundary, "text/plain", mail.plain);
  out += part(boundary, "text/html", mail.html);
  return out + "--" + boundary + "--\r\n";
}

}  // namespace vigie::indexer::delivery
