#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::text {

/// Scripts that matter for which languages' terms can stand in a text; bits of a set.
enum Script : std::uint32_t {
  kScriptNone = 0,
  kScriptLatin = 1U << 0,
  kScriptCyrillic = 1U << 1,
  kScriptGreek = 1U << 2,
  kScriptArabic = 1U << 3,
  kScriptHebrew = 1U << 4,
  kScriptHan = 1U << 5,
  kScriptKana = 1U << 6,
  kScriptHangul = 1U << 7,
  kScriptThai = 1U << 8,
  kScriptDevanagari = 1U << 9,
  kScriptOther = 1U << 10,
};

/// A text laid out so that a phrase is one literal, with the way back. Folded (fold.h), and:
/// - one space stands before the first word, between two, and behind the last; hyphens, quotes,
///   apostrophes and middle dots are spaces, too;
/// - no space stands between characters of scripts written without them, one between such a
///   character and a word, and one where Hangul or Arabic letters meet Latin letters or digits;
/// - any other sign is a word of its own, save a point or comma between two digits;
/// - a blank line is the word "\n";
/// - traditional Han characters are simplified, capital initials with points are one word (A.I. is
///   "ai").
struct Matchable {
  std::string text;
  /// For each byte of `text`: the byte of the source where its character begins; for a space, where
  /// the word before it ended. Non-decreasing.
  std::vector<std::uint32_t> source;
  /// Ascending bytes of `text` before which a sentence or paragraph ended.
  std::vector<std::uint32_t> sentence_ends;
  std::uint32_t words = 0;    // and characters of scripts without spaces
  std::uint32_t scripts = 0;  // of Script, all that a letter was seen of
};

// kYes: '*', '~' and '#' are signs of a pattern; the first two stand at the word that they touch,
// '#' is a digit
enum class Marks { kNo, kYes };

/// In: valid UTF-8 under 1 GiB. Pure. Linear.
Matchable matchable(std::string_view utf8, Marks marks = Marks::kNo);

/// The source span of bytes [begin, end) of `made`, made from `utf8`; 0 < begin < end < size, and
/// no space at either edge.
std::pair<std::uint32_t, std::uint32_t> source_span(std::string_view utf8, const Matchable& made,
                                                    std::size_t begin, std::size_t end);

/// How a character stands in a Matchable.
enum class Standing : std::uint8_t { kDropped, kSpace, kWord, kUnspaced, kSign };
Standing standing_of(char32_t folded);
/// Bit of the script of a folded letter; kScriptNone for digits and signs.
std::uint32_t script_of(char32_t folded);
/// Whether a letter is a capital (Latin, Greek, Cyrillic, Armenian; full width too).
bool is_capital(char32_t code_point);

}  // namespace vigie::text
