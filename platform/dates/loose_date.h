#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::dates {

/// A moment as a feed or a header wrote it.
struct LooseDate {
  // RFC 3339 with the offset the feed wrote, or YYYY-MM-DD where it gave no time or no zone that is
  // known
  std::string text;
  std::int64_t unix_ms = 0;  // the same instant; a day alone is 00:00 UTC
  bool day_only = false;
};

/// What is known of who wrote it.
struct LooseHints {
  std::string_view language = {};  // BCP 47: that of the feed
  std::string_view country = {};   // ISO 3166-1 alpha-2, upper case: that of the source
  // a time without a zone is UTC, as in HTTP (RFC 9110 §5.6.7)
  bool utc_without_zone = false;
};

/// Reads RFC 822 and 2822 dates (two-digit years, zone names, missing weekday or seconds), RFC 3339
/// and ISO 8601 (basic and extended), asctime, Unix seconds, and whatever written_date.h reads.
/// 3/5/2024 is 3 May where the country or the language says so or "AM" stands beside it. Nothing
/// for text that holds no day, and for impossible dates. Pure.
std::optional<LooseDate> read_loose(std::string_view text, const LooseHints& hints = {});

}  // namespace vigie::dates
