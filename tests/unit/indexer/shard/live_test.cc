#include "indexer/shard/live.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <random>
#include <thread>
#include <utility>

#include "indexer/shard/local_shard.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

using namespace std::chrono_literals;

/// Calls once, when a document is read: a question with a =Word does so while it works.
class ToldDatabase final : public storage::Database {
 public:
  ToldDatabase(std::unique_ptr<storage::Database> real, std::function<void()>& call)
      : real_(std::move(real)), call_(call) {}
  Result<std::optional<std::string>> get(std::size_t family, std::string_view key) override {
    if (family == kDocuments) {
      if (const auto call = std::exchange(call_, {})) call();
    }
    return real_->get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> get_many(
      std::size_t family, const std::vector<std::string>& keys) override {
    return real_->get_many(family, keys);
  }
  Result<void> write(storage::Batch& batch, storage::Durability durability) override {
    return real_->write(batch, durability);
  }
  Result<void> sync() override { return real_->sync(); }
  std::unique_ptr<storage::Cursor> cursor(std::size_t family, storage::KeyRange range) override {
    return real_->cursor(family, std::move(range));
  }
  Result<std::uint64_t> ingest(std::size_t family,
                               const std::function<Result<void>(const Emit&)>& rows) override {
    return real_->ingest(family, rows);
  }
  Result<void> drop_range(std::size_t family, std::string_view begin,
                          std::string_view end) override {
    return real_->drop_range(family, begin, end);
  }
  Result<void> compact(std::size_t family) override { return real_->compact(family); }
  Result<void> checkpoint(const std::filesystem::path& to) override {
    return real_->checkpoint(to);
  }
  std::uint64_t disk_bytes() override { return real_->disk_bytes(); }

 private:
  std::unique_ptr<storage::Database> real_;
  std::function<void()>& call_;
};

class LiveTest : public ShardTest {
 protected:
  void open_told() {
    auto database = storage::open(database_options(options));
    ASSERT_TRUE(database);
    auto opened = LocalShard::open_on(std::make_unique<ToldDatabase>(std::move(*database), call),
                                      options, clock, *registry);
    ASSERT_TRUE(opened) << opened.error().to_string();
    shard = std::move(*opened);
  }

  std::function<void()> call;
};

// A question that works for long in the newest documents holds up neither a write nor who asks
// after it.
TEST_F(LiveTest, AWriteGoesThroughWhileAQuestionWorks) {
  open_told();
  apply({article("a", "Chip", "an A1-B plan"), article("b", "Chip", "an A1-B plan")});
  bool written = false;
  std::vector<std::string> seen;
  std::future<void> writer;
  call = [&] {
    writer = std::async(std::launch::async, [&] {
      apply(
          {article("c", "Chip", "an A1-B plan"), article("b", "Other", "text", 9'000'000'000'000)});
      seen = search("chip");
    });
    written = writer.wait_for(10s) == std::future_status::ready;
  };
  const std::vector<std::string> before = search("=Chip");
  ASSERT_TRUE(writer.valid());
  writer.wait();
  ASSERT_TRUE(written) << "the write waits for the question";
  EXPECT_EQ(before.size(), 2U) << "a question sees the articles of when it began";
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "c"})) << "what is written is found at once";
  EXPECT_EQ(search("=Chip").size(), 2U);
}

