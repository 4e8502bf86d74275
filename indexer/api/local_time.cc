#include "indexer/api/local_time.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kQuarterMs = 900'000;  // offsets are multiples of it
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 86'400'000;

struct Sum {
  std::uint64_t count = 0;
  std::map<std::string, std::uint64_t> split;
};

std::vector<Count> sorted(const std::map<std::string, std::uint64_t>& split) {
  std::vector<Count> out;
  for (const auto& [value, count] : split) out.push_back({value, count});
  std::stable_sort(out.begin(), out.end(),
                   [](const Count& a, const Count& b) { return a.count > b.count; });
  return out;
}

/// Bins in order of time, put together by where `begin_of` says that theirs begin.
template <class BeginOf>
std::vector<TimelineBin> joined(const std::vector<TimelineBin>& bins, const BeginOf& begin_of) {
  std::vector<TimelineBin> out;
  for (const TimelineBin& bin : bins) {
    const std::int64_t begin = begin_of(bin.begin_unix_ms);
    if (out.empty() || out.back().begin_unix_ms != begin) out.push_back({begin, 0, {}});
    out.back().count += bin.count;
  }
  return out;
}

}  // namespace

std::vector<TimelineBin> days_of(const std::vector<TimelineBin>& bins,
                                 const dates::TimeZone& zone) {
  return joined(bins, [&](std::int64_t at) { return zone.day_begin(at); });
}

std::vector<TimelineBin> hours_of(const std::vector<TimelineBin>& bins) {
  return joined(bins, [](std::int64_t at) { return at / kHourMs * kHourMs; });
}

std::int64_t asked_interval_ms(Interval interval, const dates::TimeZone& zone) {
  if (!zone.has_whole_hours()) return kQuarterMs;
  return interval == Interval::kDay && zone.name() == "UTC" ? kDayMs : kHourMs;
}

std::vector<TimelineBin> in_zone(std::vector<TimelineBin> bins, Interval interval,
                                 const dates::TimeZone& zone) {
  if (zone.name() == "UTC") return bins;
  std::map<std::int64_t, Sum> sums;
  std::int64_t begin = 0;
  std::int64_t end = 0;  // of the day that the bin before was in: most days have several
  for (const TimelineBin& bin : bins) {
    const std::int64_t at = bin.begin_unix_ms;
    if (interval == Interval::kHour) {
      begin = zone.hour_begin(at);
    } else if (sums.empty() || at < begin || at >= end) {
      begin = zone.day_begin(at);
      end = zone.day_begin(begin + kDayMs + kDayMs / 2);  // the next day, of 23 to 25 hours
    }
    Sum& sum = sums[begin];
    sum.count += bin.count;
    for (const Count& part : bin.split) sum.split[part.value] += part.count;
  }
  std::vector<TimelineBin> out;
  for (const auto& [time, sum] : sums) out.push_back({time, sum.count, sorted(sum.split)});
  return out;
}

}  // namespace vigie::indexer::api
