#include "platform/dates/written_date.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "platform/dates/calendars.h"
#include "platform/dates/clock.h"
#include "platform/dates/date_tokens.h"
#include "platform/dates/date_words.h"
#include "platform/dates/dates.h"
#include "platform/dates/months.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"

namespace vigie::dates {
namespace {

using text::ascii::is_digit;

constexpr std::size_t kMostBytes = 400;      // of a text that is read
constexpr std::size_t kClockReach = 48;      // bytes behind a day in which its time stands
constexpr std::size_t kClockReachBack = 24;  // in front of it
constexpr std::size_t kMostJoints = 3;       // words between the parts of a day

// Words that stand between day, month and year, folded: "of", "de", year and day words, endings of
// ordinals.
bool is_joint(std::string_view word) { return DateWords::has(date_words().joints, word); }

// Words in front of a number that is none of a day: telephone, volume; in front of numbers with
// points and slashes also law, version.
bool labels_a_number(std::string_view word) { return DateWords::has(date_words().numbers, word); }

bool labels_a_chain(std::string_view word) {
  return DateWords::has(date_words().chains, word) || labels_a_number(word);
}

bool is_unit_of(std::string_view word, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [word](std::string_view begin) { return word.starts_with(begin); });
}

// The year before the first of an era of Japan or of Minguo, 0 for another word.
std::int64_t era_base(std::string_view word) {
  for (const DateWords::Era& era : date_words().eras) {
    if (word.ends_with(era.name)) return era.base;
  }
  return 0;
}

class Reader {
 public:
  Reader(std::string_view text, const DateHints& hints)
      : hints_(hints), laid_(lay_out_date(text)), text_(laid_.folded), tokens_(cut_date(text_)) {
    language_ = hints.language.substr(0, hints.language.find_first_of("-_"));
    std::string_view own = language_;
    if (own == "tl") own = "fil";
    if (own == "no") own = "nb";
    if (own == "iw") own = "he";
    if (own == "in") own = "id";
    if (own == "sh") own = "sr";
    if (!own.empty()) languages_.push_back(own);
    const std::string_view of_country = language_of_country(hints.country);
    if (!of_country.empty()) languages_.push_back(of_country);
    if (!languages_.empty()) languages_.push_back("en");
    persian_ = laid_.persian_digits || language_ == "fa" || language_ == "ps" ||
               hints.country == "IR" || hints.country == "AF";
    thai_ = laid_.thai || language_.empty() || language_ == "th" || language_ == "lo" ||
            language_ == "km" || hints.country == "TH";
    taiwan_ = hints.country == "TW" || hints.language == "zh-TW" || hints.language == "zh_TW" ||
              hints.language == "zh-tw" || hints.language.starts_with("zh-Hant");
  }

  std::vector<WrittenDate> read(std::size_t most) {
    std::vector<WrittenDate> out;
    const auto numbers = std::count_if(tokens_.begin(), tokens_.end(),
                                       [](const DateToken& token) { return token.is_number(); });
    if (numbers < 2 && tokens_.size() > 4) return out;
    for (at_ = 0; at_ < tokens_.size() && out.size() < most; ++at_) {
      last_ = at_;
      first_ = at_;
      std::optional<Civil> day;
      if (tokens_[at_].is_number()) {
        day = compact_day();
        if (!day) day = unit_day();
        if (!day) day = numeric_day();
      } else if (numbers > 1) {
        day = named_day();
      }
      if (!day) continue;
      WrittenDate date;
      date.year = day->year;
      date.month = day->month;
      date.day = day->day;
      date.begin = tokens_[first_].begin;
      date.end = tokens_[last_].end;
      at_ = last_;
      behind_ = last_ + 1;
      out.push_back(date);
    }
    for (std::size_t i = 0; i < out.size(); ++i) add_clock(out, i);
    for (WrittenDate& date : out) {
      date.begin = laid_.source_of(date.begin);
      date.end = laid_.source_of(date.end);
    }
    return out;
  }

