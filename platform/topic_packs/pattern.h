#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

namespace vigie::topic_packs {

/// One word of a phrase, folded as articles are (platform/text/fold.h). In Han, kana and Thai a
/// chunk is any run of characters.
struct Chunk {
  std::string literal;
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
};

/// A term: alternatives "a|b|c", or several groups of them near each other "a|b <6> c": in any
/// order, at most 6 words between.
struct Pattern {
  std::vector<std::vector<Phrase>> parts;
  int within = 0;  // words; 0 where there is one part
};

// kYes: capitals of the pattern are asked of the source; capitals alone ("EU") must be exactly so
enum class Names { kNo, kYes };

/// Reads the syntax above. Errors: kQuarantine bad_pattern, in words for the writer of a pack.
Result<Pattern> parse_pattern(std::string_view pattern, Names names);

/// Whether a letter is a capital (Latin, Greek, Cyrillic, Armenian).
bool is_capital(char32_t code_point);

}  // namespace vigie::topic_packs
