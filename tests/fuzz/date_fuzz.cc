// libs: extractor/metadata platform/dates platform/text
// Dates: text and instant agree, the year is one of news, spans lie in the text, in order.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "extractor/metadata/date.h"
#include "platform/dates/loose_date.h"
#include "platform/dates/written_date.h"
#include "platform/text/utf8.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_spans(std::string_view input, const vigie::dates::DateHints& hints) {
  std::size_t behind = 0;
  for (const vigie::dates::WrittenDate& date : vigie::dates::read_dates(input, hints)) {
    check(date.year >= hints.least_year && date.year <= hints.most_year);
    check(date.begin >= behind && date.begin < date.end);
    if (vigie::text::is_valid_utf8(input)) check(date.end <= input.size());
    behind = date.end;
    const auto again = vigie::dates::read_date(date.text(), hints);
    check(again && again->text() == date.text());
  }
}

struct Place {
  std::string_view language;
  std::string_view country;
};
constexpr std::array<Place, 7> kPlaces{{{"", ""},
                                        {"en", ""},
                                        {"de", "AT"},
                                        {"fa", "IR"},
                                        {"th", "TH"},
                                        {"zh-TW", "TW"},
                                        {"ja", "JP"}}};

void check_place(std::string_view input, const Place& place) {
  vigie::dates::DateHints hints;
  hints.language = place.language;
  hints.country = place.country;
  check_spans(input, hints);
  const auto date = vigie::extractor::metadata::parse_date(input, {place.language, place.country});
  if (!date) return;
  check(date->text.size() >= 10 && date->text >= "1990" && date->text < "2100");
  const auto again =
      vigie::extractor::metadata::parse_date(date->text, {place.language, place.country});
  check(again && again->text == date->text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
#ifdef VIGIE_LIBFUZZER
  // one place an execution, the same for inputs of one length: seven times as many executions
  check_place(input, kPlaces[size % kPlaces.size()]);
#else
  for (const Place& place : kPlaces) check_place(input, place);
#endif
  if (const auto loose = vigie::dates::read_loose(input))
    check(loose->text.size() >= 10 && loose->day_only == (loose->text.size() == 10));
  vigie::extractor::metadata::date_in_url(input);
  return 0;
}
