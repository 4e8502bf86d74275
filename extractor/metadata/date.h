#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::extractor::metadata {

/// A moment as its publisher wrote it.
struct Date {
  // RFC 3339 with the publisher's own day and offset, or YYYY-MM-DD; never turned into UTC
  std::string text;
  // the same instant; a day alone counts as 00:00 UTC, unless the page writes the instant in UTC
  // beside it (on_day_shown)
  std::int64_t unix_ms = 0;
  bool day_only = true;
  std::string carrier;  // filled by who found it
};

/// How to read 03/04/2024: a language (ISO 639-1) and region decide; en without region and en-US
/// put the month first.
struct DateHints {
  std::string_view language = {};
};

/// A whole value: ISO 8601 and its misspellings, RFC 2822, day and month by name in forty
/// languages, numeric days, CJK days, Unix seconds and milliseconds. What stands around a day
/// ("Published: ", weekday, time of day) is ignored. Years 1990 to 2099 only; no date for anything
/// else.
std::optional<Date> parse_date(std::string_view value, const DateHints& hints = {});

/// The day in a URL path: /2024/03/05/, /2024-03-05-, /20240305/.
std::optional<Date> date_in_url(std::string_view url);

}  // namespace vigie::extractor::metadata
