#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/dates/written_date.h"

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

/// Where a value stands: the language (BCP 47) and country (ISO 3166-1 alpha-2) of the page decide
/// what its months are called, how 03/04/2024 is read and in which calendar a year counts.
struct DateHints {
  std::string_view language = {};
  std::string_view country = {};
};
dates::DateHints written_hints(const DateHints& hints);

Date as_date(const dates::WrittenDate& written);

/// A whole value, as platform/dates/written_date.h reads it. What stands around a day
/// ("Published: ", weekday, time of day) is ignored. Years 1990 to 2099 only; no date for anything
/// else.
std::optional<Date> parse_date(std::string_view value, const DateHints& hints = {});

/// The day in a URL path: /2024/03/05/, /2024-03-05-, /20240305/.
std::optional<Date> date_in_url(std::string_view url);

}  // namespace vigie::extractor::metadata
