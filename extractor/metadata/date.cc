#include "extractor/metadata/date.h"

#include <algorithm>
#include <array>
#include <vector>

#include "extractor/metadata/months.h"
#include "platform/dates/dates.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

// older "dates" of web pages are numbers of something else
constexpr std::int64_t kLeastYear = 1990;
constexpr std::int64_t kMostYear = 2099;
constexpr std::size_t kMostBytes = 200;  // of a value that can be a date
constexpr std::int64_t kMsPerDay = 86'400'000;

// Numbers and words of a value, in order.
struct Token {
  enum class Kind { kNumber, kWord, kOther };
  Kind kind = Kind::kOther;
  std::string_view text;
  std::int64_t number = 0;
  char before = ' ';  // character in front of it
};

using text::ascii::is_digit;
bool is_word(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

std::vector<Token> cut(std::string_view text) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    Token token;
    token.before = i == 0 ? ' ' : text[i - 1];
    if (is_digit(text[i])) {
      while (end < text.size() && is_digit(text[end])) ++end;
      token.kind = Token::Kind::kNumber;
      token.text = text.substr(i, end - i);
      for (const char c : token.text.substr(0, 15)) token.number = token.number * 10 + (c - '0');
    } else if (is_word(text[i])) {
      while (end < text.size() && is_word(text[end])) ++end;
      token.kind = Token::Kind::kWord;
      token.text = text.substr(i, end - i);
    } else {
      ++i;
      continue;
    }
    out.push_back(token);
    i = end;
  }
  return out;
}

bool is_year(std::int64_t value) { return value >= kLeastYear && value <= kMostYear; }

unsigned days_in_month(std::int64_t year, unsigned month) {
  static constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

struct Civil {
  std::int64_t year = 0;
  unsigned month = 0;
  unsigned day = 0;
  bool valid() const {
    return is_year(year) && month >= 1 && month <= 12 && day >= 1 &&
           day <= days_in_month(year, month);
  }
};

std::string two(std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

Date date_of_day(const Civil& day) {
  Date out;
  out.text = std::to_string(day.year) + "-" + two(day.month) + "-" + two(day.day);
  out.unix_ms = dates::days_from_civil(day.year, day.month, day.day) * kMsPerDay;
  return out;
}

struct Time {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  bool has_zone = false;
  bool utc = false;
  int offset_minutes = 0;
};

Date date_of_instant(const Civil& day, const Time& time) {
  Date out = date_of_day(day);
  if (!time.has_zone) return out;
  out.day_only = false;
  out.text += "T" + two(time.hour) + ":" + two(time.minute) + ":" + two(time.second);
  if (time.utc) {
    out.text += "Z";
  } else {
    const int size = time.offset_minutes < 0 ? -time.offset_minutes : time.offset_minutes;
    out.text += (time.offset_minutes < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60);
  }
  out.unix_ms +=
      ((time.hour * 60LL + time.minute - time.offset_minutes) * 60 + time.second) * 1000 +
      time.millisecond;
  return out;
}

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

struct ZoneName {
  std::string_view name;
  int minutes;
};
constexpr std::array kZones = std::to_array<ZoneName>(
    {{"utc", 0},    {"gmt", 0},    {"z", 0},      {"est", -300}, {"edt", -240}, {"cst", -360},
     {"cdt", -300}, {"mst", -420}, {"mdt", -360}, {"pst", -480}, {"pdt", -420}, {"cet", 60},
     {"cest", 120}, {"mez", 60},   {"mesz", 120}, {"bst", 60},   {"eet", 120},  {"eest", 180},
     {"msk", 180},  {"ist", 330},  {"jst", 540},  {"kst", 540},  {"aest", 600}, {"aedt", 660}});

void read_zone(std::string_view rest, Time& time) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '(')) rest.remove_prefix(1);
  if (rest.empty()) return;
  if (rest.front() == '+' || rest.front() == '-') {
    const bool negative = rest.front() == '-';
    std::size_t at = 1;
    int hours = 0;
    int minutes = 0;
    if (!read_digits(rest, at, 2, hours)) return;
    if (at < rest.size() && rest[at] == ':') ++at;
    std::size_t behind = at;
    if (read_digits(rest, behind, 2, minutes)) at = behind;
    if (hours > 14 || minutes > 59) return;
    time.has_zone = true;
    time.offset_minutes = (negative ? -1 : 1) * (hours * 60 + minutes);
    return;
  }
  std::size_t end = 0;
  while (end < rest.size() && rest[end] >= 'a' && rest[end] <= 'z') ++end;
  for (const ZoneName& zone : kZones) {
    if (zone.name != rest.substr(0, end)) continue;
    time.has_zone = true;
    time.offset_minutes = zone.minutes;
    time.utc = zone.minutes == 0;
    // "GMT+0200" of JavaScript's Date.
    if (time.utc && end + 1 < rest.size() && (rest[end] == '+' || rest[end] == '-') &&
        is_digit(rest[end + 1])) {
      time.utc = false;
      read_zone(rest.substr(end), time);
    }
    return;
  }
}

