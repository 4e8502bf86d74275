#include "platform/text/words.h"

#include <libstemmer.h>
#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>

#include "platform/result/result.h"
#include "platform/text/ascii.h"
#include "platform/text/characters.h"
#include "platform/text/digits.h"
#include "platform/text/fold.h"
#include "platform/text/numbers.h"
#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

/// ICU's iterators are not thread-safe and dear to make: one a thread.
icu::BreakIterator& sentence_iterator() {
  static thread_local std::unique_ptr<icu::BreakIterator> made;
  if (made == nullptr) {
    UErrorCode status = U_ZERO_ERROR;
    made.reset(icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(), status));
    VIGIE_INVARIANT(U_SUCCESS(status) != 0 && made != nullptr);
  }
  return *made;
}

struct TextCloser {
  void operator()(UText* text) const { utext_close(text); }
};

/// Calls each(begin, end) for every sentence.
template <class Each>
void pieces(std::string_view utf8, Each&& each) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UText, TextCloser> text(
      utext_openUTF8(nullptr, utf8.data(), static_cast<std::int64_t>(utf8.size()), &status));
  icu::BreakIterator& breaks = sentence_iterator();
  breaks.setText(text.get(), status);
  VIGIE_INVARIANT(U_SUCCESS(status) != 0);
  std::int32_t begin = breaks.first();
  for (std::int32_t end = breaks.next(); end != icu::BreakIterator::DONE; end = breaks.next()) {
    each(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
    begin = end;
  }
  const icu::UnicodeString nothing;  // the iterator must not keep pointing at the text
  breaks.setText(nothing);
}

bool is_word_character(char32_t c) {
  if (c < 0x80)
    return ascii::is_digit(static_cast<char>(c)) || ascii::is_letter(static_cast<char>(c));
  const CharacterKind kind = character_kind(c);
  return is_letter_or_digit(kind) || kind == CharacterKind::kLetterNumber;  // 〇 of 二〇二五
}

/// Apostrophes that are letters by Unicode and part words as the others do.
bool is_letter_apostrophe(char32_t c) { return c == 0x02BC || c == 0x02BB || c == 0xFF07; }

/// Stays with the letter before it: a mark, a soft hyphen, a joiner.
bool goes_with_letter(char32_t c) {
  if (c < 0x80) return false;
  switch (character_kind(c)) {
    case CharacterKind::kNonSpacingMark:
    case CharacterKind::kSpacingMark:
    case CharacterKind::kEnclosingMark: return true;
    case CharacterKind::kFormat: return c != 0x200B;  // the space of no width is a space
    default: return false;
  }
}

bool is_format(char32_t c) { return c >= 0x80 && character_kind(c) == CharacterKind::kFormat; }

// U.S.S.R., J.R.R.; more letters in a row are no abbreviation
constexpr int kMaxInitials = 8;

/// Cuts a text into words: runs of letters, digits and their marks, and what belongs to a number,
/// to initials (U.S.) or to the name of a programming language (C++).
class WordScanner {
 public:
  explicit WordScanner(std::string_view text) : text_(text) {}

