#include "indexer/api/trend_sentence.h"

#include <vector>

#include "indexer/trend/sentence.h"

namespace vigie::indexer::api {
namespace {

/// For the sentence: names of the values of a field.
std::vector<trend::Part> parts_of(const trend::Reading& reading, Facet wanted,
                                  const FacetNames& names) {
  std::vector<trend::Part> out;
  for (const auto& [facet, values] : reading.by) {
    if (facet != wanted) continue;
    for (const trend::ValueOnDay& one : values)
      out.push_back(
          {facet == Facet::kCountry ? names.country(one.value) : names.of(facet, one.value),
           one.count, one.usual});
  }
  return out;
}

}  // namespace

std::string trend_sentence(const trend::Reading& reading, const FacetNames& names) {
  return trend::sentence(reading.judgement, reading.count(),
                         parts_of(reading, Facet::kCountry, names),
                         parts_of(reading, Facet::kSource, names));
}

}  // namespace vigie::indexer::api
