#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>

#include "indexer/analysis/analysis.h"
#include "indexer/analysis/units.h"
#include "indexer/analysis/variants.h"
#include "platform/text/ascii.h"
#include "platform/text/fold.h"
#include "platform/text/han.h"
#include "platform/text/utf8.h"
#include "platform/text/words.h"

namespace vigie::indexer::analysis {
namespace {

bool is_hangul_syllable(char32_t c) { return c >= 0xAC00 && c <= 0xD7A3; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Simplified, so that a word is found in both scripts of Chinese.
std::string han_form(std::string_view bytes) {
  const std::string folded = text::fold_text(bytes);
  std::string out;
  for (std::size_t at = 0; at < folded.size();)
    text::append_utf8(out, text::simplified_han(text::next_code_point(folded, at)));
  return out;
}

/// What may stand between a number and its unit.
constexpr std::array<std::string_view, 7> kJoints{" ",      "-",      "\u00A0", "\u2009",
                                                  "\u202F", "\u2010", "\u2011"};

constexpr std::string_view kGoesOn = "-/.,:_#";  // signs before a digit
constexpr std::size_t kThousand = 3;             // digits
constexpr std::size_t kMostThousands = 5;        // groups of a number; more are a table

/// Makes words into tokens: Hangul is cut into syllables.
class Cutter {
 public:
  Cutter(std::string_view field, std::size_t words) : field_(field) {
    tokens_.reserve(std::min(words, kMaxTokens));
  }

  void add(const text::Word& word) {
    const std::string_view bytes = field_.substr(word.offset, word.length);
    if (word.unspaced) return emit(word.offset, word.length, han_form(bytes));
    if (is_ascii(bytes)) return spaced(word.offset, word.length);
    std::size_t begin = word.offset;
    std::size_t at = word.offset;
    const std::size_t end = word.offset + word.length;
    while (at < end) {
      std::size_t next = at;
      if (is_hangul_syllable(text::next_code_point(field_, next))) {
        spaced(begin, at - begin);
        spaced(at, next - at);
        begin = next;
      }
      at = next;
    }
    spaced(begin, end - begin);
  }

  bool full() const { return tokens_.size() >= kMaxTokens; }
  std::vector<Token> take() {
    for (std::size_t i = 0; i < tokens_.size();) i = join_thousands(i);
    return std::move(tokens_);
  }

 private:
  /// A word without Hangul; a number, its unit and its currency are words of their own.
  void spaced(std::size_t offset, std::size_t length) {
    if (length == 0) return;
    const std::string_view typed = field_.substr(offset, length);
    if (std::none_of(typed.begin(), typed.end(), may_be_digit)) return folded(offset, length);
    const std::vector<std::size_t> parts = number_parts(typed);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::size_t end = i + 1 < parts.size() ? parts[i + 1] : length;
      folded(offset + parts[i], end - parts[i]);
    }
  }

  static bool may_be_digit(char c) {
    return text::ascii::is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
  }

  void folded(std::size_t offset, std::size_t length) {
    const std::string_view typed = field_.substr(offset, length);
    emit(offset, length, is_ascii(typed) ? text::ascii_lower(typed) : text::fold_text(typed));
  }

  void emit(std::size_t offset, std::size_t length, std::string form) {
    if (form.empty() || full()) return;
    tokens_.push_back({std::move(form),
                       static_cast<std::uint32_t>(tokens_.size()),
                       static_cast<std::uint32_t>(offset),
                       static_cast<std::uint32_t>(length),
                       {}});
    if (!is_unspaced(tokens_.back().form))
      add_variants(field_.substr(offset, length), {behind_hyphen(offset), behind_number(offset)},
                   tokens_.back());
  }

  /// The digits of a token that has nothing else; empty for any other.
  std::string_view digits_of(std::size_t i) const {
    const std::string_view form = tokens_[i].form;
    const bool only = std::all_of(form.begin(), form.end(), text::ascii::is_digit);
    return only ? form : std::string_view();
  }

  /// Whether one plain space is all that stands between a token and the next.
  bool spaces_next(std::size_t i) const {
    if (i + 1 >= tokens_.size()) return false;
    const std::size_t end = tokens_[i].offset + tokens_[i].length;
    return tokens_[i + 1].offset == end + 1 && field_[end] == ' ';
  }

  /// Gives the first token of a number whose thousands are parted by plain spaces the whole number
  /// as a variant. Out: the token behind the run of digits.
  std::size_t join_thousands(std::size_t first) {
    std::string whole(digits_of(first));
    std::size_t last = first;
    if (whole.empty()) return first + 1;
    bool thousands = whole.size() <= kThousand && whole[0] != '0' && !goes_on(first);
    while (spaces_next(last) && !digits_of(last + 1).empty()) {
      ++last;
      thousands = thousands && digits_of(last).size() == kThousand && last - first < kMostThousands;
      if (thousands) whole += digits_of(last);
    }
    if (thousands && last > first)
      tokens_[first].variants.push_back({Variant::Kind::kJoined, std::move(whole)});
    return last + 1;
  }

  /// Whether a token goes on from what stands right before it: A-12, 3/12, 1.12.
  bool goes_on(std::size_t i) const {
    const std::size_t begin = tokens_[i].offset;
    return begin > 0 && kGoesOn.find(field_[begin - 1]) != std::string_view::npos;
  }

  /// Whether the word before the last one is a number, and nothing but spaces and hyphens stands
  /// between them.
  bool behind_number(std::size_t offset) const {
    if (tokens_.size() < 2) return false;
    const Token& before = tokens_[tokens_.size() - 2];
    if (text::ascii::is_letter(field_[before.offset])) return false;  // as most are
    std::string_view between =
        field_.substr(before.offset + before.length, offset - before.offset - before.length);
    while (!between.empty()) {
      const auto* const joint =
          std::find_if(std::begin(kJoints), std::end(kJoints),
                       [&](std::string_view one) { return between.starts_with(one); });
      if (joint == std::end(kJoints)) return false;
      between.remove_prefix(joint->size());
    }
    return is_number(field_.substr(before.offset, before.length));
  }

  /// Whether a letter and a hyphen stand right before a place: F-35.
  bool behind_hyphen(std::size_t offset) const {
    if (offset < 2) return false;
    const char last = field_[offset - 1];  // of a hyphen, or of what is none
    if (last != '-' && static_cast<unsigned char>(last) < 0x80) return false;
    const std::string_view before = field_.substr(0, offset);
    const std::string_view kHyphens[] = {"-", "\u2010", "\u2011"};
    return std::any_of(std::begin(kHyphens), std::end(kHyphens), [&](std::string_view hyphen) {
      if (!before.ends_with(hyphen) || before.size() == hyphen.size()) return false;
      const char letter = before[before.size() - hyphen.size() - 1];
      return text::ascii::is_letter(letter) || static_cast<unsigned char>(letter) >= 0x80;
    });
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
static_assert(kSnowballLanguages.size() <= 64, "a bit for each");

}  // namespace

std::vector<Token> tokens(std::string_view field) {
  const std::vector<text::Word> words = text::words(field);
  Cutter cutter(field, words.size());
  for (const text::Word& word : words) {
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
  return std::none_of(form.begin(), form.end(), [](char c) {
    return text::ascii::is_digit(c) || c == '.' || c == '+' || c == '#';
  });
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

std::uint64_t stem_bit(std::string_view language) {
  const auto& served = stem_languages();
  const auto place = std::lower_bound(served.begin(), served.end(), language);
  return place != served.end() && *place == language ? 1ULL << (place - served.begin()) : 0;
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
  const auto stem_of = [&](std::string_view form) -> const std::string* {
    if (stems_in.empty() || !takes_stem(form)) return nullptr;
    auto [known, fresh] = stems.try_emplace(form);
    if (fresh) known->second = stem_term(form, stems_in);
    return &known->second;
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const std::size_t first = out.size();
    out.push_back({token.form, token.position});
    if (is_unspaced(token.form)) {
      if (i + 1 < tokens.size() && is_unspaced(tokens[i + 1].form))
        out.push_back({token.form + tokens[i + 1].form, token.position});
      continue;
    }
    if (const std::string* stem = stem_of(token.form)) out.push_back({*stem, token.position});
    for (const Variant& variant : token.variants) {
      out.push_back({variant.form, token.position});
      const std::string* stem = stem_of(variant.form);
      const bool fresh = stem != nullptr &&
                         std::none_of(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                                      [&](const Posting& one) { return one.term == *stem; });
      if (fresh) out.push_back({*stem, token.position});
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
