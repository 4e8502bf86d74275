#include "extractor/service/page_stage.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "platform/log/quarantine.h"
#include "platform/logging/logging.h"
#include "proto/page.pb.h"
#include "proto/story.pb.h"

namespace vigie::extractor {
namespace {}  // namespace

struct PageStage::Work {
  const log::Record* record = nullptr;
  bool is_page = false;  // false: not a PageRecord
  std::string url;
  std::optional<v1::ArticleRecord> article;
  std::optional<Error> error;
};

struct PageStage::Meters {
  explicit Meters(metrics::Registry& registry)
      : articles(registry.counter("vigie_extractor_pages_total", "Pages read from the log, by what came of them", {{"outcome", "article"}})),
        failures(registry.counter("vigie_extractor_pages_total", "Pages read from the log, by what came of them", {{"outcome", "quarantined"}})),
        bytes(registry.counter("vigie_extractor_page_bytes_total", "Bytes of page bodies read")),
        fallbacks(registry.counter("vigie_extractor_text_only_total", "Articles made by the text-only pass because a DOM budget ran out")),
        replaced(registry.counter("vigie_extractor_replaced_bytes_total", "Bytes that were not valid in their charset and became U+FFFD")),
        undated(registry.counter("vigie_extractor_undated_total", "Articles without a date of publication")),
        seconds(registry.histogram("vigie_extractor_batch_seconds", "Time from a polled batch to its records being durable", metrics::latency_bounds_s())) {}
  metrics::Counter& articles;
  metrics::Counter& failures;
  metrics::Counter& bytes;
  metrics::Counter& fallbacks;
  metrics::Counter& replaced;
  metrics::Counter& undated;
  metrics::Histogram& seconds;
};

PageStage::PageStage(log::Log& log, Clock& clock, metrics::Registry& metrics, Options options)
    : clock_(clock), options_(std::move(options)), producer_(log.producer()), meters_(std::make_unique<Meters>(metrics)), metrics_(metrics) {}

PageStage::~PageStage() = default;

void PageStage::extract(Work& work, const Tagging& tagging) const {
  v1::PageRecord page;
  if (!page.ParseFromString(*work.record->value)) {
    work.error = Error{"bad_record", Disposition::kQuarantine, "The record is no PageRecord; look at what wrote it to the topic.", {}};
    return;
  }
  work.is_page = true;
  work.url = page.final_url();
  Result<v1::ArticleRecord> article = parse(page, options_.limits);
  if (!article) {
    work.error = std::move(article.error());
    return;
  }
  if (tagging) tagging(*article);
  work.article = std::move(*article);
}

Result<void> PageStage::process(const std::vector<log::Reader::Batch>& batches, const Tagging& tagging) {
  const std::chrono::milliseconds begin = clock_.since_boot();
  std::vector<std::pair<Work, std::int32_t>> works;
  for (const log::Reader::Batch& batch : batches) {
    for (const log::Record& record : batch.records) {
      if (!record.value) continue;  // a tombstone says nothing of a page
      Work work;
      work.record = &record;
      works.emplace_back(std::move(work), batch.from.partition);
    }
  }
  if (works.empty()) return {};
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next.fetch_add(1); i < works.size(); i = next.fetch_add(1)) extract(works[i].first, tagging);
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t jobs = std::min(works.size(), static_cast<std::size_t>(std::max(options_.jobs, 1)));
    for (std::size_t i = 1; i < jobs; ++i) threads.emplace_back(run);
    run();
  }
  for (const auto& [work, partition] : works) {
    ++pages_;
    meters_->bytes.add(static_cast<double>(work.record->value->size()));
    VIGIE_TRY(work.error ? quarantine(work, *work.error) : append(work));
  }
  VIGIE_TRY(producer_->flush());
  meters_->seconds.observe(std::chrono::duration<double>(clock_.since_boot() - begin).count());
  return {};
}

Result<void> PageStage::append(const Work& work) {
  const v1::ArticleRecord& article = *work.article;
  Result<void> sent = producer_->send({proto::Topic::kArticles, article.article_id(), article.SerializeAsString(), {}});
  if (!sent) {
    if (sent.error().disposition == Disposition::kQuarantine) return quarantine(work, sent.error());
    return sent;
  }
  v1::FingerprintRecord fingerprint;
  fingerprint.set_article_id(article.article_id());
  fingerprint.set_version_id(article.version_id());
  fingerprint.set_fingerprint(article.fingerprint());
  fingerprint.set_source_id(article.source().id());
  fingerprint.set_first_fetch_unix_ms(article.fetched_at_unix_ms());
  VIGIE_TRY(producer_->send({proto::Topic::kFingerprints, article.article_id(), fingerprint.SerializeAsString(), {}}));
  ++articles_;
  meters_->articles.add();
  if (article.text_only_fallback()) meters_->fallbacks.add();
  if (!article.has_published()) meters_->undated.add();
  meters_->replaced.add(article.replaced_bytes());
  return {};
}

Result<void> PageStage::quarantine(const Work& work, const Error& error) {
  if (error.disposition == Disposition::kStop) return failure(error);
  const log::Record& record = *work.record;
  VIGIE_TRY(producer_->send(log::quarantined(proto::Topic::kPages, record, {"extract", error.code, error.detail, work.url}, clock_.now_unix_ms())));
  ++quarantined_[error.code];
  meters_->failures.add();
  metrics_.counter("vigie_extractor_quarantined_total", "Pages that gave no article, by reason", {{"reason", error.code}}).add();
  logging::info("page quarantined", {{"reason", error.code}, {"url", work.url}});
  return {};
}

}  // namespace vigie::extractor
