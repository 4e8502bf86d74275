#include "indexer/search/index.h"

#include "indexer/search/cursor.h"

#include <set>
#include <thread>

#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

using search::Cursor;
using search::Index;
using search::SearchRequest;

class IndexTest : public ShardTest {
 protected:
  IndexTest() {
    for (int i = 0; i < 3; ++i) {
      options.dir = folder.path() / std::to_string(i);
      open();
      shards.push_back(std::shared_ptr<Shard>(std::move(shard)));
      index.add_shard(i, shards.back());
    }
  }
  void put(std::size_t where, const v1::ArticleRecord& one) {
    const auto applied =
        shards[where]->apply({logged(offset, clock.now_unix_ms(), one)}, offset + 1, {});
    ++offset;
    ASSERT_TRUE(applied) << applied.error().to_string();
  }
  SearchRequest request(const std::string& text, Sort sort, std::size_t limit) {
    SearchRequest out;
    out.query = text;
    out.sort = sort;
    out.limit = limit;
    return out;
  }
  std::vector<std::string> ids(const search::SearchPage& page) {
    std::vector<std::string> out;
    for (const auto& hit : page.hits) out.push_back(hit.article.article_id());
    return out;
  }

  Index index{clock};
  std::vector<std::shared_ptr<Shard>> shards;
  std::int64_t offset = 0;
};

TEST_F(IndexTest, PagesCoverEveryHitOnceInOrderWhileArticlesArrive) {
  for (int i = 0; i < 60; ++i) {
    std::string words;
    for (int j = 0; j <= i % 5; ++j) words += "chip ";
    put(static_cast<std::size_t>(i % 3),
        article("a" + std::to_string(100 + i), "Title", words + "and others", 1'000'000 + i));
  }
  for (Sort sort : {Sort::kRelevance, Sort::kNewest}) {
    const auto whole = index.search(request("chip", sort, 1'000));
    ASSERT_TRUE(whole);
    ASSERT_GE(whole->hits.size(), 60U);
    EXPECT_TRUE(whole->exact);
    EXPECT_TRUE(whole->cursor.empty());
    std::vector<std::string> paged;
    SearchRequest next = request("chip", sort, 11);
    for (int page = 0; page < 20; ++page) {
      const auto part = index.search(next);
      ASSERT_TRUE(part) << part.error().to_string();
      for (const auto& id : ids(*part)) paged.push_back(id);
      next.cursor = part->cursor;
      if (next.cursor.empty()) break;
      // Newer than everything: first in both orders, so no later page may show it.
      put(0, article("new" + std::to_string(page) + (sort == Sort::kNewest ? "n" : "r"),
                     "chip chip", "chip", 9'000'000 + page));
    }
    EXPECT_EQ(paged, ids(*whole));
  }
}

TEST_F(IndexTest, HitShowsSnippetStoryAndCopies) {
  put(0, article("a", "Export controls",
                 "The ministry spoke. It said that chips may not leave the country. Rain fell."));
  auto other = article("b", "Contrôles", "Les puces restent, chips.");
  other.set_language("fr");
  put(1, other);
  for (std::size_t i = 0; i < 2; ++i)
    ASSERT_TRUE(shards[i]->set_stories({{"a", "a"}, {"b", "a"}}, 1));
  SearchRequest ask = request("chips", Sort::kRelevance, 10);
  auto page = index.search(ask);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->hits.size(), 2U);
  ask.group = search::Group::kStory;
  page = index.search(ask);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->hits.size(), 1U);
  EXPECT_EQ(page->total, 2U);
  const auto& hit = page->hits[0];
  EXPECT_EQ(hit.copies, 1U);
  EXPECT_EQ(hit.languages, (std::vector<std::string>{"en", "fr"}));
  EXPECT_EQ(hit.article.story_id(), "a");
  ASSERT_FALSE(hit.highlights.empty());
  EXPECT_EQ(hit.article.snippet().substr(hit.highlights[0].first, hit.highlights[0].second),
            "chips");
  const auto copies = index.copies("a");
  ASSERT_TRUE(copies);
  EXPECT_EQ(copies->size(), 2U);
  const auto view = index.article("b");
  ASSERT_TRUE(view && *view);
  EXPECT_EQ((*view)->story_id, "a");
  EXPECT_EQ(index.versions("b")->size(), 1U);
  EXPECT_EQ(index.figures().documents, 2U);
}