 private:
  std::string_view word(std::size_t token) const {
    return std::string_view(text_).substr(tokens_[token].begin, tokens_[token].size());
  }
  std::string_view gap(std::size_t token) const {  // between a token and the next
    return std::string_view(text_).substr(tokens_[token].end,
                                          tokens_[token + 1].begin - tokens_[token].end);
  }
  char before(std::size_t token) const {
    return tokens_[token].begin == 0 ? ' ' : text_[tokens_[token].begin - 1];
  }
  char behind(std::size_t token, std::size_t by = 0) const {
    return tokens_[token].end + by < text_.size() ? text_[tokens_[token].end + by] : ' ';
  }
  // 08 of 08:30, 8 of 8h30
  bool is_hour(std::size_t token) const {
    return (behind(token) == ':' && is_digit(behind(token, 1))) || before(token) == ':' ||
           (behind(token) == 'h' && (is_digit(behind(token, 1)) || behind(token, 1) == ' '));
  }
  bool is_labelled(std::size_t token) const {
    if (before(token) == '+' || before(token) == '#') return true;
    if (std::string_view(text_).substr(0, tokens_[token].begin).ends_with("\xC2\xA7 ")) return true;
    if (token == behind_) return false;
    // +49 05-03-2024
    if (tokens_[token - 1].is_number()) return before(token - 1) == '+';
    return labels_a_number(word(token - 1));
  }
  bool begins_a_chain(std::size_t token) const {
    return is_labelled(token) ||
           (token > behind_ && tokens_[token - 1].is_word() && labels_a_chain(word(token - 1)));
  }

  bool is_gregorian(std::int64_t year) const {
    return year >= hints_.least_year && year <= hints_.most_year;
  }

  // A day as it stands, in whichever calendar its year belongs to.
  std::optional<Civil> civil(std::int64_t year, std::int64_t month, std::int64_t day) const {
    if (month < 1 || month > 12 || day < 1 || day > 31 || year > 9999) return std::nullopt;
    Civil out{static_cast<int>(year), static_cast<unsigned>(month), static_cast<unsigned>(day)};
    if (persian_ && year >= 1300 && year <= 1478) {
      const std::optional<Civil> converted = civil_of_persian(out.year, out.month, out.day);
      return converted && is_gregorian(converted->year) ? converted : std::nullopt;
    }
    if (thai_ && year > hints_.most_year && is_gregorian(year - kBuddhistYears))
      out.year -= kBuddhistYears;
    if (!is_gregorian(out.year) || !is_day(out.year, out.month, out.day)) return std::nullopt;
    return out;
  }

  std::optional<Civil> found(std::size_t first, std::size_t last, const std::optional<Civil>& day) {
    if (day) {
      first_ = first;
      last_ = last;
    }
    return day;
  }

