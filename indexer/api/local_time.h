#pragma once

#include <cstdint>
#include <vector>

#include "indexer/search/index.h"
#include "platform/dates/time_zone.h"

/// Hours and days of a timeline as a zone counts them. Private to indexer/api.
namespace vigie::indexer::api {

enum class Interval { kHour, kDay };

/// The bins to ask an index for (in ms), from which those of a zone can be put together.
std::int64_t asked_interval_ms(Interval interval, const dates::TimeZone& zone);

/// Puts bins of asked_interval_ms together. In and out in order of time; splits by count
/// descending, then value.
std::vector<TimelineBin> in_zone(std::vector<TimelineBin> bins, Interval interval,
                                 const dates::TimeZone& zone);

/// Bins of any length that divides its hours, as bins of its days; splits are left out.
std::vector<TimelineBin> days_of(const std::vector<TimelineBin>& bins, const dates::TimeZone& zone);
/// Bins as bins of hours of UTC; splits are left out.
std::vector<TimelineBin> hours_of(const std::vector<TimelineBin>& bins);

}  // namespace vigie::indexer::api