TEST_F(IndexTest, GroupsByEventAndSaysHowFarItIsReported) {
  const auto report = [&](std::size_t part, const std::string& id, const std::string& language,
                          const std::string& source, std::int64_t time) {
    auto one = article(id, "Chips", "text", time);
    one.set_language(language);
    one.mutable_source()->set_id(source);
    put(part, one);
  };
  report(0, "a", "en", "ft", 3'000'000);
  report(1, "b", "fr", "lemonde", 2'000'000);
  report(0, "c", "fr", "lemonde", 1'000'000);
  report(1, "d", "en", "ft", 4'000'000);
  for (std::size_t i = 0; i < 2; ++i)
    ASSERT_TRUE(shards[i]->set_stories(
        {{"a", "a", "a"}, {"b", "b", "a"}, {"c", "b", "a"}, {"d", "d", "d"}}, 1));
  SearchRequest ask = request("chips", Sort::kNewest, 10);
  EXPECT_EQ(index.search(ask)->hits[0].event.articles, 0U);
  ask.group = search::Group::kEvent;
  const auto page = index.search(ask);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->hits.size(), 2U);
  EXPECT_EQ(page->hits[0].article.article_id(), "d");
  const auto& hit = page->hits[1];
  EXPECT_EQ(hit.article.article_id(), "c") << "the first that matches";
  EXPECT_EQ(hit.article.event_id(), "a");
  EXPECT_EQ(hit.first.article_id(), "c");
  EXPECT_EQ(hit.copies, 2U);
  EXPECT_EQ(hit.event.articles, 3U);
  EXPECT_EQ(hit.event.languages, (std::vector<std::string>{"en", "fr"}));
  EXPECT_EQ(hit.event.sources, 2U);
  ask.group = search::Group::kStory;
  const auto stories = index.search(ask);
  ASSERT_EQ(stories->hits.size(), 3U);
  EXPECT_EQ(stories->hits[2].copies, 1U);
  EXPECT_EQ(stories->hits[2].event.articles, 3U);
  const auto reports = index.reports("a");
  ASSERT_TRUE(reports);
  ASSERT_EQ(reports->size(), 3U);
  EXPECT_EQ(reports->front().article.article_id(), "c");
  EXPECT_EQ((*index.article("b"))->event_id, "a");
}

TEST_F(IndexTest, EventsAreShownOnceOverAllPages) {
  for (int i = 0; i < 40; ++i) {
    const std::string id = "a" + std::to_string(100 + i);
    put(static_cast<std::size_t>(i % 3), article(id, "Chip", "text", 1'000'000 + i));
    ASSERT_TRUE(shards[static_cast<std::size_t>(i % 3)]->set_stories(
        {{id, "s" + std::to_string(i), "event" + std::to_string(i % 9)}}, i + 1));
  }
  std::multiset<std::string> events;
  SearchRequest next = request("chip", Sort::kNewest, 4);
  next.group = search::Group::kEvent;
  for (int page = 0; page < 20; ++page) {
    const auto part = index.search(next);
    ASSERT_TRUE(part);
    for (const auto& hit : part->hits) events.insert(hit.article.event_id());
    next.cursor = part->cursor;
    if (next.cursor.empty()) break;
    SearchRequest other = next;
    other.group = search::Group::kStory;
    EXPECT_EQ(index.search(other).error().code, ErrorCode("bad_cursor"));
  }
  EXPECT_EQ(events.size(), 9U);
  EXPECT_EQ(std::set<std::string>(events.begin(), events.end()).size(), 9U);
}

TEST_F(IndexTest, StoriesAreShownOnceOverAllPages) {
  for (int i = 0; i < 40; ++i) {
    const std::string id = "a" + std::to_string(100 + i);
    put(static_cast<std::size_t>(i % 3), article(id, "Chip", "text", 1'000'000 + i));
    ASSERT_TRUE(shards[static_cast<std::size_t>(i % 3)]->set_stories(
        {{id, "story" + std::to_string(i % 9)}}, i + 1));
  }
  std::multiset<std::string> stories;
  SearchRequest next = request("chip", Sort::kNewest, 4);
  next.group = search::Group::kStory;
  for (int page = 0; page < 20; ++page) {
    const auto part = index.search(next);
    ASSERT_TRUE(part);
    for (const auto& hit : part->hits) stories.insert(hit.article.story_id());
    next.cursor = part->cursor;
    if (next.cursor.empty()) break;
  }
  EXPECT_EQ(stories.size(), 9U);
  EXPECT_EQ(std::set<std::string>(stories.begin(), stories.end()).size(), 9U);
}

