#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

namespace vigie::topic_packs {

/// Stands in Chunk::literal for a number: digits, maybe with a decimal part ("#").
inline constexpr char kNumber = '\x01';
/// Stands in Chunk::literal for one digit of exactly as many ("###").
inline constexpr char kDigit = '\x02';
/// Characters of a term as written; a longer one is a text that went astray.
inline constexpr std::size_t kMaxTermCharacters = 200;

/// One word of a phrase, folded as articles are (platform/text/fold.h). In Han, kana and Thai a
/// chunk is any run of characters.
struct Chunk {
  std::string literal;      // with kNumber and kDigit
  bool open_left = false;   // "*word": any letters before it (German compounds)
  bool open_right = false;  // "word*": any letters after it
  bool inflected = false;   // "word~": at most kEndingLetters letters after it
};

/// How many letters of an ending "word~" allows: the longest case endings of Russian, Polish and
/// Greek nouns ("-ями", "-ами").
inline constexpr int kEndingLetters = 3;

/// Words in a row, with nothing but spaces, hyphens, apostrophes and quotes between them.
struct Phrase {
  std::vector<Chunk> chunks;     // at least one
  std::string exact;             // "=Phrase": the source must be this text; empty: any case
  bool initial_capital = false;  // the first letter of the source must be a capital
  // also the last part of a noun written with a capital ("Vergeltungszölle")
  bool compound = false;
};

/// A term: alternatives "a|b|c", or several groups of them near each other "a|b <6> c": in any
/// order, at most 6 words between, in one sentence. "(a|b) c" is "a c|b c", "(a)? b" is "a b|b".
struct Pattern {
  std::vector<std::vector<Phrase>> parts;
  int within = 0;  // words; 0 where there is one part
};

// kYes: capitals of the pattern are asked of the source; capitals alone ("EU") must be exactly so
enum class Names { kNo, kYes };

/// Reads the syntax above. In German (`language` "de") a single word of a topic is a compound's
/// last part too, unless it is written "^word". Errors: kQuarantine bad_pattern, in words for the
/// writer of a pack.
Result<Pattern> parse_pattern(std::string_view pattern, Names names,
                              std::string_view language = {});
/// The alternatives of a part with their parentheses written out.
Result<std::vector<std::string>> expand_alternatives(std::string_view part);

/// Whether a letter is a capital (Latin, Greek, Cyrillic, Armenian).
bool is_capital(char32_t code_point);

}  // namespace vigie::topic_packs
