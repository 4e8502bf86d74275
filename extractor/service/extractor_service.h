#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "extractor/service/page_stage.h"
#include "platform/clock/clock.h"
#include "platform/config/settings.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"

namespace vigie::extractor {

/// The extractor: a member of the group that reads `pages`; see PageStage for what becomes of them.
class ExtractorService {
 public:
  struct Seams {
    log::Log& log;
    Clock& clock;
    metrics::Registry& metrics;
    std::string instance = "extractor";          // as told in `status`
    std::filesystem::path data_dir = {};         // where free disk space is measured; empty: not at all
  };
  /// Makes a tagging from the topic packs; called at the start and at every reload(). An error at a reload keeps the packs that are in force.
  using LoadTagging = std::function<Result<Tagging>()>;

  /// With the topic packs of topics.dirs. Errors: kStop, from the packs. `settings` and what the seams name must outlive the service.
  static Result<std::unique_ptr<ExtractorService>> make(const config::Settings& settings, Seams seams);
  /// With a tagging of the caller's own.
  static Result<std::unique_ptr<ExtractorService>> make(const config::Settings& settings, Seams seams, LoadTagging load);
  ~ExtractorService();

  /// Until a stop is asked for; finishes and commits what is in hand. Errors: kStop, from the log.
  Result<void> run(std::stop_token stop);
  /// Reads the topic packs again, before the next batch. Any thread.
  void reload();

 private:
  struct Impl;
  explicit ExtractorService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigie::extractor
