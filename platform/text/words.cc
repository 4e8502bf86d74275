#include "platform/text/words.h"

#include <libstemmer.h>
#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include <algorithm>
#include <array>
#include <memory>

#include "platform/result/result.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

/// ICU's iterators are not thread-safe and dear to make: one of each kind a thread.
icu::BreakIterator& iterator(bool of_words) {
  static thread_local std::unique_ptr<icu::BreakIterator> words_made;
  static thread_local std::unique_ptr<icu::BreakIterator> sentences_made;
  std::unique_ptr<icu::BreakIterator>& made = of_words ? words_made : sentences_made;
  if (made == nullptr) {
    UErrorCode status = U_ZERO_ERROR;
    made.reset(of_words
                   ? icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status)
                   : icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(), status));
    VIGIE_INVARIANT(U_SUCCESS(status) != 0 && made != nullptr);
  }
  return *made;
}

struct TextCloser {
  void operator()(UText* text) const { utext_close(text); }
};

/// Calls each(begin, end) for every piece between two boundaries of utf8[from, to).
template <class Each>
void pieces(std::string_view utf8, bool of_words, Each&& each) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UText, TextCloser> text(
      utext_openUTF8(nullptr, utf8.data(), static_cast<std::int64_t>(utf8.size()), &status));
  icu::BreakIterator& breaks = iterator(of_words);
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
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  // 〇 of 二〇二五
  return u_isalnum(static_cast<UChar32>(c)) != 0 ||
         u_charType(static_cast<UChar32>(c)) == U_LETTER_NUMBER;
}

void add_piece(std::string_view utf8, std::size_t begin, std::size_t end, std::vector<Word>& out) {
  bool letters = false;
  bool unspaced = false;
  for (std::size_t i = begin; i < end;) {
    const char32_t c = next_code_point(utf8, i);
    letters = letters || is_word_character(c);
    unspaced = unspaced || is_unspaced_script(c);
  }
  if (!letters) return;
  if (!unspaced) {
    out.push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin), false});
    return;
  }
  // One word a character; its marks stay with it. What is not of such a script stays together.
  for (std::size_t i = begin; i < end;) {
    const std::size_t from = i;
    const char32_t first = next_code_point(utf8, i);
    const bool single = is_unspaced_script(first);
    bool letter = is_word_character(first);
    while (i < end) {
      std::size_t next = i;
      const char32_t c = next_code_point(utf8, next);
      const auto category = u_charType(static_cast<UChar32>(c));
      const bool mark = category == U_NON_SPACING_MARK || category == U_COMBINING_SPACING_MARK ||
                        category == U_ENCLOSING_MARK;
      if (!mark && (single || is_unspaced_script(c))) break;
      letter = letter || is_word_character(c);
      i = next;
    }
    if (letter)
      out.push_back(
          {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(i - from), single});
  }
}

/// Texts are cut at spaces into stretches: ASCII letters and digits between spaces need no
/// iterator.
bool is_plain_word(std::string_view stretch) {
  return std::all_of(stretch.begin(), stretch.end(), [](char c) {
    return is_word_character(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80;
  });
}

struct Stemmer {
  const char* language;
  const char* algorithm;
};
constexpr std::array kStemmers{
    Stemmer{"ar", "arabic"},    Stemmer{"ca", "catalan"},    Stemmer{"da", "danish"},
    Stemmer{"de", "german"},    Stemmer{"el", "greek"},      Stemmer{"en", "english"},
    Stemmer{"es", "spanish"},   Stemmer{"eu", "basque"},     Stemmer{"fi", "finnish"},
    Stemmer{"fr", "french"},    Stemmer{"ga", "irish"},      Stemmer{"hi", "hindi"},
    Stemmer{"hu", "hungarian"}, Stemmer{"hy", "armenian"},   Stemmer{"id", "indonesian"},
    Stemmer{"it", "italian"},   Stemmer{"lt", "lithuanian"}, Stemmer{"ne", "nepali"},
    Stemmer{"nl", "dutch"},     Stemmer{"no", "norwegian"},  Stemmer{"pt", "portuguese"},
    Stemmer{"ro", "romanian"},  Stemmer{"ru", "russian"},    Stemmer{"sr", "serbian"},
    Stemmer{"sv", "swedish"},   Stemmer{"ta", "tamil"},      Stemmer{"tr", "turkish"},
    Stemmer{"yi", "yiddish"},
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

std::vector<Word> words(std::string_view utf8) {
  std::vector<Word> out;
  out.reserve(utf8.size() / 6);
  // ICU counts in 32-bit units of its own; stretches between ASCII spaces keep every call small and
  // let plain words pass without it.
  for (std::size_t begin = 0; begin < utf8.size();) {
    std::size_t end = begin;
    while (end < utf8.size() && static_cast<unsigned char>(utf8[end]) > ' ') ++end;
    const std::string_view stretch = utf8.substr(begin, end - begin);
    if (!stretch.empty() && is_plain_word(stretch)) {
      out.push_back(
          {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(stretch.size()), false});
    } else if (!stretch.empty()) {
      pieces(stretch, true, [&](std::size_t from, std::size_t to) {
        add_piece(utf8, begin + from, begin + to, out);
      });
    }
    begin = end + 1;
  }
  return out;
}

std::vector<Sentence> sentences(std::string_view utf8) {
  std::vector<Sentence> out;
  for (std::size_t line = 0; line < utf8.size();) {
    const std::size_t line_end = std::min(utf8.find('\n', line), utf8.size());
    const std::string_view text = utf8.substr(line, line_end - line);
    if (!trim(text).empty()) {
      pieces(text, false, [&](std::size_t from, std::size_t to) {
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

bool has_stemmer(std::string_view language) { return find_stemmer(language) != nullptr; }

std::string stem(std::string_view folded_word, std::string_view language) {
  sb_stemmer* stemmer = stemmer_of(language);
  if (stemmer == nullptr) return std::string(folded_word);
  const std::string written = with_accents(folded_word, language);
  const sb_symbol* stemmed =
      sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(written.data()),
                      static_cast<int>(written.size()));
  if (stemmed == nullptr) return std::string(folded_word);
  std::string out(reinterpret_cast<const char*>(stemmed),
                  static_cast<std::size_t>(sb_stemmer_length(stemmer)));
  return written == folded_word ? out : fold_text(out);
}

}  // namespace vigie::text
