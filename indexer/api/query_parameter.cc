#include "indexer/api/query_parameter.h"

#include "indexer/api/problems.h"
#include "indexer/query/budget.h"

namespace vigie::indexer::api {

std::optional<query::Query> query_parameter(const Call& call, const QueryNames& names,
                                            std::optional<http::Response>& refused) {
  const std::string text = call.text("q");
  std::size_t offset = 0;
  auto parsed = names.parse(text, query::Use::kSearch, &offset);
  if (parsed) return std::move(*parsed);
  refused = bad_query_problem(text, parsed.error(), offset);
  return std::nullopt;
}

bool is_put_off(const http::Request& request, const query::Budget& budget) {
  return !request.may_take_long && !budget.check();
}

}  // namespace vigie::indexer::api
