#include "extractor/service/extractor_service.h"

#include <array>
#include <utility>
#include <vector>

#include "extractor/tagging/pack_watcher.h"
#include "extractor/tagging/tagger.h"
#include "platform/log/groups.h"
#include "platform/logging/logging.h"
#include "platform/status/reporter.h"

namespace vigie::extractor::service {
namespace {

// polled at a time, for each job: bounds the bytes in memory, pages are up to 12 MiB
constexpr std::size_t kPagesPerJob = 8;
// between two looks at the files of the packs
constexpr std::chrono::milliseconds kLookInterval{2'000};
// so that a stop and a report are never long in waiting
constexpr std::chrono::milliseconds kPollTimeout{200};

PageStage::Options options_of(const config::Settings& settings, int jobs,
                              const std::vector<std::string>& worker_command) {
  PageStage::Options options;
  options.jobs = jobs;
  options.limits.page_bytes = static_cast<std::size_t>(settings.integer("extract.max_page_bytes"));
  if (settings.text("extract.isolation") == "process") options.worker_command = worker_command;
  return options;
}

}  // namespace

ExtractorService::ExtractorService(const config::Settings& settings, Seams seams,
                                   std::unique_ptr<tagging::PackWatcher> packs, Tagging fixed)
    : seams_(std::move(seams)),
      packs_(std::move(packs)),
      fixed_tagging_(std::move(fixed)),
      group_name_(log::group_of(log::Role::kExtractor, settings)),
      jobs_(static_cast<int>(settings.integer("extract.jobs"))),
      metrics_(seams_.metrics),
      reloads_(seams_.metrics),
      stage_(seams_.log, seams_.clock, metrics_,
             options_of(settings, jobs_, seams_.worker_command)),
      reporter_(seams_.log, seams_.clock, "extractor", seams_.instance, seams_.data_dir) {}

ExtractorService::~ExtractorService() = default;

Result<std::unique_ptr<ExtractorService>> ExtractorService::make(const config::Settings& settings,
                                                                 Seams seams) {
  std::vector<std::string> dirs;
  for (const std::string& dir : settings.list("topics.dirs"))
    dirs.push_back(config::resource(dir).string());
  auto packs = std::make_unique<tagging::PackWatcher>(std::move(dirs));
  VIGIE_TRY(packs->open());
  return std::unique_ptr<ExtractorService>(
      new ExtractorService(settings, std::move(seams), std::move(packs), Tagging{}));
}

Result<std::unique_ptr<ExtractorService>> ExtractorService::make(const config::Settings& settings,
                                                                 Seams seams, Tagging tagging) {
  return std::unique_ptr<ExtractorService>(
      new ExtractorService(settings, std::move(seams), nullptr, std::move(tagging)));
}

Result<void> ExtractorService::run(std::stop_token stop) {
  const std::array topics{proto::Topic::kPages};
  VIGIE_ASSIGN(const std::unique_ptr<log::Group> group, seams_.log.join(group_name_, topics));
  if (packs_) reloads_.note("topics", true, seams_.clock.now_unix_ms());
  VIGIE_TRY(report(status::State::kStarting));
  while (!stop.stop_requested()) {
    watch_packs();
    VIGIE_ASSIGN(const log::Group::Polled polled,
                 group->poll(kPagesPerJob * static_cast<std::size_t>(jobs_), kPollTimeout));
    VIGIE_TRY(take_assignment(*group, polled));
    VIGIE_TRY(stage_.process(polled.batches, current_tagging()));
    for (const log::Reader::Batch& batch : polled.batches) {
      VIGIE_TRY(group->commit(batch.from, batch.next_offset));
      positions_[batch.from] = batch.next_offset;
    }
    note_progress();
    if (reporter_.due()) VIGIE_TRY(report(status::State::kRunning));
  }
  return report(status::State::kStopping);
}

void ExtractorService::reload() { wants_reload_ = true; }

// A bad pack leaves the old one in force and is told; the pipeline goes on.
void ExtractorService::watch_packs() {
  if (!packs_) return;
  const bool asked = wants_reload_.exchange(false);
  if (!asked && seams_.clock.since_boot() < next_look_) return;
  next_look_ = seams_.clock.since_boot() + kLookInterval;
  Result<bool> fresh = false;
  if (asked) {
    const Result<void> reloaded = packs_->reload();
    if (reloaded) {
      fresh = true;
    } else {
      fresh = failure(reloaded.error());
    }
  } else {
    fresh = packs_->poll();
  }
  if (!fresh) {
    logging::error("topic packs not reloaded", {{"detail", fresh.error().to_string()}});
    reporter_.last_error(fresh.error().to_string());
    reloads_.note("topics", false, seams_.clock.now_unix_ms());
  } else if (*fresh) {
    reloads_.note("topics", true, seams_.clock.now_unix_ms());
    logging::info("topic packs reloaded");
  }
}

// Every page of a batch is tagged by the packs in force when the batch began.
Tagging ExtractorService::current_tagging() const {
  if (!packs_) return fixed_tagging_;
  return [tagger = packs_->current()](v1::ArticleRecord& article) { tagger->tag(article); };
}

Result<void> ExtractorService::report(status::State state) {
  std::int64_t position = 0;
  std::int64_t end = 0;
  for (const auto& [partition, next] : positions_) {
    VIGIE_ASSIGN(const log::OffsetRange range, seams_.log.offsets(partition));
    end += range.end;
    position += next < 0 ? range.begin : next;
  }
  metrics_.lag.set(static_cast<double>(end - position));
  reporter_.lag("pages", position, end);
  reporter_.total("pages", stage_.pages());
  reporter_.total("articles", stage_.articles());
  for (const auto& [reason, count] : stage_.quarantined())
    reporter_.total("quarantined:" + reason, count);
  reporter_.state(state);
  return reporter_.report();
}

void ExtractorService::note_progress() {
  std::erase_if(catching_up_,
                [&](const auto& entry) { return positions_[entry.first] >= entry.second; });
  caught_up_ = given_ && catching_up_.empty();
}

Result<void> ExtractorService::take_assignment(log::Group& group,
                                               const log::Group::Polled& polled) {
  if (!polled.revoked.empty()) given_ = false;
  if (polled.settled) given_ = true;
  for (const log::TopicPartition& partition : polled.revoked) {
    positions_.erase(partition);
    catching_up_.erase(partition);
  }
  for (const log::TopicPartition& partition : polled.assigned) {
    VIGIE_TRY(group.start(partition));
    VIGIE_ASSIGN(const std::optional<std::int64_t> committed,
                 seams_.log.committed(group_name_, partition));
    positions_[partition] = committed.value_or(-1);
    VIGIE_ASSIGN(const log::OffsetRange held, seams_.log.offsets(partition));
    if (committed.value_or(held.begin) < held.end) catching_up_[partition] = held.end;
  }
  return {};
}

}  // namespace vigie::extractor::service
