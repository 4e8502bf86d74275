#include "platform/topic_packs/pattern.h"

#include <charconv>

#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::topic_packs {
namespace {

// words of a phrase; longer ones never match news twice
constexpr std::size_t kMaxChunks = 12;
constexpr std::size_t kMaxAlternatives = 64;  // of one group
// groups near each other; more would make verification superlinear
constexpr std::size_t kMaxParts = 3;
constexpr int kMaxWithin = 50;  // words; further apart is another sentence
// bytes before a '*': a single letter would match everything
constexpr std::size_t kMinPrefix = 2;

tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_pattern", std::move(detail));
}

/// Cuts at the separator; empty parts stay.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != separator) continue;
    out.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  return out;
}

bool separates_chunks(char c) { return c == ' ' || c == '-' || c == '\'' || c == '"'; }

/// Capitals, digits and points alone, four letters at most: an acronym ("EU", "G7", "U.S.").
bool is_acronym(std::string_view phrase) {
  int capitals = 0;
  std::size_t letters = 0;
  for (std::size_t offset = 0; offset < phrase.size();) {
    const char32_t c = text::next_code_point(phrase, offset);
    if (c == '.' || (c >= '0' && c <= '9')) continue;
    if (!is_capital(c)) return false;
    ++capitals;
    ++letters;
  }
  return capitals > 0 && letters <= 4;
}

Result<Phrase> parse_phrase(std::string_view written, Names names) {
  std::string_view body = text::trim(written);
  Phrase phrase;
  const bool exact = !body.empty() && body.front() == '=';
  if (exact) body.remove_prefix(1);
  if (body.empty()) return bad("an alternative is empty; write a word or drop the '|'");
  const std::string folded = text::fold_text(body);
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= folded.size(); ++i) {
    if (i < folded.size() && !separates_chunks(folded[i])) continue;
    std::string_view word(folded.data() + begin, i - begin);
    begin = i + 1;
    if (word.empty()) continue;
    Chunk chunk;
    if (word.front() == '*') {
      chunk.open_left = true;
      word.remove_prefix(1);
    }
    if (!word.empty() && word.back() == '*') {
      chunk.open_right = true;
      word.remove_suffix(1);
    } else if (!word.empty() && word.back() == '~') {
      chunk.inflected = true;
      word.remove_suffix(1);
    }
    if (word.empty() || word.find_first_of("*~") != std::string_view::npos)
      return bad("a '*' or '~' stands at the edge of a word of letters, as in sanktion* or Росси~");
    if ((chunk.open_left || chunk.open_right) && word.size() < kMinPrefix)
      return bad("a single letter before '*' matches nearly everything; write more of the word");
    chunk.literal = word;
    phrase.chunks.push_back(std::move(chunk));
  }
  if (phrase.chunks.empty())
    return bad("there is no letter or digit in '" + std::string(written) + "'");
  if (phrase.chunks.size() > kMaxChunks)
    return bad("a phrase has at most 12 words; this one would hardly ever match");
  std::size_t first = 0;
  while (first < body.size() && body[first] == '*') ++first;
  if (names == Names::kYes && first < body.size()) {
    phrase.initial_capital = is_capital(text::next_code_point(body, first));
    if (is_acronym(body)) phrase.exact = body;
  }
  if (exact) {
    if (body.find_first_of("*~") != std::string_view::npos)
      return bad("'=' asks for exactly this text; it cannot have '*' or '~'");
    phrase.exact = body;
  }
  return phrase;
}

}  // namespace

bool is_capital(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  if (c >= 0xC0 && c <= 0xDE) return c != 0xD7;
  if (c >= 0x100 && c <= 0x137) return c % 2 == 0;
  if (c >= 0x139 && c <= 0x148) return c % 2 == 1;
  if (c >= 0x14A && c <= 0x177) return c % 2 == 0;
  if (c >= 0x178 && c <= 0x17D) return c == 0x178 || c % 2 == 1;
  if (c >= 0x386 && c <= 0x3AB) return c != 0x387 && c != 0x390;
  if (c >= 0x400 && c <= 0x42F) return true;
  if (c >= 0x460 && c <= 0x52F) return c % 2 == 0;
  return c >= 0x531 && c <= 0x556;
}

Result<Pattern> parse_pattern(std::string_view pattern, Names names) {
  Pattern out;
  std::string_view rest = pattern;
  while (true) {
    const std::size_t open = rest.find('<');
    std::vector<Phrase> alternatives;
    for (const std::string_view alternative : split(rest.substr(0, open), '|')) {
      VIGIE_ASSIGN(Phrase phrase, parse_phrase(alternative, names));
      alternatives.push_back(std::move(phrase));
    }
    if (alternatives.size() > kMaxAlternatives)
      return bad("a term has at most 64 alternatives; write a second term");
    out.parts.push_back(std::move(alternatives));
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('>', open);
    int within = 0;
    const char* end = close == std::string_view::npos ? nullptr : rest.data() + close;
    if (end == nullptr || std::from_chars(rest.data() + open + 1, end, within).ptr != end ||
        within < 1 || within > kMaxWithin) {
      return bad(
          "nearness is written with a number of words from 1 to 50, as in chip* <6> export*");
    }
    out.within = std::max(out.within, within);
    rest.remove_prefix(close + 1);
    if (out.parts.size() == kMaxParts) return bad("at most three groups can be near each other");
  }
  return out;
}

}  // namespace vigie::topic_packs
