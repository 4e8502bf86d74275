#pragma once

#include <optional>

#include "platform/dates/dates.h"

/// Other calendars that newsrooms print, turned into the Gregorian one. Pure.
namespace vigie::dates {

/// The first day of the Buddhist era is 543 years before the common one's.
inline constexpr int kBuddhistYears = 543;
/// The first year of the Republic of China is 1912.
inline constexpr int kMinguoYears = 1911;

/// A day of the Persian (solar Hijri) calendar, years 1178 to 1633, where its leap years follow the
/// cycle of 33 years. Source: ICU's PersianCalendar.
std::optional<Civil> civil_of_persian(int year, unsigned month, unsigned day);

}  // namespace vigie::dates
