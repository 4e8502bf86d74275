#include "extractor/traits/traits_of.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "extractor/traits/words_of_numbers.h"
#include "platform/text/ascii.h"
#include "platform/text/fold.h"
#include "platform/text/matchable.h"
#include "platform/text/numbers.h"
#include "platform/text/utf8.h"
#include "platform/text/words.h"
#include "proto/article.pb.h"

namespace vigie::extractor::traits {
namespace {

using vigie::traits::Kind;

// of a text: a report tells in its first paragraphs what happened, then what happened before
constexpr std::size_t kBeginningBytes = 2'500;
constexpr int kMostActors = 16;
constexpr int kMostTopics = 8;
// of an article, by kind as in vigie::traits::Kind
constexpr std::size_t kMost[vigie::traits::kKinds] = {16, 8, 32, 8, 40, 40};
constexpr double kLeastWhole = 13;  // whole numbers below stand for too many things
constexpr std::size_t kLeastName = 2;
constexpr std::size_t kLeastWord = 5;  // code points

struct Token {
  std::string_view typed;
  std::string folded;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool number = false;
};

bool begins_with_digit(std::string_view word) {
  return !word.empty() && text::ascii::is_digit(word.front());
}

Token token_of(std::string_view utf8, std::size_t begin, std::size_t end) {
  Token out;
  out.typed = utf8.substr(begin, end - begin);
  out.folded = text::fold_text(out.typed);
  out.begin = begin;
  out.end = end;
  out.number = begins_with_digit(out.typed);
  return out;
}

/// The words of a text; what is written onto a number (26만, 4.5GW, 3rd) is a token of its own.
std::vector<Token> tokens_of(std::string_view utf8) {
  std::vector<Token> out;
  for (const text::Word& word : text::words(utf8)) {
    const std::size_t end = word.offset + word.length;
    std::size_t begin = word.offset;
    const bool mixed = begins_with_digit(utf8.substr(begin));
    while (mixed && begin < end) {
      std::size_t cut = end;
      if (begins_with_digit(utf8.substr(begin))) {
        cut = std::min(text::number_end(utf8, begin, true), end);
      } else {
        const auto digit =
            std::find_if(utf8.begin() + static_cast<std::ptrdiff_t>(begin),
                         utf8.begin() + static_cast<std::ptrdiff_t>(end), text::ascii::is_digit);
        cut = static_cast<std::size_t>(digit - utf8.begin());
      }
      out.push_back(token_of(utf8, begin, cut));
      begin = cut;
    }
    if (begin < end) out.push_back(token_of(utf8, begin, end));
  }
  return out;
}

/// Reads a text token by token.
class Reader {
 public:
  explicit Reader(std::string_view utf8) : utf8_(utf8), tokens_(tokens_of(utf8)) {
    std::size_t latin = 0;
    std::size_t other = 0;
    for (const Token& token : tokens_) {
      const std::uint32_t script = script_of(token);
      if (script == text::kScriptLatin) latin += token.folded.size();
      else if (script != text::kScriptNone) other += token.folded.size() / 2;
    }
    latin_text_ = latin > other;
  }

  std::vector<Read> all() {
    for (std::size_t at = 0; at < tokens_.size();) {
      if (tokens_[at].number) at = number(at);
      else word(at++);
    }
    return std::move(out_);
  }

 private:
  static std::uint32_t script_of(const Token& token) {
    std::size_t offset = 0;
    if (token.number || token.folded.empty()) return text::kScriptNone;
    return text::script_of(text::next_code_point(token.folded, offset));
  }

  void add(Kind kind, std::string text, std::size_t begin = 0) {
    if (seen_.emplace(kind, text).second) out_.push_back({kind, std::move(text), begin});
  }

  /// Whether nothing but a space, a hyphen or a full stop stands between two tokens.
  bool follows(std::size_t at) const {
    if (at == 0 || at >= tokens_.size()) return false;
    const std::string_view between =
        utf8_.substr(tokens_[at - 1].end, tokens_[at].begin - tokens_[at - 1].end);
    return between.empty() || between == " " || between == "-" || between == "\xC2\xA0" ||
           between == ". " || between == "\xE2\x80\xAF";
  }

  /// Hangul is written onto what it follows: 26만장 begins with 만.
  static double magnitude_of(const Token& token, bool glued) {
    const double whole = magnitude(token.folded);
    if (whole > 0 || !glued) return whole;
    std::size_t end = 0;
    const char32_t first = text::next_code_point(token.typed, end);
    if (text::script_of(first) != text::kScriptHangul) return 0;
    return magnitude(text::fold_text(token.typed.substr(0, end)));
  }

