#include "platform/topic_packs/pattern.h"

#include <algorithm>
#include <charconv>

#include "platform/text/matchable.h"
#include "platform/text/utf8.h"

namespace vigie::topic_packs {
namespace {

// words of a phrase; longer ones never match news twice
constexpr std::size_t kMaxWords = 12;
constexpr std::size_t kMaxAlternatives = 64;  // of one group
// groups near each other; more would make verification superlinear
constexpr std::size_t kMaxParts = 4;
constexpr int kMaxWithin = 50;  // words; further apart is another sentence
// bytes before a '*': a single letter would match everything
constexpr std::size_t kMinPrefix = 2;
// of a German word that ends compounds; shorter ones end words by chance
constexpr std::size_t kMinCompoundLetters = 5;

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

/// Capitals, digits and points alone, four letters at most: an acronym ("EU", "G7", "U.S.").
bool is_acronym(std::string_view phrase) {
  int capitals = 0;
  std::size_t letters = 0;
  for (std::size_t offset = 0; offset < phrase.size();) {
    const char32_t c = text::next_code_point(phrase, offset);
    if (c == '.' || (c >= '0' && c <= '9')) continue;
    if (!text::is_capital(c)) return false;
    ++capitals;
    ++letters;
  }
  return capitals > 0 && letters <= 4;
}

/// "(a|b) c" → "a c", "b c"; "(a)? c" → "a c", " c". Parentheses do not nest.
Result<void> expand_groups(std::string_view written, std::vector<std::string>& out) {
  std::vector<std::string> made(1);
  while (true) {
    const std::size_t open = written.find_first_of("()");
    for (std::string& one : made) one += written.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = written.find_first_of("()", open + 1);
    if (written[open] == ')' || close == std::string_view::npos || written[close] == '(')
      return bad("parentheses go in pairs, without others inside, as in Claude (Opus|Sonnet)? #");
    std::vector<std::string_view> choices = split(written.substr(open + 1, close - open - 1), '|');
    written.remove_prefix(close + 1);
    if (!written.empty() && written.front() == '?') {
      choices.emplace_back();
      written.remove_prefix(1);
    }
    if (made.size() * choices.size() > kMaxAlternatives)
      return bad("the parentheses give more than 64 phrases; write a second term");
    std::vector<std::string> longer;
    for (const std::string& begun : made) {
      for (const std::string_view choice : choices) longer.push_back(begun + std::string(choice));
    }
    made = std::move(longer);
  }
  for (std::string& one : made) out.push_back(std::move(one));
  return {};
}

/// "gpt#" → "gpt" and kNumber, "h###" → "h" and three times kDigit.
std::string with_numbers(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size();) {
    if (word[i] != '#') {
      out += word[i++];
      continue;
    }
    const std::size_t end = std::min(word.find_first_not_of('#', i), word.size());
    out += end - i == 1 ? std::string(1, kNumber) : std::string(end - i, kDigit);
    i = end;
  }
  return out;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > kLastMark; });
}

char32_t first_of(std::string_view text) {
  std::size_t at = 0;
  return text::next_code_point(text, at);
}

char32_t last_of(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return text::next_code_point(text, at);
}

bool is_unspaced(char32_t c) { return text::standing_of(c) == text::Standing::kUnspaced; }

/// A word of a phrase, without its marks at the edges.
struct Chunk {
  std::string literal;  // with kNumber and kDigit
  bool open_left = false;
  char behind = 0;  // kLetters, kEnding or 0
};

Result<Chunk> parse_chunk(std::string_view word) {
  Chunk chunk;
  if (word.front() == '*') {
    chunk.open_left = true;
    word.remove_prefix(1);
  }
  if (!word.empty() && (word.back() == '*' || word.back() == '~')) {
    chunk.behind = word.back() == '*' ? kLetters : kEnding;
    word.remove_suffix(1);
  }
  if (word.empty() || word.find_first_of("*~^") != std::string_view::npos)
    return bad(
        "'*' and '~' stand at the edge of a word of letters, '^' before it, as in sanktion*, "
        "Росси~ or ^chips");
  const bool short_word = word.size() < kMinPrefix && word != "#";
  if ((chunk.open_left || chunk.behind == kLetters) && short_word)
    return bad("a single letter before '*' matches nearly everything; write more of the word");
  chunk.literal = with_numbers(word);
  return chunk;
}

