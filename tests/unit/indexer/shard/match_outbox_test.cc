#include "indexer/shard/match_outbox.h"

#include <filesystem>

#include "platform/storage/storage.h"
#include "tests/unit/indexer/shard/shard_fixture.h"

namespace vigie::indexer::testing {
namespace {

class MatchOutbox : public ShardTest {
 protected:
  std::unique_ptr<storage::Database> database() {
    storage::Options stored;
    stored.dir = options.dir;
    for (const char* name :
         {"system", "articles", "documents", "stories", "postings", "positions", "matches"})
      stored.families.push_back({name, storage::Use::kQueue});
    return storage::open(stored).value();
  }
};

/// Matches of one article with a long title: `count` subscriptions meet it.
std::vector<v1::MatchRecord> many_matches(const v1::ArticleRecord& one, int count) {
  std::vector<v1::MatchRecord> out;
  for (int i = 0; i < count; ++i) {
    v1::MatchRecord& record = out.emplace_back();
    record.set_match_id(one.article_id() + " " + std::to_string(i));
    record.set_fingerprint(std::string(128, 'f'));
    record.mutable_article()->set_article_id(one.article_id());
    record.mutable_article()->set_title(std::string(2'000, 't') + one.article_id());
    record.mutable_article()->add_topics()->set_id("topic");
    record.mutable_article()->set_snippet("snippet " + std::to_string(i));
    record.add_evidence()->set_text("evidence " + std::to_string(i));
  }
  return out;
}

TEST_F(MatchOutbox, MatchesOfOneArticleShareItsPart) {
  constexpr int kMany = 20;
  open();
  const auto match = [](const v1::ArticleRecord& one, std::int64_t) {
    return many_matches(one, one.article_id() == "single" ? 1 : kMany);
  };
  const std::vector<v1::ArticleRecord> articles{article("a", "A", "x"), article("single", "S", "y"),
                                                article("b", "B", "z")};
  apply(articles, match);
  std::vector<v1::MatchRecord> wanted;
  for (const v1::ArticleRecord& one : articles) {
    for (v1::MatchRecord& record : match(one, 0)) wanted.push_back(std::move(record));
  }
  // In steps that end within an article, with a restart after each.
  std::vector<v1::MatchRecord> relayed;
  for (;;) {
    open();
    const auto pending = shard->pending_matches(7);
    ASSERT_TRUE(pending) << pending.error().to_string();
    if (pending->empty()) break;
    std::vector<std::string> rows;
    for (const auto& one : *pending) {
      relayed.push_back(one.match);
      rows.push_back(one.row);
    }
    ASSERT_TRUE(shard->forget_matches(rows));
  }
  ASSERT_EQ(relayed.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_EQ(relayed[i].SerializeAsString(), wanted[i].SerializeAsString()) << i;
}

TEST_F(MatchOutbox, HoldsTheSharedPartOnceAndNothingAfterTheLast) {
  constexpr int kMany = 50;
  std::filesystem::create_directories(options.dir);
  const auto rows = database();
  State state;
  storage::Batch batch;
  v1::ArticleRecord one;
  one.set_article_id("a");
  const auto matches = many_matches(one, kMany);
  const auto match =
      match_fn([&](const v1::ArticleRecord&, std::int64_t) { return std::vector(matches); });
  put_matches(match(one, {}, 0), state, batch);
  EXPECT_EQ(state.next_match, static_cast<std::uint64_t>(kMany));
  EXPECT_LT(batch.bytes(), 3'000U + kMany * 200U) << "the title is there once";
  // One of an older version.
  std::string old_key;
  storage::append_u64(old_key, state.next_match++);
  batch.put(kMatches, old_key, matches[0].SerializeAsString());
  ASSERT_TRUE(rows->write(batch, storage::Durability::kBuffered));
  const auto read = read_matches(*rows, 1'000);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), kMany + 1U);
  for (int i = 0; i < kMany; ++i) {
    const auto& found = (*read)[static_cast<std::size_t>(i)].match;
    EXPECT_EQ(found.SerializeAsString(), matches[static_cast<std::size_t>(i)].SerializeAsString());
  }
  EXPECT_EQ(read->back().match.SerializeAsString(), matches[0].SerializeAsString());
  storage::Batch removal;
  std::vector<std::string> all;
  for (const auto& pending : *read) all.push_back(pending.row);
  remove_matches(all, removal);
  ASSERT_TRUE(rows->write(removal, storage::Durability::kBuffered));
  const auto cursor = rows->cursor(kMatches);
  cursor->seek_to_first();
  EXPECT_FALSE(cursor->valid()) << "nothing stays";
}

}  // namespace
}  // namespace vigie::indexer::testing
