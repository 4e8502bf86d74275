#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>

#include "indexer/stories/event_window.h"
#include "indexer/stories/metrics.h"
#include "indexer/stories/window.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/story.pb.h"

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
  // of log time: an older article is no longer found to be on the same event
  std::int64_t event_window_ms = 5LL * 24 * 3600 * 1000;
  std::chrono::milliseconds idle_poll{200};
  storage::Opener open_database = storage::open;
};

/// Gives each article the story of the near-duplicate it copies (the most similar one, the first in
/// the log among equals), or its own. What a source repeats on its pages makes no copies
/// (fingerprint::CopySearch). A decision is a function of the fingerprints before it in the
/// log and of the rows that are already published, and a published row is never decided anew; so
/// two owners write the same. An empty fingerprint is a story of its own. Beside it the article
/// gets its event: that of its story if it is a copy, else that of the article on the same
/// happening it is most like (EventWindow), or its own. One thread.
class Clusterer {
 public:
  /// `log`, `clock` and `registry` must outlive it. Errors: kStop locked, corrupt, io.
  static Result<std::unique_ptr<Clusterer>> open(log::Log& log, Clock& clock,
                                                 metrics::Registry& registry,
                                                 ClustererOptions options);
  /// Catches up with `stories`, reads the window again, then clusters until stopped. Errors: kStop
  /// log_gap; kRetry log_silent; whatever log or storage report.
  Result<void> run(std::stop_token stop);
  /// Writes a copy of its store into a folder that must not exist. Any thread. Errors: kStop io.
  Result<void> checkpoint(const std::filesystem::path& to) { return database_->checkpoint(to); }

 private:
  /// Where an article belongs.
  struct Place {
    std::string story_id;
    std::string event_id;  // empty where it was decided before there were events
  };
  using Decided = std::unordered_map<std::string, Place>;  // by article id

  Clusterer(log::Log& log, Clock& clock, metrics::Registry& registry, ClustererOptions options,
            std::unique_ptr<storage::Database> database);
  Result<bool> take_over(log::Group& group, const std::stop_token& stop);
  Result<bool> catch_up(const std::stop_token& stop);
  Result<void> take_stories(const log::Reader::Batch& batch);
  Result<void> take(log::Group& group, const log::Reader::Batch& batch);
  Result<void> cluster(const log::Reader::Batch& batch);
  Result<std::optional<Place>> place_of(const std::string& article, const Decided& decided);
  Result<EventWindow::Member> event_of(const v1::FingerprintRecord& fingerprint,
                                       const v1::StoryRecord& story, const Decided& decided);
  void remember(const log::Record& record, const v1::FingerprintRecord& fingerprint,
                const fingerprint::Article& article, const Place& place);
  Result<void> decide(const log::Record& record, const v1::FingerprintRecord& fingerprint,
                      Decided& decided);
  Result<void> quarantine(const log::Record& record);

  log::Log& log_;
  Clock& clock_;
  ClustererOptions options_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<log::Producer> producer_;
  Window window_;
  EventWindow events_;
  std::int64_t committed_ = 0;
  StoriesMetrics metrics_;
};

}  // namespace vigie::indexer::stories
