// libs: extractor/metadata
// Dates: text and instant agree, the year is one of news.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "extractor/metadata/date.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const std::string_view language : {"", "en", "de"}) {
    const auto date = vigie::extractor::metadata::parse_date(input, {language});
    if (!date) continue;
    if (date->text.size() < 10 || date->text < "1990" || date->text >= "2100") std::abort();
    const auto again = vigie::extractor::metadata::parse_date(date->text, {language});
    if (!again || again->text != date->text) std::abort();
  }
  vigie::extractor::metadata::date_in_url(input);
  return 0;
}
