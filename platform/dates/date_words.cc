#include "platform/dates/date_words.h"

#include <algorithm>
#include <charconv>

#include "platform/text/word_lists.h"

namespace vigie::dates {

extern const std::string_view kDateWordsText;  // date_words.txt

namespace {

DateWords::Sorted sorted(DateWords::Sorted words) {
  std::sort(words.begin(), words.end());
  return words;
}

std::vector<DateWords::Era> eras_of(const text::WordLists& lists) {
  constexpr std::string_view kName = "era ";
  std::vector<DateWords::Era> out;
  for (const text::WordLine& line : lists.lines) {
    if (!line.name.starts_with(kName)) continue;
    const std::string_view year = line.name.substr(kName.size());
    std::int64_t base = 0;
    std::from_chars(year.data(), year.data() + year.size(), base);
    for (const std::string_view name : line.phrases) out.push_back({name, base});
  }
  return out;
}

DateWords read() {
  const text::WordLists lists = text::read_word_lists(kDateWordsText);
  const auto of = [&lists](std::string_view name) { return sorted(lists.of(name)); };
  DateWords out;
  out.joints = of("joint");
  out.year_words = of("year word");
  out.year_units = of("year unit");
  out.month_units = of("month unit");
  out.month_fronts = of("month front");
  out.month_ends = of("month end");
  out.numbers = of("number");
  out.chains = of("chain");
  out.clocks = of("clock");
  out.before_clocks = of("before clock");
  out.zone_words = of("zone word");
  out.eras = eras_of(lists);
  return out;
}

}  // namespace

bool DateWords::has(const Sorted& list, std::string_view word) {
  return std::binary_search(list.begin(), list.end(), word);
}

const DateWords& date_words() {
  static const DateWords kWords = read();
  return kWords;
}

}  // namespace vigie::dates
