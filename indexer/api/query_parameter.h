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

/// Whether the question took more than it may where others wait for it: what is answered now may
/// lack something, and it is to be asked again where it may take long (http::Response::later).
bool is_put_off(const http::Request& request, const query::Budget& budget);

}  // namespace vigie::indexer::api
