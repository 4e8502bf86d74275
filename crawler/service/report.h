#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "crawler/service/metrics.h"
#include "crawler/sources/source_states.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/status/reporter.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::service {

/// What the crawler tells of itself: totals in `status`, and its failures in one line of log a
/// minute. One thread.
class Report {
 public:
  /// `instance`: of this crawler. `data_dir`: where free disk space is measured.
  Report(log::Log& log, Clock& clock, CrawlerMetrics& metrics, const std::string& instance,
         const std::filesystem::path& data_dir);

  /// `what`: a kind of URL, or ROBOTS.
  void requested(std::string_view what);
  void page_sent() {
    ++pages_;
    metrics_.pages.add();
  }
  void discovered(v1::UrlKind via);
  /// URLs that will not be fetched.
  void dropped(const std::string& reason, std::uint64_t urls = 1);
  void failed(const std::string& reason, const std::string& url, const std::string& detail);
  /// "": there is none any more.
  void last_error(std::string_view error) { reporter_.last_error(error); }

  /// The failures of the last minute in one line of log; each alone is in the status of its source,
  /// and in the log at level debug.
  void summarise_failures(const sources::SourceStates& sources);
  /// Sends the status.
  Result<void> send(status::State state);

 private:
  const Clock& clock_;
  CrawlerMetrics& metrics_;
  status::Reporter reporter_;
  std::uint64_t pages_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t discovered_ = 0;
  std::map<std::string, std::uint64_t> dropped_;
  std::map<std::string, std::uint64_t> failures_by_reason_;  // since the last summary
  std::string example_failure_;
  std::chrono::milliseconds next_summary_{0};
};

/// The word of a kind of URL in metrics: FEED, SITEMAP, SECTION, ARTICLE.
std::string kind_word(v1::UrlKind kind);

}  // namespace vigie::crawler::service