/// The words of a text that was laid out, without a point at its end.
Result<std::vector<Chunk>> parse_chunks(std::string_view laid_out) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(laid_out, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  while (words.size() > 1 && words.back() == ".") words.pop_back();
  std::vector<Chunk> out;
  for (const std::string_view word : words) {
    VIGIE_ASSIGN(Chunk chunk, parse_chunk(word));
    out.push_back(std::move(chunk));
  }
  return out;
}

/// The chunk as it stands in the body, with the space behind it that the text has there.
std::string body_of(const Chunk& chunk, bool last) {
  std::string out = chunk.literal;
  if (chunk.behind != 0) out += chunk.behind;
  const bool plain = is_plain(chunk.literal.substr(chunk.literal.size() - 1));
  const char32_t end = plain ? last_of(chunk.literal) : U'0';
  if (last && chunk.behind == 0 && text::script_of(end) == text::kScriptHangul) out += kParticle;
  if (!last || chunk.behind != 0 || !is_unspaced(end)) out += ' ';
  return out;
}

/// What may stand before the phrase, and the space that does.
void set_left(Phrase& phrase, const std::vector<Chunk>& chunks, bool may_end_compound) {
  const Chunk& chunk = chunks.front();
  const bool plain = is_plain(chunk.literal.substr(0, 1));
  const char32_t begin = plain ? first_of(chunk.literal) : U'0';
  if (plain && is_unspaced(begin)) return;
  if (chunk.open_left) {
    phrase.left = Left::kOpen;
  } else if (text::script_of(begin) == text::kScriptArabic) {
    phrase.left = Left::kClitics;
  } else if (may_end_compound && chunks.size() == 1 && is_plain(chunk.literal) &&
             text::count_code_points(chunk.literal) >= kMinCompoundLetters) {
    phrase.left = Left::kCompound;
  } else {
    phrase.body = " ";
  }
}

Result<Phrase> parse_phrase(std::string_view written, Names names, std::string_view language) {
  std::string_view body = text::trim(written);
  Phrase phrase;
  const bool exact = !body.empty() && body.front() == '=';
  const bool whole = !body.empty() && body.front() == '^';
  if (exact || whole) body.remove_prefix(1);
  if (text::count_code_points(body) > kMaxPhraseCharacters)
    return bad("a phrase has at most 200 characters; this one would hardly ever match");
  if (body.empty()) return bad("an alternative is empty; write a word or drop the '|'");
  if (exact && body.find_first_of("*~#^") != std::string_view::npos)
    return bad("'=' asks for exactly this text; it cannot have '*', '~', '^' or '#'");
  VIGIE_ASSIGN(const std::vector<Chunk> chunks,
               parse_chunks(text::matchable(body, text::Marks::kYes).text));
  if (chunks.empty()) return bad("there is no letter or digit in '" + std::string(written) + "'");
  const auto is_word = [](const Chunk& chunk) {
    return !is_plain(chunk.literal) ||
           text::standing_of(first_of(chunk.literal)) != text::Standing::kSign;
  };
  const auto words = std::count_if(chunks.begin(), chunks.end(), is_word);
  if (static_cast<std::size_t>(words) > kMaxWords)
    return bad("a phrase has at most 12 words; this one would hardly ever match");
  const bool numbers_alone = std::all_of(chunks.begin(), chunks.end(), [](const Chunk& chunk) {
    return chunk.literal.find_first_not_of({kNumber, kDigit}) == std::string::npos;
  });
  if (numbers_alone) return bad("a number alone matches nearly everything; add a word");
  const auto opens = [](const Chunk& chunk) { return chunk.open_left; };
  if (std::count_if(chunks.begin() + 1, chunks.end(), opens) > 1)
    return bad("'*' stands before one word behind the first at most");
  set_left(phrase, chunks, language == "de" && names == Names::kNo && !whole && !exact);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (i > 0 && chunks[i].open_left) phrase.body += kBeginning;
    phrase.body += body_of(chunks[i], i + 1 == chunks.size());
  }
  phrase.words = static_cast<std::uint8_t>(chunks.size());
  const std::size_t first = body.find_first_not_of('*');
  if (names == Names::kYes && first != std::string_view::npos) {
    std::size_t at = first;
    phrase.initial_capital = text::is_capital(text::next_code_point(body, at));
    if (is_acronym(body)) phrase.exact = body;
  }
  if (exact) phrase.exact = body;
  return phrase;
}

