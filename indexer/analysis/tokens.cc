#include <algorithm>
#include <array>
#include <unordered_map>

#include "indexer/analysis/analysis.h"
#include "platform/text/ascii.h"
#include "platform/text/fold.h"
#include "platform/text/utf8.h"
#include "platform/text/words.h"

namespace vigie::indexer::analysis {
namespace {

// Typographic apostrophes that stand inside words (U+2019, U+02BC, U+FF07) beside the ASCII one.
constexpr std::array<std::string_view, 4> kApostrophes{"'", "\xE2\x80\x99", "\xCA\xBC",
                                                       "\xEF\xBC\x87"};

bool is_hangul_syllable(char32_t c) { return c >= 0xAC00 && c <= 0xD7A3; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Length of the apostrophe at the beginning of `text`, 0 if there is none.
std::size_t apostrophe_at(std::string_view text) {
  for (std::string_view apostrophe : kApostrophes) {
    if (text.starts_with(apostrophe)) return apostrophe.size();
  }
  return 0;
}

/// Cuts words into tokens: at apostrophes, and Hangul into syllables.
class Cutter {
 public:
  explicit Cutter(std::string_view field) : field_(field) {}

  void add(const text::Word& word) {
    const std::string_view bytes = field_.substr(word.offset, word.length);
    if (word.unspaced || (is_ascii(bytes) && bytes.find('\'') == std::string_view::npos)) {
      emit(word.offset, word.length);
      return;
    }
    std::size_t begin = word.offset;
    std::size_t at = word.offset;
    const std::size_t end = word.offset + word.length;
    while (at < end) {
      if (const std::size_t length = apostrophe_at(field_.substr(at, end - at)); length > 0) {
        emit(begin, at - begin);
        at += length;
        begin = at;
        continue;
      }
      std::size_t next = at;
      if (is_hangul_syllable(text::next_code_point(field_, next))) {
        emit(begin, at - begin);
        emit(at, next - at);
        begin = next;
      }
      at = next;
    }
    emit(begin, end - begin);
  }

  bool full() const { return tokens_.size() >= kMaxTokens; }
  std::vector<Token> take() { return std::move(tokens_); }

 private:
  void emit(std::size_t offset, std::size_t length) {
    if (length == 0 || full()) return;
    const std::string_view bytes = field_.substr(offset, length);
    std::string form = is_ascii(bytes) ? text::ascii_lower(bytes) : text::fold_text(bytes);
    if (form.empty()) return;
    tokens_.push_back({std::move(form), static_cast<std::uint32_t>(tokens_.size()),
                       static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(length)});
  }

  std::string_view field_;
  std::vector<Token> tokens_;
};

/// ISO 639-1 codes that some version of Snowball serves; platform/text says which ones this one
/// does.
constexpr std::array<std::string_view, 33> kSnowballLanguages{
    "ar", "ca", "cs", "da", "de", "el", "en", "eo", "es", "et", "eu",
    "fa", "fi", "fr", "ga", "hi", "hu", "hy", "id", "it", "lt", "ne",
    "nl", "no", "pl", "pt", "ro", "ru", "sr", "sv", "ta", "tr", "yi"};

}  // namespace

std::vector<Token> tokens(std::string_view field) {
  Cutter cutter(field);
  for (const text::Word& word : text::words(field)) {
    cutter.add(word);
    if (cutter.full()) break;
  }
  return cutter.take();
}

bool is_unspaced(std::string_view form) {
  if (form.size() < 2 || static_cast<unsigned char>(form[0]) < 0xC0) return false;
  std::size_t next = 0;
  const char32_t first = text::next_code_point(form, next);
  return text::is_unspaced_script(first) || is_hangul_syllable(first);
}

bool takes_stem(std::string_view form) {
  if (form.size() < 2 || is_unspaced(form)) return false;
  return std::none_of(form.begin(), form.end(), text::ascii::is_digit);
}

const std::vector<std::string>& stem_languages() {
  static const std::vector<std::string> served = [] {
    std::vector<std::string> out;
    for (std::string_view language : kSnowballLanguages) {
      if (text::has_stemmer(language)) out.emplace_back(language);
    }
    return out;
  }();
  return served;
}

std::string stem_language(std::string_view language) {
  std::string normal = normalise_language(language);
  const auto& served = stem_languages();
  return std::binary_search(served.begin(), served.end(), normal) ? normal : std::string();
}

std::string stem_term(std::string_view form, std::string_view language) {
  std::string term(language);
  term += '~';
  term += text::stem(form, language);
  return term;
}

std::vector<Posting> postings(const std::vector<Token>& tokens, std::string_view language) {
  const std::string stems_in = stem_language(language);
  std::unordered_map<std::string_view, std::string> stems;  // of this field: words repeat
  std::vector<Posting> out;
  out.reserve(tokens.size() * 2);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    out.push_back({token.form, token.position});
    if (is_unspaced(token.form)) {
      if (i + 1 < tokens.size() && is_unspaced(tokens[i + 1].form))
        out.push_back({token.form + tokens[i + 1].form, token.position});
    } else if (!stems_in.empty() && takes_stem(token.form)) {
      auto [known, fresh] = stems.try_emplace(token.form);
      if (fresh) known->second = stem_term(token.form, stems_in);
      out.push_back({known->second, token.position});
    }
  }
  return out;
}

std::vector<std::string> query_terms(std::string_view form, bool with_stems) {
  std::vector<std::string> out{std::string(form)};
  if (!with_stems || !takes_stem(form)) return out;
  for (const std::string& language : stem_languages()) out.push_back(stem_term(form, language));
  return out;
}

}  // namespace vigie::indexer::analysis
