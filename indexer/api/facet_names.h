#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indexer/api/catalogue.h"
#include "indexer/search/facet.h"
#include "platform/http/http.h"
#include "platform/result/result.h"

/// Fields of articles as calls name them, and their values as people do. For indexer/api, and
/// indexer/service.
namespace vigie::indexer::api {

class StatusView;

/// Names for people of the values of facets.
class FacetNames {
 public:
  FacetNames(StatusView& status, std::shared_ptr<const Catalogue> catalogue);
  /// The value itself where it has none; a country keeps its code.
  std::string of(Facet facet, const std::string& value) const;
  /// The English name of a country, where the packs declare it; else its code.
  std::string country(const std::string& code) const;

 private:
  std::shared_ptr<const Catalogue> catalogue_;
  std::map<std::string, std::string> sources_;
};

/// The fields of parameter `field`, comma separated or repeated, each once; `otherwise` where there
/// is none. Errors: bad_argument naming the choices.
Result<std::vector<Facet>> fields_of(const http::Request& request, std::vector<Facet> otherwise);

/// Whether an article has one value of a field at most: the rest of all is not known.
inline bool is_single(Facet facet) { return facet != Facet::kTopic && facet != Facet::kActor; }

}  // namespace vigie::indexer::api
