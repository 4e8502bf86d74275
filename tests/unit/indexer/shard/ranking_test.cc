#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

constexpr std::size_t kAll = 100'000;

/// Lists of dozens of blocks, in segments and in the head, so that most of them can be passed over.
class RankingTest : public ShardTest {
 protected:
  void fill() {
    options.seal_documents = 2'600;
    open();
    std::mt19937_64 chance(seed_of(5));
    std::vector<v1::ArticleRecord> batch;
    for (int i = 0; i < 9'000; ++i) {
      batch.push_back(news(chance, "a" + std::to_string(10'000 + i), i));
      if (i % 97 == 5) {  // a later version of one that came before
        batch.push_back(news(chance, "a" + std::to_string(10'000 + chance() % 9'000), i));
        batch.back().set_version_id("v2");
      }
      if (batch.size() < 500) continue;
      apply(batch);
      batch.clear();
      ASSERT_TRUE(shard->maintain());
    }
    apply(batch);
  }

  v1::ArticleRecord news(std::mt19937_64& chance, const std::string& id, int i) {
    static constexpr const char* kLanguages[] = {"en", "fr", "de", "xx"};
    static constexpr const char* kEndings[] = {"", "s", "ing", "ed"};
    const auto words = [&](std::size_t count) {
      std::string out;
      for (std::size_t word = 0; word < count; ++word) {
        const std::uint64_t rank = chance() % (1 + chance() % (1 + chance() % 120));
        out += "w" + std::string(1, static_cast<char>('a' + rank % 26)) +
               std::string(rank / 26, 'o') + "rd" + kEndings[chance() % 4] + " ";
      }
      return out;
    };
    const std::string title = words(chance() % 6);
    const std::int64_t late = static_cast<std::int64_t>(chance() % 5'000'000);
    auto out = article(id, title, words(3 + chance() % (chance() % 8 == 0 ? 90 : 20)),
                       1'000'000'000 + i * 60'000 - late);
    out.set_language(kLanguages[chance() % 4]);
    out.set_fetched_at_unix_ms(1'000'000'000 + i * 60'000);
    auto* topic = out.add_topics();
    topic->set_id("topic" + std::to_string(chance() % 5));
    topic->set_level(v1::TAG_LEVEL_ABOUT);
    return out;
  }

  FindResult ask(const query::Query& query, Sort sort, std::size_t limit,
                 const std::optional<After>& after = std::nullopt) {
    Find find;
    find.query = &query;
    find.sort = sort;
    find.limit = limit;
    find.after = after;
    find.now_unix_ms = 1'000'000'000 + 9'000 * 60'000;
    auto response = shard->find(find);
    EXPECT_TRUE(response) << (response ? "" : response.error().to_string());
    return response ? std::move(*response) : FindResult();
  }

  static void expect_same(const std::vector<Found>& found, const Found* wanted) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].article_id, wanted[i].article_id) << i;
      EXPECT_EQ(found[i].score, wanted[i].score) << i;
      EXPECT_EQ(found[i].time_unix_ms, wanted[i].time_unix_ms) << i;
    }
  }
};

// What is passed over for a short page is nothing that belongs on it: a page of everything scores
// every document.
TEST_F(RankingTest, AShortPageIsTheBeginningOfThePageOfAll) {
  fill();
  const char* const queries[] = {"ward",
                                 "wardo",
                                 "wbrd",
                                 "wcord",
                                 "\"wards\"",
                                 "title:ward",
                                 "wcord OR wdord",
                                 "ward OR wford OR wzoord",
                                 "ward OR wzooord",
                                 "ward wbrd",
                                 "wcord wdord wbrd",
                                 "wzoord ward",
                                 "wzooord wzoord",
                                 "wzord wyord wbrd",
                                 "title:wzord title:ward",
                                 "ward -wbrd",
                                 "ward OR topic:topic1",
                                 "ward topic:topic2",
                                 "wcord lang:fr",
                                 "\"ward wbrd\"",
                                 "ward NEAR/3 wcord",
                                 "wc*",
                                 "wd* wbrd",
                                 "ward OR title:wbrd",
                                 "(ward OR wbrd) (wcord OR wdord)",
                                 "nothing",
                                 "ward OR nothing",
                                 ""};
  for (const char* text : queries) {
    SCOPED_TRACE(text);
    const query::Query query = parse(text);
    for (const Sort sort : {Sort::kRelevance, Sort::kNewest}) {
      const FindResult all = ask(query, sort, kAll);
      ASSERT_EQ(all.hits.size(), all.total);
      EXPECT_EQ(ask(query, sort, 0).total, all.total);
      for (const std::size_t limit : {1U, 10U, 150U}) {
        const FindResult page = ask(query, sort, limit);
        EXPECT_EQ(page.total, all.total);
        ASSERT_EQ(page.hits.size(), std::min<std::size_t>(limit, all.hits.size()));
        expect_same(page.hits, all.hits.data());
      }
      if (all.hits.size() < 40) continue;
      const Found& last = all.hits[20];
      const FindResult page =
          ask(query, sort, 10, After{last.score, last.time_unix_ms, last.article_id});
      ASSERT_EQ(page.hits.size(), 10U);
      expect_same(page.hits, &all.hits[21]);
    }
  }
}