// The first hh:mm[:ss[.fff]] [am|pm] [zone] of a text in lower case.
std::optional<Time> find_time(std::string_view text) {
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':', colon + 1)) {
    std::size_t begin = colon;
    while (begin > 0 && colon - begin < 2 && is_digit(text[begin - 1])) --begin;
    if (begin == colon || colon + 2 >= text.size() + 0) continue;
    Time time;
    std::size_t at = begin;
    if (!read_digits(text, at, colon - begin, time.hour)) continue;
    at = colon + 1;
    if (!read_digits(text, at, 2, time.minute)) continue;
    if (at < text.size() && text[at] == ':') {
      std::size_t behind = at + 1;
      if (read_digits(text, behind, 2, time.second)) at = behind;
    }
    if (at < text.size() && (text[at] == '.' || text[at] == ',') && at + 1 < text.size() &&
        is_digit(text[at + 1])) {
      ++at;
      int scale = 100;
      while (at < text.size() && is_digit(text[at])) {
        time.millisecond += (text[at] - '0') * scale;
        scale /= 10;
        ++at;
      }
    }
    std::string_view rest = text.substr(at);
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    const bool pm = rest.substr(0, 2) == "pm" || rest.substr(0, 4) == "p.m.";
    const bool am = rest.substr(0, 2) == "am" || rest.substr(0, 4) == "a.m.";
    if (pm && time.hour < 12) time.hour += 12;
    if (am && time.hour == 12) time.hour = 0;
    if (pm || am) rest.remove_prefix(rest[1] == '.' ? 4 : 2);
    if (time.hour > 23 || time.minute > 59 || time.second > 60) continue;
    if (time.second == 60) time.second = 59;
    read_zone(rest, time);
    return time;
  }
  return std::nullopt;
}

std::optional<Date> with_time(const Civil& day, std::string_view text) {
  if (!day.valid()) return std::nullopt;
  const std::optional<Time> time = find_time(text);
  return time ? date_of_instant(day, *time) : date_of_day(day);
}

