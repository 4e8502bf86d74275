#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "indexer/query/query.h"
#include "platform/http/http.h"
#include "platform/result/result.h"

namespace vigie {
class Clock;
}
namespace vigie::log {
class Log;
}
namespace vigie::metrics {
class Registry;
}
namespace vigie::indexer::search {
class Index;
}

/// What all live pages of a process are told (ops/spec/http_api.md, "Live stream").
namespace vigie::indexer::api {

struct StreamPosition;

/// One reader of `articles` and `matches` for all streams: a record is read and parsed once, and
/// matched once with the queries of all of them by the percolator that alerts use. Streams with the
/// same query share what they are told. A stream that goes on from an earlier place of the log is
/// caught up by a reading beside, shared with those that ask at the same time, until it meets the
/// live one.
///
/// What a client has not taken yet waits in a bounded buffer; when that is full the stream ends
/// with an event that says so, and the client goes on by its id. open() is thread-safe; turn() and
/// run() belong to one thread.
class LiveFeed {
 public:
  struct Limits {
    std::size_t streams_of_caller = 512;
    /// query::costly_clauses of all open streams, of one caller and of all.
    std::size_t clauses_of_caller = 2'000;
    std::size_t clauses = 20'000;
    /// Of one stream; what all have waiting makes it smaller.
    std::size_t queued_bytes = 256ULL << 10;
    std::size_t all_queued_bytes = 64ULL << 20;
    std::int64_t missed_records = 50'000;  // further back a stream does not go on
  };
  /// All must outlive the feed.
  struct Seams {
    log::Log& log;
    search::Index& index;  // has the articles of alerts, which queries are matched with
    Clock& clock;
    metrics::Registry& metrics;
  };
  LiveFeed(Seams seams, const Limits& limits);
  ~LiveFeed();

  struct Wish {
    query::Query query;
    std::string subscription;   // alerts of this one alone; empty: of all
    std::string caller;         // whom the limits count it for
    std::string last_event_id;  // where it goes on; empty: now
  };
  /// Errors: over_quota (kQuarantine), too_expensive (kQuarantine); those of the log.
  Result<std::unique_ptr<http::BodyStream>> open(Wish wish);

  /// Reads on and tells, until stopped. Never fails: where the log does, streams end, and their
  /// clients come back.
  Result<void> run(std::stop_token stop);
  /// One step of run(): waits at most `most` for something to tell.
  void turn(std::chrono::milliseconds most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::indexer::api
