#include <set>

#include "indexer/search/index.h"
#include "proto/log_topics.h"
#include "tests/unit/indexer/matching/query_generator.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

using search::Index;
using search::SearchRequest;

/// Other processes, as one of them sees them: what is asked and answered goes through the bytes of
/// the wire.
class FakePeers final : public search::Peers {
 public:
  std::vector<Claim> claims() const override {
    std::vector<Claim> out;
    for (const auto& [name, index] : indexes) {
      if (!alive.contains(name) && !hidden_death.contains(name)) continue;
      v1::LeafRequest question;
      const v1::LeafResponse response = index->answer(question, {}, true);
      for (const v1::PeerShard& shard : response.claims().shards()) out.push_back({name, shard});
    }
    return out;
  }
  std::optional<std::string> alerter_of(std::int32_t) const override { return std::nullopt; }
  void ask(const std::string& peer, const v1::LeafRequest& question, Done done) override {
    ++asked[question.kind()];
    if (!alive.contains(peer))
      return done(failure(Disposition::kRetry, "connect", "nobody is there", peer));
    v1::LeafRequest received;
    EXPECT_TRUE(received.ParseFromString(question.SerializeAsString()));
    v1::LeafResponse response;
    EXPECT_TRUE(
        response.ParseFromString(indexes.at(peer)->answer(received, {}, true).SerializeAsString()));
    done(std::move(response));
  }

  std::map<std::string, Index*> indexes;
  std::set<std::string> alive;
  std::set<std::string> hidden_death;  // dead, and nobody has noticed yet
  std::map<int, int> asked;            // by kind
};

/// Three processes with two partitions each, and one index that has all the same articles in one
/// shard.
class ScatterTest : public ShardTest {
 protected:
  static constexpr std::int32_t kPartitions = 6;
  static constexpr int kNodes = 3;

