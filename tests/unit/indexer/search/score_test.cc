#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indexer/search/index.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

/// Scores worked out by hand, so that the test shares nothing with what it tests. One article lies
/// in each of three shards: scores are those of the whole collection, wherever an article lies.
///
///   id  title            text                        words of title  of text
///   a   Ports            chip chip export                         1        3
///   b   Chip             export rules today here                  1        4
///   c   Weather report   rain                                     2        1
///
/// BM25 with fields (k1 = 1.2, b = 0.75, a title counts three times):
///   norm   = 0.25 + 0.75 · words / mean words          mean: title 4/3, text 8/3
///   weight = 3 · count in title / norm of title + count in text / norm of text
///   score  = sum over words of  idf · weight · 2.2 / (1.2 + weight)
///   idf    = ln(1 + (3 − n + 0.5) / (n + 0.5))         n: articles that have the word
///            n = 1: ln(8/3) = 0.980829;  n = 2: ln(1.6) = 0.470004
///
///   norms: title a, b: 0.25 + 0.75 · 3/4 = 0.8125      title c: 0.25 + 0.75 · 3/2 = 1.375
///          text a: 0.25 + 0.75 · 9/8 = 1.09375         text b: 0.25 + 0.75 · 3/2 = 1.375
///          text c: 0.25 + 0.75 · 3/8 = 0.53125
class ScoreTest : public ShardTest {
 protected:
  ScoreTest() {
    for (const auto& [id, title, text] : {std::tuple("a", "Ports", "chip chip export"),
                                          {"b", "Chip", "export rules today here"},
                                          {"c", "Weather report", "rain"}}) {
      options.dir = folder.path() / id;
      open();
      apply({article(id, title, text)});
      index_.add_shard(static_cast<std::int32_t>(shards_.size()),
                       shards_.emplace_back(std::move(shard)));
    }
  }
  /// Ids in order, and the score of each.
  std::vector<std::pair<std::string, double>> search(const std::string& query) {
    search::SearchRequest request;
    request.query = query;
    const auto page = index_.search(request);
    EXPECT_TRUE(page) << query;
    std::vector<std::pair<std::string, double>> out;
    if (!page) return out;
    for (const search::Hit& hit : page->hits) out.emplace_back(hit.article.article_id(), hit.score);
    return out;
  }
  search::Index index_{clock};
  std::vector<std::shared_ptr<Shard>> shards_;
};

TEST_F(ScoreTest, IsThatWhichAPencilGives) {
  const struct {
    const char* query;
    std::vector<std::pair<std::string, double>> expected;
  } kCases[] = {
      // n = 2. b: weight 3 / 0.8125 = 3.692308, so 0.470004 · 8.123077 / 4.892308.
      //        a: weight 2 / 1.09375 = 1.828571, so 0.470004 · 4.022857 / 3.028571.
      {"chip", {{"b", 0.780383}, {"a", 0.624307}}},
      // n = 2. a: weight 1 / 1.09375 = 0.914286, so 0.470004 · 2.011429 / 2.114286.
      //        b: weight 1 / 1.375 = 0.727273, so 0.470004 · 1.6 / 1.927273.
      {"export", {{"a", 0.447139}, {"b", 0.390192}}},
      // The sums of both.
      {"chip export", {{"b", 1.170575}, {"a", 1.071446}}},
      // n = 1. c: weight 1 / 0.53125 = 1.882353, so 0.980829 · 4.141176 / 3.082353.
      {"rain", {{"c", 1.317755}}},
      // n = 1. c: weight 3 / 1.375 = 2.181818, so 0.980829 · 4.8 / 3.381818.
      {"weather", {{"c", 1.392144}}},
      // In titles alone a's two in the text count nothing; n stays 1, as one title has it.
      {"title:weather", {{"c", 1.392144}}},
      // What must not be there gives nothing.
      {"chip -export", {}},
      {"export -chip", {}},
      // Either: the sum of what is there.
      {"rain OR export", {{"c", 1.317755}, {"a", 0.447139}, {"b", 0.390192}}},
  };
  for (const auto& one : kCases) {
    const auto found = search(one.query);
    ASSERT_EQ(found.size(), one.expected.size()) << one.query;
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].first, one.expected[i].first) << one.query << ", place " << i;
      EXPECT_NEAR(found[i].second, one.expected[i].second, 2e-6) << one.query << ", place " << i;
    }
  }
}

}  // namespace
}  // namespace vigie::indexer::testing
