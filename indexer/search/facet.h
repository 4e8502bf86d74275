#pragma once

#include <string_view>

#include "indexer/shard/shard.h"
#include "platform/result/result.h"

namespace vigie::indexer::search {

/// "topic" "actor" "language" "country" "source" "kind" "affiliation" "type". Errors: bad_argument
/// naming the choices.
Result<Facet> facet_from_name(std::string_view name);
std::string_view facet_name(Facet facet);

}  // namespace vigie::indexer::search
