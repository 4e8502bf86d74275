#include "indexer/trend/measure.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "indexer/search/index.h"

namespace vigie::indexer::trend {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr auto kDays = static_cast<std::int64_t>(kDaysBefore) + 1;

query::Node time_filter(query::Filter filter, std::int64_t unix_ms) {
  query::Node node;
  node.kind = query::Node::Kind::kFilter;
  node.filter = filter;
  node.value_ms = unix_ms;
  return node;
}

query::Query everything() {
  query::Query out;
  out.nodes.emplace_back();
  return out;
}

/// Articles by day, the last of which ends at `end`.
Result<std::vector<std::uint64_t>> count_days(const search::Index& index, const query::Query& query,
                                              std::int64_t end, search::Coverage& coverage) {
  const std::int64_t begin = end - kDays * kDayMs;
  VIGIE_ASSIGN(const std::vector<TimelineBin> bins,
               index.timeline(between(query, begin, end), kHourMs, std::nullopt, end, &coverage));
  std::vector<std::uint64_t> out(static_cast<std::size_t>(kDays));
  for (const TimelineBin& bin : bins) {
    if (bin.begin_unix_ms < begin || bin.begin_unix_ms >= end) continue;
    out[static_cast<std::size_t>((bin.begin_unix_ms - begin) / kDayMs)] += bin.count;
  }
  return out;
}

/// Articles before each full hour from `begin` on: counts of `begin` to it.
Result<std::vector<std::uint64_t>> count_up(const search::Index& index, const query::Query& query,
                                            std::int64_t begin, std::int64_t end,
                                            search::Coverage& coverage) {
  VIGIE_ASSIGN(const std::vector<TimelineBin> bins,
               index.timeline(between(query, begin, end), kHourMs, std::nullopt, end, &coverage));
  std::vector<std::uint64_t> out(static_cast<std::size_t>((end - begin) / kHourMs) + 1);
  for (const TimelineBin& bin : bins) {
    if (bin.begin_unix_ms < begin || bin.begin_unix_ms >= end) continue;
    out[static_cast<std::size_t>((bin.begin_unix_ms - begin) / kHourMs) + 1] += bin.count;
  }
  for (std::size_t i = 1; i < out.size(); ++i) out[i] += out[i - 1];
  return out;
}

/// The values of a field, on the day and before it.
std::vector<ValueOnDay> values_of(const std::vector<Count>& today, const std::vector<Count>& before,
                                  double days) {
  std::map<std::string, ValueOnDay> all;
  for (const Count& count : today) all[count.value].count = count.count;
  for (const Count& count : before)
    all[count.value].usual = static_cast<double>(count.count) / std::max(days, 1.0);
  std::vector<ValueOnDay> out;
  for (auto& [value, found] : all) {
    if (value.empty()) continue;
    found.value = value;
    out.push_back(std::move(found));
  }
  const auto off = [](const ValueOnDay& one) {
    return std::abs(static_cast<double>(one.count) - one.usual);
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](const ValueOnDay& a, const ValueOnDay& b) { return off(a) > off(b); });
  return out;
}

Result<void> split(Reading& out, const search::Index& index, const query::Query& query,
                   const std::vector<Facet>& by) {
  if (by.empty()) return {};
  VIGIE_ASSIGN(const auto today, index.facets(between(query, out.begin_unix_ms, out.end_unix_ms),
                                              by, out.end_unix_ms));
  const std::int64_t first = out.end_unix_ms - kDays * kDayMs;
  VIGIE_ASSIGN(const auto before,
               index.facets(between(query, first, out.begin_unix_ms), by, out.end_unix_ms));
  const std::vector<bool>& gaps = out.judgement.gaps;
  double days = 0;
  for (std::size_t i = 0; i + 1 < gaps.size(); ++i) days += gaps[i] ? 0 : 1;
  for (std::size_t i = 0; i < by.size(); ++i)
    out.by.emplace_back(by[i], values_of(today[i].second, before[i].second, days));
  return {};
}

}  // namespace

Result<std::vector<DayByHour>> days_by_hour(const search::Index& index, const query::Query& query,
                                            std::int64_t begin_unix_ms, std::int64_t end_unix_ms,
                                            search::Coverage& coverage) {
  const std::int64_t end = end_unix_ms / kHourMs * kHourMs;
  const std::int64_t first =
      std::max(begin_unix_ms / kHourMs * kHourMs, end - kMostHours * kHourMs);
  const std::int64_t before = first - kDays * kDayMs;
  std::vector<DayByHour> out;
  if (end <= first) return out;
  VIGIE_ASSIGN(const auto counts, count_up(index, query, before, end, coverage));
  query::Query all = everything();
  all.budget = query.budget;
  VIGIE_ASSIGN(const auto covered, count_up(index, all, before, end, coverage));
  for (std::int64_t hour = first + kHourMs; hour <= end; hour += kHourMs) {
    DayByHour one;
    one.end_unix_ms = hour;
    for (std::int64_t day = kDays; day > 0; --day) {
      const auto to = static_cast<std::size_t>((hour - (day - 1) * kDayMs - before) / kHourMs);
      const std::size_t from = to - kDayMs / kHourMs;
      const std::uint64_t count = counts[to] - counts[from];
      one.days.push_back({count, std::max(count, covered[to] - covered[from])});
    }
    out.push_back(std::move(one));
  }
  return out;
}

query::Query between(const query::Query& query, std::int64_t from_unix_ms,
                     std::int64_t to_unix_ms) {
  query::Query out = query;
  const bool all = query.nodes.empty() || query.root().kind == query::Node::Kind::kAll;
  if (all) out.nodes.clear();
  query::Node both;
  both.kind = query::Node::Kind::kAnd;
  if (!all) both.children.push_back(static_cast<std::uint32_t>(out.nodes.size() - 1));
  for (const auto& [filter, unix_ms] : {std::pair(query::Filter::kAfter, from_unix_ms),
                                        std::pair(query::Filter::kBefore, to_unix_ms)}) {
    both.children.push_back(static_cast<std::uint32_t>(out.nodes.size()));
    out.nodes.push_back(time_filter(filter, unix_ms));
  }
  out.nodes.push_back(std::move(both));
  return out;
}

Result<Reading> measure(const search::Index& index, const query::Query& query,
                        std::int64_t at_unix_ms, const std::vector<Facet>& by) {
  Reading out;
  out.end_unix_ms = (at_unix_ms + kHourMs - 1) / kHourMs * kHourMs;
  out.begin_unix_ms = out.end_unix_ms - kDayMs;
  VIGIE_ASSIGN(const auto counts, count_days(index, query, out.end_unix_ms, out.coverage));
  query::Query all = everything();
  all.budget = query.budget;
  search::Coverage of_all;
  VIGIE_ASSIGN(const auto coverage, count_days(index, all, out.end_unix_ms, of_all));
  for (std::size_t i = 0; i < counts.size(); ++i)
    out.days.push_back({counts[i], std::max(counts[i], coverage[i])});
  out.judgement = judge_days(out.days);
  VIGIE_TRY(split(out, index, query, by));
  return out;
}

}  // namespace vigie::indexer::trend
