#pragma once

#include "indexer/api/call.h"

namespace vigie::indexer::search {
class Index;
}
namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}

namespace vigie::indexer::api {

class AlertOwners;
class QueryNames;

/// Subscriptions: made, read, changed, deleted, tried on the past. Thread-safe.
class SubscriptionApi {
 public:
  /// `owners` counts alerts; `index` has the past.
  SubscriptionApi(subscriptions::SubscriptionStore& store, const AlertOwners& owners,
                  search::Index& index, const QueryNames& names)
      : store_(store), owners_(owners), index_(index), names_(names) {}
  Routes routes();

 private:
  http::Response list(const Call& call);
  http::Response create(const Call& call);
  http::Response preview(const Call& call);
  http::Response show(const Call& call);
  http::Response replace(const Call& call);
  http::Response remove(const Call& call);

  subscriptions::SubscriptionStore& store_;
  const AlertOwners& owners_;
  search::Index& index_;
  const QueryNames& names_;
};

/// The problem of a subscription that is not there.
http::Response no_subscription(const std::string& id);

}  // namespace vigie::indexer::api