// 20240305 or 20240305T101500Z.
std::optional<Date> compact(std::string_view text) {
  std::size_t at = 0;
  int year = 0;
  int month = 0;
  int day = 0;
  if (!read_digits(text, at, 4, year) || !read_digits(text, at, 2, month) ||
      !read_digits(text, at, 2, day))
    return std::nullopt;
  if (at < text.size() && is_digit(text[at])) {
    // 20240305101500 without a separator
    if (text.size() < 12) return std::nullopt;
  }
  const Civil civil{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
  if (!civil.valid()) return std::nullopt;
  if (at < text.size() && (text[at] == 't' || text[at] == ' ')) {
    ++at;
    Time time;
    if (read_digits(text, at, 2, time.hour) && read_digits(text, at, 2, time.minute) &&
        time.hour < 24 && time.minute < 60) {
      read_digits(text, at, 2, time.second);
      read_zone(text.substr(at), time);
      return date_of_instant(civil, time);
    }
  }
  return date_of_day(civil);
}

std::optional<Date> unix_time(const Token& token) {
  if (token.text.size() != 10 && token.text.size() != 13) return std::nullopt;
  const std::int64_t ms = token.text.size() == 10 ? token.number * 1000 : token.number;
  const std::int64_t days = ms / kMsPerDay;
  // Civil day from days, by Hinnant's algorithm.
  const std::int64_t z = days + 719468;
  const std::int64_t era = z / 146097;
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  const auto day = static_cast<unsigned>(doy - (153 * mp + 2) / 5 + 1);
  const auto month = static_cast<unsigned>(mp < 10 ? mp + 3 : mp - 9);
  const Civil civil{yoe + era * 400 + (month <= 2 ? 1 : 0), month, day};
  if (!civil.valid()) return std::nullopt;
  Time time;
  const std::int64_t rest = (ms % kMsPerDay) / 1000;
  time.hour = static_cast<int>(rest / 3600);
  time.minute = static_cast<int>(rest / 60 % 60);
  time.second = static_cast<int>(rest % 60);
  time.has_zone = time.utc = true;
  return date_of_instant(civil, time);
}

bool month_comes_first(std::string_view language) {
  return language.empty() || language == "en" || language == "en-US" || language == "en-us" ||
         language == "en_US";
}

// Three numbers in a row, written as a day.
std::optional<Civil> numeric_day(const std::vector<Token>& tokens, std::string_view language) {
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    const Token& a = tokens[i];
    const Token& b = tokens[i + 1];
    const Token& c = tokens[i + 2];
    if (a.kind != Token::Kind::kNumber || b.kind != Token::Kind::kNumber ||
        c.kind != Token::Kind::kNumber)
      continue;
    if (b.before == ':' || c.before == ':') continue;
    Civil day;
    if (a.text.size() == 4 && is_year(a.number) && b.text.size() <= 2 && c.text.size() <= 2) {
      day = {a.number, static_cast<unsigned>(b.number), static_cast<unsigned>(c.number)};
    } else if (a.text.size() <= 2 && b.text.size() <= 2 &&
               (c.text.size() == 4 || c.text.size() == 2)) {
      const std::int64_t year = c.text.size() == 2 ? 2000 + c.number : c.number;
      const bool dots = b.before == '.';
      const bool month_first =
          !dots && b.number > 12
              ? true
              : !dots && a.number <= 12 && b.before == '/' && month_comes_first(language);
      day = month_first
                ? Civil{year, static_cast<unsigned>(a.number), static_cast<unsigned>(b.number)}
                : Civil{year, static_cast<unsigned>(b.number), static_cast<unsigned>(a.number)};
    }
    if (day.valid()) return day;
  }
  return std::nullopt;
}

// 2024年3月5日, 2024년 3월 5일.
std::optional<Civil> cjk_day(const std::vector<Token>& tokens) {
  for (std::size_t i = 0; i + 4 < tokens.size(); ++i) {
    const bool year_word = tokens[i + 1].text.substr(0, 3) == "\xE5\xB9\xB4" ||
                           tokens[i + 1].text.substr(0, 3) == "\xEB\x85\x84";
    const bool month_word = tokens[i + 3].text.substr(0, 3) == "\xE6\x9C\x88" ||
                            tokens[i + 3].text.substr(0, 3) == "\xEC\x9B\x94";
    if (!year_word || !month_word || tokens[i].kind != Token::Kind::kNumber ||
        tokens[i + 2].kind != Token::Kind::kNumber || tokens[i + 4].kind != Token::Kind::kNumber)
      continue;
    const Civil day{tokens[i].number,
                    static_cast<unsigned>(std::min<std::int64_t>(tokens[i + 2].number, 99)),
                    static_cast<unsigned>(std::min<std::int64_t>(tokens[i + 4].number, 99))};
    if (day.valid()) return day;
  }
  return std::nullopt;
}

