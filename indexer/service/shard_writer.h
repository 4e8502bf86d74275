#pragma once

#include <atomic>
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
#include "indexer/service/checkpoints.h"
#include "indexer/service/metrics.h"
#include "indexer/shard/shard.h"
#include "platform/backup/turn_gate.h"
#include "platform/clock/clock.h"
#include "platform/log/follower.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "platform/status/reporter.h"
#include "platform/storage/storage.h"
#include "platform/url/takedown.h"
#include "proto/peer.pb.h"

namespace vigie::indexer::service {

/// Owns the shards of the partitions of `articles` that the group gives to this process: the one
/// thread that writes to them.
///
/// ArticleRecord in → document, postings, counts, matches and log position in one batch; then
/// matches are relayed to `matches`. `stories` and `control` are followed beside it.
///
/// A shard that comes to this process goes on from the local folder if its offset is still in the
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
    /// matcher: true, or false if a stop was asked for first. May be empty.
    std::function<Result<bool>(const std::stop_token&)> catch_up_subscriptions = {};
  };
  struct Options {
    std::filesystem::path dir;  // one folder a partition below it
    std::string group = "indexer";
    std::string instance;  // name of this process in `status`
    bool deliver = true;   // false: a replica, which only searches
    // articles discovered later than this after their time do not alert
    std::int64_t alert_max_age_ms = 0;
    std::size_t seal_documents = 20'000;
    bool maintain_in_background = true;  // see ShardOptions
    storage::Opener open_database = storage::open;
    // silence after which another process takes the shards over; 0: the log's
    std::chrono::milliseconds session{0};
    std::filesystem::path checkpoint_dir;  // shared by all indexers; empty: no checkpoints
    std::chrono::milliseconds checkpoint_every{0};
  };
  ShardWriter(Seams seams, Options options);
  ~ShardWriter();

  /// Until stopped. Errors: kStop from the log (log_gap names topic, partition and offset) or from
  /// a shard; kRetry log_silent.
  Result<void> run(std::stop_token stop);

  /// True once every assigned shard has caught up with what was in the log when it was opened, and
  /// for good. Any thread.
  bool ready() const;

  /// Writes a copy of each shard into a folder, whose sub-folders are those of Options::dir; the
  /// writer stands still for one shard after the other. Another thread than run()'s. Errors: kRetry
  /// busy; kStop io.
  Result<void> checkpoint(const std::filesystem::path& to);

 private:
  struct Owned {
    std::shared_ptr<Shard> shard;
    std::int64_t catch_up_to = 0;  // end of `articles` when the shard was assigned
    v1::PeerShard::State state = v1::PeerShard::STATE_RESTORING;
    std::chrono::milliseconds checkpoint_at{0};
    std::int64_t checkpointed = 0;  // offset of the last checkpoint
  };

  Result<void> turn(status::Reporter& reporter, const std::stop_token& stop);
  // shards come and go
  void hold(const std::vector<log::TopicPartition>& revoked);
  Result<void> settle(const std::vector<log::TopicPartition>& assigned,
                      const std::stop_token& stop);
  void let_go_of_held();
  Result<bool> open(log::TopicPartition from, const std::stop_token& stop);
  void close(std::int32_t partition);
  Result<std::shared_ptr<Shard>> open_shard(log::TopicPartition from,
                                            const log::OffsetRange& range);
  Result<std::shared_ptr<Shard>> open_folder(std::int32_t partition);
  Result<void> close_gap(log::TopicPartition from, const log::OffsetRange& range, Shard& shard);
  std::filesystem::path shard_dir(std::int32_t partition) const;
  std::chrono::milliseconds until_checkpoint(std::int32_t partition) const;
  void make_checkpoint_if_due();
  // records
  Result<void> apply(log::Reader::Batch& batch);  // takes the records
  Result<void> quarantine(const log::TopicPartition& from, const log::Record& record);
  Result<void> relay();
  Result<void> take_stories(const log::Reader::Batch& batch);
  Result<void> obey(const log::Record& record);
  Result<void> take_down(const std::string& article);
  Result<void> take_down(const url::Takedown& takedown, Shard& shard);
  bool is_taken_down(const v1::ArticleRecord& article) const;
  // the rest of a turn
  Result<void> maintain(bool idle);
  void observe(const v1::ArticleRecord& article, std::int64_t now);
  Result<void> update_figures(status::Reporter& reporter);

  Seams seams_;
  Options options_;
  Checkpoints checkpoints_;
  log::TopicFollower stories_;
  log::TopicFollower control_;
  IndexerMetrics metrics_;
  const std::int64_t started_unix_ms_;
  std::unique_ptr<log::Producer> producer_;
  std::unique_ptr<log::Group> group_;
  std::map<std::int32_t, Owned> owned_;        // by partition
  std::vector<std::string> taken_down_;        // articles
  std::vector<url::Takedown> wide_takedowns_;  // URLs, hosts, sources
  url::TakenDown covered_;                     // the same
  bool settled_ = false;                       // the group has said which shards are ours
  std::chrono::milliseconds held_since_{0};
  std::chrono::milliseconds figures_due_{0};
  std::size_t next_maintained_ = 0;
  std::atomic<bool> ready_{false};
  backup::TurnGate gate_;
};

}  // namespace vigie::indexer::service
