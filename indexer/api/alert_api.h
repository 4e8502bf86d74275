#pragma once

#include "indexer/api/call.h"

namespace vigie::indexer::alerting {
class Alerts;
}
namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}

namespace vigie::indexer::api {

class AlertOwners;
class MatchView;

/// What a subscription told: its alerts, their deliveries, its feed, samples and repeats. Where
/// another indexer delivers, it is asked. Thread-safe.
class AlertApi {
 public:
  /// `alerter` nullptr: this process delivers no alerts. `matches` knows the articles of copies.
  /// `public_url` as in base_url().
  AlertApi(alerting::Alerts* alerter, subscriptions::SubscriptionStore& store,
           const AlertOwners& owners, MatchView& matches, std::string public_url)
      : alerter_(alerter),
        store_(store),
        owners_(owners),
        matches_(matches),
        public_url_(std::move(public_url)) {}
  /// What one indexer may ask another to answer for it, too.
  Routes routes();

 private:
  http::Response matches(const Call& call);
  http::Response feed(const Call& call);
  http::Response deliveries(const Call& call);
  http::Response test(const Call& call);
  http::Response replay(const Call& call);

  alerting::Alerts* alerter_;
  subscriptions::SubscriptionStore& store_;
  const AlertOwners& owners_;
  MatchView& matches_;
  const std::string public_url_;  // api.public_url
};

}  // namespace vigie::indexer::api