TEST_F(IndexTest, CountsAreSummedOverShards) {
  for (int i = 0; i < 9; ++i)
    put(static_cast<std::size_t>(i % 3),
        article("a" + std::to_string(i), "Chip", "text", 86'400'000LL * (1 + i / 5)));
  const auto bins = index.timeline("chip", 86'400'000);
  ASSERT_TRUE(bins);
  ASSERT_EQ(bins->size(), 2U);
  EXPECT_EQ((*bins)[0].count, 5U);
  EXPECT_EQ((*bins)[1].count, 4U);
  const auto facets = index.facets("chip", {Facet::kSource});
  ASSERT_TRUE(facets);
  ASSERT_EQ((*facets)[0].second.size(), 1U);
  EXPECT_EQ((*facets)[0].second[0].count, 9U);
}

TEST_F(IndexTest, RefusesWhatItCannotAnswer) {
  EXPECT_EQ(index.search(request("(chip", Sort::kNewest, 10)).error().code, ErrorCode("bad_query"));
  EXPECT_EQ(index.search(request("chip", Sort::kNewest, 100'000)).error().code,
            ErrorCode("bad_argument"));
  SearchRequest ask = request("chip", Sort::kNewest, 10);
  for (const char* bad :
       {"x", "AAAA", "!!!", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    ask.cursor = bad;
    const auto page = index.search(ask);
    ASSERT_FALSE(page) << bad;
    EXPECT_EQ(page.error().code, ErrorCode("bad_cursor"));
    EXPECT_EQ(page.error().disposition, Disposition::kQuarantine);
  }
  for (int i = 0; i < 3; ++i) put(0, article("a" + std::to_string(i), "Chip", "text"));
  ask = request("chip", Sort::kNewest, 1);
  ask.cursor = index.search(ask)->cursor;
  ASSERT_FALSE(ask.cursor.empty());
  EXPECT_TRUE(index.search(ask));
  ask.sort = Sort::kRelevance;
  EXPECT_EQ(index.search(ask).error().code, ErrorCode("bad_cursor"));
  ask.sort = Sort::kNewest;
  ask.query = "other";
  EXPECT_EQ(index.search(ask).error().code, ErrorCode("bad_cursor"));
}

TEST_F(IndexTest, MissingShardMakesAnswersPartial) {
  index.expect_shards(3);
  EXPECT_FALSE(index.search(request("chip", Sort::kNewest, 1))->coverage.partial());
  index.remove_shard(1);
  EXPECT_TRUE(index.search(request("chip", Sort::kNewest, 1))->coverage.partial());
  EXPECT_EQ(index.figures().coverage.missing, std::vector<std::int32_t>{1});
}

TEST_F(IndexTest, ReadersSeeWholeStatesWhileAWriterApplies) {
  put(0, article("a", "Chip", "version 0"));
  std::jthread writer([&](const std::stop_token& stop) {
    for (int i = 1; i < 300 && !stop.stop_requested(); ++i) {
      auto one = article("a", "Chip", "version " + std::to_string(i));
      one.set_fetched_at_unix_ms(one.fetched_at_unix_ms() + i);
      put(0, one);
      if (const auto more = shards[0]->maintain(); !more) std::abort();
    }
  });
  for (int i = 0; i < 500; ++i) {
    const auto page =
        index.search(request("chip", i % 2 == 0 ? Sort::kNewest : Sort::kRelevance, 5));
    ASSERT_TRUE(page) << page.error().to_string();
    ASSERT_EQ(page->total, 1U);
  }
}

TEST(SearchCursor, ComesBackAsItWas) {
  Cursor cursor;
  cursor.sort = Sort::kNewest;
  cursor.group = 1;
  cursor.now_unix_ms = 123;
  cursor.query_hash = 0xFEDCBA9876543210;
  cursor.after = {1.5, -7, "some-article"};
  cursor.statistics.documents = 9;
  cursor.statistics.document_frequency = {1, 2, 3};
  const std::string text = search::encode_cursor(cursor);
  EXPECT_EQ(
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  const auto back = search::decode_cursor(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(search::encode_cursor(*back), text);
  EXPECT_EQ(back->after.article_id, "some-article");
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    // spare bits of the last letter
    if (const auto other = search::decode_cursor(changed))
      EXPECT_EQ(search::encode_cursor(*other), text) << i;
  }
}

}  // namespace
}  // namespace vigie::indexer::testing
