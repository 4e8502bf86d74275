#include "extractor/service/page_stage.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>
#include <utility>

#include "extractor/isolation/worker.h"
#include "extractor/traits/traits_of.h"
#include "platform/log/quarantine.h"
#include "platform/logging/logging.h"
#include "platform/text/utf8.h"
#include "proto/page.pb.h"
#include "proto/story.pb.h"

namespace vigie::extractor::service {
namespace {

constexpr std::size_t kTitleBytes = 512;  // of a title in a fingerprint record (proto/story.proto)

/// ops/spec/records.md, "The time of an article".
std::int64_t time_of(const v1::ArticleRecord& article) {
  const v1::WrittenTime& published = article.published();
  const bool known = published.precision() != v1::DATE_PRECISION_NONE &&
                     published.unix_ms() <= article.discovered_at_unix_ms();
  return known ? published.unix_ms() : article.discovered_at_unix_ms();
}

}  // namespace

struct PageStage::Work {
  const log::Record* record = nullptr;
  std::int32_t partition = 0;
  std::optional<Result<v1::ArticleRecord>> article;
  int attempts = 1;
};

PageStage::PageStage(log::Log& log, Clock& clock, ExtractorMetrics& metrics, Options options)
    : clock_(clock), options_(std::move(options)), producer_(log.producer()), metrics_(metrics) {
  for (int i = 0; i < std::max(options_.jobs, 1); ++i) {
    if (options_.worker_command.empty()) {
      extractors_.push_back(isolation::make_direct(options_.limits));
      continue;
    }
    isolation::WorkerOptions worker;
    worker.command = options_.worker_command;
    worker.extract = options_.limits;
    worker.on_death = [this](std::string_view reason) { metrics_.workers_lost.of(reason).add(); };
    extractors_.push_back(isolation::make_supervised(std::move(worker)));
  }
}

PageStage::~PageStage() = default;

// Each job takes the next page that nobody has; what a worker gave is tagged here, while it is at
// the page behind.
Result<void> PageStage::extract(std::vector<Work>& works, const Tagging& tagging) {
  std::atomic<std::size_t> next{0};
  const std::size_t jobs = std::min(works.size(), extractors_.size());
  std::vector<Result<void>> ends(jobs);
  const auto run = [&](std::size_t job) {
    std::deque<std::size_t> taken;
    ends[job] = extractors_[job]->run(
        [&]() -> const std::string* {
          const std::size_t i = next.fetch_add(1);
          if (i >= works.size()) return nullptr;
          taken.push_back(i);
          return &*works[i].record->value;
        },
        [&](Result<v1::ArticleRecord> article, int attempts) {
          Work& work = works[taken.front()];
          taken.pop_front();
          if (article && tagging) tagging(*article);
          work.article = std::move(article);
          work.attempts = attempts;
        });
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t job = 1; job < jobs; ++job) threads.emplace_back(run, job);
    run(0);
  }
  for (Result<void>& end : ends) {
    if (!end) return failure(std::move(end.error()));
  }
  return {};
}

Result<void> PageStage::process(const std::vector<log::Reader::Batch>& batches,
                                const Tagging& tagging) {
  const std::chrono::milliseconds begin = clock_.since_boot();
  std::vector<Work> works;
  for (const log::Reader::Batch& batch : batches) {
    for (const log::Record& record : batch.records) {
      if (!record.value) continue;  // a tombstone says nothing of a page
      Work work;
      work.record = &record;
      work.partition = batch.from.partition;
      works.push_back(std::move(work));
    }
  }
  if (works.empty()) return {};
  VIGIE_TRY(extract(works, tagging));
  for (const Work& work : works) {
    ++pages_;
    metrics_.page_bytes.add(static_cast<double>(work.record->value->size()));
    VIGIE_TRY(*work.article ? append(work) : quarantine(work, work.article->error()));
  }
  VIGIE_TRY(producer_->flush());
  metrics_.batch_seconds.observe(
      std::chrono::duration<double>(clock_.since_boot() - begin).count());
  return {};
}

Result<void> PageStage::append(const Work& work) {
  const v1::ArticleRecord& article = **work.article;
  Result<void> sent = producer_->send(
      {proto::Topic::kArticles, article.article_id(), article.SerializeAsString(), {}});
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
  fingerprint.set_traits(traits::traits_of(article));
  fingerprint.set_time_unix_ms(time_of(article));
  fingerprint.set_title(std::string(text::prefix(article.title(), kTitleBytes)));
  VIGIE_TRY(producer_->send(
      {proto::Topic::kFingerprints, article.article_id(), fingerprint.SerializeAsString(), {}}));
  ++articles_;
  metrics_.pages.of("article").add();
  if (article.text_only_fallback()) metrics_.text_only.add();
  if (!article.has_published()) metrics_.undated.add();
  metrics_.replaced_bytes.add(article.replaced_bytes());
  return {};
}

Result<void> PageStage::quarantine(const Work& work, const Error& error) {
  if (error.disposition == Disposition::kStop) return failure(error);
  const log::Record& record = *work.record;
  v1::PageRecord page;  // only for its URL; it stays empty where the record is none
  page.ParseFromString(*record.value);
  const std::string url = page.final_url();
  VIGIE_TRY(producer_->send(log::quarantined(
      proto::Topic::kPages, record,
      {"extract", error.code.text(), error.detail, url, work.attempts}, clock_.now_unix_ms())));
  ++quarantined_[error.code];
  metrics_.pages.of("quarantined").add();
  metrics_.quarantined.of(error.code.text()).add();
  logging::info("page quarantined", {{"reason", error.code}, {"url", url}});
  return {};
}

}  // namespace vigie::extractor::service
