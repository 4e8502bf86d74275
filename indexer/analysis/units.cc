#include "indexer/analysis/units.h"

#include <algorithm>
#include <array>
#include <string>

#include "platform/text/ascii.h"
#include "platform/text/digits.h"
#include "platform/text/fold.h"
#include "platform/text/numbers.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::analysis {
namespace {

// What follows a number without a space and leaves it a number; 5G and 3D are names.
constexpr std::array<std::string_view, 57> kUnits{
    "b",   "bi",   "bio",  "bln", "bn",  "c",   "cm",  "f",   "ft",  "gb",   "ghz", "gw",
    "gwh", "h",    "k",    "kg",  "km",  "kw",  "kwh", "m",   "mb",  "mbps", "md",  "mds",
    "mdr", "mhz",  "mi",   "mia", "mio", "mld", "mln", "mm",  "mn",  "mrd",  "mw",  "mwh",
    "nm",  "pb",   "t",    "tb",  "tn",  "trn", "tsd", "tw",  "twh", "tys",  "w",   "x",
    "млн", "млрд", "трлн", "тыс", "нм",  "гвт", "мвт", "тис", "км"};
// Currencies that are written onto the number behind them.
constexpr std::array<std::string_view, 14> kCurrencies{
    "rmb", "usd", "us", "eur", "gbp", "cny", "jpy", "krw", "inr", "rs", "nt", "hk", "chf", "sgd"};

/// A unit and a word for it, as folding leaves both. `stem`: what its inflected forms begin with.
struct Pair {
  std::string_view unit;
  std::string_view word;
  std::string_view stem;
};
// en de fr es it pt nl sv no da pl ru uk tr. What is 10^9 in one language and 10^12 in another
// (billion) is compared as it is written.
constexpr std::array<Pair, 50> kPairs{{
    {"k", "thousand", "thousand"},     {"m", "million", "million"},
    {"mn", "million", "million"},      {"mln", "million", "million"},
    {"mio", "million", "million"},     {"b", "billion", "billion"},
    {"bn", "billion", "billion"},      {"bln", "billion", "billion"},
    {"bio", "billion", "billion"},     {"tn", "trillion", "trillion"},
    {"trn", "trillion", "trillion"},   {"tsd", "tausend", "tausend"},
    {"mrd", "milliarde", "milliard"},  {"mrd", "milliard", "milliard"},
    {"md", "milliard", "milliard"},    {"mds", "milliard", "milliard"},
    {"mdr", "milliarder", "milliard"}, {"mia", "milliarder", "milliard"},
    {"mill", "millon", "millon"},      {"m", "millones", "millon"},
    {"mln", "milione", "milion"},      {"mln", "milion", "milion"},
    {"mld", "miliardo", "miliard"},    {"mld", "miliard", "miliard"},
    {"mrd", "miliardo", "miliard"},    {"tys", "tysiac", "tysi"},
    {"mi", "milhoes", "milho"},        {"mi", "milhao", "milha"},
    {"bi", "bilhoes", "bilho"},        {"bi", "bilhao", "bilha"},
    {"mln", "miljoen", "miljoen"},     {"mld", "miljard", "miljard"},
    {"mn", "miljon", "miljon"},        {"md", "miljard", "miljard"},
    {"mn", "milyon", "milyon"},        {"mr", "milyar", "milyar"},
    {"млн", "миллион", "миллион"},     {"млн", "мільйон", "мільйон"},
    {"млрд", "миллиард", "миллиард"},  {"млрд", "мільярд", "мільярд"},
    {"трлн", "триллион", "триллион"},  {"тыс", "тысяча", "тысяч"},
    {"nm", "nanometer", "nanometer"},  {"nm", "nanometre", "nanometr"},
    {"kw", "kilowatt", "kilowatt"},    {"mw", "megawatt", "megawatt"},
    {"gw", "gigawatt", "gigawatt"},    {"tw", "terawatt", "terawatt"},
    {"gb", "gigabyte", "gigabyte"},    {"tb", "terabyte", "terabyte"},
}};
constexpr std::size_t kMaxEnding = 3;  // letters of an inflection

template <std::size_t N>
bool among(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_form_of(std::string_view form, const Pair& pair) {
  return form.starts_with(pair.stem) &&
         text::count_code_points(form.substr(pair.stem.size())) <= kMaxEnding;
}

void add(std::vector<std::string_view>& out, std::string_view word, std::string_view form) {
  if (word != form && std::find(out.begin(), out.end(), word) == out.end()) out.push_back(word);
}

}  // namespace

std::size_t first_digit(std::string_view typed) {
  std::size_t at = 0;
  while (at < typed.size()) {
    std::size_t next = at;
    if (text::ascii::is_letter(typed[at])) {  // most of all text
      ++next;
    } else if (text::digit_value(text::next_code_point(typed, next)) >= 0) {
      break;
    }
    at = next;
  }
  return at;
}

std::vector<std::size_t> number_parts(std::string_view typed) {
  std::vector<std::size_t> out{0};
  const std::size_t begin = first_digit(typed);
  if (begin == typed.size()) return out;
  const std::size_t end = text::number_end(typed, begin, begin == 0);
  if (begin == 0 && end == typed.size()) return out;
  const bool currency = begin > 0 && among(kCurrencies, text::fold_text(typed.substr(0, begin)));
  const bool unit = end < typed.size() && among(kUnits, text::fold_text(typed.substr(end)));
  const bool known = (begin == 0 || currency) && (end == typed.size() || unit);
  if (!known) return out;
  if (begin > 0) out.push_back(begin);
  if (end < typed.size()) out.push_back(end);
  return out;
}

bool is_number(std::string_view typed) {
  std::size_t next = 0;
  return !typed.empty() && text::digit_value(text::next_code_point(typed, next)) >= 0 &&
         text::number_end(typed, 0, true) == typed.size();
}

std::vector<std::string_view> other_units(std::string_view form) {
  std::vector<std::string_view> out;
  for (const Pair& pair : kPairs) {
    if (form == pair.unit) add(out, pair.word, form);
    else if (is_form_of(form, pair)) add(out, pair.unit, form);
  }
  return out;
}

}  // namespace vigie::indexer::analysis
