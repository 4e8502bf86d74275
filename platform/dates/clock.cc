#include "platform/dates/clock.h"

#include "platform/dates/date_words.h"
#include "platform/dates/zones.h"
#include "platform/text/ascii.h"

namespace vigie::dates {
namespace {

using text::ascii::is_digit;

constexpr int kMostZoneHours = 14;

bool take_digits(std::string_view text, std::size_t& at, std::size_t count, int& out) {
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

bool digit_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_digit(text[at]);
}

// +02:00, -0500, +2, +5:30
std::optional<int> read_offset(std::string_view rest) {
  const int sign = rest.front() == '-' ? -1 : 1;
  std::size_t at = 1;
  std::size_t digits = 0;
  while (digits < 5 && digit_at(rest, at + digits)) ++digits;
  int hours = 0;
  int minutes = 0;
  if (digits == 0 || digits == 5) return std::nullopt;
  take_digits(rest, at, digits <= 2 ? digits : digits - 2, hours);
  if (digits > 2) {
    take_digits(rest, at, 2, minutes);
  } else if (at < rest.size() && rest[at] == ':') {
    ++at;
    take_digits(rest, at, 2, minutes);
  }
  if (hours > kMostZoneHours || minutes > 59) return std::nullopt;
  return sign * (hours * 60 + minutes);
}

// Zones whose letters are words of a sentence, too.
bool is_also_a_word(std::string_view name) { return DateWords::has(date_words().zone_words, name); }

bool words_follow(std::string_view rest) {
  const std::size_t at = rest.find_first_not_of(' ');
  return at != std::string_view::npos && (text::ascii::is_lower(rest[at]) || rest[at] < 0);
}

void read_zone(std::string_view rest, std::string_view country, Clock24& clock) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '(' || rest.front() == ','))
    rest.remove_prefix(1);
  if (rest.empty()) return;
  if (rest.front() == '+' || rest.front() == '-') {
    // "10:15 - 5 March" is no offset
    if (digit_at(rest, 1)) clock.zone = read_offset(rest);
    return;
  }
  std::size_t end = 0;
  while (end < rest.size() && text::ascii::is_lower(rest[end])) ++end;
  // "Uhr" and its like stand between
  if (rest.substr(0, end) == "uhr" || rest.substr(0, end) == "h")
    return end < rest.size() ? read_zone(rest.substr(end), country, clock) : void();
  if (is_also_a_word(rest.substr(0, end)) && words_follow(rest.substr(end))) return;
  clock.zone = zone_minutes(rest.substr(0, end), country);
  if (!clock.zone) return;
  clock.utc = *clock.zone == 0;
  // "GMT+0200" of JavaScript's Date, "UTC+8", "GMT +7"
  std::string_view behind = rest.substr(end);
  if (clock.utc && behind.size() > 2 && behind[0] == ' ' && behind[1] == '+')
    behind.remove_prefix(1);
  if (clock.utc && behind.size() > 1 && (behind[0] == '+' || behind[0] == '-') &&
      is_digit(behind[1])) {
    if (const std::optional<int> offset = read_offset(behind)) {
      clock.zone = offset;
      clock.utc = false;
    }
  }
}

void read_fraction(std::string_view text, std::size_t& at, Clock24& clock) {
  if (at >= text.size() || (text[at] != '.' && text[at] != ',') || !digit_at(text, at + 1)) return;
  int scale = 100;
  for (++at; digit_at(text, at); ++at, scale /= 10) clock.millisecond += (text[at] - '0') * scale;
}

// Behind hours, minutes and seconds: am, pm, zone. Whether it is a time of day.
bool finish(std::string_view rest, std::string_view country, Clock24& clock) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const bool pm = rest.starts_with("pm") || rest.starts_with("p.m");
  const bool am = rest.starts_with("am") || rest.starts_with("a.m");
  if (pm || am) {
    if (clock.hour > 12) return false;
    clock.has_meridiem = true;
    if (pm && clock.hour < 12) clock.hour += 12;
    if (am && clock.hour == 12) clock.hour = 0;
    rest.remove_prefix(rest[1] == '.' ? 3 : 2);
    if (!rest.empty() && rest.front() == '.') rest.remove_prefix(1);
  }
  // 24:00 and leap seconds are written, and RFC 3339 has no word for the first
  if (clock.hour == 24 && clock.minute == 0 && clock.second == 0) {
    clock.hour = 23;
    clock.minute = clock.second = 59;
  }
  if (clock.hour > 23 || clock.minute > 59 || clock.second > 60) return false;
  if (clock.second == 60) clock.second = 59;
  read_zone(rest, country, clock);
  return true;
}

std::optional<Clock24> clock_at_colon(std::string_view text, std::size_t colon,
                                      std::string_view country) {
  std::size_t begin = colon;
  while (begin > 0 && colon - begin < 2 && is_digit(text[begin - 1])) --begin;
  if (begin == colon) return std::nullopt;
  Clock24 clock;
  std::size_t at = begin;
  if (!take_digits(text, at, colon - begin, clock.hour)) return std::nullopt;
  const bool dotted = text[colon] == '.';
  at = colon + 1;
  if (!take_digits(text, at, 2, clock.minute) || digit_at(text, at)) return std::nullopt;
  if (at < text.size() && text[at] == ':' && !dotted) {
    std::size_t behind = at + 1;
    if (take_digits(text, behind, 2, clock.second)) at = behind;
  }
  if (!dotted) read_fraction(text, at, clock);
  if (!finish(text.substr(at), country, clock)) return std::nullopt;
  // 10.15 is a time of day beside am, pm or a zone alone
  if (dotted && !clock.has_meridiem && !clock.zone) return std::nullopt;
  return clock;
}

// t101500z, t1015+0200
std::optional<Clock24> compact_clock(std::string_view text, std::string_view country) {
  if (text.size() < 5 || (text[0] != 't' && text[0] != ' ')) return std::nullopt;
  std::size_t at = 1;
  Clock24 clock;
  if (!take_digits(text, at, 2, clock.hour) || !take_digits(text, at, 2, clock.minute))
    return std::nullopt;
  take_digits(text, at, 2, clock.second);
  if (digit_at(text, at) || (at < text.size() && text[at] == ':')) return std::nullopt;
  read_fraction(text, at, clock);
  if (!finish(text.substr(at), country, clock)) return std::nullopt;
  if (text[0] == ' ' && !clock.zone) return std::nullopt;
  return clock;
}

}  // namespace

std::optional<Clock24> find_clock(std::string_view text, std::string_view country) {
  if (std::optional<Clock24> found = compact_clock(text, country)) return found;
  for (std::size_t at = text.find_first_of(":."); at != std::string_view::npos;
       at = text.find_first_of(":.", at + 1)) {
    if (std::optional<Clock24> found = clock_at_colon(text, at, country)) return found;
  }
  return std::nullopt;
}

}  // namespace vigie::dates
