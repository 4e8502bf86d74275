#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "indexer/matching/matcher.h"
#include "indexer/search/index.h"
#include "indexer/shard/shard.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"

namespace vigie::indexer::service {

/// Owns the shards of the partitions of `articles` that the group gives to this process: the one
/// thread that writes to them.
///
/// ArticleRecord in → document, postings, counts, matches and log position in one batch; then
/// matches are relayed to `matches`. `stories` and `control` are followed beside it.
///
/// A shard that comes to this process goes on from the local folder if its position is still in the
/// log; else from the farthest checkpoint that is; else, if it was never here, from the beginning
/// of the log. Until it has caught up it is marked as restoring. A shard that goes is closed, and
/// its folder kept.
class ShardWriter {
 public:
  /// All must outlive the writer.
  struct Seams {
    log::Log& log;
    search::Index& index;
    const matching::Matcher& matcher;
    Clock& clock;
    metrics::Registry& metrics;
    /// Returns when every subscription that was in the log when it was called is known to the
    /// matcher; may be empty.
    std::function<Result<void>()> catch_up_subscriptions = {};
  };
  struct Options {
    std::filesystem::path dir;  // one folder a partition below it
    std::string group = "indexer";
    std::string instance;  // name of this process in `status`
    bool deliver = true;   // false: a replica, which only searches
    // articles discovered later than this after their time do not alert
    std::int64_t alert_max_age_ms = 0;
    std::size_t seal_documents = 20'000;
    storage::Opener open_database = storage::open;
    // silence after which another process takes the shards over; 0: the log's
    std::chrono::milliseconds session{0};
    std::filesystem::path checkpoint_dir;  // shared by all indexers; empty: no checkpoints
    std::chrono::milliseconds checkpoint_every{0};
  };
  ShardWriter(Seams seams, Options options);
  ~ShardWriter();

  /// Until stopped. Errors: kStop from the log (log_gap names topic, partition and offset) or from
  /// a shard.
  Result<void> run(std::stop_token stop);

  /// True once every assigned shard has caught up with what was in the log when it was opened, and
  /// for good. Any thread.
  bool ready() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::indexer::service