  bool is_sign(std::size_t at, std::string_view han, std::string_view hangul) const {
    if (at >= tokens_.size() || tokens_[at].begin != tokens_[at - 1].end) return false;
    return tokens_[at].typed == han || tokens_[at].typed.starts_with(hangul);
  }

  static int whole(const Token& token, int least, int most) {
    if (!token.number || token.typed.size() > 4) return 0;
    int value = 0;
    for (const char c : token.typed) {
      if (!text::ascii::is_digit(c)) return 0;
      value = value * 10 + (c - '0');
    }
    return value >= least && value <= most ? value : 0;
  }
  int day(std::size_t at) const { return at < tokens_.size() ? whole(tokens_[at], 1, 31) : 0; }
  int year(std::size_t at) const {
    return at < tokens_.size() ? whole(tokens_[at], 1900, 2099) : 0;
  }

  void add_date(const char* format, int first, int second) {
    char text[16];
    std::snprintf(text, sizeof text, format, first, second);
    add(Kind::kDate, text);
  }

  /// 9月7日, 7월 14일, 2027年12月. The token behind it, or `at` where there is no such date.
  std::size_t date_of_signs(std::size_t at) {
    if (year(at) != 0 && is_sign(at + 1, "年", "년") && at + 2 < tokens_.size()) {
      const int named = whole(tokens_[at + 2], 1, 12);
      if (named != 0 && is_sign(at + 3, "月", "월")) {
        const std::size_t behind = date_of_signs(at + 2);
        // with a day behind it the day says it already
        if (behind == at + 4) add_date("%04d-%02d", year(at), named);
        return behind;
      }
      return at + 2;
    }
    const int named = whole(tokens_[at], 1, 12);
    if (named == 0 || !is_sign(at + 1, "月", "월")) return at;
    const int of_month = day(at + 2);
    if (of_month == 0 || !is_sign(at + 3, "日", "일")) return at + 2;
    add_date("%02d-%02d", named, of_month);
    return at + 4;
  }

  /// "14 March", "14. März", "14 de marzo", "1er août": the token behind it, or `at`.
  std::size_t date_of_words(std::size_t at) {
    const int of_month = day(at);
    if (of_month == 0) return at;
    std::size_t next = at + 1;
    for (int skipped = 0; skipped < 2 && next < tokens_.size(); ++skipped, ++next) {
      if (!follows(next)) return at;
      const int named = tokens_[next].number ? 0 : month(tokens_[next].folded);
      if (named != 0) {
        add_date("%02d-%02d", named, of_month);
        return next + 1;
      }
      const std::string& word = tokens_[next].folded;
      if (word != "de" && word != "of" && word != "th" && word != "st" && word != "nd" &&
          word != "rd" && word != "er" && word != "º")
        return at;
    }
    return at;
  }

  /// A month before a day ("March 14") or a year ("December 2027"); else false.
  bool date_behind_month(std::size_t at) {
    const int named = month(tokens_[at].folded);
    if (named == 0) return false;
    std::size_t next = at + 1;
    if (next < tokens_.size() && tokens_[next].folded == "de") ++next;
    if (next >= tokens_.size() || !follows(next)) return false;
    if (year(next) != 0) {
      // of "14 March 2026" the day says it already
      if (at == 0 || day(at - 1) == 0) add_date("%04d-%02d", year(next), named);
      return true;
    }
    if (day(next) == 0 || (at > 0 && day(at - 1) != 0)) return false;
    add_date("%02d-%02d", named, day(next));
    return true;
  }

  /// The value that begins at a number, with what multiplies it (27億5000万 is one).
  double value(std::size_t& at, bool& multiplied) {
    double sum = 0;
    double last_factor = 1e18;
    multiplied = false;
    while (at < tokens_.size() && tokens_[at].number) {
      std::string plain = text::plain_number(tokens_[at].typed);
      while (at + 1 < tokens_.size() && is_rest_of_thousands(plain, at))
        plain += std::string(tokens_[++at].typed);
      double part = std::strtod(plain.c_str(), nullptr);
      double factor = 1;
      std::size_t next = at + 1;
      for (; next < tokens_.size() && follows(next); ++next) {
        const double one =
            magnitude_of(tokens_[next], tokens_[next].begin == tokens_[next - 1].end);
        if (one == 0) break;
        factor *= one;
      }
      at = next;
      if (factor == 1 && sum > 0) break;  // "27億 5000" are two
      part *= factor;
      multiplied = multiplied || factor > 1;
      sum += part;
      const bool goes_on = factor > 1 && factor < last_factor && at < tokens_.size() &&
                           tokens_[at].number && tokens_[at].begin == tokens_[at - 1].end;
      last_factor = factor;
      if (!goes_on) break;
    }
    return sum;
  }

