#include "platform/dates/loose_date.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>
#include <vector>

#include "platform/dates/dates.h"
#include "platform/text/ascii.h"

namespace vigie::dates {
namespace {

/// A date that is longer than this is no date.
constexpr std::size_t kMaxDateBytes = 100;

struct Fields {
  int year = -1;
  int month = -1;
  int day = -1;
  int hour = -1;
  int minute = 0;
  int second = 0;
  bool has_zone = false;
  int zone_minutes = 0;
};

using text::ascii::is_digit;

bool is_in_word(char c) {
  return text::ascii::is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

int number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() ? value : -1;
}

/// Months by the beginnings of their names; longer beginnings stand before shorter ones where they
/// would hide them.
int month_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, int>, 50> kMonths{
      {{"jan", 1},
       {"ene", 1},
       {"gen", 1},
       {"f\xC3\xA9v", 2},
       {"feb", 2},
       {"fev", 2},
       {"fbr", 2},
       {"mar", 3},
       {"m\xC3\xA4r", 3},
       {"mrz", 3},
       {"maa", 3},
       {"mrt", 3},
       {"apr", 4},
       {"avr", 4},
       {"abr", 4},
       {"may", 5},
       {"mai", 5},
       {"mag", 5},
       {"mei", 5},
       {"juin", 6},
       {"jun", 6},
       {"giu", 6},
       {"juil", 7},
       {"jul", 7},
       {"lug", 7},
       {"aug", 8},
       {"ao\xC3\xBB", 8},
       {"aou", 8},
       {"ago", 8},
       {"sep", 9},
       {"set", 9},
       {"oct", 10},
       {"okt", 10},
       {"ott", 10},
       {"out", 10},
       {"nov", 11},
       {"dec", 12},
       {"d\xC3\xA9"
        "c",
        12},
       {"dez", 12},
       {"dic", 12},
       {"\xD1\x8F\xD0\xBD\xD0\xB2", 1},
       {"\xD1\x84\xD0\xB5\xD0\xB2", 2},
       {"\xD0\xBC\xD0\xB0\xD1\x80", 3},
       {"\xD0\xB0\xD0\xBF\xD1\x80", 4},
       {"\xD0\xBC\xD0\xB0\xD1\x8F", 5},
       {"\xD0\xB8\xD1\x8E\xD0\xBD", 6},
       {"\xD0\xB8\xD1\x8E\xD0\xBB", 7},
       {"\xD0\xB0\xD0\xB2\xD0\xB3", 8},
       {"\xD1\x81\xD0\xB5\xD0\xBD", 9},
       {"\xD0\xBE\xD0\xBA\xD1\x82", 10}}};
  for (const auto& [beginning, month] : kMonths) {
    if (word.substr(0, beginning.size()) == beginning) return month;
  }
  if (word.substr(0, 6) == "\xD0\xBD\xD0\xBE\xD1\x8F") return 11;
  if (word.substr(0, 6) == "\xD0\xB4\xD0\xB5\xD0\xBA") return 12;
  return -1;
}

/// Zones of RFC 822 §5 and the few others that feeds use; minutes east of Greenwich.
std::optional<int> zone_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, int>, 26> kZones{
      {{"z", 0},       {"ut", 0},      {"utc", 0},    {"gmt", 0},    {"est", -300}, {"edt", -240},
       {"cst", -360},  {"cdt", -300},  {"mst", -420}, {"mdt", -360}, {"pst", -480}, {"pdt", -420},
       {"akst", -540}, {"akdt", -480}, {"hst", -600}, {"wet", 0},    {"west", 60},  {"bst", 60},
       {"cet", 60},    {"cest", 120},  {"met", 60},   {"mez", 60},   {"eet", 120},  {"eest", 180},
       {"msk", 180},   {"jst", 540}}};
  for (const auto& [name, minutes] : kZones) {
    if (word == name) return minutes;
  }
  return std::nullopt;
}

