#include "indexer/analysis/variants.h"

#include <algorithm>
#include <array>

#include "indexer/analysis/units.h"
#include "platform/text/ascii.h"
#include "platform/text/digits.h"
#include "platform/text/fold.h"
#include "platform/text/matchable.h"
#include "platform/text/numbers.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::analysis {
namespace {

using text::ascii::is_alphanumeric;
using text::ascii::is_digit;
using text::ascii::is_lower;
using text::ascii::is_upper;

// Of more capitals most are a word in a heading.
constexpr std::size_t kMaxCapitals = 4;

// Beginnings of words in the languages that write plurals with s: what begins otherwise, as gp- and
// ng-, is spelt letter by letter.
constexpr std::array<std::string_view, 52> kOnsets{
    "bl", "br", "ch", "cl", "cr", "cz", "dr", "dw", "fl", "fr", "gh", "gl", "gn",
    "gr", "kh", "kl", "kn", "kr", "kw", "ll", "ph", "pf", "pl", "pn", "pr", "ps",
    "rh", "sb", "sc", "sf", "sh", "sk", "sl", "sm", "sn", "sp", "sq", "st", "sv",
    "sw", "sz", "th", "tr", "ts", "tw", "tz", "vl", "vr", "wh", "wr", "zh", "zw"};
// A vowel and s behind one of these is a plural that Snowball does not see (SMEs, SKUs, skis);
// these are the words that are none.
constexpr std::array<std::string_view, 14> kNoPlurals{"this", "thus", "plus", "tres", "pres",
                                                      "gras", "gros", "gris", "bras", "pris",
                                                      "plis", "chis", "clos", "crus"};

bool is_vowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

template <std::size_t N>
bool among(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

void add(Token& token, Variant::Kind kind, std::string form) {
  if (!form.empty() && !token.is(form)) token.variants.push_back({kind, std::move(form)});
}

bool all_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// GPUs, PhDs, H100s: capitals or digits, and a small s at the end.
bool is_spelt_as_plural(std::string_view typed) {
  if (typed.size() < 3 || typed.back() != 's') return false;
  const char last = typed[typed.size() - 2];
  if (!is_upper(last) && !is_digit(last)) return false;
  std::size_t capitals = 0;
  std::size_t digits = 0;
  for (char c : typed) {
    capitals += is_upper(c) ? 1U : 0U;
    digits += is_digit(c) ? 1U : 0U;
  }
  return capitals > 1 || (capitals > 0 && digits > 0);
}

/// Of a number and an s: F-35s and 5090s are several, the 1990s and 30s are years.
bool is_plural_of_number(std::string_view base, bool behind_hyphen) {
  if (!std::all_of(base.begin(), base.end(), is_digit)) return false;
  if (behind_hyphen) return true;
  const bool decade =
      base.size() == 4 && base.back() == '0' && (base[0] == '1' || base.starts_with("20"));
  return base.size() > 2 && !decade && !base.ends_with("00");
}

/// Of letters and perhaps digits in small letters: llms, gpus, h100s; `name`: written as a name is.
bool looks_like_plural(std::string_view base, bool name) {
  if (!std::all_of(base.begin(), base.end(), is_alphanumeric)) return false;
  if (is_digit(base.back())) return std::any_of(base.begin(), base.end(), is_lower);
  if (base.size() < 3 || base.back() == 's') return false;
  const auto vowel = std::find_if(base.begin(), base.end(), is_vowel);
  if (std::any_of(base.begin(), base.end(), is_digit)) return false;
  if (vowel == base.end()) return true;
  // Consonants and one vowel behind them: Snowball takes no s from these.
  const bool one_vowel = vowel + 1 == base.end() && *vowel != 'y' && base.size() > 2;
  if (!one_vowel) return false;
  return !among(kOnsets, base.substr(0, 2)) || (base.size() == 3 && !name);
}

/// Vocabulary that the rules above would take for plurals.
bool is_no_plural(std::string_view form) {
  return among(kNoPlurals, form) || form == "https" || form.ends_with("ss");
}

void add_singular(std::string_view typed, bool behind_hyphen, Token& token) {
  const std::string_view form = token.form;
  if (form.size() < 3 || form.back() != 's' || !all_ascii(form)) return;
  const std::string_view base = form.substr(0, form.size() - 1);
  const bool name = is_upper(typed[0]) && is_lower(typed[1]);
  const bool plural = is_spelt_as_plural(typed) || is_plural_of_number(base, behind_hyphen) ||
                      (looks_like_plural(base, name) && !is_no_plural(form));
  if (plural) add(token, Variant::Kind::kSingular, std::string(base));
}

/// us of U.S, and u.s of US: letters of any script that has capitals.
void add_initials(std::string_view typed, Token& token) {
  if (token.form.find('.') != std::string::npos) {
    if (std::any_of(token.form.begin(), token.form.end(), is_digit)) return;
    std::string joined = token.form;
    joined.erase(std::remove(joined.begin(), joined.end(), '.'), joined.end());
    return add(token, Variant::Kind::kInitials, std::move(joined));
  }
  if (typed.size() > kMaxCapitals * 2) return;
  std::size_t letters = 0;
  for (std::size_t at = 0; at < typed.size(); ++letters) {
    if (!text::is_capital(text::next_code_point(typed, at))) return;
  }
  if (letters < 2 || letters > kMaxCapitals || text::count_code_points(token.form) != letters)
    return;
  std::string dotted;
  for (std::size_t at = 0; at < token.form.size();) {
    if (!dotted.empty()) dotted += '.';
    text::append_utf8(dotted, text::next_code_point(token.form, at));
  }
  add(token, Variant::Kind::kInitials, std::move(dotted));
}

/// mueller of Müller, oersted of Ørsted.
void add_umlauts(std::string_view typed, Token& token) {
  if (all_ascii(typed)) return;
  std::string written;
  bool any = false;
  for (std::size_t at = 0; at < typed.size();) {
    const std::size_t begin = at;
    switch (text::next_code_point(typed, at)) {
      case U'ä':
      case U'Ä': written += "ae"; break;
      case U'ö':
      case U'Ö':
      case U'ø':
      case U'Ø': written += "oe"; break;
      case U'ü':
      case U'Ü': written += "ue"; break;
      case U'å':
      case U'Å': written += "aa"; break;
      default: written += typed.substr(begin, at - begin); continue;
    }
    any = true;
  }
  if (any) add(token, Variant::Kind::kUmlaut, text::fold_text(written));
}

/// The number in one spelling.
void spell_number(std::string_view typed, Token& token) {
  const std::size_t begin = first_digit(typed);
  if (begin == typed.size()) return;
  const std::size_t end = text::number_end(typed, begin, begin == 0);
  token.form = text::fold_text(typed.substr(0, begin)) +
               text::plain_number(typed.substr(begin, end - begin)) +
               text::fold_text(typed.substr(end));
}

/// Whether a word is of those that have no variant, as most do: letters of ASCII that do not end in
/// s and are not all capitals.
bool is_plain(std::string_view typed) {
  using text::ascii::is_letter;
  const char last = typed.back();
  return last != 's' && last != 'S' && (typed.size() == 1 || is_lower(typed[1])) &&
         std::all_of(typed.begin(), typed.end(), is_letter);
}

void add_units(Token& token) {
  for (const std::string_view other : other_units(token.form))
    add(token, Variant::Kind::kUnit, std::string(other));
}

}  // namespace

void add_variants(std::string_view typed, const Before& before, Token& token) {
  if (!before.number && is_plain(typed)) return;
  spell_number(typed, token);
  const char last = token.form.back();
  if (last == '+' || last == '#') {
    add(token, Variant::Kind::kLetter, token.form.substr(0, token.form.find(last)));
    return;
  }
  if (before.number) add_units(token);
  add_singular(typed, before.hyphen, token);
  add_initials(typed, token);
  add_umlauts(typed, token);
}

}  // namespace vigie::indexer::analysis
