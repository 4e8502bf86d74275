#include "extractor/tagging/field.h"

#include <algorithm>

#include "platform/text/utf8.h"

namespace vigie::extractor::tagging {
namespace {

constexpr int kMaxOpenLetters = 24;  // that '*' may stand for; the longest German compounds
// bytes between two words of a phrase: a space, a quote, a no-break space folded, a hyphen
constexpr std::size_t kMaxGap = 4;

enum class Class { kOther, kSpaced, kUnspaced };

Class class_of(char32_t c) {
  if (c < 0x80)
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
               ? Class::kSpaced
               : Class::kOther;
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA ? Class::kSpaced : Class::kOther;
  if (c == 0xD7 || c == 0xF7 || c == 0x60C || c == 0x61B || c == 0x61F || c == 0x6D4 ||
      c == 0x37E || c == 0x387 || c == 0x589)
    return Class::kOther;
  if ((c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) ||
      (c >= 0x3008 && c <= 0x3020) || (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF0F))
    return Class::kOther;
  if (c == 0x30FB || c == 0xFFFD || c >= 0x1F000)
    return text::is_unspaced_script(c) ? Class::kUnspaced : Class::kOther;
  return text::is_unspaced_script(c) ? Class::kUnspaced : Class::kSpaced;
}

/// The code point that ends before `offset` (> 0).
char32_t code_point_before(std::string_view text, std::size_t& offset) {
  do {
    --offset;
  } while (offset > 0 && (static_cast<unsigned char>(text[offset]) & 0xC0) == 0x80);
  std::size_t at = offset;
  return text::next_code_point(text, at);
}

bool is_arabic(char32_t c) { return c >= 0x621 && c <= 0x6D3; }

/// And, then, by, like, for, the: written onto the next word. و ف ب ك ل ا س
bool is_arabic_clitic(char32_t c) {
  return c == 0x648 || c == 0x641 || c == 0x628 || c == 0x643 || c == 0x644 || c == 0x627;
}
constexpr int kMaxClitics = 4;  // "وبال"

}  // namespace

Field::Field(std::string_view source) : source_(source), folded_(text::fold(source)) {
  const std::string_view folded = folded_.text;
  bool inside = false;
  for (std::size_t offset = 0; offset < folded.size();) {
    const auto begin = static_cast<std::uint32_t>(offset);
    const Class kind = class_of(text::next_code_point(folded, offset));
    if (kind == Class::kUnspaced || (kind == Class::kSpaced && !inside))
      word_starts_.push_back(begin);
    inside = kind == Class::kSpaced;
  }
}

std::uint32_t Field::word_at(std::uint32_t folded_offset) const {
  const auto after = std::upper_bound(word_starts_.begin(), word_starts_.end(), folded_offset);
  return static_cast<std::uint32_t>(after - word_starts_.begin());
}

bool Field::chunk_at(const topic_packs::Chunk& chunk, std::size_t begin, std::size_t& word_begin,
                     std::size_t& end) const {
  const std::string_view folded = folded_.text;
  if (folded.compare(begin, chunk.literal.size(), chunk.literal) != 0) return false;
  word_begin = begin;
  end = begin + chunk.literal.size();
  std::size_t at = begin;
  const char32_t first = text::next_code_point(folded, at);
  if (class_of(first) == Class::kSpaced && begin > 0) {
    at = begin;
    char32_t before = code_point_before(folded, at);
    if (chunk.open_left) {
      int letters = 0;
      for (at = begin; at > 0 && letters < kMaxOpenLetters; ++letters) {
        std::size_t next = at;
        if (class_of(code_point_before(folded, next)) != Class::kSpaced) break;
        at = next;
      }
      word_begin = at;
    } else if (class_of(before) == Class::kSpaced) {
      if (!is_arabic(first)) return false;
      int letters = 0;
      for (at = begin; at > 0; ++letters) {
        std::size_t next = at;
        before = code_point_before(folded, next);
        if (class_of(before) != Class::kSpaced) break;
        if (!is_arabic_clitic(before) || letters == kMaxClitics) return false;
        at = next;
      }
    }
  }
  std::size_t last_at = end;
  if (class_of(code_point_before(folded, last_at)) != Class::kSpaced) return true;
  const int allowed = chunk.open_right  ? kMaxOpenLetters
                      : chunk.inflected ? topic_packs::kEndingLetters
                                        : 0;
  for (int letters = 0; end < folded.size(); ++letters) {
    std::size_t next = end;
    if (class_of(text::next_code_point(folded, next)) != Class::kSpaced) break;
    if (letters == allowed) return false;
    end = next;
  }
  return true;
}

bool Field::matches(const topic_packs::Phrase& phrase, std::uint32_t begin,
                    std::uint32_t& match_begin, std::uint32_t& match_end) const {
  const std::string_view folded = folded_.text;
  std::size_t word_begin = 0;
  std::size_t end = 0;
  if (!chunk_at(phrase.chunks.front(), begin, word_begin, end)) return false;
  const std::size_t start = word_begin;
  for (std::size_t i = 1; i < phrase.chunks.size(); ++i) {
    std::size_t at = end;
    while (at < folded.size() && at - end < kMaxGap &&
           (folded[at] == ' ' || folded[at] == '-' || folded[at] == '\'' || folded[at] == '"'))
      ++at;
    if (at == end) {
      // Two words without anything between are one word, save in scripts without spaces.
      std::size_t before = end;
      if (class_of(code_point_before(folded, before)) == Class::kSpaced) return false;
    }
    if (at >= folded.size() || !chunk_at(phrase.chunks[i], at, word_begin, end) || word_begin < at)
      return false;
  }
  if (phrase.initial_capital || !phrase.exact.empty()) {
    const auto [source_begin, source_end] =
        span(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
    std::size_t at = source_begin;
    if (!phrase.exact.empty()) {
      if (source_.substr(source_begin, source_end - source_begin) != phrase.exact) return false;
    } else if (!topic_packs::is_capital(text::next_code_point(source_, at))) {
      return false;
    }
  }
  match_begin = static_cast<std::uint32_t>(start);
  match_end = static_cast<std::uint32_t>(end);
  return true;
}

}  // namespace vigie::extractor::tagging
