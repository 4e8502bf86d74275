#include "extractor/service/extractor_service.h"

#include <array>
#include <atomic>
#include <map>
#include <utility>

#include "platform/logging/logging.h"
#include "platform/status/reporter.h"

namespace vigie::extractor {
namespace {

constexpr std::size_t kPagesPerJob = 8;                       // polled at a time, for each job: bounds the bytes in memory, pages are up to 12 MiB
constexpr std::chrono::milliseconds kPollTimeout{200};        // so that a stop and a report are never long in waiting

std::string group_of(const config::Settings& settings) {
  return settings.program_name() == "vigie-extractor" ? settings.text("log.group") : "extractor";
}

}  // namespace

struct ExtractorService::Impl {
  Impl(const config::Settings& settings, Seams given, LoadTagging load_tagging, Tagging first)
      : seams(std::move(given)),
        load(std::move(load_tagging)),
        tagging(std::move(first)),
        group_name(group_of(settings)),
        jobs(static_cast<int>(settings.integer("extract.jobs"))),
        stage(seams.log, seams.clock, seams.metrics, options_of(settings, jobs)),
        reporter(seams.log, seams.clock, "extractor", seams.instance, seams.data_dir),
        lag(seams.metrics.gauge("vigie_extractor_lag_records", "Pages in the log that this process has not read yet")) {}

  static PageStage::Options options_of(const config::Settings& settings, int jobs) {
    PageStage::Options options;
    options.jobs = jobs;
    options.limits.page_bytes = static_cast<std::size_t>(settings.integer("extract.max_page_bytes"));
    options.pages_topic = proto::topic_name(settings.text("log.prefix"), proto::Topic::kPages);
    return options;
  }

  void reload_if_asked() {
    if (!load || !wants_reload.exchange(false)) return;
    Result<Tagging> fresh = load();
    if (fresh) {
      tagging = std::move(*fresh);
      logging::info("topic packs reloaded");
    } else {
      logging::error("topic packs not reloaded", {{"detail", fresh.error().to_string()}});
      reporter.last_error(fresh.error().to_string());
    }
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
    for (const auto& [reason, count] : stage.quarantined()) reporter.total("quarantined:" + reason, count);
    reporter.state(state);
    return reporter.report();
  }

  Result<void> take_assignment(log::Group& group, const log::Group::Polled& polled) {
    for (const log::TopicPartition& partition : polled.revoked) positions.erase(partition);
    for (const log::TopicPartition& partition : polled.assigned) {
      VIGIE_TRY(group.start(partition));
      VIGIE_ASSIGN(const std::optional<std::int64_t> committed, seams.log.committed(group_name, partition));
      positions[partition] = committed.value_or(-1);
    }
    return {};
  }

  Seams seams;
  LoadTagging load;
  Tagging tagging;
  std::string group_name;
  int jobs;
  PageStage stage;
  status::Reporter reporter;
  metrics::Gauge& lag;
  std::map<log::TopicPartition, std::int64_t> positions;   // next offset of each partition of ours; -1 before the first
  std::atomic<bool> wants_reload{false};
};

ExtractorService::ExtractorService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ExtractorService::~ExtractorService() = default;

Result<std::unique_ptr<ExtractorService>> ExtractorService::make(const config::Settings& settings, Seams seams, LoadTagging load) {
  Tagging tagging;
  if (load) {
    VIGIE_ASSIGN(tagging, load());
  }
  return std::unique_ptr<ExtractorService>(new ExtractorService(std::make_unique<Impl>(settings, std::move(seams), std::move(load), std::move(tagging))));
}

void ExtractorService::reload() { impl_->wants_reload = true; }

Result<void> ExtractorService::run(std::stop_token stop) {
  Impl& impl = *impl_;
  const std::array topics{proto::Topic::kPages};
  VIGIE_ASSIGN(const std::unique_ptr<log::Group> group, impl.seams.log.join(impl.group_name, topics));
  VIGIE_TRY(impl.report("starting"));
  while (!stop.stop_requested()) {
    impl.reload_if_asked();
    VIGIE_ASSIGN(const log::Group::Polled polled, group->poll(kPagesPerJob * static_cast<std::size_t>(impl.jobs), kPollTimeout));
    VIGIE_TRY(impl.take_assignment(*group, polled));
    VIGIE_TRY(impl.stage.process(polled.batches, impl.tagging));
    for (const log::Reader::Batch& batch : polled.batches) {
      VIGIE_TRY(group->commit(batch.from, batch.next_offset));
      impl.positions[batch.from] = batch.next_offset;
    }
    if (impl.reporter.due()) VIGIE_TRY(impl.report("running"));
  }
  return impl.report("stopping");
}

}  // namespace vigie::extractor