  ScatterTest() {
    options.seal_documents = 100'000;
    options.dir = folder.path() / "whole";
    open();
    whole_shard = std::shared_ptr<Shard>(std::move(shard));
    whole.add_shard(0, whole_shard);
    options.seal_documents = 7;
    for (int node = 0; node < kNodes; ++node) {
      nodes.push_back(std::make_unique<Index>(clock));
      peers.push_back(std::make_unique<FakePeers>());
      nodes.back()->expect_shards(kPartitions);
      nodes.back()->use_peers(*peers.back());
    }
    for (int node = 0; node < kNodes; ++node) {
      for (int other = 0; other < kNodes; ++other) {
        if (other == node) continue;
        peers[node]->indexes["n" + std::to_string(other)] = nodes[other].get();
        peers[node]->alive.insert("n" + std::to_string(other));
      }
    }
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      options.dir = folder.path() / std::to_string(partition);
      open();
      shards.push_back(std::shared_ptr<Shard>(std::move(shard)));
      nodes[partition % kNodes]->add_shard(partition, shards.back());
    }
  }

  void put(const v1::ArticleRecord& one, const std::string& story = {}) {
    const auto partition =
        static_cast<std::size_t>(proto::partition_of(one.article_id(), kPartitions));
    for (Shard* to : {whole_shard.get(), shards[partition].get()}) {
      ASSERT_TRUE(to->apply({logged(next_offset, clock.now_unix_ms(), one)}, next_offset + 1, {}));
      if (!story.empty())
        ASSERT_TRUE(to->set_stories({{one.article_id(), story}}, next_offset + 1));
    }
    ++next_offset;
    if (next_offset % 16 == 0) {
      ASSERT_TRUE(shards[partition]->maintain());
    }
  }
  void die(int node, bool noticed = true) {
    for (auto& view : peers) {
      view->alive.erase("n" + std::to_string(node));
      if (!noticed) view->hidden_death.insert("n" + std::to_string(node));
    }
  }
  static SearchRequest request(const std::string& text, Sort sort, std::size_t limit,
                               bool grouped = false) {
    SearchRequest out;
    out.query = text;
    out.sort = sort;
    out.limit = limit;
    out.group = grouped ? search::Group::kStory : search::Group::kNone;
    out.now_unix_ms = QueryGenerator::kNowUnixMs;
    return out;
  }
  static std::string text_of(const search::SearchPage& page) {
    std::string out = std::to_string(page.total) + (page.exact ? " exact" : "");
    for (const auto& hit : page.hits) {
      char score[64];
      std::snprintf(score, sizeof score, "%a", hit.score);  // every bit of it
      out += "\n" + hit.article.article_id() + " " + score + " " +
             std::to_string(hit.time_unix_ms) + " " + std::to_string(hit.copies) + " " +
             hit.article.snippet();
      for (const auto& language : hit.languages) out += " " + language;
      for (const auto& [offset, length] : hit.highlights)
        out += " " + std::to_string(offset) + "+" + std::to_string(length);
    }
    return out;
  }

  // A node's answers against those of the index over everything.
  void expect_same_pages(const Index& node, SearchRequest ask, std::size_t& found) const {
    SearchRequest ask_whole = ask;
    for (int page = 0; page < 4; ++page) {
      const auto one = whole.search(ask_whole);
      const auto many = node.search(ask);
      ASSERT_EQ(one.has_value(), many.has_value());
      if (!one) {
        EXPECT_EQ(one.error().code, many.error().code);
        return;
      }
      ASSERT_EQ(text_of(*one), text_of(*many)) << "page " << page;
      EXPECT_FALSE(many->coverage.partial());
      found += one->hits.size();
      ASSERT_EQ(one->cursor.empty(), many->cursor.empty());
      if (one->cursor.empty()) return;
      ask.cursor = many->cursor;
      ask_whole.cursor = one->cursor;
    }
  }
  void expect_same_timeline(const Index& node, const query::Query& query) const {
    constexpr std::int64_t kNow = QueryGenerator::kNowUnixMs;
    const auto one = whole.timeline(query, 86'400'000, Facet::kLanguage, kNow);
    const auto many = node.timeline(query, 86'400'000, Facet::kLanguage, kNow);
    ASSERT_EQ(one.has_value(), many.has_value());
    if (!one) return;
    ASSERT_EQ(one->size(), many->size());
    for (std::size_t i = 0; i < one->size(); ++i) {
      EXPECT_EQ((*one)[i].begin_unix_ms, (*many)[i].begin_unix_ms);
      EXPECT_EQ((*one)[i].count, (*many)[i].count);
      ASSERT_EQ((*one)[i].split.size(), (*many)[i].split.size());
    }
  }
  void expect_same_facets(const Index& node, const query::Query& query) const {
    constexpr std::int64_t kNow = QueryGenerator::kNowUnixMs;
    const auto one = whole.facets(query, {Facet::kTopic, Facet::kSource}, kNow);
    const auto many = node.facets(query, {Facet::kTopic, Facet::kSource}, kNow);
    ASSERT_EQ(one.has_value(), many.has_value());
    if (!one) return;
    for (std::size_t i = 0; i < one->size(); ++i) {
      ASSERT_EQ((*one)[i].second.size(), (*many)[i].second.size());
      for (std::size_t j = 0; j < (*one)[i].second.size(); ++j) {
        EXPECT_EQ((*one)[i].second[j].value, (*many)[i].second[j].value);
        EXPECT_EQ((*one)[i].second[j].count, (*many)[i].second[j].count);
      }
    }
  }
  void expect_same_article(const std::string& id) const {
    const auto one = whole.article(id);
    const auto many = nodes[1]->article(id);
    ASSERT_TRUE(one && *one && many && *many) << id;
    EXPECT_EQ((*one)->article.SerializeAsString(), (*many)->article.SerializeAsString());
    EXPECT_EQ((*one)->story_id, (*many)->story_id);
    EXPECT_EQ(nodes[2]->versions(id)->size(), 1U);
  }
  void expect_same_copies(const std::string& story) const {
    const auto one = whole.copies(story);
    const auto many = nodes[0]->copies(story);
    ASSERT_TRUE(one && many);
    ASSERT_EQ(one->size(), many->size());
    for (std::size_t i = 0; i < one->size(); ++i)
      EXPECT_EQ((*one)[i].article.article_id(), (*many)[i].article.article_id());
  }

  Index whole{clock};
  std::shared_ptr<Shard> whole_shard;
  std::vector<std::unique_ptr<FakePeers>> peers;
  std::vector<std::unique_ptr<Index>> nodes;
  std::vector<std::shared_ptr<Shard>> shards;
};

// Searching any indexer answers for all shards, and scores agree bit for bit with one index over
// everything.
TEST_F(ScatterTest, AnyNodeAnswersAsOneIndexOverEverythingWould) {
  const std::uint64_t seed = seed_of(20'261'128);
  QueryGenerator generator(seed);
  std::vector<std::string> ids;
  for (int i = 0; i < 160; ++i) {
    const v1::ArticleRecord one = generator.article();
    ids.push_back(one.article_id());
    put(one, generator.one_in(3) ? "" : "story" + std::to_string(generator.below(40)));
  }
  std::size_t found = 0;
  for (int round = 0; round < 120; ++round) {
    const std::string text = generator.query();
    const Index& node = *nodes[round % kNodes];
    SCOPED_TRACE("VIGIE_SEED=" + std::to_string(seed) + " round " + std::to_string(round) + ": " +
                 text);
    const Sort sort = round % 2 == 0 ? Sort::kRelevance : Sort::kNewest;
    ASSERT_NO_FATAL_FAILURE(expect_same_pages(node, request(text, sort, 7, round % 3 == 0), found));
    const auto tree = query::parse(text);
    ASSERT_TRUE(tree);
    ASSERT_NO_FATAL_FAILURE(expect_same_timeline(node, *tree));
    ASSERT_NO_FATAL_FAILURE(expect_same_facets(node, *tree));
  }
  EXPECT_GT(found, 200U) << "the queries must meet the articles";
  for (const std::string& id : ids) ASSERT_NO_FATAL_FAILURE(expect_same_article(id));
  for (int story = 0; story < 40; ++story)
    ASSERT_NO_FATAL_FAILURE(expect_same_copies("story" + std::to_string(story)));
  EXPECT_EQ(nodes[0]->figures().documents, 160U);
}

