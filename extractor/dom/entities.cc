#include "extractor/dom/entities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "extractor/dom/document.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::dom {
namespace {

constexpr std::size_t kLongestName = 31;  // CounterClockwiseContourIntegral

// WHATWG "numeric character reference end state": what windows-1252 meant by 0x80..0x9F.
constexpr std::array<char32_t, 32> kWindows1252{
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

using text::ascii::is_alphanumeric;

const Entity* find_entity(std::string_view name) {
  const Entity* end = kEntities + kEntityCount;
  const Entity* found = std::lower_bound(
      kEntities, end, name,
      [](const Entity& entity, std::string_view wanted) { return entity.name < wanted; });
  return found != end && found->name == name ? found : nullptr;
}

// `raw` begins behind "&#". Returns the bytes read, 0 if this is no reference.
std::size_t append_numeric(std::string& out, std::string_view raw) {
  std::size_t at = 0;
  const bool hexadecimal = !raw.empty() && (raw[0] == 'x' || raw[0] == 'X');
  if (hexadecimal) ++at;
  const std::size_t first_digit = at;
  std::uint32_t value = 0;
  for (; at < raw.size(); ++at) {
    const char c = raw[at];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (hexadecimal && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
      digit = static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
    } else {
      break;
    }
    value = std::min<std::uint32_t>(value * (hexadecimal ? 16 : 10) + digit, 0x110000);
  }
  if (at == first_digit) return 0;
  if (at < raw.size() && raw[at] == ';') ++at;
  char32_t code_point = value;
  if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) code_point = 0xFFFD;
  if (value >= 0x80 && value <= 0x9F) code_point = kWindows1252[value - 0x80];
  text::append_utf8(out, code_point);
  return at;
}

// `raw` begins behind '&'. Returns the bytes read, 0 if this is no reference.
std::size_t append_named(std::string& out, std::string_view raw, bool in_attribute) {
  std::size_t length = 0;
  while (length < raw.size() && length < kLongestName && is_alphanumeric(raw[length])) ++length;
  if (length == 0) return 0;
  if (length < raw.size() && raw[length] == ';') {
    if (const Entity* entity = find_entity(raw.substr(0, length))) {
      out += entity->utf8;
      return length + 1;
    }
  }
  // the longest name that needs no ';' has six letters
  for (std::size_t part = std::min<std::size_t>(length, 6); part >= 2; --part) {
    const Entity* entity = find_entity(raw.substr(0, part));
    if (entity == nullptr || !entity->semicolon_optional) continue;
    if (in_attribute && part < raw.size() && (raw[part] == '=' || is_alphanumeric(raw[part])))
      return 0;
    out += entity->utf8;
    return part;
  }
  return 0;
}

}  // namespace

void append_decoded(std::string& out, std::string_view raw, bool in_attribute) {
  std::size_t at = 0;
  while (at < raw.size()) {
    std::size_t stop = at;
    while (stop < raw.size() && raw[stop] != '&' && raw[stop] != '\0') ++stop;
    out.append(raw, at, stop - at);
    if (stop == raw.size()) return;
    at = stop + 1;
    if (raw[stop] == '\0') {
      out += "\xEF\xBF\xBD";
      continue;
    }
    const std::string_view rest = raw.substr(at);
    const bool numeric = !rest.empty() && rest[0] == '#';
    const std::size_t read =
        numeric ? append_numeric(out, rest.substr(1)) : append_named(out, rest, in_attribute);
    if (read == 0) {
      out += '&';
    } else {
      at += read + (numeric ? 1 : 0);
    }
  }
}

std::string decoded(std::string_view raw, bool in_attribute) {
  std::string out;
  out.reserve(raw.size());
  append_decoded(out, raw, in_attribute);
  return out;
}

}  // namespace vigie::extractor::dom