  /// Thousands that a plain space parts.
  bool is_rest_of_thousands(const std::string& plain, std::size_t at) const {
    const Token& next = tokens_[at + 1];
    return next.number && next.typed.size() == 3 && whole(next, 0, 999) >= 0 &&
           plain.find('.') == std::string::npos && plain.size() <= 12 &&
           next.begin == tokens_[at].end + 1 && utf8_[tokens_[at].end] == ' ' &&
           std::all_of(next.typed.begin(), next.typed.end(), text::ascii::is_digit) &&
           (tokens_[at].typed.size() <= 3);
  }

  std::size_t number(std::size_t at) {
    for (const std::size_t behind : {date_of_signs(at), date_of_words(at)}) {
      if (behind > at) return behind;
    }
    const bool is_year = year(at) != 0;
    const std::size_t begin = at;
    bool multiplied = false;
    const double found = value(at, multiplied);
    if (at == begin) ++at;
    const bool fraction = found != std::floor(found);
    if (!multiplied && !fraction && (found < kLeastWhole || is_year)) return at;
    if (!std::isfinite(found)) return at;
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", found);
    add(Kind::kNumber, text);
    return at;
  }

  void word(std::size_t at) {
    const Token& token = tokens_[at];
    if (date_behind_month(at)) return;
    const std::uint32_t script = script_of(token);
    if (script == text::kScriptLatin) {
      const bool capital = std::any_of(token.typed.begin(), token.typed.end(), [](char c) {
        return text::ascii::is_upper(c) || text::ascii::is_digit(c);
      });
      std::size_t offset = 0;
      if (capital || !latin_text_ || text::is_capital(text::next_code_point(token.typed, offset))) {
        if (token.folded.size() >= kLeastName) add(Kind::kName, token.folded, token.begin);
        return;
      }
    }
    if (script == text::kScriptLatin || script == text::kScriptCyrillic ||
        script == text::kScriptGreek || script == text::kScriptArabic ||
        script == text::kScriptHebrew) {
      if (text::count_code_points(token.folded) >= kLeastWord)
        add(Kind::kWord, token.folded, token.begin);
    }
  }

  std::string_view utf8_;
  std::vector<Token> tokens_;
  bool latin_text_ = true;
  std::vector<Read> out_;
  std::set<std::pair<Kind, std::string>> seen_;
};

/// Where the words of tags stand in the title and the text behind it: begin → end.
std::map<std::size_t, std::size_t> places_of_tags(const v1::ArticleRecord& article) {
  std::map<std::size_t, std::size_t> out;
  const std::size_t text_begin = article.title().size() + 1;
  for (const auto* tags : {&article.actors(), &article.topics()}) {
    for (const v1::Tag& tag : *tags) {
      for (const v1::Span& span : tag.evidence()) {
        const std::size_t begin = span.offset() + (span.field() == "title" ? 0 : text_begin);
        std::size_t& end = out[begin];
        end = std::max(end, begin + span.length());
      }
    }
  }
  return out;
}

/// Whether a place is within one of them. A longer span may begin before a shorter one: the few
/// before it are looked at.
bool is_within(const std::map<std::size_t, std::size_t>& places, std::size_t at) {
  auto place = places.upper_bound(at);
  for (int i = 0; i < 4 && place != places.begin(); ++i) {
    --place;
    if (at < place->second) return true;
  }
  return false;
}

}  // namespace

std::vector<Read> read(std::string_view utf8) { return Reader(utf8).all(); }

std::string traits_of(const v1::ArticleRecord& article) {
  std::vector<vigie::traits::Trait> out;
  int tags = 0;
  for (const v1::Tag& actor : article.actors()) {
    if (tags++ < kMostActors) out.push_back(vigie::traits::make(Kind::kActor, actor.id()));
  }
  tags = 0;
  for (const v1::Tag& topic : article.topics()) {
    if (tags++ < kMostTopics) out.push_back(vigie::traits::make(Kind::kTopic, topic.id()));
  }
  const std::string beginning =
      article.title() + "\n" + std::string(text::prefix(article.text(), kBeginningBytes));
  std::size_t kept[vigie::traits::kKinds] = {};
  const auto tagged = places_of_tags(article);
  for (const Read& one : read(beginning)) {
    const bool is_word = one.kind == Kind::kName || one.kind == Kind::kWord;
    if (is_word && is_within(tagged, one.begin)) continue;
    const auto kind = static_cast<std::size_t>(one.kind);
    if (kept[kind]++ < kMost[kind]) out.push_back(vigie::traits::make(one.kind, one.text));
  }
  return vigie::traits::encode(std::move(out));
}

}  // namespace vigie::extractor::traits
