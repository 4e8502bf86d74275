#include "platform/text/html_tag.h"

#include <algorithm>

#include "platform/text/ascii.h"

namespace vigie::text {
namespace {

constexpr std::size_t kMaxTagBytes = 16 << 10;
constexpr std::size_t kMaxAttributes = 64;

/// White space of the HTML standard, without the vertical tab.
bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

void skip_white(std::string_view window, std::size_t& i) {
  while (i < window.size() && is_white(window[i])) ++i;
}

/// The value behind '='; nothing where its quotation mark is not closed.
std::optional<std::string_view> read_value(std::string_view window, std::size_t& i) {
  skip_white(window, i);
  if (i < window.size() && (window[i] == '"' || window[i] == '\'')) {
    const std::size_t close = window.find(window[i], i + 1);
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view out = window.substr(i + 1, close - i - 1);
    i = close + 1;
    return out;
  }
  const std::size_t begin = i;
  while (i < window.size() && !is_white(window[i]) && window[i] != '>') ++i;
  return window.substr(begin, i - begin);
}

/// One attribute at `i`; false where the tag is not closed.
bool read_attribute(std::string_view window, std::size_t& i, HtmlTag& tag) {
  const std::size_t begin = i;
  while (i < window.size() && !is_white(window[i]) &&
         std::string_view("=>/").find(window[i]) == std::string_view::npos)
    ++i;
  const std::string_view name = window.substr(begin, i - begin);
  skip_white(window, i);
  std::optional<std::string_view> value = std::string_view();
  if (i < window.size() && window[i] == '=') {
    ++i;
    value = read_value(window, i);
    if (!value) return false;
  } else if (name.empty()) {
    ++i;
    return true;
  }
  std::string lower = ascii::lower(name);
  if (tag.attributes.size() < kMaxAttributes && !tag.attribute(lower))
    tag.attributes.emplace_back(std::move(lower), *value);
  return true;
}

}  // namespace

std::optional<std::string_view> HtmlTag::attribute(std::string_view wanted) const {
  const auto found =
      std::ranges::find(attributes, wanted, &std::pair<std::string, std::string_view>::first);
  if (found == attributes.end()) return std::nullopt;
  return found->second;
}

std::optional<HtmlTag> read_html_tag(std::string_view html, std::size_t at) {
  const std::string_view window = html.substr(at, kMaxTagBytes);
  std::size_t i = 1;
  HtmlTag tag;
  if (i < window.size() && window[i] == '/') {
    tag.closing = true;
    ++i;
  }
  if (i >= window.size() || !ascii::is_letter(window[i])) return std::nullopt;
  const std::size_t begin = i;
  while (i < window.size() && !is_white(window[i]) && window[i] != '>' && window[i] != '/') ++i;
  tag.name = ascii::lower(window.substr(begin, i - begin));
  while (i < window.size() && window[i] != '>') {
    if (is_white(window[i]) || window[i] == '/') {
      ++i;
    } else if (!read_attribute(window, i, tag)) {
      return std::nullopt;
    }
  }
  if (i >= window.size()) return std::nullopt;
  tag.end = at + i + 1;
  return tag;
}

}  // namespace vigie::text
