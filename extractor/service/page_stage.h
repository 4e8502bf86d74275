#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extractor/extract.h"
#include "extractor/isolation/extractor.h"
#include "extractor/service/metrics.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/article.pb.h"

namespace vigie::extractor::service {

/// Fills topics, actors and pack of an article. Called by several threads at once.
using Tagging = std::function<void(v1::ArticleRecord&)>;

/// One step of the pipeline: records of `pages` in, records of `articles` and `fingerprints` out,
/// failures to `quarantine`. One thread. Nothing is committed before everything that came of it is
/// durable, so a crash repeats work and loses none; repeats are the same records.
class PageStage {
 public:
  struct Options {
    int jobs = 1;  // threads that parse and tag
    ExtractLimits limits;
    // of isolation::WorkerOptions; empty: pages are parsed in this process
    std::vector<std::string> worker_command = {};
  };
  /// `log`, `clock`, `metrics` must outlive it.
  PageStage(log::Log& log, Clock& clock, ExtractorMetrics& metrics, Options options);
  ~PageStage();
  PageStage(const PageStage&) = delete;
  PageStage& operator=(const PageStage&) = delete;

  /// Extracts the batches in parallel and appends what came of them, in the order of each
  /// partition; durable on return. Errors: kStop if the log cannot be written.
  Result<void> process(const std::vector<log::Reader::Batch>& batches, const Tagging& tagging);

  std::uint64_t pages() const { return pages_; }
  std::uint64_t articles() const { return articles_; }
  const std::map<std::string, std::uint64_t, std::less<>>& quarantined() const {
    return quarantined_;
  }

 private:
  struct Work;
  Result<void> extract(std::vector<Work>& works, const Tagging& tagging);
  Result<void> append(const Work& work);
  Result<void> quarantine(const Work& work, const Error& error);

  Clock& clock_;
  Options options_;
  std::unique_ptr<log::Producer> producer_;
  std::vector<std::unique_ptr<isolation::Extractor>> extractors_;  // one a job
  ExtractorMetrics& metrics_;
  std::uint64_t pages_ = 0;
  std::uint64_t articles_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> quarantined_;
};

}  // namespace vigie::extractor::service
