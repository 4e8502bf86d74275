#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "indexer/rhythm/rule.h"

/// When what is held is told. Pure; instants are milliseconds since 1970.
namespace vigie::indexer::rhythm {

/// A moment at which what was held is told together.
struct Slot {
  /// What the clocks of its zone show then, which is what makes it one slot and no other:
  /// "daily 2026-03-29T08:00 Europe/Paris". Two slots of a subscription never share it.
  std::string name;
  std::int64_t due_unix_ms = 0;
};

/// The first instant at which the clocks of a zone show a civil time (given as if it were UTC); of
/// one that they leave out, the first moment behind the gap. Source: RFC 5545 §3.3.10 says the same
/// of times that are there twice.
std::int64_t first_instant(const dates::TimeZone& zone, std::int64_t civil_ms);

/// The end of the quiet hours, the snooze and the pause that a moment falls in, one behind the
/// other where they meet; nothing where it falls in none.
std::optional<Slot> waiting_until(const Rule& rule, std::int64_t unix_ms);

/// The slot in which an alert that was held at `held` is told, later than `after` (the newest slot
/// that was closed; 0: none was). With rhythm instant: the end of what it waits for, or of its hour
/// of UTC.
Slot next_slot(const Rule& rule, std::int64_t held_unix_ms, std::int64_t after_unix_ms);

/// The next moment in the rhythm alone, later than `after`. With rhythm instant: of hourly.
Slot next_of_rhythm(const Rhythm& rhythm, std::int64_t after_unix_ms);

/// What becomes of an alert.
enum class Telling : std::uint8_t {
  kAtOnce,
  kHeld,    // for the next slot
  kUntold,  // the subscription is paused: it is listed, and not told
};
/// `nth`: which alert of the subscription in its hour of log time it is, from 1. With most_per_hour
/// N, N-1 are told at once and the rest together at the end of the hour: N messages.
Telling telling_of(const Rule& rule, std::int64_t found_unix_ms, std::uint64_t nth);

}  // namespace vigie::indexer::rhythm
