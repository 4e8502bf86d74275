#include "crawler/service/report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "platform/logging/logging.h"

namespace vigie::crawler::service {
namespace {

using std::chrono::milliseconds;

/// The failures of all sources are told in one line so often; for the first time while whoever
/// started the crawler still looks.
constexpr milliseconds kSummaryEvery{60'000};
constexpr milliseconds kFirstSummary{10'000};
/// Of a URL in a message.
constexpr std::size_t kMaxExampleBytes = 200;

/// "reason:count …", the most frequent first.
std::string sorted_reasons(const std::map<std::string, std::uint64_t>& failures) {
  std::vector<std::pair<std::uint64_t, std::string>> most;
  for (const auto& [reason, count] : failures) most.emplace_back(count, reason);
  std::sort(most.begin(), most.end(), std::greater<>());
  std::string out;
  for (const auto& [count, reason] : most)
    out += (out.empty() ? "" : " ") + reason + ":" + std::to_string(count);
  return out;
}

}  // namespace

std::string kind_word(v1::UrlKind kind) {
  return v1::UrlKind_Name(kind).substr(std::string_view("URL_KIND_").size());
}

Report::Report(log::Log& log, Clock& clock, CrawlerMetrics& metrics, const std::string& instance,
               const std::filesystem::path& data_dir)
    : clock_(clock), metrics_(metrics), reporter_(log, clock, "crawler", instance, data_dir) {}

void Report::requested(std::string_view what) {
  ++requests_;
  metrics_.requests.of(what).add();
}

void Report::discovered(v1::UrlKind via) {
  ++discovered_;
  metrics_.urls_discovered.of(kind_word(via)).add();
}

void Report::dropped(const std::string& reason, std::uint64_t urls) {
  dropped_[reason] += urls;
  metrics_.urls_dropped.of(reason).add(static_cast<double>(urls));
}

void Report::failed(const std::string& reason, const std::string& url, const std::string& detail) {
  metrics_.failures.of(reason).add();
  ++failures_by_reason_[reason];
  if (example_failure_.empty()) example_failure_ = url.substr(0, kMaxExampleBytes) + ": " + detail;
}

void Report::summarise_failures(const sources::SourceStates& sources) {
  const milliseconds now = clock_.since_boot();
  if (next_summary_ == milliseconds(0)) next_summary_ = now + kFirstSummary;
  if (now < next_summary_) return;
  next_summary_ = now + kSummaryEvery;
  if (failures_by_reason_.empty()) return;
  std::uint64_t failed = 0;
  for (const auto& [reason, count] : failures_by_reason_) failed += count;
  const std::string reasons = sorted_reasons(failures_by_reason_);
  const std::initializer_list<logging::Field> fields{
      {"failed", failed},
      {"reasons", reasons},
      {"sources_failing", static_cast<long>(sources.failing().sources)},
      {"sources", static_cast<long>(sources.failing().of)},
      {"example", example_failure_}};
  const sources::Reachability reach = sources.reachability();
  if (reach.tried > 0 && reach.reached == 0) {
    logging::warn("no source can be reached", fields);
  } else {
    logging::info("fetches failed", fields);
  }
  failures_by_reason_.clear();
  example_failure_.clear();
}

Result<void> Report::send(status::State state) {
  reporter_.total("pages", pages_);
  reporter_.total("requests", requests_);
  reporter_.total("discovered", discovered_);
  for (const auto& [reason, count] : dropped_) reporter_.total("dropped:" + reason, count);
  reporter_.state(state);
  return reporter_.report();
}

}  // namespace vigie::crawler::service