  // 20240305, 20240305T101500Z, 20240305101500
  std::optional<Civil> compact_day() {
    const DateToken& token = tokens_[at_];
    if ((token.size() != 8 && token.size() != 14) || before(at_) == '.' || is_labelled(at_))
      return std::nullopt;
    std::int64_t number = token.number;
    if (token.size() == 14) number /= 1'000'000;
    return found(at_, at_, civil(number / 10'000, number / 100 % 100, number % 100));
  }

  // "-", "/" or ".", with spaces around at most; 0 for anything else.
  static char separator(std::string_view gap) {
    char found = 0;
    for (const char c : gap) {
      if (c == ' ') continue;
      if ((c != '-' && c != '/' && c != '.') || found != 0) return 0;
      found = c;
    }
    return found;
  }

  bool writes_short_year_first() const {
    return language_ == "ko" || language_ == "ja" || language_ == "zh" || language_ == "hu" ||
           language_ == "lt";
  }

  // Three numbers in a row, written as a day.
  std::optional<Civil> numeric_day() {
    if (at_ + 2 >= tokens_.size()) return std::nullopt;
    const DateToken& a = tokens_[at_];
    const DateToken& b = tokens_[at_ + 1];
    const DateToken& c = tokens_[at_ + 2];
    if (!a.has_digits(1, 4) || !b.has_digits(1, 2) || !c.has_digits(1, 4)) return std::nullopt;
    const char mark = separator(gap(at_));
    // 05 03 2024 and 05 | 03 | 2024 where nothing else is written
    const bool alone = tokens_.size() == 3 && (gap(at_) == " " || gap(at_) == " | ") &&
                       gap(at_ + 1) == gap(at_) && (a.size() == 4 || c.size() == 4);
    if (!alone && (mark == 0 || separator(gap(at_ + 1)) != mark)) return std::nullopt;
    if (is_hour(at_) || begins_a_chain(at_)) return std::nullopt;
    // a link of a longer chain: 192.168.12.24
    const char front = before(at_);
    if ((front == '-' || front == '.' || front == '/') && at_ > behind_ &&
        tokens_[at_ - 1].is_number() && tokens_[at_ - 1].end + 1 == a.begin)
      return std::nullopt;
    const std::size_t last = at_ + 2;
    if (const std::int64_t base = short_era_base(); base != 0 && c.size() <= 2 && !is_hour(last))
      return found(at_, last, civil(base + a.number, b.number, c.number));
    if (a.size() >= 3) {
      const bool minguo = a.size() == 3 && taiwan_ && a.number > 60;
      if (c.size() > 2 || is_hour(last) || (a.size() == 3 && !minguo)) return std::nullopt;
      return found(at_, last, civil(a.number + (minguo ? kMinguoYears : 0), b.number, c.number));
    }
    if (c.size() == 4)
      return is_hour(last) ? std::nullopt
                           : found(at_, last, day_and_month(c.number, a.number, b.number, mark));
    return short_year_day(mark);
  }

  // R6.3.5, H31.4.1: eras of Japan by their first letter
  std::int64_t short_era_base() const {
    if ((language_ != "ja" && hints_.country != "JP") || tokens_[at_].size() > 2) return 0;
    const bool in_word =
        tokens_[at_].begin >= 2 && text::ascii::is_lower(text_[tokens_[at_].begin - 2]);
    if (in_word) return 0;
    return before(at_) == 'r' ? 2018 : before(at_) == 'h' ? 1988 : 0;
  }

  std::optional<Civil> short_year_day(char mark) {
    const std::size_t last = at_ + 2;
    const DateToken& c = tokens_[last];
    if (c.size() != 2 || is_hour(last)) return std::nullopt;
    if (is_clock_word(last + 1) ||
        (at_ > behind_ && tokens_[at_ - 1].is_word() && stands_before_clock(word(at_ - 1))))
      return std::nullopt;
    // "22.11. 08" has no year, "5. 3. 24" has one; 1.2.24.1 is a version
    if (gap(at_).size() != gap(at_ + 1).size()) return std::nullopt;
    const char next = behind(last);
    if ((next == '.' || next == '-' || next == '/') && is_digit(behind(last, 1)))
      return std::nullopt;
    const std::int64_t a = tokens_[at_].number;
    const std::int64_t b = tokens_[at_ + 1].number;
    if (writes_short_year_first()) {
      if (tokens_[at_].size() != 2) return std::nullopt;
      if (const std::optional<Civil> day = civil(2000 + a, b, c.number))
        return found(at_, last, day);
    }
    const std::int64_t century = is_thai_year(c.number) ? 2500 : 2000;
    return found(at_, last, day_and_month(century + c.number, a, b, mark));
  }

  // 10.11.12 Uhr, kl. 10.11.12
  bool is_clock_word(std::size_t token) const {
    return token < tokens_.size() && tokens_[token].is_word() &&
           DateWords::has(date_words().clocks, word(token));
  }
  static bool stands_before_clock(std::string_view word) {
    return DateWords::has(date_words().before_clocks, word);
  }

  std::optional<Civil> day_and_month(std::int64_t year, std::int64_t a, std::int64_t b, char mark) {
    bool month_first = false;
    if (mark != '.' && b > 12) {
      month_first = true;
    } else if (mark == '/' && a <= 12 && b <= 12) {
      month_first =
          is_month_first(hints_) || (hints_.country.empty() && language_.empty() && has_meridiem());
    }
    return month_first ? civil(year, a, b) : civil(year, b, a);
  }

  // am and pm are American beside slashes
  bool has_meridiem() const {
    const std::optional<Clock24> clock =
        find_clock(std::string_view(text_).substr(tokens_[at_ + 2].end), hints_.country);
    return clock && clock->has_meridiem;
  }

  // 2024年3月5日, 2024년 3월 5일, 2026 оны 2-р сарын 11, 5 tháng 3 năm 2024, 令和6年3月5日.
  std::optional<Civil> unit_day() {
    if (at_ + 4 >= tokens_.size() && at_ + 2 >= tokens_.size()) return std::nullopt;
    std::size_t unit = at_ + 1;
    if (unit >= tokens_.size() || !tokens_[unit].is_word()) return std::nullopt;
    if (is_unit_of(word(unit), date_words().month_units) && word(unit).starts_with("thang"))
      return vietnamese_day();
    if (!is_unit_of(word(unit), date_words().year_units)) return std::nullopt;
    const std::size_t month = unit + 1;
    if (month >= tokens_.size() || !tokens_[month].has_digits(1, 2)) return std::nullopt;
    unit = month + 1;
    // "2-р сарын"
    if (unit + 1 < tokens_.size() && tokens_[unit].is_word() && tokens_[unit + 1].is_word() &&
        !is_unit_of(word(unit), date_words().month_units))
      ++unit;
    if (unit + 1 >= tokens_.size() || !tokens_[unit].is_word() ||
        !is_unit_of(word(unit), date_words().month_units) || !tokens_[unit + 1].has_digits(1, 2))
      return std::nullopt;
    return found(at_, unit + 1,
                 civil(year_of_unit(), tokens_[month].number, tokens_[unit + 1].number));
  }

  std::int64_t year_of_unit() const {
    const DateToken& year = tokens_[at_];
    if (year.size() > 4) return -1;
    if (at_ > 0 && tokens_[at_ - 1].is_word() && year.size() <= 3) {
      const std::int64_t base = era_base(word(at_ - 1));
      if (base != 0) return base + year.number;
    }
    if (year.size() == 4) return year.number;
    if (year.size() == 3) return year.number + kMinguoYears;
    return year.size() == 2 ? 2000 + year.number : -1;
  }

  std::optional<Civil> vietnamese_day() {
    if (at_ + 2 >= tokens_.size() || !tokens_[at_].has_digits(1, 2) ||
        !tokens_[at_ + 2].has_digits(1, 2))
      return std::nullopt;
    std::size_t year = at_ + 3;
    if (year < tokens_.size() && word(year) == "nam") ++year;
    if (year >= tokens_.size() || !tokens_[year].has_digits(4, 4) || is_hour(year))
      return std::nullopt;
    return found(at_, year,
                 civil(tokens_[year].number, tokens_[at_ + 2].number, tokens_[at_].number));
  }

  // The month whose name begins at a token; `last` is its last token.
  FoundMonth month_at(std::size_t token, std::size_t& last) const {
    const bool dotted =
        token > 0 && tokens_[token - 1].has_digits(1, 2) && behind(token - 1) == '.';
    std::string key;  // the words joined; ends[i]: where the one i words behind the first ends
    std::array<std::size_t, kMostMonthWords> ends{};
    std::size_t count = 0;
    for (; count < kMostMonthWords && token + count < tokens_.size() &&
           tokens_[token + count].is_word();
         ++count) {
      if (count > 0) key += ' ';
      key += word(token + count);
      ends[count] = key.size();
    }
    for (; count > 0; --count) {
      last = token + count - 1;
      const FoundMonth month =
          find_month(std::string_view(key).substr(0, ends[count - 1]), languages_, dotted);
      if (month.month != 0) return month;
    }
    last = token;
    return glued_month(word(token), dotted);
  }

  // Words that some languages write onto the name of a month.
  FoundMonth glued_month(std::string_view name, bool dotted) const {
    for (const std::string_view front : date_words().month_fronts) {
      if (name.size() > front.size() && name.starts_with(front))
        return find_month(name.substr(front.size()), languages_, dotted);
    }
    for (const std::string_view end : date_words().month_ends) {
      if (name.size() > end.size() && name.ends_with(end))
        return find_month(name.substr(0, name.size() - end.size()), languages_, dotted);
    }
    return {};
  }

  // The next token in a direction that is no joint; npos if there is none.
  std::size_t beyond(std::size_t token, int step, bool english) const {
    std::size_t at = token;
    for (std::size_t joints = 0; joints <= kMostJoints; ++joints) {
      if (step < 0 && at <= behind_) return std::string::npos;
      if (step > 0 && at + 1 >= tokens_.size()) return std::string::npos;
      if (parts(step < 0 ? gap(at - 1) : gap(at))) return std::string::npos;
      at = step < 0 ? at - 1 : at + 1;
      if (tokens_[at].is_number()) return at;
      const std::string_view between = word(at);
      if (!is_joint(between)) return std::string::npos;
      if ((between == "of" || between == "the") && !english) return std::string::npos;
    }
    return std::string::npos;
  }

  // Marks that part what does not belong together.
  static bool parts(std::string_view gap) {
    return gap.find_first_of("|:;!?\n") != std::string_view::npos || gap.size() > 8;
  }

  bool is_day_number(std::size_t token) const {
    return token != std::string::npos && tokens_[token].has_digits(1, 2) && !is_hour(token) &&
           !is_labelled(token);
  }
  bool is_year_number(std::size_t token) const {
    return token != std::string::npos && tokens_[token].has_digits(4, 4) && behind(token) != ':' &&
           before(token) != ':';
  }
  // '24, -24, or 24 where such years are read
  bool is_short_year(std::size_t token, std::size_t month) const {
    if (token == std::string::npos || !tokens_[token].has_digits(2, 2) || is_hour(token))
      return false;
    const char front = before(token);
    if (front == '-' || front == '\'') return true;
    // at the end, or in front of the time of day as Thai pages write: มี.ค. 67 09:15
    const bool before_clock =
        token + 1 < tokens_.size() && is_thai_year(tokens_[token].number) && is_hour(token + 1);
    return token == month + 1 && tokens_[token].number < 70 &&
           (hints_.short_years || token + 1 >= tokens_.size() || before_clock);
  }
  std::int64_t year_of(std::size_t token) const {
    const DateToken& year = tokens_[token];
    // มี.ค. 67 is of the Buddhist year 2567
    if (year.size() == 2 && is_thai_year(year.number)) return 2500 + year.number;
    // RFC 2822 §4.3 says what two digits mean
    return year.size() == 2 ? year.number + (year.number < 70 ? 2000 : 1900) : year.number;
  }

  bool is_thai_year(std::int64_t two_digits) const {
    return (laid_.thai || language_ == "th") && is_gregorian(2500 + two_digits - kBuddhistYears);
  }

  // A month by name with a day and a year around it.
  std::optional<Civil> named_day() {
    std::size_t end = at_;
    FoundMonth month = month_at(at_, end);
    if (month.month == 0) return std::nullopt;
    // the other name of the same month: شباط/فبراير
    if (end + 1 < tokens_.size() && tokens_[end + 1].is_word() && gap(end).find('/') < 3) {
      std::size_t last = end + 1;
      if (month_at(end + 1, last).month == month.month) end = last;
    }
    const bool english = month.english;
    const std::size_t left = beyond(at_, -1, english);
    const std::size_t right = beyond(end, 1, english);
    // a short word of another language needs the numbers beside it
    if (!month.own && !month.whole &&
        ((left != std::string::npos && left + 1 != at_) ||
         (right != std::string::npos && right != end + 1)))
      return std::nullopt;
    const bool was_persian = persian_;
    persian_ = month.persian;
    // "Augusta 12, 2024" on a page in English is no date of Slovakia: months of other languages
    // than the page's stand behind their day
    month_may_lead_ = month.own || english || languages_.empty();
    std::optional<Civil> day = around(month.month, left, right, end);
    persian_ = was_persian;
    return day;
  }

  std::optional<Civil> around(unsigned month, std::size_t left, std::size_t right,
                              std::size_t end) {
    const std::size_t none = std::string::npos;
    // 5 March 2024, 5. März 2024, 5 de marzo de 2024, 5-Mar-24
    if (is_day_number(left) && (is_year_number(right) || is_short_year(right, end))) {
      if (const auto day = civil(year_of(right), month, tokens_[left].number))
        return found(left, right, day);
    }
    // March 5(th), 2024; Mar 5 10:15:00 2024
    if (is_day_number(right) && month_may_lead_) {
      std::size_t year = beyond(right, 1, true);
      const bool is_short = year != none && before(year) == '\'' && is_short_year(year, end);
      if (!is_short && !is_year_number(year)) year = year_behind_clock(right);
      if (is_short || is_year_number(year)) {
        if (const auto day = civil(year_of(year), month, tokens_[right].number))
          return found(at_, year, day);
      }
    }
    // 2024. március 5.
    if (is_year_number(left) && is_day_number(right)) {
      if (const auto day = civil(year_of(left), month, tokens_[right].number))
        return found(left, right, day);
    }
    // 2024. gada 5. marts
    if (is_day_number(left)) {
      const std::size_t year = beyond(left, -1, false);
      // "4/2024, de 26 de junio" is a law and its day
      const bool by_year_word = year != none && year + 1 < left && is_year_word(word(year + 1));
      if (by_year_word && is_year_number(year)) {
        if (const auto day = civil(year_of(year), month, tokens_[left].number))
          return found(year, end, day);
      }
    }
    return std::nullopt;
  }

  static bool is_year_word(std::string_view word) {
    return DateWords::has(date_words().year_words, word);
  }

  // "Jul 6 12:56:00 2014", "Jul 6 12:56:00 CEST 2014"
  std::size_t year_behind_clock(std::size_t day) const {
    std::size_t at = day + 1;
    std::size_t numbers = 0;
    while (at < tokens_.size() && tokens_[at].has_digits(1, 2) && numbers < 3) {
      if (numbers > 0 && before(at) != ':') break;
      ++at;
      ++numbers;
    }
    if (numbers < 2) return std::string::npos;
    if (at < tokens_.size() && tokens_[at].is_word() && tokens_[at].size() <= 4) ++at;
    return at < tokens_.size() && tokens_[at].has_digits(4, 4) ? at : std::string::npos;
  }

  void add_clock(std::vector<WrittenDate>& dates, std::size_t i) const {
    WrittenDate& date = dates[i];
    const std::string_view all = text_;
    const std::size_t next = i + 1 < dates.size() ? dates[i + 1].begin : all.size();
    const std::size_t previous = i > 0 ? dates[i - 1].end : 0;
    std::optional<Clock24> clock;
    // between month and year: Jul 6 12:56:00 2014
    if (date.end - date.begin > 12)
      clock = find_clock(all.substr(date.begin, date.end - date.begin), hints_.country);
    if (!clock && tokens_.size() == 1 && date.end - date.begin == 14) clock = compact_time(date);
    if (!clock)
      clock =
          find_clock(all.substr(date.end, std::min(next - date.end, kClockReach)), hints_.country);
    if (!clock) {
      const std::size_t from =
          std::max(previous, date.begin > kClockReachBack ? date.begin - kClockReachBack : 0);
      clock = find_clock(all.substr(from, date.begin - from), hints_.country);
    }
    if (!clock) return;
    date.has_time = true;
    date.hour = clock->hour;
    date.minute = clock->minute;
    date.second = clock->second;
    date.millisecond = clock->millisecond;
    date.zone = clock->zone;
    date.utc = clock->utc;
  }

  std::optional<Clock24> compact_time(const WrittenDate& date) const {
    return find_clock("t" + text_.substr(date.begin + 8, 6), hints_.country);
  }

  const DateHints& hints_;
  DateText laid_;
  std::string text_;
  std::vector<DateToken> tokens_;
  std::string_view language_;
  std::vector<std::string_view> languages_;
  bool persian_ = false;
  bool thai_ = false;
  bool taiwan_ = false;
  bool month_may_lead_ = true;  // the one that is looked at, in front of its day
  std::size_t at_ = 0;
  std::size_t behind_ = 0;  // first token behind the last day found
  std::size_t first_ = 0;   // tokens of the day found
  std::size_t last_ = 0;
};

std::optional<WrittenDate> unix_time(std::string_view text, const DateHints& hints) {
  const std::size_t digits =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  std::string_view rest = text.substr(digits);
  if (!rest.empty() && rest.front() == '.') rest.remove_prefix(1);
  if ((digits != 10 && digits != 13) || !std::all_of(rest.begin(), rest.end(), is_digit))
    return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
  const std::int64_t ms = digits == 10 ? value * 1000 : value;
  const Civil civil = civil_of(ms);
  if (civil.year < hints.least_year || civil.year > hints.most_year) return std::nullopt;
  WrittenDate out;
  out.year = civil.year;
  out.month = civil.month;
  out.day = civil.day;
  out.has_time = out.utc = true;
  out.hour = static_cast<int>(civil.hour);
  out.minute = static_cast<int>(civil.minute);
  out.second = static_cast<int>(civil.second);
  out.millisecond = static_cast<int>(ms % 1000);
  out.zone = 0;
  out.end = text.size();
  return out;
}

}  // namespace

std::string WrittenDate::text() const {
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u", year, month, day);
  std::string written = out;
  if (day_only()) return written;
  std::snprintf(out, sizeof out, "T%02d:%02d:%02d", hour, minute, second);
  written += out;
  if (utc) return written + "Z";
  const int size = *zone < 0 ? -*zone : *zone;
  std::snprintf(out, sizeof out, "%c%02d:%02d", *zone < 0 ? '-' : '+', size / 60, size % 60);
  return written + out;
}

std::int64_t WrittenDate::unix_ms() const {
  const std::int64_t midnight = days_from_civil(year, month, day) * kMsPerDay;
  if (day_only()) return midnight;
  return midnight + ((hour * 60LL + minute - *zone) * 60 + second) * 1000 + millisecond;
}

std::vector<WrittenDate> read_dates(std::string_view text, const DateHints& hints,
                                    std::size_t most) {
  text = text::prefix(text, kMostBytes);
  if (!text::is_valid_utf8(text)) return Reader(text::to_valid_utf8(text), hints).read(most);
  return Reader(text, hints).read(most);
}

std::optional<WrittenDate> read_date(std::string_view text, const DateHints& hints) {
  text = text::ascii::trim(text);
  if (std::optional<WrittenDate> found = unix_time(text, hints)) return found;
  const std::vector<WrittenDate> found = read_dates(text, hints, 1);
  return found.empty() ? std::nullopt : std::optional<WrittenDate>(found.front());
}

}  // namespace vigie::dates
