#include "indexer/analysis/analysis.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vigie::indexer::analysis {
namespace {

std::vector<std::string> forms(std::string_view text) {
  std::vector<std::string> out;
  for (const Token& token : tokens(text)) out.push_back(token.form);
  return out;
}

std::vector<std::string> terms(std::string_view text, std::string_view language) {
  std::vector<std::string> out;
  for (const Posting& posting : postings(tokens(text), language)) out.push_back(posting.term);
  return out;
}

bool has(const std::vector<std::string>& terms, std::string_view term) {
  return std::find(terms.begin(), terms.end(), term) != terms.end();
}

using List = std::vector<std::string>;

TEST(Tokens, FoldsCaseAndAccents) {
  EXPECT_EQ(forms("Élysée CHIPS Straße"), (List{"elysee", "chips", "strasse"}));
}

TEST(Tokens, PartsWordsAtApostrophesSoThatElisionsAndPossessivesAreFound) {
  EXPECT_EQ(forms("l'Europe"), (List{"l", "europe"}));
  EXPECT_EQ(forms("l’Europe"), (List{"l", "europe"}));
  EXPECT_EQ(forms("Nvidia’s chips"), (List{"nvidia", "s", "chips"}));
}

TEST(Tokens, GivesOneTokenForEachCharacterOfUnspacedScriptsAndHangul) {
  EXPECT_EQ(forms("半导体 AI"), (List{"半", "导", "体", "ai"}));
  EXPECT_EQ(forms("엔비디아가"), (List{"엔", "비", "디", "아", "가"}));
}

TEST(Tokens, PointAtTheBytesOfTheField) {
  const std::string text = "Zürich: l’Europe, GPT-4.";
  std::uint32_t position = 0;
  std::string joined;
  for (const Token& token : tokens(text)) {
    EXPECT_EQ(token.position, position++);
    joined += text.substr(token.offset, token.length) + "|";
  }
  EXPECT_EQ(joined, "Zürich|l|Europe|GPT|4|");
}

TEST(Tokens, LeavesOutPunctuationAndEmptyText) {
  EXPECT_TRUE(tokens("").empty());
  EXPECT_TRUE(tokens(" — … & ").empty());
}

TEST(Postings, HoldFormAndStemOfTheArticlesLanguage) {
  const List found = terms("chips", "en");
  EXPECT_TRUE(has(found, "chips"));
  EXPECT_TRUE(has(found, "en~chip"));
  EXPECT_EQ(terms("chips", ""), (List{"chips"}));
  EXPECT_EQ(terms("chips", "zz"), (List{"chips"}));
}

TEST(Postings, HoldBigramsOfNeighboursInUnspacedScripts) {
  EXPECT_EQ(terms("半导体", "zh"), (List{"半", "半导", "导", "导体", "体"}));
}

TEST(Postings, GiveNumbersNoStem) { EXPECT_EQ(terms("gpt4 2026", "en"), (List{"gpt4", "2026"})); }

TEST(QueryTerms, MeetThePostingsOfEveryLanguage) {
  const List query = query_terms("chips", true);
  for (const char* language : {"en", "fr", "de"}) {
    const List article = terms("chip", language);
    const bool meets = std::any_of(article.begin(), article.end(),
                                   [&](const std::string& term) { return has(query, term); });
    EXPECT_EQ(meets, has(article, stem_term("chips", language))) << language;
  }
  EXPECT_EQ(query_terms("chips", false), (List{"chips"}));
  EXPECT_EQ(query_terms("半", true), (List{"半"}));
}

TEST(NormaliseLanguage, KeepsThePrimarySubtagAndMapsOldCodes) {
  EXPECT_EQ(normalise_language("fr-CA"), "fr");
  EXPECT_EQ(normalise_language("NB"), "no");
  EXPECT_EQ(normalise_language("nn"), "no");
  EXPECT_EQ(normalise_language("zh-Hant"), "zh");
  EXPECT_EQ(normalise_language("iw"), "he");
}

// ops/spec/records.md, "The time of an article".
TEST(ArticleTime, IsPublishedIfKnownAndNotLaterThanDiscovered) {
  v1::ArticleRecord article;
  article.set_discovered_at_unix_ms(5'000);
  EXPECT_EQ(article_time_unix_ms(article), 5'000);
  article.mutable_published()->set_unix_ms(4'000);
  EXPECT_EQ(article_time_unix_ms(article), 5'000) << "precision none: unknown";
  article.mutable_published()->set_precision(v1::DATE_PRECISION_SECOND);
  EXPECT_EQ(article_time_unix_ms(article), 4'000);
  article.mutable_published()->set_unix_ms(6'000);
  EXPECT_EQ(article_time_unix_ms(article), 5'000);
}

TEST(Attributes, AreNormalised) {
  v1::ArticleRecord article;
  article.set_language("nb");
  article.mutable_source()->set_name("Le  Monde “Pixels”");
  auto* topic = article.add_topics();
  topic->set_id("chips");
  topic->set_level(v1::TAG_LEVEL_ABOUT);
  const Attributes found = attributes(article);
  EXPECT_EQ(found.language, "no");
  EXPECT_EQ(found.source_name_folded, "le monde pixels");
  ASSERT_EQ(found.topics.size(), 1U);
  EXPECT_TRUE(found.topics[0].second);
}

}  // namespace
}  // namespace vigie::indexer::analysis