// A segment answers a typed word from the lists of its stems, and beside NEAR, which needs
// positions, from those of the words that have them: the same documents, with the same scores.
TEST_F(RankingTest, ListsOfStemsAreWhatTheirWordsAreTogether) {
  fill();
  for (const std::string text :
       {"ward", "wards", "warding", "wcorded", "title:ward", "ward wbrd", "wards wcord wdording",
        "wards OR wbrded", "ward -wbrd", "wcords lang:fr", "wards -lang:fr",
        "(wards OR wbrd) wcord", "ward topic:topic2", "wzords"}) {
    SCOPED_TRACE(text);
    const query::Query stems = parse(text);
    const query::Query words = parse("(" + text + ") OR (nothing NEAR/2 nowhere)");
    for (const Sort sort : {Sort::kRelevance, Sort::kNewest}) {
      const FindResult wanted = ask(words, sort, kAll);
      EXPECT_GT(wanted.total, 0U);
      EXPECT_EQ(ask(stems, sort, 0).total, wanted.total);
      for (const std::size_t limit : {std::size_t{10}, kAll}) {
        const FindResult found = ask(stems, sort, limit);
        EXPECT_EQ(found.total, wanted.total);
        ASSERT_EQ(found.hits.size(), std::min<std::size_t>(limit, wanted.hits.size()));
        expect_same(found.hits, wanted.hits.data());
      }
    }
  }
}

TEST_F(RankingTest, TimesOutOfOrderFallIntoTheirBins) {
  fill();
  constexpr std::int64_t kHour = 3'600'000;
  for (const char* text : {"", "ward", "ward OR wbrd", "wzord"}) {
    SCOPED_TRACE(text);
    const query::Query query = parse(text);
    for (const std::int64_t interval : {kHour, 24 * kHour}) {
      std::map<std::int64_t, std::uint64_t> wanted;
      for (const Found& found : ask(query, Sort::kNewest, kAll).hits)
        ++wanted[found.time_unix_ms / interval * interval];
      const auto bins = shard->timeline(query, interval, 0, std::nullopt);
      ASSERT_TRUE(bins);
      ASSERT_EQ(bins->size(), wanted.size());
      for (const TimelineBin& bin : *bins) EXPECT_EQ(bin.count, wanted[bin.begin_unix_ms]);
    }
  }
}

TEST_F(RankingTest, EdgesOfTimeAreExact) {
  fill();
  const FindResult all = ask(parse("ward"), Sort::kNewest, kAll);
  for (const std::size_t place : {std::size_t{0}, all.hits.size() / 3, all.hits.size() - 1}) {
    const std::int64_t edge = all.hits[place].time_unix_ms;
    for (const query::Filter filter : {query::Filter::kAfter, query::Filter::kBefore}) {
      query::Query query = parse("ward");
      query::Node time;
      time.kind = query::Node::Kind::kFilter;
      time.filter = filter;
      time.value_ms = edge;
      query::Node both;
      both.kind = query::Node::Kind::kAnd;
      both.children = {0, 1};
      query.nodes.push_back(time);
      query.nodes.push_back(both);
      const bool before = filter == query::Filter::kBefore;
      const auto wanted = std::count_if(all.hits.begin(), all.hits.end(), [&](const Found& one) {
        return (one.time_unix_ms < edge) == before;
      });
      EXPECT_EQ(ask(query, Sort::kRelevance, 0).total, static_cast<std::uint64_t>(wanted));
    }
  }
}

}  // namespace
}  // namespace vigie::indexer::testing
