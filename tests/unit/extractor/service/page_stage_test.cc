#include "extractor/service/page_stage.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "extractor/isolation/worker.h"
#include "extractor/service/extractor_service.h"
#include "platform/log/embedded_log.h"
#include "platform/traits/traits.h"
#include "proto/identity.h"
#include "proto/page.pb.h"
#include "proto/quarantine.pb.h"
#include "proto/status.pb.h"
#include "proto/story.pb.h"

namespace vigie::extractor::service {
namespace {

std::string page(int number, const std::string& body = {},
                 const std::string& host = "www.example.com") {
  const std::string url = "https://" + host + "/story-" + std::to_string(number);
  v1::PageRecord record;
  record.set_url(url);
  record.set_final_url(url);
  record.set_page_key(proto::page_key(url));
  record.set_fetched_at_unix_ms(number);
  record.set_discovered_at_unix_ms(1'000 + number);
  record.mutable_source()->set_id("example");
  record.set_body(body.empty()
                      ? "<p>The story of number " + std::to_string(number) +
                            " is long enough to be found, with a comma, and it has an end.</p>"
                      : body);
  return record.SerializeAsString();
}

class Pipeline : public testing::Test {
 protected:
  Pipeline()
      : dir_(std::filesystem::temp_directory_path() /
             ("vigie-extractor-" + std::to_string(getpid()))),
        metrics_(metrics::make_registry()) {
    std::filesystem::remove_all(dir_);
    log::EmbeddedOptions options;
    options.dir = dir_ / "log";
    options.partitions = 2;
    log_ = std::move(*log::open_embedded(options, clock_));
  }
  ~Pipeline() override {
    log_.reset();
    std::filesystem::remove_all(dir_);
  }

  template <class Record>
  std::vector<Record> read(proto::Topic topic) {
    std::vector<Record> out;
    const auto done =
        log::read_to_end(*log_, topic, [&](const log::Record& record) -> Result<void> {
          Record parsed;
          EXPECT_TRUE(parsed.ParseFromString(*record.value));
          out.push_back(std::move(parsed));
          return {};
        });
    EXPECT_TRUE(done);
    return out;
  }

  // Runs the service until it has committed everything in `pages`; with a worker program, pages are
  // parsed in processes of it.
  void run_service(const Tagging& tagging, const std::filesystem::path& worker = {}) {
    config::Sources sources;
    sources.sets = {"extract.jobs=3"};
    std::vector<std::string> command;
    if (!worker.empty()) {
      sources.sets.emplace_back("extract.isolation=process");
      command = {worker.string(), std::string(isolation::kWorkerArgument)};
    }
    const Result<config::Settings> settings = config::load(config::Program::kExtractor, sources);
    ASSERT_TRUE(settings) << settings.error().to_string();
    Result<std::unique_ptr<ExtractorService>> service =
        ExtractorService::make(*settings, {*log_, clock_, *metrics_, {}, {}, command}, tagging);
    ASSERT_TRUE(service) << service.error().to_string();
    Result<void> ended;
    std::jthread thread([&](std::stop_token stop) { ended = (*service)->run(std::move(stop)); });
    for (int i = 0; i < 3'000 && !caught_up(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(caught_up());
    thread.request_stop();
    thread.join();
    EXPECT_TRUE(ended) << ended.error().to_string();
  }

  bool caught_up() {
    for (std::int32_t partition = 0; partition < 2; ++partition) {
      const log::TopicPartition place{proto::Topic::kPages, partition};
      const auto committed = log_->committed("extractor", place);
      const auto range = log_->offsets(place);
      if (!committed || !range || committed->value_or(0) != range->end) return false;
    }
    return true;
  }

  std::filesystem::path dir_;
  SystemClock clock_;
  std::unique_ptr<metrics::Registry> metrics_;
  std::unique_ptr<log::Log> log_;
};

// extractor/service/README.md: pages in, articles and fingerprints out, failures to quarantine;
// nothing is lost.
TEST_F(Pipeline, TurnsPagesIntoArticlesFingerprintsAndQuarantine) {
  std::vector<log::NewRecord> records;
  for (int i = 0; i < 50; ++i)
    records.push_back({proto::Topic::kPages, "key" + std::to_string(i), page(i), {}});
  records.push_back({proto::Topic::kPages, "empty", page(100, "<p></p>"), {}});
  records.push_back(
      {proto::Topic::kPages, "garbage", std::string("\xFF\xFF\xFF not a record"), {}});
  records.push_back({proto::Topic::kPages, "tombstone", std::nullopt, {}});
  ASSERT_TRUE(log::append(*log_, std::move(records)));

  run_service([](v1::ArticleRecord& article) {
    article.set_pack("test@1");
    article.add_actors()->set_id("org:asml");
  });

  const auto articles = read<v1::ArticleRecord>(proto::Topic::kArticles);
  ASSERT_EQ(articles.size(), 50U);
  for (const v1::ArticleRecord& article : articles) EXPECT_EQ(article.pack(), "test@1");
  const auto fingerprints = read<v1::FingerprintRecord>(proto::Topic::kFingerprints);
  ASSERT_EQ(fingerprints.size(), 50U);
  EXPECT_EQ(fingerprints[0].article_id().size(), 26U);
  EXPECT_EQ(fingerprints[0].source_id(), "example");
  const auto traits = vigie::traits::decode(fingerprints[0].traits());
  ASSERT_TRUE(traits && !traits->empty());
  EXPECT_EQ(traits->front(), vigie::traits::make(vigie::traits::Kind::kActor, "org:asml"));
  EXPECT_EQ(fingerprints[0].time_unix_ms(), 1'000 + fingerprints[0].first_fetch_unix_ms());
  const auto quarantined = read<v1::QuarantineRecord>(proto::Topic::kQuarantine);
  ASSERT_EQ(quarantined.size(), 2U);
  for (const v1::QuarantineRecord& record : quarantined) {
    EXPECT_EQ(record.stage(), "extract");
    EXPECT_EQ(record.topic(), "pages");
    EXPECT_EQ(record.id(),
              proto::quarantine_id(record.topic(), record.partition(), record.offset(), "extract"));
    EXPECT_EQ(record.reason(), record.key() == "garbage" ? "bad_record" : "empty_text");
    EXPECT_FALSE(record.value().empty());
  }
  // Reports are not waited for; what is appended after them is durable only with them.
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kControl, "after", std::string("x"), {}}}));
  const auto statuses = read<v1::StatusRecord>(proto::Topic::kStatus);
  ASSERT_FALSE(statuses.empty());
  EXPECT_EQ(statuses.back().service().service(), "extractor");
  EXPECT_EQ(statuses.back().service().state(), "stopping");
}

TEST_F(Pipeline, GoesOnWhereItStopped) {
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kPages, "a", page(1), {}}}));
  run_service({});
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kPages, "b", page(2), {}}}));
  run_service({});
  EXPECT_EQ(read<v1::ArticleRecord>(proto::Topic::kArticles).size(), 2U);
}

