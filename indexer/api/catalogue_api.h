#pragma once

#include <utility>

#include "indexer/api/call.h"
#include "indexer/api/catalogue.h"

namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

/// What the packs declare, and completion of a query by it. Thread-safe.
class CatalogueApi {
 public:
  /// `index` knows the values of fields that no pack declares: languages, countries, sources.
  CatalogueApi(CurrentCatalogue catalogue, search::Index& index)
      : catalogue_(std::move(catalogue)), index_(index) {}
  Routes routes();

 private:
  http::Response topics(const Call& call);
  http::Response topic(const Call& call);
  http::Response actors(const Call& call);
  http::Response actor(const Call& call);
  http::Response suggest(const Call& call);

  CurrentCatalogue catalogue_;
  search::Index& index_;
};

}  // namespace vigie::indexer::api
