#include "platform/url/host.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include "platform/text/ascii.h"
#include "platform/url/percent.h"
#include "platform/url/url.h"

namespace vigie::url {
namespace {

constexpr std::size_t kIpv6Pieces = 8;
constexpr std::uint64_t kIpv4Count = 1ULL << 32;

tl::unexpected<Error> bad_host(std::string_view why, std::string_view host) {
  return failure(Disposition::kQuarantine, "bad_host",
                 "the host " + std::string(why) + "; correct the URL",
                 std::string(host.substr(0, 256)));
}

using text::ascii::is_digit;

bool is_forbidden_host_byte(unsigned char byte) {
  return byte == 0 || std::string_view("\t\n\r #/:<>?@[\\]^|").find(static_cast<char>(byte)) !=
                          std::string_view::npos;
}

bool is_forbidden_domain_byte(unsigned char byte) {
  return is_forbidden_host_byte(byte) || byte <= 0x1F || byte == '%' || byte == 0x7F;
}

std::vector<std::string_view> split_at_dots(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

/// The standard's IPv4 number parser: decimal, octal after 0, hexadecimal after 0x. Saturates at
/// 2^32, which is no valid part anyway.
std::optional<std::uint64_t> parse_ipv4_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  unsigned base = 10;
  if (text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    text.remove_prefix(2);
    base = 16;
  } else if (text.size() >= 2 && text[0] == '0') {
    text.remove_prefix(1);
    base = 8;
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!text::ascii::is_hex_digit(c)) return std::nullopt;
    const auto digit = static_cast<unsigned>(text::ascii::hex_value(c));
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
    if (value > kIpv4Count) value = kIpv4Count;
  }
  return value;
}

bool ends_in_a_number(std::string_view host) {
  std::vector<std::string_view> parts = split_at_dots(host);
  if (parts.back().empty()) {
    if (parts.size() == 1) return false;
    parts.pop_back();
  }
  const std::string_view last = parts.back();
  bool only_digits = !last.empty();
  for (const char c : last) only_digits = only_digits && is_digit(c);
  return only_digits || parse_ipv4_number(last).has_value();
}

Result<std::string> parse_ipv4(std::string_view host) {
  std::vector<std::string_view> parts = split_at_dots(host);
  if (parts.back().empty() && parts.size() > 1) parts.pop_back();
  if (parts.size() > 4) return bad_host("ends in a number but has more than four parts", host);
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::optional<std::uint64_t> number = parse_ipv4_number(parts[i]);
    if (!number) return bad_host("ends in a number but is no IPv4 address", host);
    const bool last = i + 1 == parts.size();
    // The last part fills all bytes that the others leave.
    const std::uint64_t limit = last ? kIpv4Count >> (8 * i) : 256;
    if (*number >= limit) return bad_host("has an IPv4 part that is too large", host);
    address += last ? *number : *number << (8 * (3 - i));
  }
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += std::to_string((address >> shift) & 255);
    if (shift > 0) out += '.';
  }
  return out;
}

/// The dotted tail of an IPv6 address, "1.2.3.4", into two pieces. False if it is not exactly that.
bool parse_embedded_ipv4(std::string_view text, std::uint16_t& high, std::uint16_t& low) {
  const std::vector<std::string_view> parts = split_at_dots(text);
  if (parts.size() != 4) return false;
  std::array<unsigned, 4> bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string_view part = parts[i];
    if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) return false;
    unsigned value = 0;
    for (const char c : part) {
      if (!is_digit(c)) return false;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255) return false;
    bytes[i] = value;
  }
  high = static_cast<std::uint16_t>(bytes[0] * 256 + bytes[1]);
  low = static_cast<std::uint16_t>(bytes[2] * 256 + bytes[3]);
  return true;
}

