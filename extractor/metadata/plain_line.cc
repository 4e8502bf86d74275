#include "extractor/metadata/plain_line.h"

#include <algorithm>
#include <array>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostValue = 8192;  // bytes of a value that are read
constexpr std::size_t kMostTag = 500;     // bytes of a tag within a value

// Elements that stand in headlines and names.
bool is_element(std::string_view name) {
  static constexpr std::array kElements = std::to_array<std::string_view>(
      {"a",   "abbr", "b",     "bdi",  "bdo",    "big",    "br",     "cite", "code", "del",
       "dfn", "div",  "em",    "font", "h1",     "h2",     "h3",     "h4",   "i",    "img",
       "ins", "kbd",  "li",    "mark", "nobr",   "p",      "q",      "rp",   "rt",   "ruby",
       "s",   "samp", "small", "span", "strike", "strong", "sub",    "sup",  "svg",  "time",
       "tt",  "u",    "ul",    "var",  "wbr",    "nav",    "section"});
  return std::find(kElements.begin(), kElements.end(), name) != kElements.end();
}

bool is_void(std::string_view name) { return name == "br" || name == "wbr" || name == "img"; }

struct WrittenTag {
  std::string name;  // "" if none begins there
  std::size_t end = 0;
  bool closes = false;
};

WrittenTag tag_at(std::string_view text, std::size_t at) {
  WrittenTag out;
  std::size_t begin = at + 1;
  if (begin < text.size() && text[begin] == '/') {
    out.closes = true;
    ++begin;
  }
  std::size_t end = begin;
  while (end < text.size() && text::ascii::is_alphanumeric(text[end])) ++end;
  std::string name = text::ascii::lower(text.substr(begin, end - begin));
  if (!is_element(name)) return out;
  if (end < text.size() && text[end] != '>' && text[end] != '/' &&
      !text::ascii::is_space(text[end]))
    return out;
  const std::size_t close = text.find('>', end);
  if (close == std::string_view::npos || close - at > kMostTag) return out;
  out.name = std::move(name);
  out.end = close + 1;
  return out;
}

// Whether the other half of a tag stands in the text, too: what has none may be meant as text.
bool is_paired(std::string_view text, std::size_t at, const WrittenTag& tag) {
  if (!tag.closes) {
    const std::string lower = text::ascii::lower(text.substr(tag.end));
    return lower.find("</" + tag.name) != std::string::npos;
  }
  const std::string lower = text::ascii::lower(text.substr(0, at));
  return lower.find("<" + tag.name) != std::string::npos;
}

// Characters that no reader sees; the joiners of scripts that need them stay.
bool is_invisible(char32_t c) {
  return c == 0xAD || c == 0x200B || c == 0x2060 || c == 0xFEFF || c == 0x200E || c == 0x200F ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string plain_line(std::string_view value, Markup markup) {
  std::string out;
  const std::string valid = text::to_valid_utf8(text::prefix(value, kMostValue));
  for (std::size_t offset = 0; offset < valid.size();) {
    if (valid[offset] == '<') {
      const WrittenTag tag = tag_at(valid, offset);
      const bool is_markup =
          !tag.name.empty() &&
          (is_void(tag.name) ? markup == Markup::kWritten : is_paired(valid, offset, tag));
      if (is_markup) {
        const bool breaks = tag.name == "br" || tag.name == "p" || tag.name == "div" ||
                            tag.name == "li" || tag.name == "h1" || tag.name == "h2";
        if (breaks) out += ' ';
        offset = tag.end;
        continue;
      }
    }
    const char32_t c = text::next_code_point(valid, offset);
    if (!is_invisible(c)) text::append_utf8(out, c);
  }
  return text::collapse_spaces(out);
}

}  // namespace vigie::extractor::metadata
