#include "extractor/service/extractor_service.h"

#include <array>
#include <atomic>
#include <map>
#include <utility>
#include <vector>

#include "extractor/tagging/pack_watcher.h"
#include "extractor/tagging/tagger.h"
#include "platform/log/groups.h"
#include "platform/logging/logging.h"
#include "platform/status/reporter.h"

namespace vigie::extractor {
namespace {

// polled at a time, for each job: bounds the bytes in memory, pages are up to 12 MiB
constexpr std::size_t kPagesPerJob = 8;
// between two looks at the files of the packs
constexpr std::chrono::milliseconds kLookInterval{2'000};
// so that a stop and a report are never long in waiting
constexpr std::chrono::milliseconds kPollTimeout{200};

}  // namespace

struct ExtractorService::Impl {
  Impl(const config::Settings& settings, Seams given, std::unique_ptr<tagging::PackWatcher> watcher,
       Tagging fixed)
      : seams(std::move(given)),
        packs(std::move(watcher)),
        fixed_tagging(std::move(fixed)),
        group_name(log::group_of(log::Role::kExtractor, settings)),
        jobs(static_cast<int>(settings.integer("extract.jobs"))),
        stage(seams.log, seams.clock, seams.metrics,
              options_of(settings, jobs, seams.worker_command)),
        reporter(seams.log, seams.clock, "extractor", seams.instance, seams.data_dir),
        lag(seams.metrics.gauge("vigie_extractor_lag_records",
                                "Pages in the log that this process has not read yet")) {}

  static PageStage::Options options_of(const config::Settings& settings, int jobs,
                                       const std::vector<std::string>& worker_command) {
    PageStage::Options options;
    options.jobs = jobs;
    options.limits.page_bytes =
        static_cast<std::size_t>(settings.integer("extract.max_page_bytes"));
    if (settings.text("extract.isolation") == "process") options.worker_command = worker_command;
    return options;
  }

  // A bad pack leaves the old one in force and is told; the pipeline goes on.
  void watch_packs() {
    if (!packs) return;
    const bool asked = wants_reload.exchange(false);
    if (!asked && seams.clock.since_boot() < next_look) return;
    next_look = seams.clock.since_boot() + kLookInterval;
    Result<bool> fresh = false;
    if (asked) {
      const Result<void> reloaded = packs->reload();
      if (reloaded) {
        fresh = true;
      } else {
        fresh = failure(reloaded.error());
      }
    } else {
      fresh = packs->poll();
    }
    if (!fresh) {
      logging::error("topic packs not reloaded", {{"detail", fresh.error().to_string()}});
      reporter.last_error(fresh.error().to_string());
    } else if (*fresh) {
      logging::info("topic packs reloaded");
    }
  }

  // Every page of a batch is tagged by the packs in force when the batch began.
  Tagging current_tagging() const {
    if (!packs) return fixed_tagging;
    return [tagger = packs->current()](v1::ArticleRecord& article) { tagger->tag(article); };
  }

  Result<void> report(std::string_view state) {
    std::int64_t position = 0;
    std::int64_t end = 0;
    for (const auto& [partition, next] : positions) {
      VIGIE_ASSIGN(const log::OffsetRange range, seams.log.offsets(partition));
      end += range.end;
      position += next < 0 ? range.begin : next;
    }
    lag.set(static_cast<double>(end - position));
    reporter.lag("pages", position, end);
    reporter.total("pages", stage.pages());
    reporter.total("articles", stage.articles());
    for (const auto& [reason, count] : stage.quarantined())
      reporter.total("quarantined:" + reason, count);
    reporter.state(state);
    return reporter.report();
  }

  Result<void> take_assignment(log::Group& group, const log::Group::Polled& polled) {
    for (const log::TopicPartition& partition : polled.revoked) positions.erase(partition);
    for (const log::TopicPartition& partition : polled.assigned) {
      VIGIE_TRY(group.start(partition));
      VIGIE_ASSIGN(const std::optional<std::int64_t> committed,
                   seams.log.committed(group_name, partition));
      positions[partition] = committed.value_or(-1);
    }
    return {};
  }

  Seams seams;
  std::unique_ptr<tagging::PackWatcher> packs;  // null: fixed_tagging
  Tagging fixed_tagging;
  std::chrono::milliseconds next_look{0};
  std::string group_name;
  int jobs;
  PageStage stage;
  status::Reporter reporter;
  metrics::Gauge& lag;
  // next offset of each partition of ours; -1 before the first
  std::map<log::TopicPartition, std::int64_t> positions;
  std::atomic<bool> wants_reload{false};
};

ExtractorService::ExtractorService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ExtractorService::~ExtractorService() = default;

Result<std::unique_ptr<ExtractorService>> ExtractorService::make(const config::Settings& settings,
                                                                 Seams seams) {
  std::vector<std::string> dirs;
  for (const std::string& dir : settings.list("topics.dirs"))
    dirs.push_back(config::resource(dir).string());
  auto packs = std::make_unique<tagging::PackWatcher>(std::move(dirs));
  VIGIE_TRY(packs->open());
  return std::unique_ptr<ExtractorService>(new ExtractorService(
      std::make_unique<Impl>(settings, std::move(seams), std::move(packs), Tagging{})));
}

Result<std::unique_ptr<ExtractorService>> ExtractorService::make(const config::Settings& settings,
                                                                 Seams seams, Tagging tagging) {
  return std::unique_ptr<ExtractorService>(new ExtractorService(
      std::make_unique<Impl>(settings, std::move(seams), nullptr, std::move(tagging))));
}

void ExtractorService::reload() { impl_->wants_reload = true; }

Result<void> ExtractorService::run(std::stop_token stop) {
  Impl& impl = *impl_;
  const std::array topics{proto::Topic::kPages};
  VIGIE_ASSIGN(const std::unique_ptr<log::Group> group,
               impl.seams.log.join(impl.group_name, topics));
  VIGIE_TRY(impl.report("starting"));
  while (!stop.stop_requested()) {
    impl.watch_packs();
    VIGIE_ASSIGN(const log::Group::Polled polled,
                 group->poll(kPagesPerJob * static_cast<std::size_t>(impl.jobs), kPollTimeout));
    VIGIE_TRY(impl.take_assignment(*group, polled));
    VIGIE_TRY(impl.stage.process(polled.batches, impl.current_tagging()));
    for (const log::Reader::Batch& batch : polled.batches) {
      VIGIE_TRY(group->commit(batch.from, batch.next_offset));
      impl.positions[batch.from] = batch.next_offset;
    }
    if (impl.reporter.due()) VIGIE_TRY(impl.report("running"));
  }
  return impl.report("stopping");
}

}  // namespace vigie::extractor
