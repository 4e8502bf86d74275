#pragma once

#include <array>
#include <span>
#include <string_view>

namespace vigie::dates {

/// Names of the twelve months in one language: months with ';' between, the names of one with '|';
/// '~' in front of an abbreviation. As CLDR has them, lower case.
struct MonthsOfLanguage {
  std::string_view language;  // ISO 639
  bool persian = false;       // of the Persian calendar
  std::string_view names;
};
std::span<const MonthsOfLanguage> months_of_languages();

struct FoundMonth {
  unsigned month = 0;  // 1 to 12; 0: none
  bool persian = false;
  bool own = false;      // of one of the languages asked for
  bool english = false;  // of English, whatever was asked for
  bool whole = false;    // no abbreviation
};

/// The month that folded words name (text::fold_text; the words of a name with one space between).
/// Names of `languages` go first, in their order; then those of the languages that news is written
/// in, where the more read one wins. `dotted`: a point stands behind the day, as in German or
/// Croatian and not in Polish. Whole words only; thread-safe.
FoundMonth find_month(std::string_view folded, std::span<const std::string_view> languages,
                      bool dotted);

/// Words of the longest name.
inline constexpr std::size_t kMostMonthWords = 7;

}  // namespace vigie::dates
