#include "indexer/api/query_parameter.h"

#include <string>

#include "indexer/api/problems.h"
#include "indexer/query/budget.h"
#include "platform/text/fold.h"

namespace vigie::indexer::api {
namespace {

/// Whether the value of a filter, as it was typed, is a day alone: an instant has its T.
bool is_day(const query::Query& query, const query::Node& node) {
  const std::string typed =
      text::fold_text(std::string_view(query.text).substr(node.begin, node.end - node.begin));
  const std::size_t colon = typed.find(':');
  return colon != std::string::npos && typed.find('t', colon) == std::string::npos;
}

}  // namespace

std::optional<query::Query> query_parameter(const Call& call, const QueryNames& names,
                                            std::optional<http::Response>& refused) {
  const std::string text = call.text("q");
  std::size_t offset = 0;
  auto parsed = names.parse(text, query::Use::kSearch, &offset);
  if (parsed) return std::move(*parsed);
  refused = bad_query_problem(text, parsed.error(), offset);
  return std::nullopt;
}

std::optional<query::Query> query_parameter(const Call& call, const QueryNames& names,
                                            dates::TimeZone& zone,
                                            std::optional<http::Response>& refused) {
  auto named = dates::TimeZone::named(call.text("tz"));
  if (!named) {
    refused = problem_of(named.error());
    return std::nullopt;
  }
  zone = std::move(*named);
  auto parsed = query_parameter(call, names, refused);
  if (parsed) use_days_of(zone, *parsed);
  return parsed;
}

void use_days_of(const dates::TimeZone& zone, query::Query& query) {
  for (query::Node& node : query.nodes) {
    if (node.kind != query::Node::Kind::kFilter) continue;
    if (node.filter != query::Filter::kAfter && node.filter != query::Filter::kBefore) continue;
    if (is_day(query, node)) node.value_ms = zone.begin_of_civil_day(node.value_ms);
  }
}

bool is_put_off(const http::Request& request, const query::Budget& budget) {
  return !request.may_take_long && !budget.check();
}

}  // namespace vigie::indexer::api