// A stage that runs twice over the same records writes the same records: repeats after a crash are
// recognised.
TEST_F(Pipeline, WritesTheSameRecordsWhenItRepeats) {
  log::Reader::Batch batch;
  batch.from = {proto::Topic::kPages, 1};
  log::Record record;
  record.partition = 1;
  record.key = "k";
  record.value = page(7);
  batch.records = {record};
  ExtractorMetrics said(*metrics_);
  PageStage stage(*log_, clock_, said, {2, {}});
  ASSERT_TRUE(stage.process({batch}, {}));
  ASSERT_TRUE(stage.process({batch}, {}));
  const auto articles = read<v1::ArticleRecord>(proto::Topic::kArticles);
  ASSERT_EQ(articles.size(), 2U);
  EXPECT_EQ(articles[0].SerializeAsString(), articles[1].SerializeAsString());
  EXPECT_EQ(stage.pages(), 2U);
  EXPECT_EQ(stage.articles(), 2U);
}

// extractor/isolation/README.md: a page that kills or times out a worker child twice goes to
// quarantine; the pages around it do not, and one lost once is read.
TEST_F(Pipeline, SetsAsidePagesThatCostTwoWorkersAndNoOther) {
  std::filesystem::create_directories(dir_ / "mark");
  std::vector<log::NewRecord> records;
  for (int i = 0; i < 40; ++i)
    records.push_back({proto::Topic::kPages, "key" + std::to_string(i), page(i), {}});
  records.insert(records.begin() + 7,
                 {proto::Topic::kPages, "crash", page(100, {}, "crash.example.com"), {}});
  records.insert(records.begin() + 19,
                 {proto::Topic::kPages, "hang", page(101, {}, "hang.example.com"), {}});
  records.insert(records.begin() + 30,
                 {proto::Topic::kPages,
                  "once",
                  page(102, {}, "once.example.com" + (dir_ / "mark").string()),
                  {}});
  ASSERT_TRUE(log::append(*log_, std::move(records)));

  run_service([](v1::ArticleRecord&) {},
              std::filesystem::read_symlink("/proc/self/exe").parent_path() / "worker_with_faults");

  std::set<std::string> urls;
  for (const auto& article : read<v1::ArticleRecord>(proto::Topic::kArticles))
    EXPECT_TRUE(urls.insert(article.url()).second) << article.url();
  EXPECT_EQ(urls.size(), 41U);
  std::map<std::string, v1::QuarantineRecord> aside;
  for (auto& record : read<v1::QuarantineRecord>(proto::Topic::kQuarantine))
    aside[record.key()] = std::move(record);
  ASSERT_EQ(aside.size(), 2U);
  EXPECT_EQ(aside["crash"].reason(), "worker_died");
  EXPECT_EQ(aside["hang"].reason(), "worker_timeout");
  for (const auto& [key, record] : aside) {
    EXPECT_EQ(record.stage(), "extract") << key;
    EXPECT_EQ(record.attempts(), 2U) << key;
    v1::PageRecord kept;
    EXPECT_TRUE(kept.ParseFromString(record.value())) << key;
    EXPECT_FALSE(kept.body().empty()) << key;
  }
}

}  // namespace
}  // namespace vigie::extractor::service
