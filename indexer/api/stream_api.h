#pragma once

#include "indexer/api/call.h"

namespace vigie {
class Clock;
}
namespace vigie::log {
class Log;
}
namespace vigie::indexer::search {
class Index;
}
namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}

namespace vigie::indexer::api {

class QueryNames;

/// New articles and alerts as they come. Thread-safe.
class StreamApi {
 public:
  /// `index` has the articles of alerts, which a query is matched with.
  StreamApi(log::Log& log, search::Index& index, Clock& clock,
            subscriptions::SubscriptionStore& store, const QueryNames& names)
      : log_(log), index_(index), clock_(clock), store_(store), names_(names) {}
  Routes routes();

 private:
  http::Response stream(const Call& call);
  bool knows(const std::string& subscription);

  log::Log& log_;
  search::Index& index_;
  Clock& clock_;
  subscriptions::SubscriptionStore& store_;
  const QueryNames& names_;
};

}  // namespace vigie::indexer::api
