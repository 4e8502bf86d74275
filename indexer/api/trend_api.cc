#include "indexer/api/trend_api.h"

#include <algorithm>
#include <cmath>

#include "indexer/api/facet_names.h"
#include "indexer/api/problems.h"
#include "indexer/api/query_names.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/search_views.h"
#include "indexer/api/topic_views.h"
#include "indexer/api/trend_sentence.h"
#include "indexer/api/views.h"
#include "indexer/query/budget.h"
#include "indexer/search/facet.h"
#include "indexer/search/index.h"
#include "indexer/trend/measure.h"
#include "platform/clock/clock.h"
#include "platform/dates/dates.h"

namespace vigie::indexer::api {
namespace {

std::string_view verdict_name(trend::Verdict verdict) {
  switch (verdict) {
    case trend::Verdict::kUnknown: return "unknown";
    case trend::Verdict::kUsual: return "usual";
    case trend::Verdict::kUnusual: return "unusual";
    case trend::Verdict::kVeryUnusual: return "very_unusual";
  }
  return {};
}

Json reason_json(trend::Unknown why) {
  switch (why) {
    case trend::Unknown::kNone: return {};
    case trend::Unknown::kTooFewDays: return "too_few_days";
    case trend::Unknown::kCoverageGap: return "coverage_gap";
  }
  return {};
}

Json direction_json(trend::Direction direction) {
  if (direction == trend::Direction::kNone) return {};
  return direction == trend::Direction::kUp ? "up" : "down";
}

/// Hundredths are enough for people, and the same on every machine.
double rounded(double value, double steps = 100) { return std::round(value * steps) / steps; }

Json days_json(const trend::Reading& reading) {
  Json out = Json::array();
  constexpr std::int64_t kDayMs = 86'400'000;
  const auto days = static_cast<std::int64_t>(reading.days.size());
  for (std::int64_t i = 0; i < days; ++i) {
    const trend::Day& day = reading.days[static_cast<std::size_t>(i)];
    out.push(Json::object({{"begin", rfc3339(reading.end_unix_ms - (days - i) * kDayMs)},
                           {"count", static_cast<std::int64_t>(day.count)},
                           {"coverage", static_cast<std::int64_t>(day.coverage)},
                           {"gap", bool(reading.judgement.gaps[static_cast<std::size_t>(i)])}}));
  }
  return out;
}

Json values_json(Facet facet, const std::vector<trend::ValueOnDay>& values, std::size_t limit,
                 const FacetNames& names) {
  Json out = Json::array();
  for (const trend::ValueOnDay& one : values) {
    if (out.as_array().size() >= limit) break;
    out.push(Json::object({{"value", one.value},
                           {"name", names.of(facet, one.value)},
                           {"count", static_cast<std::int64_t>(one.count)},
                           {"usual", rounded(one.usual)}}));
  }
  return out;
}

/// The time that a call asks about; the clock's where it names none.
Result<std::int64_t> time_of(const Call& call, std::int64_t now_unix_ms) {
  const std::string given = call.text("at");
  if (given.empty()) return now_unix_ms;
  const auto parsed = dates::parse_rfc3339(given);
  if (!parsed)
    return bad_parameter("at is a time such as 2026-01-31T18:00:00Z, or a day such as 2026-01-31.");
  return *parsed;
}

/// A day cannot be compared with days that the query leaves out.
bool asks_for_a_time(const query::Query& query) {
  return std::any_of(query.nodes.begin(), query.nodes.end(), [](const query::Node& node) {
    return node.kind == query::Node::Kind::kFilter &&
           (node.filter == query::Filter::kAfter || node.filter == query::Filter::kBefore ||
            node.filter == query::Filter::kWithin);
  });
}

Json usual_json(const trend::Judgement& judged) {
  if (judged.verdict == trend::Verdict::kUnknown) return {};
  return Json::object({{"expected", rounded(judged.expected)},
                       {"low", static_cast<std::int64_t>(judged.low)},
                       {"high", static_cast<std::int64_t>(judged.high)}});
}

}  // namespace

Routes TrendApi::routes() { return {route("GET", "/v1/trend", "trend", this, &TrendApi::trend)}; }

http::Response TrendApi::trend(const Call& call) {
  std::optional<http::Response> refused;
  auto parsed = query_parameter(call, names_, refused);
  if (!parsed) return std::move(*refused);
  if (asks_for_a_time(*parsed))
    return problem("bad_parameter",
                   "A day is compared with the 28 days before it; leave after:, before: and "
                   "within: out of q. at= says which day is meant.");
  const auto budget = index_.budget(call.request.gone, call.request.may_take_long);
  parsed->budget = budget.get();
  const auto at = time_of(call, clock_.now_unix_ms());
  if (!at) return problem_of(at.error());
  auto fields =
      fields_of(call.request, {Facet::kCountry, Facet::kSource, Facet::kLanguage, Facet::kKind});
  if (!fields) return problem_of(fields.error());
  std::vector<Facet> counted = *fields;  // the sentence needs two of them
  for (const Facet facet : {Facet::kCountry, Facet::kSource}) {
    if (std::find(counted.begin(), counted.end(), facet) == counted.end()) counted.push_back(facet);
  }
  const auto reading = trend::measure(index_, *parsed, *at, counted);
  if (!reading) return problem_of(reading.error());

  const FacetNames names(status_, now(catalogue_));
  const auto limit = static_cast<std::size_t>(call.integer("limit"));
  Json by = Json::array();
  for (std::size_t i = 0; i < fields->size(); ++i) {
    const auto& [facet, values] = reading->by[i];
    by.push(Json::object({{"field", search::facet_name(facet)},
                          {"values", values_json(facet, values, limit, names)}}));
  }
  const trend::Judgement& judged = reading->judgement;
  Json out = Json::object({{"query", parsed->canonical()},
                           {"begin", rfc3339(reading->begin_unix_ms)},
                           {"end", rfc3339(reading->end_unix_ms)},
                           {"count", static_cast<std::int64_t>(reading->count())},
                           {"usual", usual_json(judged)},
                           {"verdict", verdict_name(judged.verdict)},
                           {"direction", direction_json(judged.direction)},
                           {"reason", reason_json(judged.why_unknown)},
                           {"share", rounded(judged.share, 1e6)},
                           {"usual_share", rounded(judged.usual_share, 1e6)},
                           {"sentence", trend_sentence(*reading, names)},
                           {"days", days_json(*reading)},
                           {"by", std::move(by)}});
  set_coverage(out, reading->coverage);
  return http::Response::json(out);
}

}  // namespace vigie::indexer::api
