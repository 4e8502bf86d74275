#include "platform/dates/dates.h"

#include <date/date.h>

#include <algorithm>
#include <charconv>

#include "platform/dates/loose_date.h"
#include "platform/text/ascii.h"

namespace vigie::dates {
namespace {

using Milliseconds = date::sys_time<std::chrono::milliseconds>;

Milliseconds instant(std::int64_t unix_ms) {
  return Milliseconds(std::chrono::milliseconds(unix_ms));
}

date::sys_seconds whole_seconds(std::int64_t unix_ms) {
  return date::floor<std::chrono::seconds>(instant(unix_ms));
}

/// Digits of `text` from `at`, exactly `count` of them.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!text::ascii::is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Offset in minutes: Z, +HH:MM or -HH:MM, the whole text.
std::optional<int> zone_minutes(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  const auto hours = digits(zone, 1, 2);
  const auto minutes = digits(zone, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

/// The day at the beginning of the text, as ms since 1970.
std::optional<std::int64_t> leading_day_ms(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!is_day(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)))
    return std::nullopt;
  return days_from_civil(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)) *
         kMsPerDay;
}

}  // namespace

bool is_day(int year, unsigned month, unsigned day) {
  return date::year_month_day(date::year(year), date::month(month), date::day(day)).ok();
}

std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  const std::int64_t shifted = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(shifted - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

std::optional<std::int64_t> unix_ms_of(const Civil& civil) {
  const bool possible = is_day(civil.year, civil.month, civil.day) && civil.hour <= 23 &&
                        civil.minute <= 59 && civil.second <= 60;
  if (!possible) return std::nullopt;
  const std::int64_t seconds = civil.hour * 3'600 + civil.minute * 60 + civil.second;
  return days_from_civil(civil.year, civil.month, civil.day) * kMsPerDay + seconds * 1'000;
}

Civil civil_of(std::int64_t unix_ms) {
  const date::sys_seconds time = whole_seconds(unix_ms);
  const date::sys_days day = date::floor<date::days>(time);
  const date::year_month_day ymd(day);
  const auto second_of_day = static_cast<unsigned>((time - day).count());
  return {static_cast<int>(ymd.year()),     static_cast<unsigned>(ymd.month()),
          static_cast<unsigned>(ymd.day()), second_of_day / 3'600,
          second_of_day / 60 % 60,          second_of_day % 60};
}

std::string rfc3339(std::int64_t unix_ms) { return date::format("%FT%TZ", instant(unix_ms)); }

std::string rfc3339_seconds(std::int64_t unix_ms) {
  return date::format("%FT%TZ", whole_seconds(unix_ms));
}

std::string day(std::int64_t unix_ms) {
  return date::format("%F", date::floor<date::days>(instant(unix_ms)));
}

std::string compact(std::int64_t unix_ms) {
  return date::format("%Y%m%d%H%M%S", whole_seconds(unix_ms));
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const auto day_ms = leading_day_ms(text);
  if (!day_ms || text.size() == 10) return day_ms;
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  if ((text[10] != 'T' && text[10] != 't') || !hour || !minute || text[13] != ':' || *hour > 23 ||
      *minute > 59)
    return std::nullopt;
  std::size_t at = 16;
  std::int64_t ms = *day_ms + *hour * 3'600'000LL + *minute * 60'000LL;
  if (at < text.size() && text[at] == ':') {
    const auto second = digits(text, at + 1, 2);
    if (!second || *second > 59) return std::nullopt;
    ms += *second * 1'000LL;
    at += 3;
    if (at < text.size() && text[at] == '.') {
      std::int64_t scale = 100;
      for (++at; at < text.size() && text::ascii::is_digit(text[at]); ++at, scale /= 10)
        ms += scale * (text[at] - '0');
    }
  }
  const auto zone = zone_minutes(text.substr(at));
  if (!zone) return std::nullopt;
  return ms - *zone * 60'000LL;
}

std::string http_date(std::int64_t unix_ms) {
  return date::format(std::locale::classic(), "%a, %d %b %Y %T GMT", whole_seconds(unix_ms));
}

std::optional<std::chrono::milliseconds> retry_after(std::string_view value,
                                                     std::int64_t now_unix_ms,
                                                     std::chrono::milliseconds most) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc::result_out_of_range && !value.empty() && value.front() != '-')
    return most;
  if (error == std::errc() && end == value.data() + value.size()) {
    if (seconds < 0) return std::nullopt;
    const auto bound = std::chrono::duration_cast<std::chrono::seconds>(most);
    return std::min<std::chrono::milliseconds>(most,
                                               std::min(std::chrono::seconds(seconds), bound));
  }
  const auto date = read_loose(value, {.utc_without_zone = true});
  if (!date) return std::nullopt;
  return std::clamp(std::chrono::milliseconds(date->unix_ms - now_unix_ms),
                    std::chrono::milliseconds(0), most);
}

}  // namespace vigie::dates
