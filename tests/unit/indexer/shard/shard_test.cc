#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "indexer/matching/matcher.h"
#include "indexer/shard/local_shard.h"
#include "indexer/shard/metrics.h"
#include "indexer/shard/rows.h"
#include "platform/storage/storage.h"
#include "proto/identity.h"
#include "tests/unit/indexer/matching/query_generator.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

using Ids = std::vector<std::string>;

Ids sorted(Ids ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

// indexer/README.md: match(q, d) equals search(q) over {d}. Documents lie in the head, in sealed
// and in merged segments; some are superseded.
TEST_F(ShardTest, SearchFindsWhatMatchesMatch) {
  const std::uint64_t seed = seed_of(20'261'124);
  QueryGenerator generator(seed);
  options.seal_documents = 37;
  open();
  std::map<std::string, v1::ArticleRecord> current;
  std::map<std::string, std::string> stories;
  for (int batch = 0; batch < 24; ++batch) {
    std::vector<v1::ArticleRecord> articles;
    for (int i = 0; i < 17; ++i) {
      auto one = generator.article();
      if (!current.empty() && generator.one_in(5)) {  // a newer version of an article
        auto place = current.begin();
        std::advance(place, static_cast<std::ptrdiff_t>(generator.below(current.size())));
        one.set_article_id(place->first);
        one.set_fetched_at_unix_ms(place->second.fetched_at_unix_ms() + 1);
      }
      current[one.article_id()] = one;
      articles.push_back(one);
    }
    apply(articles);
    if (batch % 3 != 2) maintain();
    if (batch == 12) open();
  }
  EXPECT_EQ(shard->documents(), current.size());
  std::size_t found_some = 0;
  for (int round = 0; round < 400; ++round) {
    const std::string text = generator.query();
    const query::Query query = parse(text);
    if (query.nodes.empty()) continue;
    Ids expected;
    for (const auto& [id, one] : current) {
      if (matching::matches(query, matching::Document(one), clock.now_unix_ms()))
        expected.push_back(id);
    }
    found_some += expected.empty() ? 0 : 1;
    ASSERT_EQ(sorted(search(text)), expected) << text << " with VIGIE_SEED=" << seed;
    ASSERT_EQ(sorted(search(text, Sort::kRelevance)), expected)
        << text << " with VIGIE_SEED=" << seed;
  }
  EXPECT_GT(found_some, 100U);
}

// ops/spec/records.md, "Identities": the current record is the greatest (fetched_at, version id,
// extractor version, pack version, record hash), so any order of arrival ends the same.
TEST_F(ShardTest, EveryOrderOfArrivalEndsTheSame) {
  const std::uint64_t seed = seed_of(7);
  std::mt19937_64 chance(seed);
  std::vector<v1::ArticleRecord> versions;
  for (int i = 0; i < 12; ++i) {
    auto one = article("a", "title " + std::to_string(i % 3), "word" + std::to_string(i));
    one.set_fetched_at_unix_ms(1'000 + i / 4);
    one.set_version_id("v" + std::to_string(i % 2));
    one.set_extractor_version(i % 3 == 0 ? "1" : "2");
    versions.push_back(one);
  }
  std::string winner;
  std::vector<std::string> order;
  for (int round = 0; round < 6; ++round) {
    options.dir = folder.path() / std::to_string(round);
    open();
    std::shuffle(versions.begin(), versions.end(), chance);
    for (const auto& version : versions) {
      apply({version});
      if (chance() % 3 == 0) {
        clock.advance(options.seal_age);
        maintain();
      }
      if (chance() % 5 == 0) open();
    }
    const auto now = shard->article("a");
    ASSERT_TRUE(now && *now);
    std::vector<std::string> texts;
    const auto stored = shard->versions("a");
    ASSERT_TRUE(stored);
    for (const auto& version : *stored) texts.push_back(version.article.text());
    if (round == 0) {
      winner = (*now)->text();
      order = texts;
    }
    EXPECT_EQ((*now)->text(), winner) << "with VIGIE_SEED=" << seed;
    EXPECT_EQ(texts, order);
    EXPECT_EQ(texts.size(), versions.size());
    EXPECT_EQ(shard->documents(), 1U);
    for (const auto& version : versions)
      EXPECT_EQ(search(version.text()).size(), version.text() == winner ? 1U : 0U);
  }
}

TEST_F(ShardTest, IsSearchableOnReturnAndAfterOpening) {
  open();
  apply(
      {article("a", "Export controls", "Chips may not leave."), article("b", "Weather", "Rain.")});
  EXPECT_EQ(search("chips"), Ids{"a"});
  EXPECT_EQ(shard->next_offset(), 2);
  open();
  EXPECT_EQ(search("chips"), Ids{"a"});
  EXPECT_EQ(shard->next_offset(), 2);
  clock.advance(options.seal_age);
  maintain();
  EXPECT_EQ(search("chip"), Ids{"a"});
  EXPECT_EQ(search(""), (Ids{"a", "b"}));
  open();
  EXPECT_EQ(search("chip"), Ids{"a"});
  EXPECT_EQ(shard->documents(), 2U);
}

// A backlog fills the head before every visit of maintain().
TEST_F(ShardTest, MergesGoOnWhileTheHeadIsFullAtEveryVisit) {
  open();
  for (int batch = 0; batch < 30; ++batch) {
    std::vector<v1::ArticleRecord> articles;
    for (std::size_t i = 0; i < options.seal_documents; ++i)
      articles.push_back(article(std::to_string(batch) + "-" + std::to_string(i), "Chip", "text"));
    apply(articles);
    ASSERT_TRUE(shard->maintain());
  }
  const ShardMetrics shown(*registry);
  EXPECT_LE(shown.segments.value(), 8);
  EXPECT_EQ(search("chip").size(), 30 * options.seal_documents);
}

// What is superseded or taken down while a merge runs stays so when it is done.
TEST_F(ShardTest, MergesInTheBackgroundLoseNothing) {
  options.maintain_in_background = true;
  options.seal_documents = 5;
  open();
  std::set<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    auto one = article("a" + std::to_string(i % 200), "Chip", "text" + std::to_string(i));
    one.set_fetched_at_unix_ms(1'000 + i);
    expected.insert(one.article_id());
    apply({one});
    ASSERT_TRUE(shard->maintain());
    if (i % 23 != 7) continue;
    ASSERT_TRUE(shard->takedown("a" + std::to_string(i / 2)));
    expected.erase("a" + std::to_string(i / 2));
  }
  // a page that was taken down does not come back
  for (int i = 200; i < 300; ++i) {
    if (shard->versions("a" + std::to_string(i - 200))->empty())
      expected.erase("a" + std::to_string(i - 200));
  }
  const ShardMetrics shown(*registry);
  const Ids wanted(expected.begin(), expected.end());
  for (int round = 0; round < 2'000; ++round) {
    ASSERT_EQ(sorted(search("chip")), wanted);
    ASSERT_TRUE(shard->maintain());
    if (shown.segments.value() <= 10 && round > 20) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_LE(shown.segments.value(), 10);
  open();
  EXPECT_EQ(sorted(search("chip")), wanted);
  EXPECT_EQ(shard->documents(), wanted.size());
}

// A disk that does not take the segment: its file is a pipe that nobody reads. The writer goes on,
// and what is being sealed stays searchable, can be superseded and taken down; a seal that failed
// is tried again.
TEST_F(ShardTest, TheWriterDoesNotWaitForASeal) {
  options.maintain_in_background = true;
  open();
  const std::filesystem::path file = options.dir / "segments" / "0000000001.postings";
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  for (int i = 0; i < 10; ++i) apply({article("a" + std::to_string(i), "Chip", "old text")});
  ASSERT_FALSE(shard->maintain().value());
  auto later = article("a3", "Chip", "new text");
  later.set_fetched_at_unix_ms(later.fetched_at_unix_ms() + 1);
  later.set_version_id("v2");
  apply({later, article("b", "Chip", "new text")});
  ASSERT_FALSE(shard->maintain().value());
  ASSERT_TRUE(shard->takedown("a5"));
  EXPECT_EQ(search("chip").size(), 10U);
  EXPECT_EQ(search("old").size(), 8U);
  EXPECT_EQ(sorted(search("new")), (Ids{"a3", "b"}));

  const int reader = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  bool failed = false;
  const ShardMetrics shown(*registry);
  for (int round = 0; round < 2'000 && shown.sealed_bytes.value() == 0; ++round) {
    failed = !shard->maintain() || failed;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::close(reader);
  EXPECT_TRUE(failed) << "a pipe is no segment";
  EXPECT_GT(shown.sealed_bytes.value(), 0);
  EXPECT_EQ(search("old").size(), 8U);
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(shard->maintain());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  open();
  EXPECT_EQ(search("old").size(), 8U);
  EXPECT_EQ(sorted(search("new")), (Ids{"a3", "b"}));
  EXPECT_EQ(shard->documents(), 10U);
}

TEST_F(ShardTest, RepeatedRecordChangesNothing) {
  open();
  int matched = 0;
  const auto match = [&](const v1::ArticleRecord& one, std::int64_t) {
    ++matched;
    v1::MatchRecord record;
    record.set_match_id("m-" + one.article_id());
    return std::vector<v1::MatchRecord>{record};
  };
  const auto one = article("a", "Title", "text");
  apply({one, one}, match);
  apply({one}, match);
  EXPECT_EQ(matched, 1);
  EXPECT_EQ(shard->versions("a")->size(), 1U);
  EXPECT_EQ(shard->documents(), 1U);
  EXPECT_EQ(shard->next_offset(), 3);
}

/// The bytes of a record with a field that this version does not know in front of the others: what
/// serialising it again gives has it at the end.
std::string from_the_future(const v1::ArticleRecord& article) {
  return std::string("\xfa\x3e\x05later", 8) + article.SerializeAsString();
}

LoggedArticle as_it_came(std::int64_t offset, const std::string& bytes) {
  LoggedArticle out{offset, 0, bytes, {}};
  EXPECT_TRUE(out.article.ParseFromString(bytes));
  return out;
}

TEST_F(ShardTest, StoresAndHashesTheBytesOfTheLog) {
  open();
  const std::string bytes = from_the_future(article("a", "Chips", "Licences for chips."));
  const LoggedArticle came = as_it_came(0, bytes);
  ASSERT_NE(came.article.SerializeAsString(), bytes) << "or this shows nothing";
  ASSERT_TRUE(shard->apply({came}, 1, {}));
  EXPECT_EQ(search("chips"), std::vector<std::string>{"a"});
  shard.reset();
  storage::Options stored;
  stored.dir = options.dir;
  stored.families = {
      {"system", storage::Use::kSmall},        {"articles", storage::Use::kSmall},
      {"documents", storage::Use::kDocuments}, {"stories", storage::Use::kSmall},
      {"postings", storage::Use::kSegments},   {"positions", storage::Use::kSegments},
      {"matches", storage::Use::kQueue}};
  const auto database = storage::open(stored);
  ASSERT_TRUE(database) << database.error().to_string();
  EXPECT_EQ((*database)->get(kDocuments, document_key(0)).value(), bytes);
  const auto row = ArticleRow::decode((*database)->get(kArticles, "a").value().value_or(""));
  ASSERT_TRUE(row);
  ASSERT_EQ(row->versions.size(), 1U);
  EXPECT_EQ(row->versions[0].rank.record_hash, proto::to_bytes(proto::digest128(bytes)));
}

// indexer/shard/README.md: segments of another version are made again from the documents.
TEST_F(ShardTest, SegmentsOfAnotherVersionAreMadeAgainFromTheDocuments) {
  open();
  QueryGenerator generator(3);
  for (int batch = 0; batch < 12; ++batch) {
    std::vector<v1::ArticleRecord> articles;
    for (int i = 0; i < 7; ++i) articles.push_back(generator.article());
    articles.push_back(article("again", "Chip", "version" + std::to_string(batch)));
    articles.back().set_fetched_at_unix_ms(1'000 + batch);
    articles.push_back(article("gone" + std::to_string(batch), "Secretword", "text"));
    apply(articles);
    maintain();
  }
  for (int batch = 0; batch < 12; ++batch)
    ASSERT_TRUE(shard->takedown("gone" + std::to_string(batch)));
  const Ids everything = search("");
  const Ids opinion = search("type:opinion");
  EXPECT_FALSE(opinion.empty());
  const auto statistics = shard->statistics(parse("chip OR secretword"));
  // as schema 1 left it: rows of segments in the database, and others in the way; of before a
  // column; of another analyzer
  for (const Maker& other :
       {Maker{1, 0, 0}, Maker{kSchema, segments::kFormat - 1, analysis::kAnalyzer},
        Maker{kSchema, segments::kFormat + 1, 1}}) {
    shard.reset();
    {
      const auto database = storage::open(database_options(options));
      ASSERT_TRUE(database) << database.error().to_string();
      storage::Batch batch;
      batch.put(kSystem, kSchemaRow, other.encode());
      batch.put(kPostings, "an old row", "bytes");
      ASSERT_TRUE((*database)->write(batch, storage::Durability::kSynced));
    }
    std::filesystem::remove_all(options.dir / "segments");
    open();
    EXPECT_EQ(search(""), everything);
    EXPECT_EQ(search("type:opinion"), opinion);
    EXPECT_EQ(search("version11"), Ids{"again"});
    EXPECT_EQ(search("version3"), Ids{});
    EXPECT_EQ(search("secretword"), Ids{});
    EXPECT_EQ(shard->documents(), everything.size());
    const auto now = shard->statistics(parse("chip OR secretword"));
    EXPECT_EQ(now->length[0], statistics->length[0]);
    EXPECT_EQ(now->length[1], statistics->length[1]);
    maintain();
    EXPECT_EQ(search(""), everything);
  }
  shard.reset();
  const auto database = storage::open(database_options(options));
  ASSERT_TRUE(database);
  EXPECT_FALSE((*database)->get(kPostings, "an old row").value());
}

// A shard of 0.1.0 stored and hashed what serialising the record again gave.
TEST_F(ShardTest, KnowsAgainWhatAnOlderVersionStored) {
  open();
  const std::string bytes = from_the_future(article("a", "Chips", "Licences for chips."));
  const LoggedArticle came = as_it_came(0, bytes);
  ASSERT_TRUE(shard->apply({logged(0, 0, came.article)}, 1, {}));
  open();
  int matched = 0;
  ASSERT_TRUE(shard->apply({came}, 1, match_fn([&](const v1::ArticleRecord&, std::int64_t) {
                             ++matched;
                             return std::vector<v1::MatchRecord>();
                           })));
  EXPECT_EQ(matched, 0) << "a repeat is not matched again";
  EXPECT_EQ(shard->versions("a").value().size(), 1U);
  EXPECT_EQ(shard->documents(), 1U);
  // Another record of the same moment is another version.
  v1::ArticleRecord other = came.article;
  other.set_site_name("The Daily");
  ASSERT_TRUE(shard->apply({logged(1, 0, other)}, 2, {}));
  EXPECT_EQ(shard->versions("a").value().size(), 2U);
}

TEST_F(ShardTest, KeepsMatchesUntilForgotten) {
  open();
  const auto match = [](const v1::ArticleRecord& one, std::int64_t log_time) {
    v1::MatchRecord record;
    record.set_match_id("m-" + one.article_id());
    record.set_matched_at_unix_ms(log_time);
    return std::vector<v1::MatchRecord>{record};
  };
  apply({article("a", "A", "x"), article("b", "B", "y"), article("c", "C", "z")}, match);
  open();
  auto pending = shard->pending_matches(2);
  ASSERT_TRUE(pending);
  ASSERT_EQ(pending->size(), 2U);
  EXPECT_EQ((*pending)[0].match.match_id(), "m-a");
  EXPECT_EQ((*pending)[1].match.match_id(), "m-b");
  ASSERT_TRUE(shard->forget_matches({(*pending)[0].row, (*pending)[1].row}));
  pending = shard->pending_matches(10);
  ASSERT_EQ(pending->size(), 1U);
  EXPECT_EQ((*pending)[0].match.match_id(), "m-c");
  apply({article("d", "D", "w")}, match);
  EXPECT_EQ(shard->pending_matches(10)->size(), 2U);
}

TEST_F(ShardTest, TakedownHidesForGoodAndBytesGoWithTheNextMerge) {
  open();
  apply({article("a", "Secretword", "unmistakable text"),
         article("b", "Other", "unmistakable text")});
  clock.advance(options.seal_age);
  maintain();
  apply({article("c", "Secretword again", "more")});
  ASSERT_TRUE(shard->takedown("a"));
  ASSERT_TRUE(shard->takedown("c"));
  ASSERT_TRUE(shard->takedown("never-seen"));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(search("secretword"), Ids{});
    EXPECT_EQ(search("unmistakable"), Ids{"b"});
    EXPECT_EQ(search(""), Ids{"b"});
    EXPECT_FALSE(*shard->article("a"));
    EXPECT_TRUE(shard->versions("a")->empty());
    EXPECT_EQ(shard->documents(), 1U);
    maintain();
    open();
  }
  EXPECT_EQ(shard->statistics(parse("secretword"))->document_frequency,
            (std::vector<std::uint64_t>{0, 0}));
  auto again = article("a", "Secretword", "a new version");
  again.set_fetched_at_unix_ms(again.fetched_at_unix_ms() + 1);
  apply({again, article("never-seen", "Secretword", "late")});
  EXPECT_EQ(search("secretword"), Ids{});
}

TEST_F(ShardTest, StoryIsKnownWhateverComesFirst) {
  open();
  ASSERT_TRUE(shard->set_stories({{"a", "s1"}, {"b", "s1"}, {"later", "s1"}}, 3));
  apply({article("a", "A", "one"), article("b", "B", "two")});
  EXPECT_EQ(shard->story_of("later"), "s1");
  EXPECT_EQ(shard->story_of("nobody"), "");
  EXPECT_EQ(sorted(*shard->story_articles("s1")), (Ids{"a", "b"}));
  EXPECT_EQ(sorted(search("story:s1")), (Ids{"a", "b"}));
  clock.advance(options.seal_age);
  maintain();
  apply({article("later", "C", "one")});
  EXPECT_EQ(sorted(search("story:s1 one")), (Ids{"a", "later"}));
  ASSERT_TRUE(shard->set_stories({{"b", "s2"}}, 4));
  EXPECT_EQ(sorted(search("story:s1")), (Ids{"a", "later"}));
  open();
  EXPECT_EQ(shard->stories_offset(), 4);
  EXPECT_EQ(search("story:s2"), Ids{"b"});
}

TEST_F(ShardTest, EventIsKnownBesideTheStory) {
  open();
  ASSERT_TRUE(shard->set_stories({{"a", "s1", "e1"}, {"b", "s2", "e1"}, {"c", "s3"}}, 3));
  apply({article("a", "A", "one"), article("b", "B", "two"), article("c", "C", "one")});
  EXPECT_EQ(shard->event_of("b"), "e1");
  EXPECT_EQ(shard->event_of("c"), "");
  EXPECT_EQ(sorted(*shard->event_articles("e1")), (Ids{"a", "b"}));
  EXPECT_EQ(sorted(search("event:e1")), (Ids{"a", "b"}));
  EXPECT_EQ(sorted(search("-event:e1")), Ids{"c"});
  EXPECT_EQ(search("event:e1 story:s2"), Ids{"b"});
  // a story's id is no event's
  EXPECT_EQ(search("event:s1"), Ids{});
  EXPECT_EQ(search("story:e1"), Ids{});
  clock.advance(options.seal_age);
  maintain();
  EXPECT_EQ(search("event:e1 one"), Ids{"a"});
  // a row of before there were events leaves what is known
  ASSERT_TRUE(shard->set_stories({{"a", "s1"}}, 4));
  open();
  EXPECT_EQ(sorted(search("event:e1")), (Ids{"a", "b"}));
}

TEST_F(ShardTest, PagesFollowEachOtherInBothOrders) {
  open();
  for (int i = 0; i < 45; ++i) {
    std::string words;
    for (int j = 0; j <= i % 7; ++j) words += "chip ";
    apply({article("a" + std::to_string(100 + i), "Title", words + "and more", 1'000'000 + i / 4)});
    maintain();
  }
  const query::Query query = parse("chip");
  const auto statistics = shard->statistics(query);
  for (Sort sort : {Sort::kNewest, Sort::kRelevance}) {
    const Ids whole = search("chip", sort);
    ASSERT_EQ(whole.size(), 45U);
    Ids paged;
    Find find;
    find.query = &query;
    find.sort = sort;
    find.limit = 7;
    find.statistics = &*statistics;
    for (;;) {
      const auto response = shard->find(find);
      ASSERT_TRUE(response);
      EXPECT_EQ(response->total, 45U);
      if (response->hits.empty()) break;
      for (const Found& found : response->hits) paged.push_back(found.article_id);
      const Found& last = response->hits.back();
      find.after = After{last.score, last.time_unix_ms, last.article_id};
    }
    EXPECT_EQ(paged, whole);
  }
}

TEST_F(ShardTest, TitleAndRareWordsWeighMore) {
  open();
  apply({article("in-text", "Something else", "The tariff is here among many words."),
         article("in-title", "Tariff news", "Nothing else is here among many words."),
         article("none", "Weather", "Rain and sun and the usual.")});
  EXPECT_EQ(search("tariff", Sort::kRelevance), (Ids{"in-title", "in-text"}));
}

TEST_F(ShardTest, CountsTimelineAndFacetsAcrossHeadAndSegments) {
  open();
  constexpr std::int64_t kDay = 86'400'000;
  for (int i = 0; i < 6; ++i) {
    auto one = article("a" + std::to_string(i), "Chip", "text", 10 * kDay + i * kDay / 2);
    one.set_language(i < 4 ? "en" : "fr");
    auto* topic = one.add_topics();
    topic->set_id("chips");
    topic->set_level(v1::TAG_LEVEL_ABOUT);
    apply({one});
    if (i == 2) {
      clock.advance(options.seal_age);
      maintain();
    }
  }
  const auto bins = shard->timeline(parse("chip"), kDay, 0, Facet::kLanguage);
  ASSERT_TRUE(bins);
  ASSERT_EQ(bins->size(), 3U);
  EXPECT_EQ((*bins)[0].begin_unix_ms, 10 * kDay);
  EXPECT_EQ((*bins)[0].count, 2U);
  ASSERT_EQ((*bins)[2].split.size(), 1U);
  EXPECT_EQ((*bins)[2].split[0].value, "fr");
  EXPECT_EQ((*bins)[2].split[0].count, 2U);
  const auto facets = shard->facets(parse(""), {Facet::kLanguage, Facet::kTopic, Facet::kKind}, 0);
  ASSERT_TRUE(facets);
  ASSERT_EQ((*facets)[0].second.size(), 2U);
  EXPECT_EQ((*facets)[0].second[0].value, "en");
  EXPECT_EQ((*facets)[0].second[0].count, 4U);
  EXPECT_EQ((*facets)[1].second[0].count, 6U);
  EXPECT_TRUE((*facets)[2].second.empty());
}

// Genres are found, left out and counted, in the head and in segments; an article of before they
// were kept has none.
TEST_F(ShardTest, GenresAreAFilterAndAFacet) {
  open();
  const std::vector<std::pair<std::string, std::string>> kArticles = {
      {"a", "opinion"}, {"b", "news"}, {"c", "opinion"}, {"d", ""}, {"e", "press-release"}};
  for (const bool sealed : {false, true}) {
    for (const auto& [id, genre] : kArticles) {
      v1::ArticleRecord one = article(id, "Chip", "text");
      one.set_genre(genre);
      if (!sealed) apply({one});
    }
    if (sealed) {
      clock.advance(options.seal_age);
      maintain();
    }
    EXPECT_EQ(search("type:opinion").size(), 2U);
    EXPECT_EQ(search("chip -type:opinion").size(), 3U);
    EXPECT_EQ(search("type:press-release"), Ids{"e"});
    EXPECT_TRUE(search("type:live").empty());
    const auto facets = shard->facets(parse(""), {Facet::kType}, 0);
    ASSERT_TRUE(facets);
    ASSERT_EQ((*facets)[0].second.size(), 3U);
    EXPECT_EQ((*facets)[0].second[0].value, "opinion");
    EXPECT_EQ((*facets)[0].second[0].count, 2U);
  }
}

TEST_F(ShardTest, TwoProcessesCannotShareADirectory) {
  open();
  const auto second = Shard::open(options, clock, *registry);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode("locked"));
  EXPECT_EQ(second.error().disposition, Disposition::kStop);
}

TEST_F(ShardTest, CheckpointOpensAsItWas) {
  open();
  apply({article("a", "Chip", "one")});
  clock.advance(options.seal_age);
  maintain();
  apply({article("b", "Chip", "two")});
  ASSERT_TRUE(shard->checkpoint(folder.path() / "copy"));
  apply({article("c", "Chip", "three")});
  options.dir = folder.path() / "copy";
  open();
  EXPECT_EQ(sorted(search("chip")), (Ids{"a", "b"}));
  EXPECT_EQ(shard->next_offset(), 2);
}

}  // namespace
}  // namespace vigie::indexer::testing
