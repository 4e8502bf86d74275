#pragma once

#include <string>
#include <string_view>

#include "indexer/query/query.h"

/// Private to indexer/matching.
namespace vigie::indexer::matching {

/// A query in few bytes, appended to `out`: what is kept of each subscription for its evidence.
/// Hints and the budget are left out.
void pack(const query::Query& query, std::string& out);
/// `packed`: what pack appended.
query::Query unpack(std::string_view packed);

}  // namespace vigie::indexer::matching