std::string serialise_ipv6(const std::array<std::uint16_t, kIpv6Pieces>& pieces) {
  std::size_t best_start = kIpv6Pieces;
  std::size_t best_length = 1;  // a run of one zero is not compressed
  for (std::size_t i = 0; i < kIpv6Pieces;) {
    std::size_t end = i;
    while (end < kIpv6Pieces && pieces[end] == 0) ++end;
    if (end - i > best_length) {
      best_start = i;
      best_length = end - i;
    }
    i = end + 1;
  }
  std::string out = "[";
  for (std::size_t i = 0; i < kIpv6Pieces; ++i) {
    if (i == best_start) {
      out += i == 0 ? "::" : ":";
      i += best_length - 1;
      continue;
    }
    std::array<char, 4> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), pieces[i], 16);
    out.append(digits.data(), written.ptr);
    if (i + 1 < kIpv6Pieces) out += ':';
  }
  return out + "]";
}

/// `input` is without its brackets.
Result<std::string> parse_ipv6(std::string_view input) {
  std::array<std::uint16_t, kIpv6Pieces> pieces{};
  std::size_t count = 0;
  std::optional<std::size_t> compress;
  std::size_t at = 0;
  const auto bad = [&] { return bad_host("is no IPv6 address", input); };
  if (input.starts_with(':')) {
    if (!input.starts_with("::")) return bad();
    at = 2;
    compress = 0;
  }
  while (at < input.size()) {
    if (count == kIpv6Pieces) return bad();
    if (input[at] == ':') {
      if (compress) return bad();
      ++at;
      compress = count;
      continue;
    }
    unsigned value = 0;
    std::size_t length = 0;
    while (length < 4 && at + length < input.size() &&
           text::ascii::is_hex_digit(input[at + length])) {
      value = value * 16 + static_cast<unsigned>(text::ascii::hex_value(input[at + length]));
      ++length;
    }
    if (at + length < input.size() && input[at + length] == '.') {
      if (length == 0 || count + 2 > kIpv6Pieces ||
          !parse_embedded_ipv4(input.substr(at), pieces[count], pieces[count + 1]))
        return bad();
      count += 2;
      break;
    }
    at += length;
    if (at < input.size()) {
      if (input[at] != ':' || at + 1 == input.size()) return bad();
      ++at;
    }
    pieces[count++] = static_cast<std::uint16_t>(value);
  }
  if (compress) {
    // The pieces behind "::" move to the end.
    std::size_t moving = count - *compress;
    for (std::size_t to = kIpv6Pieces; moving > 0; --moving) {
      --to;
      const std::size_t from = *compress + moving - 1;
      if (to != from) {
        pieces[to] = pieces[from];
        pieces[from] = 0;
      }
    }
  } else if (count != kIpv6Pieces) {
    return bad();
  }
  return serialise_ipv6(pieces);
}

}  // namespace

bool is_address_host(std::string_view host) {
  return host.starts_with('[') || (!host.empty() && ends_in_a_number(host));
}

Result<std::string> parse_host(std::string_view input, bool special) {
  if (input.starts_with('[')) {
    if (!input.ends_with(']')) return bad_host("has an opening bracket that is not closed", input);
    return parse_ipv6(input.substr(1, input.size() - 2));
  }
  if (!special) {
    for (const char c : input) {
      if (is_forbidden_host_byte(static_cast<unsigned char>(c)))
        return bad_host("holds a character that no host may hold", input);
    }
    return encode(input, EncodeSet::kC0Control);
  }
  VIGIE_ASSIGN(std::string ascii, domain_to_ascii(to_scalar_values(decode(input)), false));
  if (ascii.empty()) return bad_host("is empty", input);
  for (const char c : ascii) {
    if (is_forbidden_domain_byte(static_cast<unsigned char>(c)))
      return bad_host("holds a character that no domain may hold", input);
  }
  if (ends_in_a_number(ascii)) return parse_ipv4(ascii);
  return ascii;
}

}  // namespace vigie::url
