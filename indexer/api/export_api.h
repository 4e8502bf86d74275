#pragma once

#include <atomic>
#include <memory>

#include "indexer/api/call.h"
#include "indexer/api/kept_exports.h"

namespace vigie {
class Clock;
class Random;
}  // namespace vigie

namespace vigie::indexer::search {
class Index;
}

namespace vigie::indexer::api {

class QueryNames;

/// Every article of a query as a file, in a stream. Thread-safe.
class ExportApi {
 public:
  /// Articles of one export; of more the caller is told to narrow the query.
  static constexpr std::size_t kMostRows = 250'000;
  /// That are sent at a time; more are asked to come back.
  static constexpr int kMostAtATime = 8;

  ExportApi(search::Index& index, Clock& clock, Random& random, const QueryNames& names)
      : index_(index), clock_(clock), random_(random), names_(names), kept_(clock) {}
  Routes routes();

 private:
  http::Response send(const Call& call);
  Result<std::shared_ptr<const KeptExports::Export>> listed(const Call& call,
                                                            const query::Query& query);
  Result<std::shared_ptr<const KeptExports::Export>> made(const Call& call,
                                                          const query::Query& query);

  search::Index& index_;
  Clock& clock_;
  Random& random_;
  const QueryNames& names_;
  KeptExports kept_;
  std::shared_ptr<std::atomic<int>> running_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace vigie::indexer::api
