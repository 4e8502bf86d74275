#include "indexer/search/facet.h"

#include <string>
#include <utility>

namespace vigie::indexer::search {
namespace {

constexpr std::pair<Facet, std::string_view> kFacetNames[] = {{Facet::kTopic, "topic"},
                                                              {Facet::kActor, "actor"},
                                                              {Facet::kLanguage, "language"},
                                                              {Facet::kCountry, "country"},
                                                              {Facet::kSource, "source"},
                                                              {Facet::kKind, "kind"},
                                                              {Facet::kAffiliation, "affiliation"},
                                                              {Facet::kType, "type"}};

}  // namespace

Result<Facet> facet_from_name(std::string_view name) {
  if (name == "lang") return Facet::kLanguage;  // as in a query
  if (name == "genre") return Facet::kType;     // as in a record
  std::string choices;
  for (const auto& [facet, known] : kFacetNames) {
    if (known == name) return facet;
    choices += choices.empty() ? "" : ", ";
    choices += known;
  }
  return failure(Disposition::kQuarantine, "bad_argument",
                 "there is no field of that name; choose one of " + choices);
}

std::string_view facet_name(Facet facet) {
  for (const auto& [known, name] : kFacetNames) {
    if (known == facet) return name;
  }
  return {};
}

}  // namespace vigie::indexer::search
