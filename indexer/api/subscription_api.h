#pragma once

#include "indexer/api/call.h"
#include "indexer/search/index.h"
#include "platform/clock/clock.h"
#include "platform/dates/time_zone.h"
#include "proto/subscription.pb.h"

namespace vigie::indexer::rhythm {
struct Rule;
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
  http::Response preview(const Call& call, const v1::SubscriptionRecord& when,
                         const rhythm::Rule& rule, const dates::TimeZone& zone);
  /// What was found of the time that a preview looks back.
  struct Told {
    const search::SearchPage* page;
    const std::vector<TimelineBin>* bins;
    std::int64_t begin_unix_ms = 0;
    std::int64_t end_unix_ms = 0;
  };
  Result<Json> told(const v1::SubscriptionRecord& when, const rhythm::Rule& rule,
                    const query::Query& subscribed, const Told& found,
                    search::Coverage& coverage) const;
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
