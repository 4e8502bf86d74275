#pragma once

#include <string>

#include "indexer/api/facet_names.h"
#include "indexer/trend/measure.h"

namespace vigie::indexer::api {

/// What a reading says to people, with the names of the countries and sources that it was split
/// by (trend::sentence).
std::string trend_sentence(const trend::Reading& reading, const FacetNames& names);

}  // namespace vigie::indexer::api
