#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/service/page_stage.h"
#include "platform/clock/clock.h"
#include "platform/config/settings.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/metrics/reload.h"
#include "platform/result/result.h"
#include "platform/status/reporter.h"

namespace vigie::extractor::tagging {
class PackWatcher;
}

namespace vigie::extractor::service {

/// The extractor: a member of the group that reads `pages`; see PageStage for what becomes of them.
class ExtractorService {
 public:
  struct Seams {
    log::Log& log;
    Clock& clock;
    metrics::Registry& metrics;
    std::string instance = "extractor";   // as told in `status`
    std::filesystem::path data_dir = {};  // where free disk space is measured; empty: not at all
    std::vector<std::string> worker_command =
        // program and arguments of extract workers (isolation/worker.h); empty, or
        // extract.isolation: none: pages are parsed in this process
        {};
  };
  /// With the topic packs of topics.dirs, read again when a file changes. `settings` and what the
  /// seams name must outlive the service. Errors: kStop, from the packs.
  static Result<std::unique_ptr<ExtractorService>> make(const config::Settings& settings,
                                                        Seams seams);
  /// With a tagging of the caller's own, or none.
  static Result<std::unique_ptr<ExtractorService>> make(const config::Settings& settings,
                                                        Seams seams, Tagging tagging);
  ~ExtractorService();

  /// Until a stop is asked for; finishes and commits what is in hand. Errors: kStop, from the log.
  Result<void> run(std::stop_token stop);
  /// Reads the topic packs again, before the next batch; a bad pack leaves the old one in force.
  /// Any thread.
  void reload();
  /// Whether the group has said which partitions are this extractor's, and all of them were read to
  /// the ends that they had then. Any thread.
  bool caught_up() const { return caught_up_; }

 private:
  ExtractorService(const config::Settings& settings, Seams seams,
                   std::unique_ptr<tagging::PackWatcher> packs, Tagging fixed);
  void watch_packs();
  Tagging current_tagging() const;
  Result<void> report(status::State state);
  void note_progress();
  Result<void> take_assignment(log::Group& group, const log::Group::Polled& polled);

  Seams seams_;
  std::unique_ptr<tagging::PackWatcher> packs_;  // null: fixed_tagging_
  Tagging fixed_tagging_;
  std::chrono::milliseconds next_look_{0};
  std::string group_name_;
  int jobs_;
  ExtractorMetrics metrics_;
  metrics::Reloads reloads_;
  PageStage stage_;
  status::Reporter reporter_;
  // next offset of each partition of ours; -1 before the first
  std::map<log::TopicPartition, std::int64_t> positions_;
  bool given_ = false;  // since the group took partitions back, it has given some or none
  // partitions of ours that were not read yet to the end that they had when they were given
  std::map<log::TopicPartition, std::int64_t> catching_up_;
  std::atomic<bool> caught_up_{false};
  std::atomic<bool> wants_reload_{false};
};

}  // namespace vigie::extractor::service