/// The name behind the '$' of an alternative that is a class; empty if it is none.
std::string_view class_name(std::string_view alternative) {
  alternative = text::trim(alternative);
  if (alternative.size() < 2 || alternative[0] != '$' || alternative[1] < 'a' ||
      alternative[1] > 'z')
    return {};
  alternative.remove_prefix(1);
  const auto is_slug = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return std::all_of(alternative.begin(), alternative.end(), is_slug) ? alternative
                                                                      : std::string_view();
}

/// The words between two groups, from what stands between '<' and '>'; 0 if it is no distance.
int distance_of(std::string_view written) {
  if (written == "s") return kWithinSentence;
  int within = 0;
  const char* end = written.data() + written.size();
  const bool number = std::from_chars(written.data(), end, within).ptr == end;
  return number && within >= 1 && within <= kMaxWithin ? within : 0;
}

Result<void> add_part(std::string_view written, Names names, std::string_view language,
                      Pattern& out) {
  std::vector<Phrase> phrases;
  std::vector<std::string> classes;
  VIGIE_ASSIGN(const std::vector<std::string> alternatives, expand_alternatives(written));
  for (const std::string& alternative : alternatives) {
    if (const std::string_view name = class_name(alternative); !name.empty()) {
      classes.emplace_back(name);
      continue;
    }
    VIGIE_ASSIGN(Phrase phrase, parse_phrase(alternative, names, language));
    phrases.push_back(std::move(phrase));
  }
  if (phrases.size() > kMaxAlternatives)
    return bad("a term has at most 64 alternatives; write a second term");
  out.parts.push_back(std::move(phrases));
  out.classes.push_back(std::move(classes));
  return {};
}

bool has_control_characters(std::string_view pattern) {
  return std::any_of(pattern.begin(), pattern.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

std::vector<std::string> classes_of(std::string_view pattern) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= pattern.size();) {
    const std::size_t end = std::min(pattern.find_first_of("|<>", begin), pattern.size());
    const std::string name(class_name(pattern.substr(begin, end - begin)));
    if (!name.empty() && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    begin = end + 1;
  }
  return out;
}

Result<std::vector<std::string>> expand_alternatives(std::string_view part) {
  std::vector<std::string> out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= part.size(); ++i) {
    if (i < part.size()) {
      if (part[i] == '(') ++depth;
      if (part[i] == ')') --depth;
      if (part[i] != '|' || depth > 0) continue;
    }
    VIGIE_TRY(expand_groups(part.substr(begin, i - begin), out));
    begin = i + 1;
  }
  return out;
}

Result<Pattern> parse_pattern(std::string_view pattern, Names names, std::string_view language) {
  if (text::count_code_points(pattern) > kMaxTermCharacters)
    return bad("a term has at most 1000 characters; write several");
  if (has_control_characters(pattern)) return bad("a term is one line without control characters");
  Pattern out;
  std::string_view rest = pattern;
  while (true) {
    const std::size_t open = rest.find('<');
    VIGIE_TRY(add_part(rest.substr(0, open), names, language, out));
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('>', open);
    const int within =
        close == std::string_view::npos ? 0 : distance_of(rest.substr(open + 1, close - open - 1));
    if (within == 0)
      return bad(
          "nearness is written with a number of words from 1 to 50, or <s> for the sentence, as in "
          "chip* <6> export*");
    out.within = std::max(out.within, within);
    rest.remove_prefix(close + 1);
    if (out.parts.size() == kMaxParts) return bad("at most four groups can be near each other");
  }
  return out;
}

}  // namespace vigie::topic_packs
