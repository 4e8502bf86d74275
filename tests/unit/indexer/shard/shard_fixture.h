#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "indexer/query/query.h"
#include "indexer/shard/shard.h"
#include "platform/clock/clock.h"
#include "platform/metrics/metrics.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::indexer::testing {

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    // In memory where that can be: these tests sync thousands of times, and what they ask is order,
    // not speed.
    const std::filesystem::path memory = "/dev/shm";
    const bool writable = ::access(memory.c_str(), W_OK) == 0;
    std::string name =
        ((writable ? memory : std::filesystem::temp_directory_path()) / "vigie-shard-XXXXXX")
            .string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Seed of a random test: VIGIE_SEED, or fixed; printed.
inline std::uint64_t seed_of(std::uint64_t fixed) {
  const char* given = std::getenv("VIGIE_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : fixed;
  std::printf("VIGIE_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

/// As the log gives a record that this version wrote.
inline LoggedArticle logged(std::int64_t offset, std::int64_t log_time_unix_ms,
                            const v1::ArticleRecord& article) {
  return {offset, log_time_unix_ms, article.SerializeAsString(), article};
}

/// Makes records alone into what a matcher gives, for tests that say themselves what meets.
inline Shard::MatchFn match_fn(
    std::function<std::vector<v1::MatchRecord>(const v1::ArticleRecord&, std::int64_t)> records) {
  if (!records) return {};
  return [records = std::move(records)](const v1::ArticleRecord& article,
                                        const analysis::Prepared& /*prepared*/,
                                        std::int64_t log_time) {
    matching::Matches out;
    for (v1::MatchRecord& record : std::vector<v1::MatchRecord>(records(article, log_time))) {
      v1::MatchRecord shared;
      if (record.has_article()) {
        std::string snippet = record.article().snippet();
        shared.mutable_article()->Swap(record.mutable_article());
        shared.mutable_article()->clear_snippet();
        record.mutable_article()->set_snippet(std::move(snippet));
      }
      shared.set_fingerprint(record.fingerprint());
      record.clear_fingerprint();
      EXPECT_TRUE(out.empty() || out.shared == shared.SerializeAsString());
      out.shared = shared.SerializeAsString();
      out.own += record.SerializeAsString();
      out.ends.push_back(out.own.size());
    }
    return out;
  };
}

class ShardTest : public ::testing::Test {
 protected:
  ShardTest() {
    options.dir = folder.path() / "shard";
    options.seal_documents = 10;
    options.merge_factor = 3;
  }

  void open() {
    shard.reset();
    auto opened = Shard::open(options, clock, *registry);
    ASSERT_TRUE(opened) << opened.error().to_string();
    shard = std::move(*opened);
  }

  static query::Query parse(const std::string& text) {
    auto query = query::parse(text);
    EXPECT_TRUE(query) << text << ": " << (query ? "" : query.error().to_string());
    return query ? std::move(*query) : query::Query();
  }

  v1::ArticleRecord article(const std::string& id, const std::string& title,
                            const std::string& text, std::int64_t time = 0) {
    v1::ArticleRecord out;
    out.set_article_id(id);
    out.set_title(title);
    out.set_text(text);
    out.set_version_id("v1");
    out.set_language("en");
    out.set_discovered_at_unix_ms(time != 0 ? time : clock.now_unix_ms());
    out.set_fetched_at_unix_ms(out.discovered_at_unix_ms());
    out.mutable_source()->set_id("daily");
    out.mutable_source()->set_name("The Daily");
    return out;
  }

  void apply(const std::vector<v1::ArticleRecord>& articles,
             std::function<std::vector<v1::MatchRecord>(const v1::ArticleRecord&, std::int64_t)>
                 records = {}) {
    const Shard::MatchFn match = match_fn(std::move(records));
    std::vector<LoggedArticle> batch;
    for (const auto& one : articles)
      batch.push_back(logged(next_offset++, clock.now_unix_ms(), one));
    const auto applied = shard->apply(batch, next_offset, match);
    ASSERT_TRUE(applied) << applied.error().to_string();
  }

  void maintain() {
    for (;;) {
      const auto more = shard->maintain();
      ASSERT_TRUE(more) << more.error().to_string();
      if (!*more) return;
    }
  }

  std::vector<std::string> search(const std::string& text, Sort sort = Sort::kNewest,
                                  std::size_t limit = 1'000) {
    const query::Query query = parse(text);
    Find find;
    find.query = &query;
    find.sort = sort;
    find.limit = limit;
    find.now_unix_ms = clock.now_unix_ms();
    const auto response = shard->find(find);
    EXPECT_TRUE(response) << text << ": " << (response ? "" : response.error().to_string());
    std::vector<std::string> out;
    if (response) {
      for (const Found& found : response->hits) out.push_back(found.article_id);
      if (out.size() < limit) EXPECT_EQ(response->total, out.size()) << text;
    }
    return out;
  }

  Folder folder;
  FakeClock clock;
  std::unique_ptr<metrics::Registry> registry = metrics::make_registry();
  ShardOptions options;
  std::unique_ptr<Shard> shard;
  std::int64_t next_offset = 0;
};

}  // namespace vigie::indexer::testing
