#pragma once

#include <cstddef>

#include "indexer/api/call.h"
#include "indexer/api/caller_counts.h"

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

class StatusView;

/// Pages that a caller has already, into the log; followed until they are searchable where the
/// caller waits. Thread-safe.
class IngestApi {
 public:
  /// Of a page at most `max_page_bytes` are kept. `status` knows the sources.
  IngestApi(log::Log& log, search::Index& index, Clock& clock, StatusView& status,
            std::size_t max_page_bytes)
      : log_(log), index_(index), clock_(clock), status_(status), max_page_bytes_(max_page_bytes) {}
  Routes routes();

 private:
  http::Response ingest(const Call& call);

  log::Log& log_;
  search::Index& index_;
  Clock& clock_;
  StatusView& status_;
  std::size_t max_page_bytes_;
  CallerCounts under_way_{4, 2};  // each may hold a thread of the server while it waits
};

}  // namespace vigie::indexer::api
