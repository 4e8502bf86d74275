#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Instants and civil days of the Gregorian calendar in UTC, and their forms on the wire. Instants
/// are milliseconds since 1970-01-01T00:00:00Z. Pure.
namespace vigie::dates {

inline constexpr std::int64_t kMsPerDay = 86'400'000;

/// A civil time of UTC. `second` may be 60, a leap second, which counts as the next minute's first.
struct Civil {
  int year = 1970;
  unsigned month = 1;  // 1 to 12
  unsigned day = 1;    // 1 to 31
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

bool is_day(int year, unsigned month, unsigned day);
/// Days since 1970-01-01. Source: H. Hinnant, chrono-Compatible Low-Level Date Algorithms.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day);
/// Nothing for a day or a time that there is not.
std::optional<std::int64_t> unix_ms_of(const Civil& civil);
Civil civil_of(std::int64_t unix_ms);

/// RFC 3339 in UTC with milliseconds: 2026-01-31T18:00:00.000Z.
std::string rfc3339(std::int64_t unix_ms);
/// RFC 3339 in UTC, milliseconds dropped: 2026-01-31T18:00:00Z.
std::string rfc3339_seconds(std::int64_t unix_ms);
/// 2026-01-31.
std::string day(std::int64_t unix_ms);
/// 20260131180000, as CDXJ and archives of the web name instants.
std::string compact(std::int64_t unix_ms);
/// YYYY-MM-DD (00:00 UTC) or an RFC 3339 instant, whose seconds may be left out and whose fraction
/// may have any length. Nothing for anything else.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

/// IMF-fixdate: Sat, 31 Jan 2026 18:00:00 GMT. Source: RFC 9110 §5.6.7.
std::string http_date(std::int64_t unix_ms);
/// A Retry-After header as a time to wait, not below 0 and at most `most`: seconds, or a date,
/// which is read as loosely as servers write it. Nothing for anything else. Source: RFC 9110
/// §10.2.3.
std::optional<std::chrono::milliseconds> retry_after(std::string_view value,
                                                     std::int64_t now_unix_ms,
                                                     std::chrono::milliseconds most);

}  // namespace vigie::dates
