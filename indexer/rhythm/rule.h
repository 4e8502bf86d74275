#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/dates/time_zone.h"
#include "platform/result/result.h"
#include "proto/subscription.pb.h"

/// When a subscription is told: what a person says of it, and what that comes to.
namespace vigie::indexer::rhythm {

/// At once, or together once an hour, a day, a week.
enum class Every : std::uint8_t { kInstant, kHourly, kDaily, kWeekly };

inline constexpr int kMinutesPerDay = 1'440;
inline constexpr std::uint32_t kMaxPerHour = 1'000;
/// A snooze or a pause ends within so many days.
inline constexpr std::int64_t kLongestWaitDays = 366;

/// `instant`, `hourly` (at the full hours of UTC), `daily@08:00 Europe/Paris`,
/// `weekly@mon 08:00 Europe/Paris`.
struct Rhythm {
  Every every = Every::kInstant;
  int weekday = 0;       // of weekly: 0 is Monday
  int minute = 0;        // of daily and weekly: since 00:00 by the clocks of `zone`
  dates::TimeZone zone;  // of daily and weekly
  /// In its one spelling.
  std::string text() const;
};

/// `22:00-07:00 Europe/Paris`: from and to are minutes since 00:00 by the clocks of the zone, never
/// the same; from > to lasts over midnight.
struct Quiet {
  int from = 0;
  int to = 0;
  dates::TimeZone zone;
  std::string text() const;
};

/// All of it. Copies are cheap.
struct Rule {
  Rhythm rhythm;
  std::optional<Quiet> quiet;
  std::uint32_t most_per_hour = 0;  // 0: as many as there are
  std::int64_t snooze_until_unix_ms = 0;
  std::int64_t pause_until_unix_ms = 0;
  bool empty_digests = false;
  /// At once, whatever the hour: nothing is ever held or left untold.
  bool is_plain() const;
};

/// In: capitals and spaces around the parts do not matter; empty: instant; days of the week by
/// their English names or the first three letters of them. Errors: kQuarantine bad_subscription,
/// saying which part is wrong and the nearest that there is.
Result<Rhythm> parse_rhythm(std::string_view text);
/// The same of quiet hours; a dash of any kind between the times.
Result<Quiet> parse_quiet(std::string_view text);

/// The rule of a record, its members checked also against each other. Errors: those of
/// parse_rhythm.
Result<Rule> rule_of(const v1::SubscriptionRecord& subscription);
/// rule_of, and the record with its members in their one spelling; a snooze or a pause that is over
/// `now` goes. Errors: as rule_of; a snooze or pause of more than kLongestWaitDays.
Result<Rule> settle(v1::SubscriptionRecord& subscription, std::int64_t now_unix_ms);

}  // namespace vigie::indexer::rhythm
