#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "platform/result/result.h"

namespace vigie::dates {

/// A zone of the IANA time zone database, as ICU has it. Days of it begin and end where its clocks
/// say so: one may have 23 or 25 hours. Copies share their state; any thread.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;
  /// "Europe/Paris", "UTC". Abbreviations (CET) and offsets (+02:00) are none: they do not say when
  /// clocks change. Errors: kQuarantine bad_parameter, with the nearest name.
  static Result<TimeZone> named(std::string_view name);

  const std::string& name() const { return name_; }
  /// What is to be added to an instant to have what clocks show, in ms.
  std::int64_t offset_ms(std::int64_t unix_ms) const;
  /// Whether the offset has been whole hours since 1970.
  bool has_whole_hours() const { return whole_hours_; }
  /// The first instant of the day, of the hour, that an instant is in.
  std::int64_t day_begin(std::int64_t unix_ms) const;
  std::int64_t hour_begin(std::int64_t unix_ms) const;
  /// The first instant of a civil day, which is given by its midnight in UTC.
  std::int64_t begin_of_civil_day(std::int64_t utc_midnight_unix_ms) const;

 private:
  struct Rules;
  std::string name_ = "UTC";
  std::shared_ptr<const Rules> rules_;  // nullptr: UTC
  bool whole_hours_ = true;
};

}  // namespace vigie::dates
