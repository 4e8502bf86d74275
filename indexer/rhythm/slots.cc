#include "indexer/rhythm/slots.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "platform/dates/dates.h"

namespace vigie::indexer::rhythm {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = dates::kMsPerDay;
constexpr std::int64_t kDaysPerWeek = 7;
constexpr std::int64_t kThursday = 3;  // 1970-01-01, counted from Monday
// no zone has been further from UTC
constexpr std::int64_t kFarthestHours = 26;
// What a moment waits for may end in the next thing that it waits for; three kinds do, in turns.
constexpr int kMostWaits = 16;

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

/// What clocks show, to the minute: 2026-03-29T08:00.
std::string civil_text(std::int64_t civil_ms) {
  const dates::Civil civil = dates::civil_of(civil_ms);
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02u:%02u", civil.year, civil.month, civil.day,
                civil.hour, civil.minute);
  return out;
}

/// The civil day that an instant is in, as its midnight in UTC.
std::int64_t civil_day(const dates::TimeZone& zone, std::int64_t unix_ms) {
  return floor_to(unix_ms + zone.offset_ms(unix_ms), kDayMs);
}

bool falls_on(const Rhythm& rhythm, std::int64_t civil_day_ms) {
  if (rhythm.every != Every::kWeekly) return true;
  return (civil_day_ms / kDayMs + kThursday) % kDaysPerWeek == rhythm.weekday;
}

/// A period of quiet begins at `from` of a civil day and ends at the next `to`: each once, also
/// where clocks show one of them twice.
std::optional<Slot> quiet_until(const Quiet& quiet, std::int64_t unix_ms) {
  const std::int64_t today = civil_day(quiet.zone, unix_ms);
  for (const std::int64_t day : {today - kDayMs, today}) {
    const std::int64_t end_day = quiet.from < quiet.to ? day : day + kDayMs;
    const std::int64_t civil_end = end_day + quiet.to * kMinuteMs;
    const std::int64_t begin = first_instant(quiet.zone, day + quiet.from * kMinuteMs);
    const std::int64_t end = first_instant(quiet.zone, civil_end);
    if (begin <= unix_ms && unix_ms < end)
      return Slot{"quiet " + civil_text(civil_end) + " " + quiet.zone.name(), end};
  }
  return std::nullopt;
}

Slot slot_at(const char* kind, std::int64_t unix_ms) {
  return {std::string(kind) + " " + dates::rfc3339(unix_ms), unix_ms};
}

Slot hour_after(std::int64_t unix_ms) {
  return slot_at("hourly", floor_to(unix_ms, kHourMs) + kHourMs);
}

}  // namespace

std::int64_t first_instant(const dates::TimeZone& zone, std::int64_t civil_ms) {
  const std::int64_t before_it = zone.offset_ms(civil_ms - kFarthestHours * kHourMs);
  const std::int64_t behind_it = zone.offset_ms(civil_ms + kFarthestHours * kHourMs);
  if (before_it == behind_it && zone.offset_ms(civil_ms - before_it) == before_it)
    return civil_ms - before_it;  // no clock changes near it
  std::set<std::int64_t> offsets;
  for (std::int64_t hour = -kFarthestHours; hour <= kFarthestHours; ++hour)
    offsets.insert(zone.offset_ms(civil_ms + hour * kHourMs));
  // The largest offset gives the earliest instant.
  for (auto offset = offsets.rbegin(); offset != offsets.rend(); ++offset) {
    if (zone.offset_ms(civil_ms - *offset) == *offset) return civil_ms - *offset;
  }
  // Left out: somewhere between these two the clocks jump over it.
  std::int64_t before = civil_ms - *offsets.rbegin();
  std::int64_t reached = civil_ms - *offsets.begin();
  while (reached - before > 1) {
    const std::int64_t middle = before + (reached - before) / 2;
    (middle + zone.offset_ms(middle) >= civil_ms ? reached : before) = middle;
  }
  return reached;
}

std::optional<Slot> waiting_until(const Rule& rule, std::int64_t unix_ms) {
  std::optional<Slot> out;
  std::int64_t at = unix_ms;
  for (int i = 0; i < kMostWaits; ++i) {
    std::optional<Slot> next;
    if (at < rule.pause_until_unix_ms) {
      next = slot_at("pause", rule.pause_until_unix_ms);
    } else if (at < rule.snooze_until_unix_ms) {
      next = slot_at("snooze", rule.snooze_until_unix_ms);
    } else if (rule.quiet) {
      next = quiet_until(*rule.quiet, at);
    }
    if (!next) return out;
    at = next->due_unix_ms;
    out = std::move(next);
  }
  return out;
}

Slot next_of_rhythm(const Rhythm& rhythm, std::int64_t after_unix_ms) {
  if (rhythm.every == Every::kInstant || rhythm.every == Every::kHourly)
    return hour_after(after_unix_ms);
  // From the day before: where clocks leave out a day, its slot is the first moment behind it.
  std::int64_t day = civil_day(rhythm.zone, after_unix_ms) - kDayMs;
  for (;; day += kDayMs) {
    if (!falls_on(rhythm, day)) continue;
    const std::int64_t civil = day + rhythm.minute * kMinuteMs;
    const std::int64_t due = first_instant(rhythm.zone, civil);
    if (due <= after_unix_ms) continue;
    return {(rhythm.every == Every::kDaily ? "daily " : "weekly ") + civil_text(civil) + " " +
                rhythm.zone.name(),
            due};
  }
}

Slot next_slot(const Rule& rule, std::int64_t held_unix_ms, std::int64_t after_unix_ms) {
  const std::int64_t base = std::max(held_unix_ms, after_unix_ms);
  if (rule.rhythm.every == Every::kInstant) {
    if (auto end = waiting_until(rule, base)) return *end;
  }
  const Slot slot = next_of_rhythm(rule.rhythm, base);
  return waiting_until(rule, slot.due_unix_ms).value_or(slot);
}

Telling telling_of(const Rule& rule, std::int64_t found_unix_ms, std::uint64_t nth) {
  if (found_unix_ms < rule.pause_until_unix_ms) return Telling::kUntold;
  if (rule.rhythm.every != Every::kInstant) return Telling::kHeld;
  if (waiting_until(rule, found_unix_ms)) return Telling::kHeld;
  return rule.most_per_hour > 0 && nth >= rule.most_per_hour ? Telling::kHeld : Telling::kAtOnce;
}

}  // namespace vigie::indexer::rhythm
