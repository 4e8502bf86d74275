#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/search/coverage.h"
#include "indexer/search/facet.h"
#include "indexer/trend/judge.h"
#include "platform/result/result.h"

namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::trend {

/// A value of a field, on the day and on the days before.
struct ValueOnDay {
  std::string value;
  std::uint64_t count = 0;
  double usual = 0;  // mean over the usable days before
};

struct Reading {
  /// The day that is judged: 24 whole hours, in ms since 1970. It ends with the hour (UTC) in which
  /// it was asked for, or just then.
  std::int64_t begin_unix_ms = 0;
  std::int64_t end_unix_ms = 0;
  std::vector<Day> days;  // oldest first, kDaysBefore + 1; the last is the day that is judged
  Judgement judgement;
  /// Those whose count is farthest from usual first.
  std::vector<std::pair<Facet, std::vector<ValueOnDay>>> by;
  search::Coverage coverage;
  std::uint64_t count() const { return days.empty() ? 0 : days.back().count; }
};

/// Counts the articles of a query and of the whole collection over the days to `at_unix_ms`, and
/// judges the last one; split by the fields `by`. Days are those of 24 hours to the hour of `at`,
/// so that a day is compared with days as long, whatever the hour. Errors: those of the index.
Result<Reading> measure(const search::Index& index, const query::Query& query,
                        std::int64_t at_unix_ms, const std::vector<Facet>& by);

/// A day that ends with a full hour, and the days before it.
struct DayByHour {
  std::int64_t end_unix_ms = 0;
  std::vector<Day> days;  // as Reading::days
};
/// The days that end with each full hour (UTC) after `begin` until `end`, at most
/// kMostHours of them, the newest; as measure() counts them. Errors: those of the index.
Result<std::vector<DayByHour>> days_by_hour(const search::Index& index, const query::Query& query,
                                            std::int64_t begin_unix_ms, std::int64_t end_unix_ms,
                                            search::Coverage& coverage);
inline constexpr std::int64_t kMostHours = 24 * 92;

/// The same query, of articles whose time is in [from, to) alone.
query::Query between(const query::Query& query, std::int64_t from_unix_ms, std::int64_t to_unix_ms);

}  // namespace vigie::indexer::trend
