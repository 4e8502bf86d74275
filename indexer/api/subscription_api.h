#pragma once

#include "indexer/api/call.h"
#include "platform/clock/clock.h"

namespace vigie::indexer::rhythm {
struct Rule;
}
namespace vigie::indexer::search {
class Index;
}
namespace vigie::indexer::subscriptions {
class SubscriptionStore;
struct By;
}

namespace vigie::indexer::api {

class AlertOwners;
class QueryNames;

/// Subscriptions: made, read, changed, deleted, tried on the past. Thread-safe.
class SubscriptionApi {
 public:
  /// `owners` counts alerts; `index` has the past.
  SubscriptionApi(subscriptions::SubscriptionStore& store, const AlertOwners& owners,
                  search::Index& index, const QueryNames& names, Clock& clock)
      : store_(store), owners_(owners), index_(index), names_(names), clock_(clock) {}
  Routes routes();

 private:
  http::Response list(const Call& call);
  http::Response create(const Call& call);
  http::Response preview(const Call& call);
  http::Response preview(const Call& call, const rhythm::Rule& rule);
  http::Response show(const Call& call);
  http::Response replace(const Call& call);
  http::Response remove(const Call& call);

  subscriptions::SubscriptionStore& store_;
  const AlertOwners& owners_;
  search::Index& index_;
  const QueryNames& names_;
  Clock& clock_;
};

/// Who changes a subscription, and the audit record of what is changed, in one append with it.
/// `call` must outlive it.
subscriptions::By audited(const Call& call, const std::string& who);

/// The problem of a subscription that is not there.
http::Response no_subscription(const std::string& id);

}  // namespace vigie::indexer::api