/// Walks over the text and takes what it recognises; the order of day, month name and year does not
/// matter.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  Fields read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_digit(c)) {
        digits();
      } else if ((c == '+' || c == '-') && fields_.hour >= 0 && !fields_.has_zone &&
                 at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
        offset();
      } else if (is_in_word(c)) {
        word();
      } else {
        ++at_;
      }
    }
    return fields_;
  }

 private:
  std::string_view take_digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  bool next_is(char c) const {
    return at_ + 1 < text_.size() && text_[at_] == c && is_digit(text_[at_ + 1]);
  }

  void digits() {
    const std::string_view first = take_digits();
    if (fields_.hour < 0 && (first.size() == 1 || first.size() == 2) && next_is(':'))
      return clock(first);
    if (first.size() == 4 && fields_.year < 0) {
      fields_.year = number(first);
      if (next_is('-') || next_is('/') || next_is('.')) iso_rest();
      return;
    }
    if (first.size() == 8 && fields_.year < 0) {
      fields_.year = number(first.substr(0, 4));
      fields_.month = number(first.substr(4, 2));
      fields_.day = number(first.substr(6, 2));
      return;
    }
    if (first.size() == 6 && fields_.day >= 0 && fields_.hour < 0) {
      fields_.hour = number(first.substr(0, 2));
      fields_.minute = number(first.substr(2, 2));
      fields_.second = number(first.substr(4, 2));
      return;
    }
    if (first.size() > 2) return;
    if (fields_.day < 0 && (next_is('.') || next_is('/'))) return day_first(first);
    if (fields_.day < 0) {
      fields_.day = number(first);
    } else if (fields_.year < 0 && fields_.month >= 0) {
      // RFC 822 wrote two digits; RFC 2822 §4.3 says what they mean.
      fields_.year = number(first) + (number(first) < 50 ? 2000 : 1900);
    }
  }

  void iso_rest() {
    const char separator = text_[at_++];
    fields_.month = number(take_digits());
    if (!next_is(separator)) return;
    ++at_;
    const std::string_view day = take_digits();
    fields_.day = day.size() <= 2 ? number(day) : -1;
  }

  /// 31.01.2026 and 31/01/2026; month first where the second number cannot be a month.
  void day_first(std::string_view first) {
    const char separator = text_[at_++];
    const int a = number(first);
    const int b = number(take_digits());
    if (!next_is(separator)) return;
    ++at_;
    const std::string_view year = take_digits();
    fields_.year = year.size() == 2 ? number(year) + 2000 : number(year);
    fields_.day = b > 12 ? b : a;
    fields_.month = b > 12 ? a : b;
  }

  void clock(std::string_view hour) {
    fields_.hour = number(hour);
    ++at_;
    fields_.minute = number(take_digits());
    if (next_is(':')) {
      ++at_;
      fields_.second = number(take_digits());
    }
    if (next_is('.') || next_is(',')) {
      ++at_;
      take_digits();
    }
  }

  void offset() {
    const int sign = text_[at_++] == '-' ? -1 : 1;
    const std::string_view hours = take_digits();
    int minutes = 0;
    if (hours.size() == 4) {
      minutes = number(hours.substr(0, 2)) * 60 + number(hours.substr(2, 2));
    } else if (hours.size() == 3) {
      minutes = number(hours.substr(0, 1)) * 60 + number(hours.substr(1, 2));
    } else if (hours.size() <= 2) {
      minutes = number(hours) * 60;
      if (next_is(':')) {
        ++at_;
        minutes += number(take_digits());
      }
    }
    if (minutes > 18 * 60) return;
    fields_.has_zone = true;
    fields_.zone_minutes = sign * minutes;
  }

  void word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_in_word(text_[at_])) ++at_;
    const std::string letters = text::ascii::lower(text_.substr(begin, at_ - begin));
    if (fields_.hour >= 0 && letters == "pm") {
      if (fields_.hour < 12) fields_.hour += 12;
    } else if (fields_.hour >= 0 && letters == "am") {
      if (fields_.hour == 12) fields_.hour = 0;
    } else if (const auto zone = zone_of(letters); zone && fields_.hour >= 0) {
      // "GMT+2": the number follows.
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) return;
      if (!fields_.has_zone) fields_.zone_minutes = *zone;
      fields_.has_zone = true;
    } else if (fields_.month < 0) {
      // "mar." before a day is Tuesday in French; the month comes after it.
      if (fields_.day < 0 && fields_.year < 0 && at_ < text_.size() &&
          (text_[at_] == ',' || text_[at_] == '.'))
        return;
      fields_.month = month_of(letters);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Fields fields_;
};

bool possible(const Fields& fields) {
  if (fields.year < 1900 || fields.year > 9999 || fields.month < 1 || fields.day < 1) return false;
  if (!is_day(fields.year, static_cast<unsigned>(fields.month), static_cast<unsigned>(fields.day)))
    return false;
  return fields.hour <= 24 && fields.minute >= 0 && fields.minute <= 59 && fields.second >= 0 &&
         fields.second <= 60;
}

}  // namespace

std::optional<LooseDate> read_loose(std::string_view text) {
  if (text.size() > kMaxDateBytes) return std::nullopt;
  Fields fields = DateReader(text).read();
  if (!possible(fields)) return std::nullopt;
  LooseDate date;
  std::int64_t seconds = days_from_civil(fields.year, static_cast<unsigned>(fields.month),
                                         static_cast<unsigned>(fields.day)) *
                         86'400;
  char out[64];
  if (fields.hour < 0) {
    date.day_only = true;
    std::snprintf(out, sizeof out, "%04d-%02d-%02d", fields.year, fields.month, fields.day);
  } else {
    // 24:00 and leap seconds are written, and RFC 3339 has no word for the first.
    if (fields.hour == 24) fields.hour = 23, fields.minute = 59, fields.second = 59;
    if (fields.second == 60) fields.second = 59;
    seconds += fields.hour * 3600 + fields.minute * 60 + fields.second - fields.zone_minutes * 60;
    std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d", fields.year, fields.month,
                  fields.day, fields.hour, fields.minute, fields.second);
  }
  date.text = out;
  if (!date.day_only) {
    if (fields.zone_minutes == 0) {
      date.text += 'Z';
    } else {
      const int minutes = fields.zone_minutes < 0 ? -fields.zone_minutes : fields.zone_minutes;
      std::snprintf(out, sizeof out, "%c%02d:%02d", fields.zone_minutes < 0 ? '-' : '+',
                    minutes / 60, minutes % 60);
      date.text += out;
    }
  }
  date.unix_ms = seconds * 1000;
  return date;
}

}  // namespace vigie::dates
