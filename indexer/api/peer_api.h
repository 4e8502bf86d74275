#pragma once

#include <string>
#include <utility>

#include "indexer/api/call.h"

namespace vigie::v1 {
class LeafRequest;
class LeafResponse;
}  // namespace vigie::v1
namespace vigie::indexer::alerting {
class Alerts;
}
namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

class AlertOwners;

/// What indexers ask each other. Thread-safe.
class PeerApi {
 public:
  /// As it is told to others.
  struct Identity {
    std::string instance;
    std::string group;
  };
  /// `alerter` nullptr: this process delivers no alerts. `forwarded` are the calls that another
  /// indexer may ask to be answered here.
  PeerApi(search::Index& index, alerting::Alerts* alerter, const AlertOwners& owners,
          Routes forwarded, Identity identity)
      : index_(index),
        alerter_(alerter),
        owners_(owners),
        forwarded_(std::move(forwarded)),
        identity_(std::move(identity)) {}
  Routes routes();

 private:
  http::Response peer(const Call& call);
  Result<v1::LeafResponse> forwarded(const v1::LeafRequest& question) const;
  Result<v1::LeafResponse> alert_counts(const v1::LeafRequest& question) const;
  Result<v1::LeafResponse> answer_to(const v1::LeafRequest& question,
                                     const http::Request& asker) const;

  search::Index& index_;
  alerting::Alerts* alerter_;
  const AlertOwners& owners_;
  Routes forwarded_;
  Identity identity_;
};

}  // namespace vigie::indexer::api
