#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"

/// `fingerprints` in → `stories` out.
namespace vigie::indexer::stories {

struct ClustererOptions {
  // its own RocksDB: stories by article; rebuildable from `stories`
  std::filesystem::path dir;
  std::string group = "vigie-clusterer";  // consumer group of `fingerprints`
  // silence after which another process takes over; 0: the log's
  std::chrono::milliseconds session{0};
  // of log time: an older article is no longer copied
  std::int64_t window_ms = 14LL * 24 * 3600 * 1000;
  std::chrono::milliseconds idle_poll{200};
  storage::Opener open_database = storage::open;
};

/// Gives each article the story of the near-duplicate it copies (the most similar one, the first in
/// the log among equals), or its own. A decision is a function of the fingerprints before it in the
/// log and of rows already published, which win; so two owners write the same. An empty fingerprint
/// is a story of its own. One thread.
class Clusterer {
 public:
  /// Errors: kStop locked, corrupt, io.
  static Result<std::unique_ptr<Clusterer>> open(log::Log& log, Clock& clock,
                                                 metrics::Registry& registry,
                                                 ClustererOptions options);
  virtual ~Clusterer() = default;
  /// Catches up with `stories`, reads the window again, then clusters until stopped. Errors: kStop
  /// log_gap and whatever log or storage report.
  virtual Result<void> run(std::stop_token stop) = 0;
};

}  // namespace vigie::indexer::stories
