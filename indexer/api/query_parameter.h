#pragma once

#include <string_view>

#include "indexer/api/call.h"
#include "indexer/api/query_names.h"
#include "indexer/query/query.h"

namespace vigie::indexer::api {

/// The `q` of a call, parsed for a search; empty: everything. Where it cannot be read, or names
/// what does not exist, `refused` is the problem with its position and nothing is returned.
std::optional<query::Query> query_parameter(const Call& call, const QueryNames& names,
                                            std::optional<http::Response>& refused);

}  // namespace vigie::indexer::api
