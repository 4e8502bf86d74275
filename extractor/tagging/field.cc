#include "extractor/tagging/field.h"

#include <algorithm>
#include <array>
#include <string>

#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/topic_packs/pattern.h"

namespace vigie::extractor::tagging {
namespace {

using topic_packs::Left;

constexpr int kMaxOpenLetters = 24;       // that '*' may stand for; the longest German compounds
constexpr int kMinCompoundBeginning = 3;  // letters; fewer are a syllable of the word itself
constexpr int kMaxClitics = 4;            // "وبال"

using text::ascii::is_digit;

/// Steps back over one character.
char32_t code_point_before(std::string_view text, std::size_t& offset) {
  do {
    --offset;
  } while (offset > 0 && (static_cast<unsigned char>(text[offset]) & 0xC0) == 0x80);
  std::size_t at = offset;
  return text::next_code_point(text, at);
}

/// And, then, by, like, for, the: written onto the next word. و ف ب ك ل ا
bool is_clitic(char32_t c) {
  return c == 0x648 || c == 0x641 || c == 0x628 || c == 0x643 || c == 0x644 || c == 0x627;
}

/// What Korean writes onto a noun: of, to, from, by, with, and, only, until, the subject, …
constexpr std::array<std::string_view, 36> kParticles{
    "은",     "는",     "이",   "가",   "을",   "를",     "의",   "에",     "에서",
    "에게",   "로",     "으로", "와",   "과",   "도",     "만",   "까지",   "부터",
    "보다",   "처럼",   "이나", "나",   "라는", "이라는", "에는", "에도",   "에서는",
    "에서도", "으로는", "로는", "와의", "과의", "으로의", "로의", "에서의", "측"};

/// Moves past the letters of the word at `at`, at most so many.
bool skip_letters(std::string_view text, std::size_t& at, int most) {
  int letters = 0;
  while (text[at] != ' ') {
    if (++letters > most) return false;
    text::next_code_point(text, at);
  }
  return true;
}

/// In scripts without spaces: letters of the run, as far as they go.
void skip_number(std::string_view text, std::size_t& at) {
  while (is_digit(text[at]) ||
         ((text[at] == '.' || text[at] == ',') && is_digit(text[at + 1]) && is_digit(text[at - 1])))
    ++at;
}

}  // namespace

bool Field::left_holds(Left left, std::size_t hit, std::size_t& begin) const {
  const std::string_view text = matchable_.text;
  begin = hit;
  if (left == Left::kNothing || text[hit - 1] == ' ') return true;
  int letters = 0;
  while (text[begin - 1] != ' ') {
    const char32_t before = code_point_before(text, begin);
    if (left == Left::kClitics && (!is_clitic(before) || letters == kMaxClitics)) return false;
    if (++letters > kMaxOpenLetters) return false;
  }
  if (left != Left::kCompound) return true;
  std::size_t source = matchable_.source[begin];
  return letters >= kMinCompoundBeginning &&
         text::is_capital(text::next_code_point(source_, source));
}

bool Field::rest_holds(std::string_view rest, std::size_t& at) const {
  const std::string_view text = matchable_.text;
  if (at >= text.size()) return rest.empty();
  for (std::size_t i = 0; i < rest.size(); ++i) {
    // The text ends with a space, and no mark passes one: `at` stays inside.
    switch (rest[i]) {
      case topic_packs::kNumber:
        if (!is_digit(text[at]) || is_digit(text[at - 1])) return false;
        skip_number(text, at);
        break;
      case topic_packs::kDigit:
        if (!is_digit(text[at])) return false;
        ++at;
        if ((i + 1 == rest.size() || rest[i + 1] != topic_packs::kDigit) && is_digit(text[at]))
          return false;
        break;
      case topic_packs::kLetters:
        if (!skip_letters(text, at, kMaxOpenLetters)) return false;
        break;
      case topic_packs::kEnding:
        if (!skip_letters(text, at, topic_packs::kEndingLetters)) return false;
        break;
      case topic_packs::kParticle: {
        const std::string_view particle = text.substr(at, text.find(' ', at) - at);
        if (!particle.empty() &&
            std::find(kParticles.begin(), kParticles.end(), particle) == kParticles.end())
          return false;
        at += particle.size();
        break;
      }
      case topic_packs::kBeginning: {
        const std::string_view behind = rest.substr(i + 1);
        for (int letters = 0; letters <= kMaxOpenLetters; ++letters) {
          std::size_t end = at;
          if (rest_holds(behind, end)) {
            at = end;
            return true;
          }
          if (text[at] == ' ') return false;
          text::next_code_point(text, at);
        }
        return false;
      }
      default:
        if (at >= text.size() || text[at] != rest[i]) return false;
        ++at;
    }
    if (at >= text.size() && i + 1 < rest.size()) return false;
  }
  return true;
}

bool Field::is_written_so(std::string_view exact, std::size_t begin, std::size_t end) const {
  const auto [from, to] = span(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
  const std::string_view written = source_.substr(from, to - from);
  if (written == exact) return true;
  // Points of initials and full width make no difference.
  const auto plain = [](std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const char32_t c = text::next_code_point(text, at);
      if (c != '.') text::append_utf8(out, c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c);
    }
    return out;
  };
  return plain(written) == plain(exact);
}

bool Field::matches(const CompiledPhrase& phrase, std::string_view rest, std::string_view exact,
                    std::uint32_t hit, std::uint32_t& begin, std::uint32_t& end) const {
  const std::string_view text = matchable_.text;
  std::size_t first = hit;
  if (phrase.left != Left::kNothing && !left_holds(phrase.left, hit, first)) return false;
  std::size_t last = hit + phrase.literal_bytes;
  if (!rest.empty() && !rest_holds(rest, last)) return false;
  if (text[last - 1] == ' ') --last;
  if (text[first] == ' ') ++first;
  if (phrase.initial_capital && exact.empty()) {
    std::size_t source = matchable_.source[std::max<std::size_t>(hit + (text[hit] == ' '), first)];
    if (!text::is_capital(text::next_code_point(source_, source))) return false;
  }
  if (!exact.empty() && !is_written_so(exact, hit + (text[hit] == ' ' ? 1 : 0), last)) return false;
  begin = static_cast<std::uint32_t>(first);
  end = static_cast<std::uint32_t>(last);
  return true;
}

int Field::words_between(std::uint32_t left, std::uint32_t right, int most) const {
  const auto& ends = matchable_.sentence_ends;
  const auto ended = std::lower_bound(ends.begin(), ends.end(), left);
  if (ended != ends.end() && *ended <= right) return -1;
  const std::string_view text = matchable_.text;
  int words = 0;
  bool inside = false;
  for (std::size_t at = left; at < right;) {
    const text::Standing standing = text::standing_of(text::next_code_point(text, at));
    if (standing == text::Standing::kUnspaced || (standing == text::Standing::kWord && !inside))
      if (++words > most) return -1;
    inside = standing == text::Standing::kWord;
  }
  return words;
}

}  // namespace vigie::extractor::tagging