  std::vector<Word> run() {
    out_.reserve(text_.size() / 6);
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  struct Character {
    char32_t value = 0;
    std::size_t end = 0;
  };
  Character at(std::size_t place) const {
    if (place >= text_.size()) return {0, place};
    std::size_t next = place;
    const char32_t c = next_code_point(text_, next);
    return {c, next};
  }
  bool is_word_at(std::size_t place) const {
    const char32_t c = at(place).value;
    return is_word_character(c) && !is_letter_apostrophe(c);
  }

  void step() {
    const Character first = at(at_);
    if (!is_word_character(first.value) || is_letter_apostrophe(first.value)) {
      at_ = first.end;
    } else if (is_unspaced_script(first.value)) {
      const std::size_t begin = at_;
      at_ = behind_marks(first.end);
      put(begin, at_, true);
    } else {
      word();
    }
  }

  std::size_t behind_marks(std::size_t place) const {
    while (place < text_.size()) {
      const Character c = at(place);
      if (!goes_with_letter(c.value) || is_format(c.value)) break;
      place = c.end;
    }
    return place;
  }

  void word() {
    const std::size_t begin = at_;
    if (const std::size_t end = initials_end(begin); end > begin) {
      at_ = end;
      return put(begin, end, false);
    }
    std::size_t end = begin;  // behind the last letter or digit
    bool only_digits = true;
    for (std::size_t place = begin; place < text_.size();) {
      if (ascii::is_letter(text_[place])) {  // most of all text
        only_digits = false;
        end = ++place;
        continue;
      }
      const Character c = at(place);
      if (digit_value(c.value) >= 0) {
        place = end = number_end(text_, place, only_digits && place == begin);
      } else if (is_word_character(c.value) && !is_letter_apostrophe(c.value) &&
                 !is_unspaced_script(c.value)) {
        only_digits = false;
        place = end = c.end;
      } else if (goes_with_letter(c.value)) {
        place = c.end;
        if (!is_format(c.value)) end = place;
      } else if (is_middle_dot(place)) {
        place = c.end;
      } else {
        break;
      }
    }
    end = behind_symbols(begin, end);
    at_ = end;
    put(begin, end, false);
  }

  /// The end of letters parted by full stops: U.S, A.I; `begin` where there are none.
  std::size_t initials_end(std::size_t begin) const {
    const bool one_byte = static_cast<unsigned char>(text_[begin]) < 0x80;
    if (one_byte && begin + 1 < text_.size() && ascii::is_letter(text_[begin + 1])) return begin;
    std::size_t end = begin;
    int letters = 0;
    for (std::size_t place = begin; letters < kMaxInitials; ++letters) {
      const Character letter = at(place);
      const bool is_letter =
          is_word_at(place) && digit_value(letter.value) < 0 && !is_unspaced_script(letter.value);
      const std::size_t behind = is_letter ? behind_marks(letter.end) : place;
      if (!is_letter || is_word_at(behind)) break;  // a word of its own begins there
      end = behind;
      const Character stop = at(behind);
      if (stop.value != '.' && stop.value != 0xFF0E) {
        ++letters;
        break;
      }
      place = stop.end;
    }
    return letters > 1 ? end : begin;
  }

  /// The middle dot of Catalan: col·lecció.
  bool is_middle_dot(std::size_t place) const {
    const Character dot = at(place);
    if (dot.value != 0xB7 || place == 0) return false;
    const char before = text_[place - 1];
    const char32_t behind = at(dot.end).value;
    return (before == 'l' || before == 'L') && (behind == 'l' || behind == 'L');
  }

  /// Behind the signs that belong to the word before them: C++, C#, F#.
  std::size_t behind_symbols(std::size_t begin, std::size_t end) const {
    const auto is_plus = [](char32_t c) { return c == '+' || c == 0xFF0B; };
    const Character first = at(end);
    const Character second = at(first.end);
    if (is_plus(first.value) && is_plus(second.value)) {
      const char32_t behind = at(second.end).value;
      return is_word_character(behind) && digit_value(behind) < 0 ? end : second.end;
    }
    const bool sharp = first.value == '#' || first.value == 0xFF03;
    const Character letter = at(begin);
    return sharp && letter.end == end && digit_value(letter.value) < 0 && !is_word_at(first.end)
               ? first.end
               : end;
  }

  void put(std::size_t begin, std::size_t end, bool unspaced) {
    out_.push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin), unspaced});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Word> out_;
};

struct Stemmer {
  const char* language;
  const char* algorithm;
  bool other_script = false;  // leaves words of ASCII as they are
};
constexpr std::array kStemmers{
    Stemmer{"ar", "arabic", true},  Stemmer{"ca", "catalan"},        Stemmer{"da", "danish"},
    Stemmer{"de", "german"},        Stemmer{"el", "greek", true},    Stemmer{"en", "english"},
    Stemmer{"es", "spanish"},       Stemmer{"eu", "basque"},         Stemmer{"fi", "finnish"},
    Stemmer{"fr", "french"},        Stemmer{"ga", "irish"},          Stemmer{"hi", "hindi", true},
    Stemmer{"hu", "hungarian"},     Stemmer{"hy", "armenian", true}, Stemmer{"id", "indonesian"},
    Stemmer{"it", "italian"},       Stemmer{"lt", "lithuanian"},     Stemmer{"ne", "nepali", true},
    Stemmer{"nl", "dutch"},         Stemmer{"no", "norwegian"},      Stemmer{"pt", "portuguese"},
    Stemmer{"ro", "romanian"},      Stemmer{"ru", "russian", true},  Stemmer{"sr", "serbian"},
    Stemmer{"sv", "swedish"},       Stemmer{"ta", "tamil", true},    Stemmer{"tr", "turkish"},
    Stemmer{"yi", "yiddish", true},
};

const Stemmer* find_stemmer(std::string_view language) {
  const auto place =
      std::lower_bound(kStemmers.begin(), kStemmers.end(), language,
                       [](const Stemmer& a, std::string_view b) { return a.language < b; });
  return place != kStemmers.end() && place->language == language ? &*place : nullptr;
}

/// Endings that the rules of Snowball know with their accents alone, which folding took: without
/// them exportación and exportaciones stay apart.
struct Ending {
  std::string_view language;
  std::string_view folded;
  std::string_view written;
};
constexpr std::array kEndings{
    Ending{"es", "ion", "ión"}, Ending{"pt", "cao", "ção"},   Ending{"pt", "coes", "ções"},
    Ending{"pt", "sao", "são"}, Ending{"pt", "soes", "sões"},
};

std::string with_accents(std::string_view folded_word, std::string_view language) {
  for (const Ending& ending : kEndings) {
    if (language != ending.language || !folded_word.ends_with(ending.folded)) continue;
    folded_word.remove_suffix(ending.folded.size());
    return std::string(folded_word) + std::string(ending.written);
  }
  return std::string(folded_word);
}

