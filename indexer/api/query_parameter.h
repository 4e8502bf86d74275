#pragma once

#include <string_view>

#include "indexer/api/call.h"
#include "indexer/query/query.h"

namespace vigie::indexer::api {

/// The `q` of a call, parsed for a search; empty: everything. Where it cannot be read, `refused`
/// is the problem with its position and nothing is returned.
std::optional<query::Query> query_parameter(const Call& call,
                                            std::optional<http::Response>& refused);

}  // namespace vigie::indexer::api
