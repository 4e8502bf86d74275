#include "indexer/rhythm/rule.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "platform/dates/dates.h"
#include "platform/text/ascii.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::indexer::rhythm {
namespace {

constexpr std::array<std::string_view, 4> kKinds{"instant", "hourly", "daily", "weekly"};
constexpr std::array<std::string_view, 7> kDays{"monday", "tuesday",  "wednesday", "thursday",
                                                "friday", "saturday", "sunday"};
constexpr std::size_t kShortDay = 3;
constexpr std::size_t kShownBytes = 64;
constexpr std::size_t kMaxBytes = 128;  // longer than the longest name of a zone allows
constexpr std::string_view kForms =
    "instant, hourly, daily@08:00 Europe/Paris or weekly@mon 08:00 Europe/Paris";

tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_subscription", std::move(detail));
}

std::string quoted(std::string_view text) {
  return "\"" + text::ellipsize(text::to_valid_utf8(text), kShownBytes) + "\"";
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view near = text::nearest(word, known);
  return near.empty() ? "" : "; did you mean " + std::string(near) + "?";
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = text.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find_first_of(" \t", begin), text.size());
    out.push_back(text.substr(begin, at - begin));
  }
  return out;
}

/// Minutes since 00:00 of 8:00 and 08:00.
std::optional<int> read_clock(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon > 2 || text.size() != colon + 3)
    return std::nullopt;
  int numbers[2] = {0, 0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == colon) continue;
    if (!text::ascii::is_digit(text[i])) return std::nullopt;
    int& number = numbers[i < colon ? 0 : 1];
    number = number * 10 + (text[i] - '0');
  }
  if (numbers[0] > 23 || numbers[1] > 59) return std::nullopt;
  return numbers[0] * 60 + numbers[1];
}

std::string clock_text(int minute) {
  char out[8];
  std::snprintf(out, sizeof out, "%02d:%02d", minute / 60 % 24, minute % 60);
  return out;
}

Result<int> clock_of(std::string_view member, std::string_view word) {
  const auto minute = read_clock(word);
  if (!minute)
    return bad("\"" + std::string(member) + "\": " + quoted(word) +
               " is no time of day; write hours and minutes, 00:00 to 23:59");
  return *minute;
}

Result<dates::TimeZone> zone_of(std::string_view member, std::string_view name) {
  auto zone = dates::TimeZone::named(name);
  if (zone) return zone;
  // That sentence begins with the parameter by which other calls name a zone.
  std::string detail = zone.error().detail;
  if (detail.starts_with("tz ")) detail = "the zone " + detail.substr(3);
  return bad("\"" + std::string(member) + "\": " + detail);
}

Result<int> weekday_of(std::string_view word) {
  const std::string name = text::ascii::lower(word);
  for (std::size_t i = 0; i < kDays.size(); ++i) {
    if (name == kDays[i] || name == kDays[i].substr(0, kShortDay)) return static_cast<int>(i);
  }
  return bad("\"rhythm\": " + quoted(word) + " is no day of the week" + did_you_mean(name, kDays));
}

}  // namespace

std::string Rhythm::text() const {
  switch (every) {
    case Every::kInstant: return "instant";
    case Every::kHourly: return "hourly";
    case Every::kDaily: return "daily@" + clock_text(minute) + " " + zone.name();
    case Every::kWeekly: break;
  }
  return "weekly@" + std::string(kDays[static_cast<std::size_t>(weekday)].substr(0, kShortDay)) +
         " " + clock_text(minute) + " " + zone.name();
}

std::string Quiet::text() const {
  return clock_text(from) + "-" + clock_text(to) + " " + zone.name();
}

bool Rule::is_plain() const {
  return rhythm.every == Every::kInstant && !quiet && most_per_hour == 0 &&
         snooze_until_unix_ms == 0 && pause_until_unix_ms == 0;
}

