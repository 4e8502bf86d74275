#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

namespace vigie::topic_packs {

/// Characters of a phrase, and of a term with all its alternatives; a longer one is a text that
/// went astray.
inline constexpr std::size_t kMaxPhraseCharacters = 200;
inline constexpr std::size_t kMaxTermCharacters = 1000;

// What stands in Phrase::body for something else than itself:
inline constexpr char kNumber = '\x01';     // "#": digits, maybe with points or commas between
inline constexpr char kDigit = '\x02';      // one of "###": exactly so many digits in a row
inline constexpr char kLetters = '\x03';    // "word*": what is left of the word
inline constexpr char kEnding = '\x04';     // "word~": the same, at most kEndingLetters letters
inline constexpr char kParticle = '\x05';   // behind a Korean word: a particle, or nothing
inline constexpr char kBeginning = '\x06';  // "*word" inside a phrase: how that word begins
inline constexpr char kLastMark = kBeginning;

/// How many letters of an ending "word~" allows: the longest case endings of Russian, Polish and
/// Greek nouns ("-ями", "-ами").
inline constexpr int kEndingLetters = 3;

// What may stand before the first letter of a phrase, in its word.
enum class Left : std::uint8_t {
  kNothing,   // a word begins there (the body begins with a space), or there are no words
  kOpen,      // "*word": any letters (German compounds)
  kCompound,  // nothing, or the beginning of a noun written with a capital (Vergeltungs-zölle)
  kClitics,   // Arabic and, by, like, for, the, written onto the word
};

/// Words in a row, with nothing but spaces, hyphens, apostrophes and quotes between them.
struct Phrase {
  /// As text::Matchable lays it out, with marks; the spaces at its edges are those of the text.
  std::string body;
  Left left = Left::kNothing;
  bool initial_capital = false;  // the first letter of the source must be a capital
  std::uint8_t words = 0;        // in scripts without spaces: runs of characters
  std::string exact;             // "=Phrase": the source must be this text; empty: any case
};

/// A term: alternatives "a|b|c", or several groups of them near each other "a|b <6> c": in any
/// order, at most 6 words between, in one sentence. "(a|b) c" is "a c|b c", "(a)? b" is "a b|b".
/// "$chip" as an alternative stands for all words of the class `chip`; "<s>" for anywhere in the
/// sentence.
struct Pattern {
  std::vector<std::vector<Phrase>> parts;
  std::vector<std::vector<std::string>> classes;  // by part: names of word classes
  int within = 0;                                 // words; 0 where there is one part
};

/// Words between parts that "<s>" allows: a sentence has hardly ever more, a list without full
/// stops has.
inline constexpr int kWithinSentence = 80;

// kYes: capitals of the pattern are asked of the source; capitals alone ("EU") must be exactly so
enum class Names { kNo, kYes };

/// Reads the syntax above. In German (`language` "de") a single word of a topic is a compound's
/// last part too, unless it is written "^word". Errors: kQuarantine bad_pattern, in words for the
/// writer of a pack.
Result<Pattern> parse_pattern(std::string_view pattern, Names names,
                              std::string_view language = {});
/// The classes that a term names, each once, in the order of the term.
std::vector<std::string> classes_of(std::string_view pattern);
/// The alternatives of a part with their parentheses written out.
Result<std::vector<std::string>> expand_alternatives(std::string_view part);

}  // namespace vigie::topic_packs
