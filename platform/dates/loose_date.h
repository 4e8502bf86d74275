#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::dates {

/// A moment as a feed or a header wrote it.
struct LooseDate {
  // RFC 3339 with the offset the feed wrote ("Z" where it wrote none), or YYYY-MM-DD where it gave
  // no time
  std::string text;
  std::int64_t unix_ms = 0;  // the same instant; a day alone is 00:00 UTC
  bool day_only = false;
};

/// Reads RFC 822 and 2822 dates (two-digit years, zone names, missing weekday or seconds), RFC 3339
/// and ISO 8601 (basic and extended), asctime, and the mixtures of them that feeds contain, with
/// month names of seven languages. Nothing for text that holds no day, and for impossible dates.
/// Pure.
std::optional<LooseDate> read_loose(std::string_view text);

}  // namespace vigie::dates
