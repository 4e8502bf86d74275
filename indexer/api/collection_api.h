#pragma once

#include "indexer/api/call.h"

namespace vigie {
class Clock;
}
namespace vigie::indexer::collections {
class CollectionStore;
}
namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

/// Collections: made, filled, changed, written as briefs, shared by a link. Thread-safe.
class CollectionApi {
 public:
  /// `index` has the articles that are put into a collection. All must outlive it.
  CollectionApi(collections::CollectionStore& store, search::Index& index, Clock& clock)
      : store_(store), index_(index), clock_(clock) {}
  Routes routes();

 private:
  http::Response list(const Call& call);
  http::Response create(const Call& call);
  http::Response show(const Call& call);
  http::Response replace(const Call& call);
  http::Response remove(const Call& call);
  http::Response add(const Call& call);
  http::Response brief(const Call& call);
  http::Response share(const Call& call);
  http::Response unshare(const Call& call);
  http::Response shared(const Call& call);

  collections::CollectionStore& store_;
  search::Index& index_;
  Clock& clock_;
};

}  // namespace vigie::indexer::api
