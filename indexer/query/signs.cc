#include "indexer/query/signs.h"

#include <algorithm>
#include <array>

#include "platform/text/utf8.h"

namespace vigie::indexer::query {
namespace {

template <std::size_t N>
bool among(const std::array<char32_t, N>& list, char32_t c) {
  return std::find(list.begin(), list.end(), c) != list.end();
}

constexpr std::array<char32_t, 7> kOpening{U'(', U'（', U'﹙', U'︵', U'❨', U'⦅', U'｟'};
constexpr std::array<char32_t, 7> kClosing{U')', U'）', U'﹚', U'︶', U'❩', U'⦆', U'｠'};
constexpr std::array<char32_t, 12> kMinuses{U'-',      U'\u2010', U'\u2011', U'\u2012',
                                            U'\u2013', U'\u2014', U'\u2015', U'\u2212',
                                            U'\uFE58', U'\uFE63', U'\uFF0D', U'\u2796'};
constexpr std::array<char32_t, 7> kStars{U'*', U'＊', U'﹡', U'∗', U'⁎', U'✱', U'٭'};
constexpr std::array<char32_t, 6> kColons{U':', U'：', U'﹕', U'︰', U'∶', U'꞉'};
constexpr std::array<char32_t, 3> kEquals{U'=', U'＝', U'﹦'};
constexpr std::array<char32_t, 3> kBars{U'|', U'｜', U'¦'};
constexpr std::array<char32_t, 2> kBangs{U'!', U'！'};
constexpr std::array<char32_t, 14> kBrackets{U'[',  U']',  U'{',  U'}',  U'［', U'］', U'｛',
                                             U'｝', U'【', U'】', U'〔', U'〕', U'〖', U'〗'};

/// Marks any of which ends what any of them began: keyboards mix them, and German, Polish, Swedish
/// and English pair them differently.
constexpr std::array<char32_t, 8> kDouble{U'"', U'＂', U'“', U'”', U'„', U'‟', U'〝', U'〟'};
constexpr std::array<char32_t, 5> kSingle{U'\'', U'＇', U'‘', U'’', U'‚'};

struct Pair {
  char32_t opening;
  char32_t closing;
};
// »a« and »a» too: German, Danish, Swedish.
constexpr std::array<Pair, 15> kPairs{{{U'«', U'»'},
                                       {U'»', U'«'},
                                       {U'»', U'»'},
                                       {U'‹', U'›'},
                                       {U'›', U'‹'},
                                       {U'›', U'›'},
                                       {U'「', U'」'},
                                       {U'『', U'』'},
                                       {U'｢', U'｣'},
                                       {U'《', U'》'},
                                       {U'〈', U'〉'},
                                       {U'﹁', U'﹂'},
                                       {U'﹃', U'﹄'},
                                       {U'⟨', U'⟩'},
                                       {U'〞', U'〟'}}};

bool is_space(char32_t c) {
  return c <= 0x20 || c == 0x7F || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_invisible(char32_t c) {
  return c == 0xAD || c == 0x61C || (c >= 0x200C && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2069) || c == 0xFE0F || c == 0xFEFF;
}

Sign sign_of(char32_t c) {
  if (is_space(c)) return Sign::kSpace;
  if (is_invisible(c)) return Sign::kInvisible;
  if (among(kOpening, c)) return Sign::kOpen;
  if (among(kClosing, c)) return Sign::kClose;
  if (among(kMinuses, c)) return Sign::kMinus;
  if (among(kStars, c)) return Sign::kStar;
  if (among(kColons, c)) return Sign::kColon;
  if (among(kEquals, c)) return Sign::kEquals;
  if (among(kBars, c)) return Sign::kBar;
  if (among(kBangs, c)) return Sign::kBang;
  if (among(kBrackets, c)) return Sign::kBracket;
  const bool paired = std::any_of(kPairs.begin(), kPairs.end(), [c](const Pair& pair) {
    return pair.opening == c || pair.closing == c;
  });
  return among(kDouble, c) || paired ? Sign::kQuote : Sign::kNone;
}

}  // namespace

SignAt sign_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  std::size_t next = at;
  const char32_t c = text::next_code_point(text, next);
  return {sign_of(c), next - at, c};
}

bool opens_phrase(char32_t mark) {
  return among(kDouble, mark) || is_single_quote(mark) ||
         std::any_of(kPairs.begin(), kPairs.end(),
                     [mark](const Pair& pair) { return pair.opening == mark; });
}

bool closes_phrase(char32_t opening, char32_t mark) {
  if (among(kDouble, opening)) return among(kDouble, mark);
  if (is_single_quote(opening)) {
    const bool straight = opening == U'\'' || opening == U'＇';
    return straight ? mark == opening : mark == U'‘' || mark == U'’';
  }
  return std::any_of(kPairs.begin(), kPairs.end(), [&](const Pair& pair) {
    return pair.opening == opening && pair.closing == mark;
  });
}

bool is_single_quote(char32_t mark) { return among(kSingle, mark); }

std::string half_width(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = text::next_code_point(text, at);
    text::append_utf8(out, c > 0xFF00 && c < 0xFF5F ? c - 0xFEE0 : c);
  }
  return out;
}

std::string plain_value(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const SignAt here = sign_at(text, at);
    if (here.sign == Sign::kMinus) out += '-';
    else if (here.sign == Sign::kColon) out += ':';
    else if (here.sign == Sign::kStar) out += '*';
    else if (here.sign != Sign::kInvisible) out += half_width(text.substr(at, here.length));
    at += here.length;
  }
  return out;
}

}  // namespace vigie::indexer::query
