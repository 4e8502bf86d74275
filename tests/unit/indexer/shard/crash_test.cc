#include <fstream>
#include <map>

#include "indexer/shard/local_shard.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

/// Fails at the n-th change and at each one after it, as a disk does that is gone: what was written
/// before stays.
class FailingDatabase final : public storage::Database {
 public:
  FailingDatabase(std::unique_ptr<storage::Database> real, int changes)
      : real_(std::move(real)), left_(changes) {}
  Result<std::optional<std::string>> get(std::size_t family, std::string_view key) override {
    return real_->get(family, key);
  }
  Result<std::vector<std::optional<std::string>>> get_many(
      std::size_t family, const std::vector<std::string>& keys) override {
    return real_->get_many(family, keys);
  }
  Result<void> write(storage::Batch& batch, storage::Durability durability) override {
    VIGIE_TRY(spend());
    return real_->write(batch, durability);
  }
  Result<void> sync() override { return real_->sync(); }
  std::unique_ptr<storage::Cursor> cursor(std::size_t family, storage::KeyRange range) override {
    return real_->cursor(family, std::move(range));
  }
  Result<std::uint64_t> ingest(std::size_t family,
                               const std::function<Result<void>(const Emit&)>& rows) override {
    VIGIE_TRY(spend());
    return real_->ingest(family, rows);
  }
  Result<void> drop_range(std::size_t family, std::string_view begin,
                          std::string_view end) override {
    VIGIE_TRY(spend());
    return real_->drop_range(family, begin, end);
  }
  Result<void> compact(std::size_t family) override { return real_->compact(family); }
  Result<void> checkpoint(const std::filesystem::path& to) override {
    return real_->checkpoint(to);
  }
  std::uint64_t disk_bytes() override { return real_->disk_bytes(); }

 private:
  Result<void> spend() {
    if (left_-- > 0) return {};
    left_ = 0;
    return failure(Disposition::kStop, "io", "the disk is gone");
  }
  std::unique_ptr<storage::Database> real_;
  int left_;
};

class CrashTest : public ShardTest {
 protected:
  static constexpr int kArticles = 70;

  CrashTest() {
    options.seal_documents = 6;
    for (int i = 0; i < kArticles; ++i) {
      auto one = article("a" + std::to_string(i % 50), "Chip", "number" + std::to_string(i));
      one.set_fetched_at_unix_ms(1'000 + i);
      expected[one.article_id()] = one.text();
      log.push_back(logged(i, 5'000, one));
    }
    expected.erase("a7");
  }

  static std::vector<v1::MatchRecord> match(const v1::ArticleRecord& one, std::int64_t) {
    v1::MatchRecord record;
    record.set_match_id(one.text());
    return {record};
  }

  // Opens the shard on a disk that is gone after so many changes; false where that was too early.
  bool open_for(int changes) {
    auto database = storage::open(database_options(options));
    EXPECT_TRUE(database) << database.error().to_string();
    if (!database) return false;
    auto opened =
        LocalShard::open_on(std::make_unique<FailingDatabase>(std::move(*database), changes),
                            options, clock, *registry);
    if (opened) shard = std::move(*opened);
    return opened.has_value();
  }

  // Reads the log to its end, takes an article down twice, and merges what can be merged; false
  // where the disk was gone before.
  bool live() {
    for (std::int64_t at = shard->next_offset(); at < kArticles;) {
      const auto end = std::min<std::int64_t>(at + 4, kArticles);
      if (!shard->apply({log.begin() + at, log.begin() + end}, end, match_fn(match))) return false;
      at = end;
      if (at == 40 && !shard->takedown("a7")) return false;
      if (!shard->maintain()) return false;
    }
    if (!shard->takedown("a7")) return false;
    for (;;) {
      const auto more = shard->maintain();
      if (!more) return false;
      if (!*more) return true;
    }
  }

  void expect_whole(int changes) {
    EXPECT_EQ(shard->next_offset(), kArticles);
    EXPECT_EQ(shard->documents(), expected.size()) << "after " << changes << " changes";
    EXPECT_EQ(search("chip").size(), expected.size()) << "after " << changes << " changes";
    for (const auto& [id, text] : expected)
      ASSERT_EQ(search(text), std::vector<std::string>{id}) << "after " << changes << " changes";
    EXPECT_TRUE(search("number7").empty());
    std::map<std::string, int> matches;
    const auto rows = shard->pending_matches(1'000);
    ASSERT_TRUE(rows);
    for (const auto& pending : *rows) ++matches[pending.match.match_id()];
    for (const auto& [id, count] : matches) EXPECT_EQ(count, 1) << id;
    // a7's second version may have come before or after its takedown
    EXPECT_GE(matches.size(), static_cast<std::size_t>(kArticles - 1));
  }

  std::vector<LoggedArticle> log;
  std::map<std::string, std::string> expected;  // id → text of the current version
};

// indexer/shard/README.md: a crash between any two writes is recovered at opening; the log is read
// again from the stored offset.
TEST_F(CrashTest, RecoversFromACrashBetweenAnyTwoWrites) {
  constexpr int kNever = 1 << 20;
  int crashes = 0;
  for (int changes = 0;; ++changes) {
    options.dir = folder.path() / std::to_string(changes);
    std::filesystem::create_directories(options.dir);
    const bool crashed = !open_for(changes) || !live();
    if (crashed) {
      shard.reset();
      // half of a segment that was being written
      const auto torn = options.dir / "segments" / "0000000099.postings";
      std::filesystem::create_directories(torn.parent_path());
      std::ofstream(torn) << "torn";
      ASSERT_TRUE(open_for(kNever)) << "after " << changes << " changes";
      EXPECT_FALSE(std::filesystem::exists(torn));
      ASSERT_TRUE(live()) << "after " << changes << " changes";
    }
    ASSERT_NO_FATAL_FAILURE(expect_whole(changes));
    shard.reset();
    std::filesystem::remove_all(options.dir);
    if (!crashed) break;  // every point was tried
    ++crashes;
  }
  EXPECT_GT(crashes, 30);
}

}  // namespace
}  // namespace vigie::indexer::testing
