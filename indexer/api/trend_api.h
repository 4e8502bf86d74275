#pragma once

#include <utility>

#include "indexer/api/call.h"
#include "indexer/api/catalogue.h"

namespace vigie {
class Clock;
}
namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

class QueryNames;
class StatusView;

/// Whether what a query finds is unusual. Thread-safe.
class TrendApi {
 public:
  /// `status` and `catalogue` give values of facets their names. All must outlive it.
  TrendApi(search::Index& index, Clock& clock, StatusView& status, CurrentCatalogue catalogue,
           const QueryNames& names)
      : index_(index),
        clock_(clock),
        status_(status),
        catalogue_(std::move(catalogue)),
        names_(names) {}
  Routes routes();

 private:
  http::Response trend(const Call& call);

  search::Index& index_;
  Clock& clock_;
  StatusView& status_;
  CurrentCatalogue catalogue_;
  const QueryNames& names_;
};

}  // namespace vigie::indexer::api
