#include "extractor/metadata/date.h"

#include "platform/dates/dates.h"
#include "platform/dates/written_date.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostBytes = 200;  // of a value that can be a date
constexpr std::size_t kLeastBytes = 6;
constexpr int kLeastYear = 1990;
constexpr int kMostYear = 2099;

using text::ascii::is_digit;

// Reads digits: exactly `count`.
bool read_digits(std::string_view text, std::size_t& at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[at + i])) return false;
    value = value * 10 + (text[at + i] - '0');
  }
  at += count;
  out = value;
  return true;
}

}  // namespace

dates::DateHints written_hints(const DateHints& hints) {
  dates::DateHints out;
  out.language = hints.language;
  out.country = hints.country;
  out.least_year = kLeastYear;
  out.most_year = kMostYear;
  return out;
}

Date as_date(const dates::WrittenDate& written) {
  return {written.text(), written.unix_ms(), written.day_only(), {}};
}

std::optional<Date> parse_date(std::string_view value, const DateHints& hints) {
  if (value.size() > kMostBytes * 4) return std::nullopt;
  value = text::prefix(text::trim(value), kMostBytes);
  if (value.size() < kLeastBytes) return std::nullopt;
  const std::optional<dates::WrittenDate> found = dates::read_date(value, written_hints(hints));
  return found ? std::optional<Date>(as_date(*found)) : std::nullopt;
}

std::optional<Date> date_in_url(std::string_view url) {
  for (std::size_t i = 0; i + 8 <= url.size(); ++i) {
    if (is_digit(url[i]) && i > 0 && is_digit(url[i - 1])) continue;
    std::size_t at = i;
    int year = 0;
    int month = 0;
    int day = 0;
    if (!read_digits(url, at, 4, year) || year < kLeastYear || year > kMostYear) continue;
    const char separator = at < url.size() ? url[at] : ' ';
    const bool separated = separator == '/' || separator == '-' || separator == '_';
    if (separated) ++at;
    if (!read_digits(url, at, separated && at + 1 < url.size() && !is_digit(url[at + 1]) ? 1 : 2,
                     month))
      continue;
    if (separated) {
      if (at >= url.size() || url[at] != separator) continue;
      ++at;
    }
    if (!read_digits(url, at, separated && (at + 1 >= url.size() || !is_digit(url[at + 1])) ? 1 : 2,
                     day))
      continue;
    if (at < url.size() && is_digit(url[at])) continue;
    if (!dates::is_day(year, static_cast<unsigned>(month), static_cast<unsigned>(day))) continue;
    dates::WrittenDate written;
    written.year = year;
    written.month = static_cast<unsigned>(month);
    written.day = static_cast<unsigned>(day);
    Date out = as_date(written);
    out.carrier = "url";
    return out;
  }
  return std::nullopt;
}

}  // namespace vigie::extractor::metadata