Result<Rhythm> parse_rhythm(std::string_view text) {
  if (text.size() > kMaxBytes)
    return bad("\"rhythm\" is one of " + std::string(kForms) + "; this one is too long");
  const std::size_t at = std::min(text.find('@'), text.size());
  const std::vector<std::string_view> head = words_of(text.substr(0, at));
  std::vector<std::string_view> rest;
  if (at < text.size()) rest = words_of(text.substr(at + 1));
  Rhythm out;
  if (head.empty() && at == text.size()) return out;
  const std::string kind =
      head.size() == 1 ? text::ascii::lower(head[0]) : text::ascii::lower(text.substr(0, at));
  const auto known = std::find(kKinds.begin(), kKinds.end(), kind);
  if (known == kKinds.end())
    return bad("\"rhythm\": " + quoted(text.substr(0, at)) + " is none; it is one of " +
               std::string(kForms) + did_you_mean(kind, kKinds));
  out.every = static_cast<Every>(known - kKinds.begin());
  const std::size_t parts = out.every == Every::kDaily ? 2 : out.every == Every::kWeekly ? 3 : 0;
  if (parts == 0) {
    if (at == text.size()) return out;
    return bad("\"rhythm\": " + kind + " stands alone" +
               (out.every == Every::kHourly ? "; it is told at each full hour" : ""));
  }
  if (rest.size() != parts)
    return bad("\"rhythm\": " + kind + " needs " +
               (parts == 2 ? "a time and a zone, such as daily@08:00 Europe/Paris"
                           : "a day, a time and a zone, such as weekly@mon 08:00 Europe/Paris"));
  if (parts == 3) {
    VIGIE_ASSIGN(out.weekday, weekday_of(rest[0]));
  }
  VIGIE_ASSIGN(out.minute, clock_of("rhythm", rest[parts - 2]));
  VIGIE_ASSIGN(out.zone, zone_of("rhythm", rest[parts - 1]));
  return out;
}

Result<Quiet> parse_quiet(std::string_view text) {
  constexpr std::string_view kForm =
      "\"quiet\" is two times and a zone, such as 22:00-07:00 Europe/Paris";
  if (text.size() > kMaxBytes) return bad(std::string(kForm));
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {  // U+2012 to U+2015 are E2 80 92 to 95
    const bool dash = text.substr(i, 2) == "\xE2\x80" && i + 2 < text.size() &&
                      text[i + 2] >= '\x92' && text[i + 2] <= '\x95';
    plain += dash || (text[i] == '-' && plain.find('-') == std::string::npos)
                 ? std::string(" - ")
                 : std::string(1, text[i]);
    if (dash) i += 2;
  }
  const std::vector<std::string_view> words = words_of(plain);
  if (words.size() != 4 || words[1] != "-") return bad(std::string(kForm));
  Quiet out;
  VIGIE_ASSIGN(out.from, clock_of("quiet", words[0]));
  VIGIE_ASSIGN(out.to, clock_of("quiet", words[2]));
  VIGIE_ASSIGN(out.zone, zone_of("quiet", words[3]));
  if (out.from == out.to)
    return bad("\"quiet\" begins and ends at the same time; \"pause_until\" stops all messages");
  return out;
}

Result<Rule> rule_of(const v1::SubscriptionRecord& subscription) {
  Rule out;
  VIGIE_ASSIGN(out.rhythm, parse_rhythm(subscription.rhythm()));
  if (!subscription.quiet().empty()) {
    VIGIE_ASSIGN(out.quiet, parse_quiet(subscription.quiet()));
  }
  out.most_per_hour = subscription.most_per_hour();
  out.snooze_until_unix_ms = subscription.snooze_until_unix_ms();
  out.pause_until_unix_ms = subscription.pause_until_unix_ms();
  out.empty_digests = subscription.empty_digests();
  if (out.most_per_hour > kMaxPerHour)
    return bad("\"most_per_hour\" is 1 to " + std::to_string(kMaxPerHour) + ", or 0 for no limit");
  if (out.most_per_hour > 0 && out.rhythm.every != Every::kInstant)
    return bad("\"most_per_hour\" goes with the rhythm instant; what is told " +
               std::string(kKinds[static_cast<std::size_t>(out.rhythm.every)]) + " is one message");
  if (out.empty_digests && out.rhythm.every == Every::kInstant)
    return bad("\"empty\" goes with the rhythms hourly, daily and weekly");
  return out;
}

Result<Rule> settle(v1::SubscriptionRecord& subscription, std::int64_t now_unix_ms) {
  VIGIE_ASSIGN(Rule out, rule_of(subscription));
  const std::int64_t latest = now_unix_ms + kLongestWaitDays * dates::kMsPerDay;
  for (auto [member, until] : {std::pair("snooze_until", &out.snooze_until_unix_ms),
                               std::pair("pause_until", &out.pause_until_unix_ms)}) {
    if (*until > latest)
      return bad("\"" + std::string(member) + "\" lies at most " +
                 std::to_string(kLongestWaitDays) + " days ahead");
    if (*until <= now_unix_ms) *until = 0;
  }
  subscription.set_rhythm(out.rhythm.text());
  subscription.set_quiet(out.quiet ? out.quiet->text() : "");
  subscription.set_snooze_until_unix_ms(out.snooze_until_unix_ms);
  subscription.set_pause_until_unix_ms(out.pause_until_unix_ms);
  return out;
}

}  // namespace vigie::indexer::rhythm
