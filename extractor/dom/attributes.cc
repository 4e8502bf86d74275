#include <array>
#include <cstring>

#include "extractor/dom/document.h"
#include "extractor/dom/scanner.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::dom {
namespace {

// What ends what within a tag, by byte: a table, since every byte of every tag is asked for it.
constexpr std::uint8_t kSpace = 1;
constexpr std::uint8_t kEndsName = 2;
constexpr std::uint8_t kEndsValue = 4;  // that is not quoted
constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> out{};
  for (const unsigned char c : {' ', '\n', '\t', '\r', '\f'})
    out[c] = kSpace | kEndsName | kEndsValue;
  out['/'] = out['='] = kEndsName;
  out['>'] = kEndsName | kEndsValue;
  return out;
}();

bool is(char c, std::uint8_t which) {
  return (kClasses[static_cast<unsigned char>(c)] & which) != 0;
}
bool is_space(char c) { return is(c, kSpace); }

bool same_name(std::string_view written, std::string_view lower_case) {
  if (written.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (text::ascii::to_lower(written[i]) != lower_case[i]) return false;
  }
  return true;
}

}  // namespace

// In a page `rest` reaches to the end of the page, and the tag ends at a '>' that is not within
// quotes: then `name` is ">" and `rest` begins behind it.
bool next_attribute(std::string_view& rest, std::string_view& name, std::string_view& value) {
  const char* at = rest.data();
  const char* const end = at + rest.size();
  while (at < end && (is_space(*at) || *at == '/')) ++at;
  if (at == end) {
    rest = {};
    return false;
  }
  const char* const name_begin = at;
  value = {};
  if (*at == '>') {
    name = {at, 1};
    rest = {at + 1, static_cast<std::size_t>(end - at - 1)};
    return true;
  }
  ++at;  // a '=' in the first place belongs to the name
  while (at < end && !is(*at, kEndsName)) ++at;
  name = {name_begin, static_cast<std::size_t>(at - name_begin)};
  const char* after = at;
  while (after < end && is_space(*after)) ++after;
  if (after < end && *after == '=') {
    at = after + 1;
    while (at < end && is_space(*at)) ++at;
    if (at < end && (*at == '"' || *at == '\'')) {
      const char quote = *at++;
      const char* close =
          static_cast<const char*>(std::memchr(at, quote, static_cast<std::size_t>(end - at)));
      if (close == nullptr) close = end;
      value = {at, static_cast<std::size_t>(close - at)};
      at = close == end ? end : close + 1;
    } else {
      const char* const value_begin = at;
      while (at < end && !is(*at, kEndsValue)) ++at;
      value = {value_begin, static_cast<std::size_t>(at - value_begin)};
    }
  }
  rest = {at, static_cast<std::size_t>(end - at)};
  return true;
}

std::optional<std::string_view> find_attribute(std::string_view attributes,
                                               std::string_view wanted) {
  std::string_view name;
  std::string_view value;
  for (std::size_t count = 0; count < kMaxAttributes && next_attribute(attributes, name, value);
       ++count) {
    if (same_name(name, wanted)) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Document::attribute(std::uint32_t node,
                                                    std::string_view name) const {
  const std::uint32_t source = nodes[node].source;
  if (source == kNoNode) return std::nullopt;
  return find_attribute(tags[source], name);
}

std::string_view Document::attribute_or_empty(std::uint32_t node, std::string_view name) const {
  return attribute(node, name).value_or(std::string_view{});
}

std::string Document::text_of(std::uint32_t node, std::size_t max_bytes) const {
  std::string out;
  for (std::uint32_t i = node; i < nodes[node].end && out.size() < max_bytes; ++i) {
    if (nodes[i].tag == Tag::kText) {
      append_decoded(out, text::prefix(nodes[i].text, max_bytes));
    } else if (is_block(nodes[i].tag) && !out.empty()) {
      out += ' ';
    }
  }
  return out;
}

}  // namespace vigie::extractor::dom
