#pragma once

#include <cstdint>

#include "indexer/query/query.h"
#include "indexer/search/index.h"
#include "indexer/search/scatter.h"
#include "platform/result/result.h"

namespace vigie::indexer::search {

/// One page of hits: statistics of all shards, hits, what is shown of them, and where the next page
/// begins. `query` is the request's, parsed; its limit is at most kMaxLimit. `now_unix_ms`: where
/// neither request nor cursor says. Errors: bad_cursor (kQuarantine); those of a shard (kStop). Any
/// thread. Private to indexer/search.
Result<SearchPage> search_page(const SearchRequest& request, const query::Query& query,
                               std::int64_t now_unix_ms, ScatterGather scatter);

}  // namespace vigie::indexer::search
