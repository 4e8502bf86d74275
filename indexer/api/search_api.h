#pragma once

#include <utility>

#include "indexer/api/call.h"
#include "indexer/api/catalogue.h"

namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

class QueryNames;
class StatusView;

/// Articles by a query: pages of hits, one article, counts. Thread-safe.
class SearchApi {
 public:
  /// `status` and `catalogue` give values of facets their names.
  SearchApi(search::Index& index, StatusView& status, CurrentCatalogue catalogue,
            const QueryNames& names)
      : index_(index), status_(status), catalogue_(std::move(catalogue)), names_(names) {}
  Routes routes();

 private:
  http::Response search(const Call& call);
  http::Response article(const Call& call);
  http::Response article_version(const Call& call);
  http::Response timeline(const Call& call);
  http::Response facets(const Call& call);

  search::Index& index_;
  StatusView& status_;
  CurrentCatalogue catalogue_;
  const QueryNames& names_;
};

}  // namespace vigie::indexer::api