TEST_F(ScatterTest, WhatIsMissingIsSaidAndComesBack) {
  for (int i = 0; i < 60; ++i) put(article("a" + std::to_string(i), "Chip", "text", 1'000'000 + i));
  const auto all = nodes[0]->search(request("chip", Sort::kNewest, 100));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->total, 60U);
  for (const bool noticed : {false, true}) {
    die(1, noticed);
    const auto some = nodes[0]->search(request("chip", Sort::kRelevance, 100));
    ASSERT_TRUE(some) << some.error().to_string();
    EXPECT_EQ(some->coverage.missing, (std::vector<std::int32_t>{1, 4}))
        << "partitions of the process that died";
    EXPECT_TRUE(some->coverage.partial());
    EXPECT_EQ(some->coverage.shards, 6U);
    std::uint64_t left = 0;
    for (const std::int32_t partition : {0, 2, 3, 5}) left += shards[partition]->documents();
    EXPECT_EQ(some->total, left);
    for (auto& view : peers) {
      view->alive.insert("n1");
      view->hidden_death.clear();
    }
  }
  die(1);
  const std::string lost = [&] {
    for (int i = 0;; ++i) {
      if (proto::partition_of("a" + std::to_string(i), kPartitions) == 1)
        return "a" + std::to_string(i);
    }
  }();
  search::Coverage coverage;
  const auto view = nodes[0]->article(lost, &coverage);
  ASSERT_TRUE(view);
  EXPECT_FALSE(*view);
  EXPECT_EQ(coverage.missing, std::vector<std::int32_t>{1})
      << "not found is not the same as not there";
  EXPECT_EQ(nodes[0]->figures().coverage.missing, (std::vector<std::int32_t>{1, 4}));
  // Another process takes the partitions over: whole again.
  nodes[2]->add_shard(1, shards[1]);
  nodes[2]->add_shard(4, shards[4], v1::PeerShard::STATE_RESTORING);
  const auto again = nodes[0]->search(request("chip", Sort::kNewest, 100));
  ASSERT_TRUE(again);
  EXPECT_EQ(text_of(*again), text_of(*all));
  EXPECT_EQ(again->coverage.missing, std::vector<std::int32_t>{});
  EXPECT_EQ(again->coverage.restoring, std::vector<std::int32_t>{4});
  EXPECT_TRUE(again->coverage.partial());
}

TEST_F(ScatterTest, AShardThatTwoClaimIsAskedOnceAndTheOtherServesWhereTheFirstFails) {
  for (int i = 0; i < 60; ++i) put(article("a" + std::to_string(i), "Chip", "text", 1'000'000 + i));
  // in a hand-over: its old owner is still there
  nodes[2]->add_shard(1, shards[1], v1::PeerShard::STATE_HELD);
  nodes[0]->add_shard(4, shards[4], v1::PeerShard::STATE_RESTORING);
  for (const auto& node : nodes) {
    const auto page = node->search(request("chip", Sort::kRelevance, 100));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->total, 60U);
    EXPECT_EQ(page->hits.size(), 60U);
    EXPECT_FALSE(page->coverage.partial())
        << "the one that serves is asked, not the one that restores";
    const auto facets = node->facets("chip", {Facet::kSource});
    EXPECT_EQ((*facets)[0].second[0].count, 60U);
  }
  die(1, false);
  const auto page = nodes[0]->search(request("chip", Sort::kRelevance, 100));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->hits.size(), 60U);
  EXPECT_EQ(page->coverage.missing, std::vector<std::int32_t>{});
  EXPECT_EQ(page->coverage.restoring, std::vector<std::int32_t>{4});
}

TEST_F(ScatterTest, APageCostsAFewQuestionsAPeer) {
  for (int i = 0; i < 60; ++i)
    put(article("a" + std::to_string(i), "Chip", "text", 1'000'000 + i),
        "story" + std::to_string(i / 2));
  ASSERT_TRUE(nodes[0]->search(request("chip", Sort::kRelevance, 20, true)));
  int all = 0;
  for (const auto& [kind, count] : peers[0]->asked) all += count;
  EXPECT_LE(all, 6 * (kNodes - 1))
      << "statistics, hits, details, stories, their articles and which of these match: once a peer";
}

TEST_F(ScatterTest, AQuestionNobodyCanReadIsRefusedByThePeer) {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_FIND);
  question.set_query("(chip");
  question.add_partitions(0);
  EXPECT_EQ(nodes[0]->answer(question, {}, true).error().code(), "bad_query");
  EXPECT_TRUE(nodes[0]->answer(question, {}, true).error().caller());
  question.set_kind(v1::LeafRequest::KIND_REQUEST);
  EXPECT_EQ(nodes[0]->answer(question, {}, true).error().code(), "bad_question");
}

}  // namespace
}  // namespace vigie::indexer::testing
