#pragma once

#include "indexer/api/call.h"

namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}

namespace vigie::indexer::api {

class LiveFeed;
class QueryNames;

/// New articles and alerts as they come. Thread-safe.
class StreamApi {
 public:
  /// `live`: nullptr where this process tells none.
  StreamApi(LiveFeed* live, subscriptions::SubscriptionStore& store, const QueryNames& names)
      : live_(live), store_(store), names_(names) {}
  Routes routes();

 private:
  http::Response stream(const Call& call);
  bool knows(const std::string& subscription);

  LiveFeed* live_;
  subscriptions::SubscriptionStore& store_;
  const QueryNames& names_;
};

}  // namespace vigie::indexer::api
