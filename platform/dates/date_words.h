#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace vigie::dates {

/// The lists of date_words.txt, which says what each is. Folded.
struct DateWords {
  using Sorted = std::vector<std::string_view>;
  struct Era {
    std::string_view name;
    std::int64_t base = 0;  // the year before its first
  };

  static bool has(const Sorted& list, std::string_view word);

  Sorted joints;
  Sorted year_words;
  Sorted year_units;
  Sorted month_units;
  Sorted month_fronts;  // grown together with a month
  Sorted month_ends;
  Sorted numbers;  // in front of any number that is none of a day
  Sorted chains;   // in front of numbers with points and slashes
  Sorted clocks;
  Sorted before_clocks;
  Sorted zone_words;
  std::vector<Era> eras;
};

/// Read once a process.
const DateWords& date_words();

}  // namespace vigie::dates
