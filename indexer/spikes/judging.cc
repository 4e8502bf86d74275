#include "indexer/spikes/judging.h"

#include "indexer/search/index.h"
#include "indexer/trend/measure.h"

namespace vigie::indexer::spikes {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

v1::Spike spike_from(const trend::Judgement& judged, std::uint64_t count, std::int64_t end_unix_ms,
                     trend::Direction direction) {
  v1::Spike out;
  out.set_begin_unix_ms(end_unix_ms - kDayMs);
  out.set_end_unix_ms(end_unix_ms);
  out.set_count(count);
  out.set_usual_low(judged.low);
  out.set_usual_high(judged.high);
  out.set_expected(judged.expected);
  out.set_drop(direction == trend::Direction::kDown);
  out.set_very_unusual(judged.verdict == trend::Verdict::kVeryUnusual);
  return out;
}

/// The newest article before the end of a day, which may be older than the day: of a drop there may
/// be none in it.
Result<v1::ArticleSummary> newest_before(const search::Index& index, const query::Query& query,
                                         std::int64_t end_unix_ms) {
  const std::int64_t begin =
      end_unix_ms - (static_cast<std::int64_t>(trend::kDaysBefore) + 1) * kDayMs;
  const query::Query parsed = trend::between(query, begin, end_unix_ms);
  search::SearchRequest wanted;
  wanted.parsed = &parsed;
  wanted.sort = Sort::kNewest;
  wanted.limit = 1;
  VIGIE_ASSIGN(const search::SearchPage page, index.search(wanted));
  return page.hits.empty() ? v1::ArticleSummary() : page.hits.front().article;
}

}  // namespace

trend::Sensitivity sensitivity_of(const v1::SubscriptionRecord& subscription) {
  if (subscription.sensitivity() == "low") return trend::Sensitivity::kLow;
  if (subscription.sensitivity() == "high") return trend::Sensitivity::kHigh;
  return trend::Sensitivity::kMedium;
}

Result<Judged> judge_day(const search::Index& index, const query::Query& query,
                         const v1::SubscriptionRecord& subscription, std::int64_t end_unix_ms,
                         const Sentence& sentence) {
  Judged out;
  VIGIE_ASSIGN(trend::Reading reading, trend::measure(index, query, end_unix_ms, {}));
  out.complete = !reading.coverage.partial();
  const auto direction_of = [&] {
    return trend::spike_of(reading.judgement, reading.count(), sensitivity_of(subscription),
                           subscription.drops());
  };
  if (!out.complete || direction_of() == trend::Direction::kNone) return out;
  // Only now what it comes from. A shard may have gone between the two.
  VIGIE_ASSIGN(reading,
               trend::measure(index, query, end_unix_ms, {Facet::kCountry, Facet::kSource}));
  out.complete = !reading.coverage.partial();
  const trend::Direction direction = direction_of();
  if (!out.complete || direction == trend::Direction::kNone) return out;
  // At high sensitivity less is told than what is called unusual of itself; the alert says so.
  if (reading.judgement.direction == trend::Direction::kNone) {
    reading.judgement.direction = direction;
    reading.judgement.verdict = trend::Verdict::kUnusual;
  }
  VIGIE_ASSIGN(out.article, newest_before(index, query, end_unix_ms));
  out.spike = spike_from(reading.judgement, reading.count(), end_unix_ms, direction);
  out.spike->set_sentence(sentence(reading));
  return out;
}

Result<std::vector<v1::Spike>> would_have_told(const search::Index& index,
                                               const query::Query& query,
                                               const v1::SubscriptionRecord& subscription,
                                               std::int64_t begin_unix_ms, std::int64_t end_unix_ms,
                                               search::Coverage& coverage) {
  std::vector<v1::Spike> out;
  VIGIE_ASSIGN(const auto hours,
               trend::days_by_hour(index, query, begin_unix_ms, end_unix_ms, coverage));
  for (const trend::DayByHour& hour : hours) {
    if (!out.empty() && hour.end_unix_ms < out.back().end_unix_ms() + kDayMs) continue;
    const trend::Judgement judged = trend::judge_days(hour.days);
    const std::uint64_t count = hour.days.back().count;
    const trend::Direction direction =
        trend::spike_of(judged, count, sensitivity_of(subscription), subscription.drops());
    if (direction != trend::Direction::kNone)
      out.push_back(spike_from(judged, count, hour.end_unix_ms, direction));
  }
  return out;
}

}  // namespace vigie::indexer::spikes
