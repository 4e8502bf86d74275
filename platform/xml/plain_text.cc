#include "platform/xml/plain_text.h"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <array>
#include <utility>

#include "platform/text/ascii.h"
#include "platform/text/invisible.h"
#include "platform/text/utf8.h"

namespace vigie::xml {
namespace {

constexpr std::size_t kMostName = 32;  // bytes of the name of an element

using text::ascii::is_letter;
bool is_name_character(char c) {
  return text::ascii::is_alphanumeric(c) || c == '-' || c == ':' || c == '_';
}
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }

bool is_block(std::string_view name) {
  static constexpr std::array kBlocks = std::to_array<std::string_view>(
      {"p",      "div",        "br",    "li",  "tr",     "td",         "th",      "ul",
       "ol",     "dl",         "dt",    "dd",  "hr",     "blockquote", "section", "article",
       "figure", "figcaption", "table", "pre", "header", "footer"});
  return std::find(kBlocks.begin(), kBlocks.end(), name) != kBlocks.end() ||
         (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6');
}

bool is_element_of_html(const std::string& name) {
  static constexpr std::array kLater = std::to_array<std::string_view>(
      {"article",  "aside",      "audio",  "bdi",     "canvas",   "data",   "datalist", "details",
       "dialog",   "figcaption", "figure", "footer",  "header",   "hgroup", "main",     "mark",
       "meter",    "nav",        "output", "picture", "progress", "ruby",   "rp",       "rt",
       "search",   "section",    "slot",   "source",  "summary",  "svg",    "path",     "g",
       "template", "time",       "track",  "video",   "wbr",      "embed",  "math"});
  // a name with a hyphen is one of somebody's own, with a colon one of another vocabulary
  if (name.find_first_of("-:") != std::string::npos) return true;
  return std::find(kLater.begin(), kLater.end(), name) != kLater.end() ||
         htmlTagLookup(reinterpret_cast<const xmlChar*>(name.c_str())) != nullptr;
}

// Words that stand in a tag without a value.
bool is_bare_attribute(std::string_view word) {
  static constexpr std::array kWords = std::to_array<std::string_view>({"async",
                                                                        "defer",
                                                                        "controls",
                                                                        "autoplay",
                                                                        "muted",
                                                                        "loop",
                                                                        "hidden",
                                                                        "disabled",
                                                                        "checked",
                                                                        "selected",
                                                                        "itemscope",
                                                                        "nowrap",
                                                                        "noshade",
                                                                        "allowfullscreen",
                                                                        "reversed",
                                                                        "open",
                                                                        "required",
                                                                        "readonly",
                                                                        "compact",
                                                                        "ismap",
                                                                        "playsinline",
                                                                        "download",
                                                                        "webkitallowfullscreen",
                                                                        "mozallowfullscreen",
                                                                        "/"});
  const std::string lower = text::ascii_lower(word);
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end() ||
         lower.starts_with("data-");
}

struct Tag {
  std::string name;  // lower case; empty: no tag, the '<' is text
  bool closes = false;
  std::size_t end = 0;  // behind it
};

// Where a tag ends whose name ends at `at`; npos where what stands there is no attribute, or where
// the text ends.
std::size_t end_of_tag(std::string_view html, std::size_t at, bool& is_cut) {
  while (at < html.size()) {
    while (at < html.size() && (is_space(html[at]) || html[at] == '/')) ++at;
    if (at >= html.size()) break;
    if (html[at] == '>') return at + 1;
    const std::size_t begin = at;
    while (at < html.size() && !is_space(html[at]) && html[at] != '=' && html[at] != '>') ++at;
    const std::string_view word = html.substr(begin, at - begin);
    std::size_t behind = at;
    while (behind < html.size() && is_space(html[behind])) ++behind;
    if (behind >= html.size() || html[behind] != '=') {
      if (behind < html.size() && !is_bare_attribute(word)) return std::string_view::npos;
      continue;
    }
    at = behind + 1;
    while (at < html.size() && is_space(html[at])) ++at;
    if (at < html.size() && (html[at] == '"' || html[at] == '\'')) {
      const std::size_t close = html.find(html[at], at + 1);
      is_cut = close == std::string_view::npos;
      if (is_cut) return html.size();
      at = close + 1;
    } else {
      while (at < html.size() && !is_space(html[at]) && html[at] != '>') ++at;
    }
    if (at >= html.size()) is_cut = true;  // "<a href=…" and no more: a tag that was cut off
  }
  return is_cut ? html.size() : std::string_view::npos;
}

Tag tag_at(std::string_view html, std::size_t at) {
  Tag out;
  out.closes = html.substr(at + 1, 1) == "/";
  const std::size_t begin = at + (out.closes ? 2 : 1);
  if (begin >= html.size() || !is_letter(html[begin])) return {};
  std::size_t end = begin;
  while (end < html.size() && is_name_character(html[end]) && end - begin < kMostName) ++end;
  if (end < html.size() && !is_space(html[end]) && html[end] != '>' && html[end] != '/') return {};
  std::string name = text::ascii_lower(html.substr(begin, end - begin));
  if (!is_element_of_html(name)) return {};
  bool is_cut = false;
  if (out.closes) {
    out.end = html.find('>', end);
    out.end = out.end == std::string_view::npos ? html.size() : out.end + 1;
  } else {
    out.end = end_of_tag(html, end, is_cut);
    if (out.end == std::string_view::npos) return {};
  }
  out.name = std::move(name);
  return out;
}

// Behind a declaration or an instruction; npos where it does not end.
std::size_t end_of_declaration(std::string_view html, std::size_t at) {
  if (html.substr(at, 4) == "<!--") {
    const std::size_t end = html.find("-->", at + 4);
    return end == std::string_view::npos ? html.size() : end + 3;
  }
  const char next = at + 2 < html.size() ? html[at + 2] : ' ';
  if (!is_letter(next) && next != '[') return std::string_view::npos;
  const std::size_t end = html.find('>', at);
  return end == std::string_view::npos ? html.size() : end + 1;
}

// Reads the reference that `text` begins with. Out: its character and its bytes; 0 and 1 where it
// is an ampersand that means itself.
std::pair<std::uint32_t, std::size_t> read_reference(std::string_view text) {
  const std::size_t semicolon = text.find(';');
  if (semicolon == std::string_view::npos || semicolon <= 1) return {0, 1};
  const std::string_view name = text.substr(1, semicolon - 1);
  const std::uint32_t character = name[0] == '#' ? numbered_character(name) : html_character(name);
  return {character, character == 0 ? 1 : semicolon + 1};
}

}  // namespace

std::uint32_t html_character(std::string_view name) {
  if (name.empty() || name.size() > kMaxReferenceBytes) return 0;
  if (name == "apos") return '\'';
  const std::string terminated(name);
  const htmlEntityDesc* description =
      htmlEntityLookup(reinterpret_cast<const xmlChar*>(terminated.c_str()));
  return description == nullptr ? 0 : description->value;
}

std::uint32_t numbered_character(std::string_view number) {
  // numbers of windows-1252, which the HTML standard reads as such (§13.2.5.80)
  static constexpr std::array<std::uint16_t, 32> kWindows = {
      0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  if (number.size() < 2 || number[0] != '#') return 0;
  const bool hex = number.size() > 2 && (number[1] == 'x' || number[1] == 'X');
  std::uint32_t character = 0;
  for (const char digit : number.substr(hex ? 2 : 1)) {
    const int value = digit >= '0' && digit <= '9'          ? digit - '0'
                      : hex && digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                      : hex && digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                            : -1;
    if (value < 0 || character > 0x10FFFF) return 0;
    character = character * (hex ? 16 : 10) + static_cast<std::uint32_t>(value);
  }
  if (character == 0) return 0;
  if (character >= 0x80 && character < 0xA0) return kWindows[character - 0x80];
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  return character > 0x10FFFF || surrogate ? 0xFFFD : character;
}

std::string html_to_text(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  std::size_t at = 0;
  while (at < html.size()) {
    const char c = html[at];
    const char next = at + 1 < html.size() ? html[at + 1] : ' ';
    if (c == '<' && (next == '!' || next == '?')) {
      const std::size_t end = end_of_declaration(html, at);
      if (end == std::string_view::npos) out += c;
      at = end == std::string_view::npos ? at + 1 : end;
    } else if (c == '<' && (is_letter(next) || next == '/')) {
      const Tag tag = tag_at(html, at);
      if (tag.name.empty()) {
        out += c;
        ++at;
        continue;
      }
      at = tag.end;
      if (!tag.closes && (tag.name == "script" || tag.name == "style")) {
        const std::size_t close = html.find("</", at);
        const std::size_t end = close == std::string_view::npos ? close : html.find('>', close);
        at = end == std::string_view::npos ? html.size() : end + 1;
      }
      if (is_block(tag.name)) out += ' ';
    } else if (c == '&') {
      const auto [character, bytes] = read_reference(html.substr(at, kMaxReferenceBytes + 2));
      if (character != 0) text::append_utf8(out, character);
      if (character == 0) out += c;
      at += bytes;
    } else {
      out += c;
      ++at;
    }
  }
  return text::collapse_spaces(text::without_invisible(out));
}

}  // namespace vigie::xml
