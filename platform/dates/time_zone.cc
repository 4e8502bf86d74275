#include "platform/dates/time_zone.h"

#include <unicode/strenum.h>
#include <unicode/timezone.h>

#include <algorithm>
#include <vector>

#include "platform/dates/dates.h"
#include "platform/text/nearest.h"
#include "platform/text/utf8.h"

namespace vigie::dates {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
// no zone has been further from UTC
constexpr std::int64_t kFarthestMs = 26 * kHourMs;
constexpr std::int64_t kSampleMs = 60 * kMsPerDay;  // offsets that are no hours last longer
constexpr std::int64_t kSampleEndMs = 70LL * 365 * kMsPerDay;  // 2039
constexpr std::size_t kMaxShownBytes = 64;

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

/// Those that say when clocks change: "UTC", "GMT" and what has a slash.
const std::vector<std::string>& names() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out{"GMT", "UTC"};
    const std::unique_ptr<icu::StringEnumeration> listed(icu::TimeZone::createEnumeration());
    UErrorCode status = U_ZERO_ERROR;
    while (listed != nullptr) {
      int32_t length = 0;
      const char* name = listed->next(&length, status);
      if (name == nullptr || U_FAILURE(status)) break;
      const std::string_view one(name, static_cast<std::size_t>(length));
      if (one.find('/') != std::string_view::npos && !one.starts_with("SystemV/"))
        out.emplace_back(one);
    }
    std::sort(out.begin(), out.end());
    return out;
  }();
  return all;
}

}  // namespace

struct TimeZone::Rules {
  std::unique_ptr<icu::TimeZone> zone;
};

Result<TimeZone> TimeZone::named(std::string_view name) {
  if (name == "UTC") return TimeZone();
  if (!std::binary_search(names().begin(), names().end(), name)) {
    const std::vector<std::string_view> known(names().begin(), names().end());
    const std::string_view near = text::nearest(name, known);
    return failure(Disposition::kQuarantine, "bad_parameter",
                   "tz must be a zone of the IANA database, such as Europe/Paris or UTC; \"" +
                       text::ellipsize(text::to_valid_utf8(name), kMaxShownBytes) + "\" is none" +
                       (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
  }
  TimeZone out;
  auto rules = std::make_shared<Rules>();
  rules->zone.reset(icu::TimeZone::createTimeZone(
      icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int>(name.size())))));
  out.name_ = name;
  out.rules_ = std::move(rules);
  for (std::int64_t at = 0; at < kSampleEndMs && out.whole_hours_; at += kSampleMs)
    out.whole_hours_ = out.offset_ms(at) % kHourMs == 0;
  return out;
}

std::int64_t TimeZone::offset_ms(std::int64_t unix_ms) const {
  if (rules_ == nullptr) return 0;
  int32_t raw = 0;
  int32_t summer = 0;
  UErrorCode status = U_ZERO_ERROR;
  rules_->zone->getOffset(static_cast<UDate>(unix_ms), 0, raw, summer, status);
  return U_FAILURE(status) ? 0 : std::int64_t{raw} + summer;
}

std::int64_t TimeZone::begin_of_civil_day(std::int64_t utc_midnight_unix_ms) const {
  if (rules_ == nullptr) return utc_midnight_unix_ms;
  // Not what an offset gives: clocks may change at midnight, and midnight may not be there.
  std::int64_t before = utc_midnight_unix_ms - kFarthestMs;
  std::int64_t reached = utc_midnight_unix_ms + kFarthestMs;
  while (reached - before > 1) {
    const std::int64_t middle = before + (reached - before) / 2;
    (middle + offset_ms(middle) >= utc_midnight_unix_ms ? reached : before) = middle;
  }
  return reached;
}

std::int64_t TimeZone::day_begin(std::int64_t unix_ms) const {
  return begin_of_civil_day(floor_to(unix_ms + offset_ms(unix_ms), kMsPerDay));
}

std::int64_t TimeZone::hour_begin(std::int64_t unix_ms) const {
  const std::int64_t offset = offset_ms(unix_ms);
  return floor_to(unix_ms + offset, kHourMs) - offset;
}

}  // namespace vigie::dates