v1::ArticleRecord random_article(std::mt19937_64& chance, std::int64_t at) {
  static const std::vector<std::string> kWords = {"chip",  "chips", "export", "exports", "rule",
                                                  "rules", "sea",   "seas",   "port",    "ports"};
  v1::ArticleRecord out;
  out.set_article_id("a" + std::to_string(chance() % 400));
  out.set_version_id("v" + std::to_string(at));
  out.set_language(chance() % 3 == 0 ? "fr" : "en");
  std::string text;
  for (std::size_t i = chance() % 12 + 1; i > 0; --i)
    text += kWords[chance() % kWords.size()] + " ";
  out.set_title(kWords[chance() % kWords.size()]);
  out.set_text(text);
  out.set_discovered_at_unix_ms(1'000'000 + at * 60'000);
  out.set_fetched_at_unix_ms(out.discovered_at_unix_ms());
  out.mutable_source()->set_id(chance() % 2 == 0 ? "daily" : "weekly");
  return out;
}

struct Told {
  std::vector<std::tuple<std::string, std::uint64_t, double>> hits;
  std::uint64_t total = 0;
  std::vector<std::uint64_t> statistics;
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  friend bool operator==(const Told&, const Told&) = default;
};

Told ask(const Shard& shard, const query::Query& query, Sort sort) {
  Told out;
  const auto statistics = shard.statistics(query);
  EXPECT_TRUE(statistics);
  out.statistics = statistics->document_frequency;
  out.statistics.insert(out.statistics.end(),
                        {statistics->documents, statistics->length[0], statistics->length[1]});
  Find find;
  find.query = &query;
  find.sort = sort;
  find.limit = 50;
  const auto found = shard.find(find);
  EXPECT_TRUE(found);
  out.total = found->total;
  for (const Found& hit : found->hits)
    out.hits.emplace_back(hit.article_id, hit.ordinal, hit.score);
  const auto facets = shard.facets(query, {Facet::kLanguage, Facet::kSource}, 0);
  EXPECT_TRUE(facets);
  for (const auto& [field, counts] : *facets) {
    for (const Count& count : counts) out.counts.emplace_back(count.value, count.count);
  }
  const auto bins = shard.timeline(query, 3'600'000, 0, std::nullopt);
  EXPECT_TRUE(bins);
  for (const TimelineBin& bin : *bins) out.counts.emplace_back("", bin.count);
  return out;
}

// Whether somebody reads while a shard is written to decides how its live heads are parted, and
// nothing else.
TEST_F(LiveTest, HeadsBesideReadersSayWhatOneHeadSays) {
  options.seal_documents = 700;
  ShardOptions alone = options;
  alone.dir = folder.path() / "alone";
  open_told();
  auto quiet = Shard::open(alone, clock, *registry);
  ASSERT_TRUE(quiet);
  apply({article("first", "Chip", "A1-B")});
  ASSERT_TRUE(
      (*quiet)->apply({logged(0, clock.now_unix_ms(), article("first", "Chip", "A1-B"))}, 1, {}));

  std::promise<void> at_work;
  std::promise<void> done;
  call = [&] {
    at_work.set_value();
    done.get_future().wait();
  };
  auto reader = std::async(std::launch::async, [&] { return search("=Chip"); });
  at_work.get_future().wait();

  std::mt19937_64 chance(seed_of(31));
  std::int64_t at = 1;
  for (int round = 0; round < 260; ++round) {
    std::vector<LoggedArticle> batch;
    for (std::size_t i = chance() % 8 == 0 ? chance() % 60 : chance() % 4; i > 0; --i, ++at)
      batch.push_back(logged(at, clock.now_unix_ms(), random_article(chance, at)));
    const std::string gone = "a" + std::to_string(chance() % 400);
    for (Shard* one : {shard.get(), quiet->get()}) {
      ASSERT_TRUE(one->apply(batch, at, {}));
      if (round % 17 == 3) ASSERT_TRUE(one->takedown(gone));
      ASSERT_TRUE(one->maintain());
    }
    if (round % 5 != 0) continue;
    for (const char* text : {"chip", "exports rules", "port* -sea", "language:fr OR ports", ""}) {
      const query::Query query = parse(text);
      for (const Sort sort : {Sort::kNewest, Sort::kRelevance})
        ASSERT_EQ(ask(*shard, query, sort), ask(**quiet, query, sort)) << round << ": " << text;
    }
  }
  EXPECT_GT(shard->documents(), 200U);
  done.set_value();
  EXPECT_EQ(reader.get(), std::vector<std::string>{"first"});
}

// Readers that come and go beside the writer: in place, in copies, and over seals and merges.
TEST_F(LiveTest, ReadersSeeBatchesWhole) {
  options.seal_documents = 150;
  options.maintain_in_background = true;
  open();
  std::atomic<bool> at_end{false};
  const auto read = [&](std::chrono::microseconds pause) {
    std::uint64_t before = 0;
    std::size_t questions = 0;
    const query::Query query = parse("chip");
    while (!at_end) {
      Find find;
      find.query = &query;
      const auto found = shard->find(find);
      if (!found || found->total % 2 != 0 || found->total < before) return std::size_t{0};
      before = found->total;
      ++questions;
      std::this_thread::sleep_for(pause);
    }
    return questions;
  };
  std::vector<std::future<std::size_t>> readers;
  for (int i = 0; i < 3; ++i)
    readers.push_back(std::async(std::launch::async, read, std::chrono::microseconds(300 * i)));
  for (int i = 0; i < 300; ++i) {
    const std::string id = std::to_string(i);
    apply({article("a" + id, "Chip", "export"), article("b" + id, "Other", "chip rules")});
    ASSERT_TRUE(shard->maintain());
    if (i % 3 == 0) std::this_thread::sleep_for(1ms);
  }
  at_end = true;
  for (auto& reader : readers) EXPECT_GT(reader.get(), 0U) << "half a batch, or less than before";
  EXPECT_EQ(search("chip").size(), 600U);
}

// However few documents come at a time, heads stay few, and what is copied in proportion.
TEST(Live, FewHeadsAndFewCopies) {
  std::deque<Arrival> kept;
  std::vector<LivePart> parts(1);
  parts[0] = {std::make_shared<segments::Head>(), 0, std::make_shared<const Ordinals>()};
  constexpr std::size_t kDocuments = 20'000;
  std::size_t copied = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < kDocuments; ++i) {
    const std::size_t part = part_for(parts, 1);
    if (part == parts.size())
      parts.push_back(after(parts.back(), std::make_shared<segments::Head>()));
    const auto before = parts[part].head;
    copied += before->documents();
    fold(parts, part, kept);
    ASSERT_NE(parts[part].head, before) << "a head that somebody may read is not written to";
    parts.back().head->add_none();
    kept.resize(parts.back().begin + parts.back().head->documents() -
                parts.front().head->documents());
    most = std::max(most, parts.size());
    ASSERT_EQ(parts.back().begin + parts.back().head->documents(), i + 1);
  }
  EXPECT_LE(most, 3U);
  EXPECT_LE(copied, kDocuments * 120);
}

}  // namespace
}  // namespace vigie::indexer::testing
