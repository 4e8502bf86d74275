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

namespace vigie::indexer::api {

/// New articles and alerts as they come. Thread-safe.
class StreamApi {
 public:
  /// `index` has the articles of alerts, which a query is matched with.
  StreamApi(log::Log& log, search::Index& index, Clock& clock)
      : log_(log), index_(index), clock_(clock) {}
  Routes routes();

 private:
  http::Response stream(const Call& call);

  log::Log& log_;
  search::Index& index_;
  Clock& clock_;
};

}  // namespace vigie::indexer::api