struct StemmerCloser {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};

sb_stemmer* stemmer_of(std::string_view language) {
  static thread_local std::array<std::unique_ptr<sb_stemmer, StemmerCloser>, kStemmers.size()> made;
  const Stemmer* found = find_stemmer(language);
  if (found == nullptr) return nullptr;
  auto& slot = made[static_cast<std::size_t>(found - kStemmers.data())];
  if (slot == nullptr) slot.reset(sb_stemmer_new(found->algorithm, "UTF_8"));
  return slot.get();
}

}  // namespace

std::vector<Word> words(std::string_view utf8) { return WordScanner(utf8).run(); }

std::vector<Sentence> sentences(std::string_view utf8) {
  std::vector<Sentence> out;
  for (std::size_t line = 0; line < utf8.size();) {
    const std::size_t line_end = std::min(utf8.find('\n', line), utf8.size());
    const std::string_view text = utf8.substr(line, line_end - line);
    if (!trim(text).empty()) {
      pieces(text, [&](std::size_t from, std::size_t to) {
        const std::string_view trimmed = trim(text.substr(from, to - from));
        if (trimmed.empty()) return;
        const std::size_t begin = static_cast<std::size_t>(trimmed.data() - utf8.data());
        out.push_back({static_cast<std::uint32_t>(begin),
                       static_cast<std::uint32_t>(begin + trimmed.size())});
      });
    }
    line = line_end + 1;
  }
  return out;
}

Sentence sentence_at(std::string_view utf8, std::size_t offset) {
  offset = std::min(offset, utf8.size());
  const std::size_t line_break =
      offset == 0 ? std::string_view::npos : utf8.rfind('\n', offset - 1);
  std::size_t begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  std::size_t end = std::min(utf8.find('\n', offset), utf8.size());
  const auto inside = [&](std::size_t at) {
    return at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xC0U) == 0x80;
  };
  if (offset - begin > kSentenceReachBytes) {
    begin = offset - kSentenceReachBytes;
    while (begin < offset && inside(begin)) ++begin;
  }
  if (end - offset > kSentenceReachBytes) {
    end = offset + kSentenceReachBytes;
    while (inside(end)) ++end;
  }
  Sentence found{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  for (Sentence sentence : sentences(utf8.substr(begin, end - begin))) {
    sentence.begin += static_cast<std::uint32_t>(begin);
    sentence.end += static_cast<std::uint32_t>(begin);
    if (sentence.begin > offset) break;
    found = sentence;
    if (offset < sentence.end) break;
  }
  return found;
}

namespace {

std::string make_stem(std::string_view folded_word, std::string_view language,
                      sb_stemmer* stemmer) {
  const std::string written = with_accents(folded_word, language);
  const sb_symbol* stemmed =
      sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(written.data()),
                      static_cast<int>(written.size()));
  if (stemmed == nullptr) return std::string(folded_word);
  std::string out(reinterpret_cast<const char*>(stemmed),
                  static_cast<std::size_t>(sb_stemmer_length(stemmer)));
  return written == folded_word ? out : fold_text(out);
}

/// What a thread stemmed last: the words of news repeat, and a stem costs ten looks at one that is
/// known. Each word has one place, which the next word of that place takes.
class KnownStems {
 public:
  const std::string& of(std::string_view word, const Stemmer* language, sb_stemmer* stemmer) {
    const std::size_t hash =
        std::hash<std::string_view>()(word) ^ reinterpret_cast<std::uintptr_t>(language) * kMix;
    Entry& entry = entries_[(hash ^ hash >> 32) % kPlaces];
    if (entry.language != language || entry.word != word) {
      entry.stem = make_stem(word, language->language, stemmer);
      entry.word = word;
      entry.language = language;
    }
    return entry.stem;
  }

 private:
  static constexpr std::size_t kPlaces = 8'192;
  static constexpr std::size_t kMix = 0x9E3779B97F4A7C15;  // spreads the bits of a small number
  struct Entry {
    const Stemmer* language = nullptr;
    std::string word;
    std::string stem;
  };
  std::vector<Entry> entries_ = std::vector<Entry>(kPlaces);
};

bool is_ascii(std::string_view word) {
  return std::all_of(word.begin(), word.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Longer ones are rare, and would be kept.
constexpr std::size_t kMostKnownBytes = 64;

}  // namespace

bool has_stemmer(std::string_view language) { return find_stemmer(language) != nullptr; }

std::string stem(std::string_view folded_word, std::string_view language) {
  sb_stemmer* stemmer = stemmer_of(language);
  if (stemmer == nullptr) return std::string(folded_word);
  const Stemmer* const found = find_stemmer(language);
  if (found->other_script && is_ascii(folded_word)) return std::string(folded_word);
  if (folded_word.size() > kMostKnownBytes) return make_stem(folded_word, language, stemmer);
  static thread_local KnownStems known;
  return known.of(folded_word, found, stemmer);
}

}  // namespace vigie::text
