#include <algorithm>
#include <string>

#include "extractor/metadata/author_words.h"
#include "extractor/metadata/authors.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostLetters = 8;  // of a name in these scripts

bool is_han(char32_t c) { return (c >= 0x3400 && c <= 0x9FFF) || c == 0x3005 || c == 0x3007; }
bool is_kana(char32_t c) { return c >= 0x3040 && c <= 0x30FF; }
bool is_hangul(char32_t c) { return c >= 0xAC00 && c <= 0xD7A3; }
bool is_cjk(char32_t c) { return is_han(c) || is_kana(c) || is_hangul(c); }

std::size_t letters(std::string_view text) { return text::count_code_points(text); }

bool separates(char32_t c) {
  return c == ' ' || c == 0x3000 || c == '/' || c == 0xFF0F || c == 0x2571 || c == '|' ||
         c == 0xFF5C || c == 0x3001 || c == ',' || c == 0xFF0C || c == ';' || c == 0xFF1B ||
         c == '=' || c == 0xB7 || c == 0x2022 || c == 0x25CF || c == '&' || c == 0x25CB ||
         c == 0x25A0 || c == 0x4E28 || c == 0x2502 || c == '(' || c == ')' || c == 0xFF08 ||
         c == 0xFF09 || c == '\n';
}

bool is_colon(char32_t c) { return c == ':' || c == 0xFF1A || c == 0x30FB; }

// Whether a line ends with the Korean title of who reports, behind which a place may stand.
bool names_reporter(std::string_view line) {
  line = text::trim(line);
  const std::vector<std::string_view>& titles = east_asian_words().titles;
  return std::any_of(titles.begin(), titles.end(), [line](std::string_view title) {
    std::size_t offset = 0;
    return line.size() > title.size() && line.ends_with(title) &&
           is_hangul(text::next_code_point(title, offset));
  });
}

std::vector<std::string> pieces_of(std::string_view line, bool with_brackets) {
  std::vector<std::string> out(1);
  int bracket = 0;  // [서울=뉴시스], 【台北】: of place and agency
  for (std::size_t offset = 0; offset < line.size();) {
    const char32_t c = text::next_code_point(line, offset);
    const bool opens = c == '[' || c == 0x3010 || c == 0xFF3B || c == 0x3014;
    const bool closes = c == ']' || c == 0x3011 || c == 0xFF3D || c == 0x3015;
    if (opens && !with_brackets) ++bracket;
    if (closes && bracket > 0) --bracket;
    // 東京＝田中太郎: a place; 박서연 기자 = 세종: behind the reporter
    const bool place = c == '=' || c == 0xFF1D;
    if (place && bracket == 0 && names_reporter(line.substr(0, offset - (c == '=' ? 1 : 3)))) break;
    if (place && bracket == 0 && !text::trim(line.substr(offset)).empty()) {
      out.back().clear();
      continue;
    }
    if (place) continue;
    if (opens || closes || (bracket == 0 && separates(c))) {
      if (!out.back().empty()) out.emplace_back();
    } else if (bracket == 0) {
      text::append_utf8(out.back(), c);
    }
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

// Takes a label off the front; whether there was one.
bool take_label(std::string_view& piece, const std::vector<std::string_view>& labels) {
  for (const std::string_view label : labels) {
    if (!piece.starts_with(label)) continue;
    std::string_view rest = piece.substr(label.size());
    std::size_t offset = 0;
    const bool colon = !rest.empty() && is_colon(text::next_code_point(rest, offset));
    // 文 of 文在寅 is a surname: a sign of one letter needs its colon
    if (!colon && letters(label) == 1 && !rest.empty()) continue;
    piece = colon ? rest.substr(offset) : rest;
    return true;
  }
  return false;
}

// 本报驻华盛顿记者李明, 中央社記者王小明: what stands in front of the word for reporter is an
// office.
std::string_view behind_office(std::string_view piece) {
  for (const std::string_view word : east_asian_words().reporters) {
    const std::size_t at = piece.rfind(word);
    if (at == std::string_view::npos || at == 0) continue;
    const std::string_view rest = piece.substr(at + word.size());
    const std::string_view office = piece.substr(0, at);
    if (!rest.empty() || office.starts_with("本") || letters(office) > 4) return rest;
  }
  return piece;
}

std::string_view without_role(std::string_view name) {
  for (const std::string_view role : east_asian_words().titles) {
    if (name.size() > role.size() && name.ends_with(role))
      return name.substr(0, name.size() - role.size());
  }
  return name;
}

bool is_name(std::string_view name) {
  const std::size_t count = letters(name);
  if (count < 2 || count > kMostLetters) return false;
  for (std::size_t offset = 0; offset < name.size();) {
    const char32_t c = text::next_code_point(name, offset);
    if (!is_cjk(c) && c != 0xB7 && c != 0x30FB) return false;
  }
  return true;
}

bool has_role_alone(std::string_view name) {
  const std::vector<std::string_view>& titles = east_asian_words().titles;
  return std::find(titles.begin(), titles.end(), name) != titles.end();
}

bool ends_report(std::string_view piece) {
  const std::vector<std::string_view>& reports = east_asian_words().reports;
  return std::any_of(reports.begin(), reports.end(),
                     [piece](std::string_view end) { return piece.ends_with(end); });
}

}  // namespace

bool is_cjk_line(std::string_view line) {
  for (std::size_t offset = 0; offset < line.size();) {
    if (is_cjk(text::next_code_point(line, offset))) return true;
  }
  return false;
}

namespace {

std::vector<std::string> names_of(const std::vector<std::string>& pieces,
                                  std::string_view language) {
  std::vector<std::string> out;
  bool of_other = false;  // a label of somebody else goes on over the names behind it
  bool joined = false;    // the last name is the first half of one with a space
  for (const std::string& whole : pieces) {
    std::string_view piece = text::trim(whole);
    if (take_label(piece, east_asian_words().titles)) {
      of_other = false;  // 編集委員 is a title, 編集 the work of somebody else
    } else if (take_label(piece, east_asian_words().others)) {
      of_other = true;
    } else if (take_label(piece, east_asian_words().writers)) {
      of_other = false;
      take_label(piece, east_asian_words().writers);
    }
    joined = joined && piece.size() == whole.size();
    if (of_other || piece.empty()) continue;
    if (ends_report(piece) || has_role_alone(piece)) continue;
    std::string_view name = without_role(behind_office(piece));
    if (!is_name(name)) continue;
    // 田中 太郎: halves of one to three signs with a space between
    const bool half = language.starts_with("ja") && letters(name) <= 3;
    if (joined && half && !out.empty()) {
      out.back() += " " + std::string(name);
      joined = false;
      continue;
    }
    if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
    joined = half && name.size() == piece.size();
  }
  return out;
}

}  // namespace

std::vector<std::string> cjk_names(std::string_view line, std::string_view language) {
  // what stands in brackets is a place and an agency, or all of the byline
  std::vector<std::string> out = names_of(pieces_of(line, false), language);
  return out.empty() ? names_of(pieces_of(line, true), language) : out;
}

}  // namespace vigie::extractor::metadata
