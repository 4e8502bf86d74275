// libs: indexer/matching indexer/query indexer/shard platform/clock platform/metrics records
// A query, against a small collection: the index, the percolator of alerts and streams, and
// matches() give what the plainest reading of the query language gives. The input is the query; one
// that begins with a NUL is a seed, from which a query that means something is made.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/matching/matcher.h"
#include "indexer/query/query.h"
#include "indexer/shard/shard.h"
#include "platform/clock/clock.h"
#include "platform/metrics/metrics.h"
#include "tests/unit/indexer/matching/brute_force.h"
#include "tests/unit/indexer/matching/query_generator.h"

namespace {

using namespace vigie;
using namespace vigie::indexer;
using Generator = vigie::indexer::testing::QueryGenerator;

constexpr int kArticles = 24;
constexpr const char* kQueryId = "q";

void require(bool holds, std::string_view what, std::string_view query, std::string_view article) {
  if (holds) return;
  std::fprintf(stderr, "%.*s\n  query: %.*s\n  article: %.*s\n", static_cast<int>(what.size()),
               what.data(), static_cast<int>(query.size()), query.data(),
               static_cast<int>(article.size()), article.data());
  std::abort();
}

/// Articles in a shard: some sealed, some in the live head.
class Collection {
 public:
  Collection() {
    std::string name =
        (std::filesystem::temp_directory_path() / "vigie-query-meaning-XXXXXX").string();
    VIGIE_INVARIANT(::mkdtemp(name.data()) != nullptr);
    dir_ = name;
    ShardOptions options;
    options.dir = dir_ / "shard";
    options.seal_documents = 9;
    options.maintain_in_background = false;
    auto opened = Shard::open(options, clock_, *registry_);
    VIGIE_INVARIANT(opened.has_value());
    shard_ = std::move(*opened);
    Generator generator(7);
    std::vector<LoggedArticle> batch;
    for (int i = 0; i < kArticles; ++i) {
      articles_.push_back(generator.article());
      batch.push_back({i, 1'000 + i, articles_.back().SerializeAsString(), articles_.back()});
    }
    for (int i = 0; i < kArticles; ++i)
      VIGIE_INVARIANT(shard_->apply({batch[static_cast<std::size_t>(i)]}, i + 1, {}).has_value());
    for (const v1::ArticleRecord& article : articles_) {
      documents_.push_back(std::make_unique<matching::Document>(article));
      plain_.push_back(std::make_unique<testing::BruteForce>(article, Generator::kNowUnixMs));
    }
  }
  ~Collection() {
    shard_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }

  void check(const query::Query& query) {
    matcher_.apply(kQueryId, query);
    const std::set<std::string> found = search(query);
    for (std::size_t i = 0; i < articles_.size(); ++i) {
      const std::string& id = articles_[i].article_id();
      const bool wanted = plain_[i]->meets(query);
      require(matching::matches(query, *documents_[i], Generator::kNowUnixMs) == wanted,
              "matches() disagrees", query.text, id);
      require(matcher_.meeting(*documents_[i], Generator::kNowUnixMs).empty() == !wanted,
              "the percolator disagrees", query.text, id);
      require(found.contains(id) == wanted, "the index disagrees", query.text, id);
    }
  }

 private:
  std::set<std::string> search(const query::Query& query) const {
    Find find;
    find.query = &query;
    find.sort = Sort::kNewest;
    find.limit = kArticles;
    find.now_unix_ms = Generator::kNowUnixMs;
    const auto response = shard_->find(find);
    require(response.has_value(), "the index does not answer", query.text, {});
    std::set<std::string> out;
    for (const Found& hit : response->hits) out.insert(hit.article_id);
    require(out.size() == response->total, "hits and total disagree", query.text, {});
    return out;
  }

  std::filesystem::path dir_;
  SystemClock clock_;
  std::unique_ptr<metrics::Registry> registry_ = metrics::make_registry();
  std::unique_ptr<Shard> shard_;
  std::vector<v1::ArticleRecord> articles_;
  std::vector<std::unique_ptr<matching::Document>> documents_;
  std::vector<std::unique_ptr<testing::BruteForce>> plain_;
  matching::Matcher matcher_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Collection collection;
  std::string text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with('\0')) {
    std::uint64_t seed = 0;
    std::memcpy(&seed, text.data(), std::min(text.size(), sizeof seed));
    text = Generator(seed).query();
  }
  const auto query = query::parse(text);
  if (query) collection.check(*query);
  return 0;
}
