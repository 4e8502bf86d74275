#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::dates {

/// What is known of the place a text comes from. It decides the language of month names, the order
/// of 03/04/2024, the calendar of numbers and what "IST" means.
struct DateHints {
  std::string_view language = {};  // BCP 47, may be empty
  std::string_view country = {};   // ISO 3166-1 alpha-2, upper case, may be empty
  // 03/04/2024 where neither language nor country is known: the month first
  bool month_first = true;
  // 5 Mar 24 without a mark of the century
  bool short_years = false;
  // of news; "dates" outside are numbers of something else
  int least_year = 1990;
  int most_year = 2099;
};

/// A day in a text, of the Gregorian calendar, with the time of day beside it.
struct WrittenDate {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  bool has_time = false;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  // minutes east of Greenwich; nothing where no zone is written or its name is not known
  std::optional<int> zone;
  bool utc = false;       // "Z", "GMT", "UTC" rather than an offset
  std::size_t begin = 0;  // bytes of the text given, the day alone
  std::size_t end = 0;

  /// RFC 3339 with the offset written, or YYYY-MM-DD where no zone is known.
  std::string text() const;
  /// The same instant; a day alone is 00:00 UTC.
  std::int64_t unix_ms() const;
  bool day_only() const { return !has_time || !zone; }
};

/// The days of a text, at most `most`, in order. Reads ISO 8601 and its misspellings, RFC 2822,
/// asctime, months by name in all languages of CLDR and in the order of each, digits of every
/// script, Han numerals, years of the Persian, Buddhist, Japanese and Minguo calendars. Numbers
/// that belong to a clock, a telephone, a law or a version are none. Total, pure, thread-safe.
std::vector<WrittenDate> read_dates(std::string_view text, const DateHints& hints = {},
                                    std::size_t most = 8);

/// The first of them; also Unix seconds and milliseconds that are all of the text.
std::optional<WrittenDate> read_date(std::string_view text, const DateHints& hints = {});

/// Whether 03/04/2024 is 4 March there.
bool is_month_first(const DateHints& hints);

/// The country of a host name by its top-level domain; empty for generic ones and for those that
/// are used as such (io, ai, tv, co, me).
std::string country_of_host(std::string_view host);
/// The language most news of a country is in; empty where there is none to name.
std::string_view language_of_country(std::string_view country);
/// The one country whose news is in a language (BCP 47): that of its region, else the only one that
/// has the language for its own. Empty where there are several, as for English.
std::string country_of_language(std::string_view language);

}  // namespace vigie::dates
