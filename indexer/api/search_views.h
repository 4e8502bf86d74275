#pragma once

#include <cstdint>
#include <vector>

#include "indexer/search/index.h"
#include "platform/json/json.h"

/// What the index answers as the JSON that the API shows: the shapes of schema/search.json. Private
/// to indexer/api.
namespace vigie::indexer::api {

/// How far an event is reported; null where none is known.
Json reported_json(const search::Hit::Event& event);
/// Of a search page.
Json search_hit_json(const search::Hit& hit);
/// Of a preview.
Json example_json(const search::Hit& hit);
Json total_json(const search::SearchPage& page);
Json counts_json(const std::vector<Count>& counts);
/// With `split` where it was asked for; `single`: an article has one value at most, so that the
/// rest of a bin is what is not known.
Json bins_json(const std::vector<TimelineBin>& bins, bool split, bool single = false);
Json versions_json(const std::vector<StoredVersion>& versions);
/// Adds "partial" and "shards" to a response.
void set_coverage(Json& out, const search::Coverage& coverage);

}  // namespace vigie::indexer::api