// A month by name with a day and a year around it.
std::optional<Civil> named_day(const std::vector<Token>& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::kWord) continue;
    const unsigned month = month_of_name(tokens[i].text);
    if (month == 0) continue;
    // March 5(th), 2024
    std::size_t next = i + 1;
    if (next < tokens.size() && tokens[next].kind == Token::Kind::kNumber &&
        tokens[next].text.size() <= 2 && tokens[next].before != ':') {
      std::size_t year = next + 1;
      // st nd rd th
      if (year < tokens.size() && tokens[year].kind == Token::Kind::kWord &&
          tokens[year].text.size() <= 2)
        ++year;
      if (year < tokens.size() && tokens[year].kind == Token::Kind::kNumber &&
          tokens[year].text.size() == 4) {
        const Civil day{tokens[year].number, month, static_cast<unsigned>(tokens[next].number)};
        if (day.valid()) return day;
      }
    }
    // 5 March 2024, 5. März 2024, 5 de marzo de 2024, 5th of March, 2024, 5-Mar-24
    std::size_t before = i;
    while (before > 0 && tokens[before - 1].kind == Token::Kind::kWord && i - before < 3 &&
           tokens[before - 1].text.size() <= 3)
      --before;
    std::size_t after = i + 1;
    while (after < tokens.size() && tokens[after].kind == Token::Kind::kWord && after - i < 3 &&
           tokens[after].text.size() <= 3)
      ++after;
    if (before > 0 && after < tokens.size() && tokens[before - 1].kind == Token::Kind::kNumber &&
        tokens[after].kind == Token::Kind::kNumber && tokens[before - 1].text.size() <= 2 &&
        (tokens[after].text.size() == 4 ||
         (tokens[after].text.size() == 2 && tokens[after].before == '-'))) {
      const std::int64_t year =
          tokens[after].text.size() == 2 ? 2000 + tokens[after].number : tokens[after].number;
      const Civil day{year, month, static_cast<unsigned>(tokens[before - 1].number)};
      if (day.valid()) return day;
    }
    // 2024 March 5 (Hungarian: 2024. március 5.)
    if (i > 0 && i + 1 < tokens.size() && tokens[i - 1].kind == Token::Kind::kNumber &&
        tokens[i - 1].text.size() == 4 && tokens[i + 1].kind == Token::Kind::kNumber &&
        tokens[i + 1].text.size() <= 2) {
      const Civil day{tokens[i - 1].number, month, static_cast<unsigned>(tokens[i + 1].number)};
      if (day.valid()) return day;
    }
  }
  return std::nullopt;
}

// Capital letters of Cyrillic and Greek are not folded by ASCII rules; month names of news pages in
// capitals are rare, so the common first letters suffice.
std::string lower_case(std::string_view value) {
  std::string out;
  for (std::size_t offset = 0; offset < value.size();) {
    char32_t c = text::next_code_point(value, offset);
    if (c < 0x80) {
      c = c >= 'A' && c <= 'Z' ? c + 32 : c;
    } else if (c >= 0x410 && c <= 0x42F) {
      c += 32;  // А..Я
    } else if (c >= 0x391 && c <= 0x3A9) {
      c += 32;  // Α..Ω
    } else if (c == 0xA0 || c == 0x202F || c == 0x2009) {
      c = ' ';
    } else if ((c >= 0xC0 && c <= 0xDE && c != 0xD7)) {
      c += 32;
    } else if (c == 0x200E || c == 0x200F || c == 0x2013 || c == 0x2014) {
      c = c < 0x2010 ? U' ' : U'-';
    }
    text::append_utf8(out, c);
  }
  return out;
}

}  // namespace

std::optional<Date> parse_date(std::string_view value, const DateHints& hints) {
  if (value.size() > kMostBytes * 4) return std::nullopt;
  const std::string valid = text::to_valid_utf8(value);
  const std::string lower = lower_case(text::trim(valid).substr(0, kMostBytes));
  if (lower.size() < 6) return std::nullopt;
  const std::vector<Token> tokens = cut(lower);
  if (tokens.empty()) return std::nullopt;
  if (tokens.size() == 1 && tokens[0].kind == Token::Kind::kNumber) {
    if (std::optional<Date> found = unix_time(tokens[0])) return found;
  }
  if (is_digit(lower[0]) && tokens[0].text.size() >= 8) {
    if (std::optional<Date> found = compact(lower)) return found;
  }
  std::optional<Civil> day = numeric_day(tokens, hints.language);
  if (!day) day = named_day(tokens);
  if (!day) day = cjk_day(tokens);
  return day ? with_time(*day, lower) : std::nullopt;
}

std::optional<Date> date_in_url(std::string_view url) {
  for (std::size_t i = 0; i + 8 <= url.size(); ++i) {
    if (is_digit(url[i]) && i > 0 && is_digit(url[i - 1])) continue;
    std::size_t at = i;
    int year = 0;
    int month = 0;
    int day = 0;
    if (!read_digits(url, at, 4, year) || !is_year(year)) continue;
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
    const Civil civil{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
    if (!civil.valid()) continue;
    Date out = date_of_day(civil);
    out.carrier = "url";
    return out;
  }
  return std::nullopt;
}

}  // namespace vigie::extractor::metadata
