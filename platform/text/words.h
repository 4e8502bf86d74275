#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::text {

/// A word of a text. Scripts written without spaces give one word per character (the index makes
/// bigrams of neighbours).
struct Word {
  std::uint32_t offset = 0;  // bytes of the text given
  std::uint32_t length = 0;
  bool unspaced = false;  // one character of a script without spaces
};

/// Runs of letters, digits and their marks: whatever else stands between two of them parts them
/// (`@name`, `chips.Name`, `a_b`, apostrophes), but for the separators of a number (numbers.h) and
/// the full stops of initials (U.S, the last one left out), which stay inside, and ++ or # behind
/// C++ and C#. By the categories of Unicode alone, so that every ICU cuts alike. Pure, thread-safe,
/// linear.
std::vector<Word> words(std::string_view utf8);

/// Sentence spans [begin, end) in bytes, by ICU; line breaks end a sentence.
struct Sentence {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};
std::vector<Sentence> sentences(std::string_view utf8);
/// How far from the offset sentence_at looks on each side, in bytes: a line of megabytes must not
/// be read again for each place in it.
inline constexpr std::size_t kSentenceReachBytes = 4096;
/// The sentence around a byte offset; of a sentence that goes on beyond the reach, the part within
/// it.
Sentence sentence_at(std::string_view utf8, std::size_t offset);

/// Snowball stem of a folded word in a language (ISO 639-1); the word itself where there is no
/// stemmer. Thread-safe (per-thread stemmers).
std::string stem(std::string_view folded_word, std::string_view language);
bool has_stemmer(std::string_view language);

}  // namespace vigie::text
