#include "indexer/query/query.h"

#include <gtest/gtest.h>

namespace vigie::indexer::query {
namespace {

using Kind = Node::Kind;

std::string canonical(std::string_view text) {
  const auto query = parse(text);
  return query ? query->canonical() : "error " + query.error().where + ": " + query.error().detail;
}

struct Refusal {
  std::size_t offset = 9999;
  std::string detail;
  std::string where;
};
Refusal refusal(std::string_view text, Use use = Use::kSearch) {
  Refusal out;
  const auto query = parse(text, use, {}, &out.offset);
  EXPECT_FALSE(query) << text;
  if (query) return out;
  EXPECT_EQ(query.error().code, ErrorCode("bad_query"));
  out.detail = query.error().detail;
  out.where = query.error().where;
  return out;
}

// ops/spec/http_api.md, "Query language".
TEST(Parse, JoinsWordsByAnd) {
  const auto query = parse("chips export");
  ASSERT_TRUE(query);
  ASSERT_EQ(query->nodes.size(), 3U);
  EXPECT_EQ(query->root().kind, Kind::kAnd);
  EXPECT_EQ(query->nodes[0].words[0].forms[0], "chips");
}

TEST(Parse, BindsAndTighterThanOrAndNotTighterThanAnd) {
  EXPECT_EQ(canonical("a b OR c AND NOT d"), "(a b) OR (c -d)");
  EXPECT_EQ(canonical("a AND (b OR c) -d"), "a (b OR c) -d");
  EXPECT_EQ(canonical("NOT a NEAR/5 b"), "-(a NEAR/5 b)");
  EXPECT_EQ(canonical("a -(b c) -\"d e\" -title:f"), "a -(b c) -\"d e\" -title:f");
  EXPECT_EQ(canonical("NOT NOT a"), "a");
  EXPECT_EQ(canonical("((a)) ((b c) d)"), "a b c d");
}

TEST(Parse, ReadsEveryKindOfLeaf) {
  EXPECT_EQ(canonical("\"export controls\" semicond* =Apple title:chips title:(a OR \"b c\")"),
            "\"export controls\" semicond* =Apple title:chips (title:a OR title:\"b c\")");
  const auto prefix = parse("Semicond*");
  ASSERT_TRUE(prefix);
  EXPECT_EQ(prefix->root().kind, Kind::kPrefix);
  EXPECT_EQ(prefix->root().prefix, "semicond");
  const auto exact = parse("=NASA");
  ASSERT_TRUE(exact);
  EXPECT_TRUE(exact->root().words[0].exact);
  EXPECT_EQ(exact->root().words[0].typed, "NASA");
}

TEST(Parse, ReadsEveryFilter) {
  EXPECT_EQ(canonical("topic:export-controls about:chips mention:org:nvidia actor:org:nvidia "
                      "actor:COUNTRY:cn lang:nb country:cn source:\"Le Monde\""),
            "topic:export-controls about:chips mention:org:nvidia actor:org:nvidia "
            "actor:country:CN lang:no country:CN source:\"le monde\"");
  EXPECT_EQ(canonical("kind:agency affiliation:state-run story:abc after:2026-01-31 "
                      "before:2026-02-01T10:30:00+02:00 within:24h"),
            "kind:agency affiliation:state-run story:abc after:2026-01-31 "
            "before:2026-02-01T08:30:00Z within:1d");
  EXPECT_EQ(canonical("lang:zh-Hant"), "lang:zh");
  EXPECT_EQ(parse("after:1970-01-02")->root().value_ms, 86'400'000);
  EXPECT_EQ(parse("within:2h")->root().value_ms, 7'200'000);
}

TEST(Parse, CutsWordsAsArticlesAreCut) {
  const auto word = parse("=state-of-the-art");
  ASSERT_TRUE(word);
  EXPECT_EQ(word->root().words[0].forms, (std::vector<std::string>{"state", "of", "the", "art"}));
  const auto chinese = parse("半导体*");
  ASSERT_TRUE(chinese);
  EXPECT_EQ(chinese->root().kind, Kind::kWord)
      << "a prefix in an unspaced script is the word itself";
  EXPECT_EQ(chinese->root().words[0].forms.size(), 3U);
}

// ops/spec/http_api.md: a plain word also finds its inflected forms, a compound too.
TEST(Parse, TakesACompoundAsNeighbours) {
  EXPECT_EQ(canonical("semi-conducteur"), "semi NEAR/1 conducteur");
  EXPECT_EQ(canonical("title:semi-conducteur lang:fr"),
            "title:semi NEAR/1 title:conducteur lang:fr");
  EXPECT_EQ(canonical("-covid-19 vaccine"), canonical("NOT (covid NEAR/1 19) vaccine"));
  EXPECT_EQ(canonical("mise-au-point"), "mise NEAR/1 au au NEAR/1 point");
  EXPECT_EQ(canonical("-mise-au-point OR end-to-end-encryption"),
            canonical("NOT (mise NEAR/1 au au NEAR/1 point) OR (end NEAR/1 to to NEAR/1 end end "
                      "NEAR/1 encryption)"));
  EXPECT_EQ(parse("a-b-c-d-e-f-g-h-i")->root().kind, Kind::kWord)
      << "so many parts are looked for as they are written";
  EXPECT_EQ(parse("\"semi-conducteur\"")->root().kind, Kind::kPhrase);
  EXPECT_EQ(parse("=semi-conducteur")->root().kind, Kind::kWord);
  const auto inside = parse("semi-conducteur NEAR/5 export");
  ASSERT_TRUE(inside);
  EXPECT_EQ(inside->nodes[inside->root().children[0]].words[0].forms.size(), 2U)
      << "NEAR takes no NEAR";
}

TEST(Parse, LeavesOutPunctuation) {
  EXPECT_EQ(canonical("Smith & Wesson"), "Smith Wesson");
  EXPECT_EQ(canonical("a - b"), "a b");
  EXPECT_EQ(refusal("&").offset, 0U);
}

TEST(Parse, AcceptsTypographicQuotationMarks) {
  EXPECT_EQ(canonical("“export controls”"), "\"export controls\"");
}

TEST(Parse, TakesTheEmptyQueryAsEverything) {
  const auto query = parse("  ");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->root().kind, Kind::kAll);
  EXPECT_EQ(query->canonical(), "");
}

TEST(Parse, SaysWhereAndWhatWasExpected) {
  EXPECT_EQ(refusal("chips AND (export").offset, 10U);
  EXPECT_EQ(refusal("chips AND (export").where, "column 11");
  EXPECT_EQ(refusal("é AND").where, "column 6");
  EXPECT_EQ(refusal("a OR OR b").offset, 5U);
  EXPECT_EQ(refusal("a )").offset, 2U);
  EXPECT_EQ(refusal("()").offset, 1U);
  EXPECT_EQ(refusal("x \"open").offset, 2U);
  EXPECT_NE(refusal("sorce:x").detail.find("source"), std::string::npos);
  EXPECT_EQ(refusal("x lang:").offset, 7U);
  EXPECT_EQ(refusal("x NEAR/0 y").offset, 2U);
  EXPECT_EQ(refusal("x NEAR/5 (a b)").offset, 2U);
  EXPECT_EQ(refusal("a NEAR/5 b NEAR/5 c").offset, 2U + 9U);
  EXPECT_EQ(refusal("a*b").offset, 1U);
  EXPECT_EQ(refusal("a*").offset, 0U);
  EXPECT_EQ(refusal("title:").detail.find("expected"), 0U);
  EXPECT_EQ(refusal("actor:nvidia").offset, 6U);
  EXPECT_EQ(refusal("after:2026-02-30").offset, 6U);
  EXPECT_EQ(refusal("\xff").detail, "expected valid UTF-8");
}

TEST(Parse, RefusesWhatMeansNothingInASubscription) {
  for (const char* text :
       {"after:2026-01-01 x", "x before:2026-01-01", "x within:24h", "x story:abc"}) {
    EXPECT_NE(refusal(text, Use::kSubscription).detail.find("subscription"), std::string::npos)
        << text;
    EXPECT_TRUE(parse(text)) << text;
  }
  for (const char* text : {"", "-a", "a OR -b", "NOT (a b)"}) {
    EXPECT_NE(refusal(text, Use::kSubscription).detail.find("every article must have"),
              std::string::npos)
        << text;
  }
  for (const char* text : {"a", "a -b", "lang:fr", "NOT (NOT a OR b)", "a OR b"})
    EXPECT_TRUE(parse(text, Use::kSubscription)) << text;
}

TEST(Parse, IsBounded) {
  EXPECT_FALSE(parse(std::string(17'000, 'a')));
  std::string words;
  for (int i = 0; i < 1'200; ++i) words += "w" + std::to_string(i) + " ";
  EXPECT_FALSE(parse(words));
  std::string nested = "a";
  for (int i = 0; i < 70; ++i) nested = i % 2 == 0 ? "(" + nested + " b)" : "(" + nested + " OR c)";
  EXPECT_FALSE(parse(nested));
  EXPECT_TRUE(parse(std::string(5'000, '(') + "a" + std::string(5'000, ')')));
  EXPECT_FALSE(parse(std::string(16'000, '(')));
  std::string negated;
  for (int i = 0; i < 1'000; ++i) negated += "-";
  EXPECT_TRUE(parse(negated + "a")) << "an even number of negations is none";
}

TEST(Canonical, ParsesToTheSameQuery) {
  for (const char* text : {"a b OR c -d", "title:(x \"y z\") OR NOT (p NEAR/3 (q OR rs*))",
                           "=Case \"半导体 AI\" source:\"The 'Paper'\"", "l'Europe U.S. within:90m",
                           "x (y OR (z w)) -(-v u)"}) {
    const std::string once = canonical(text);
    EXPECT_EQ(canonical(once), once) << text;
  }
}

}  // namespace
}  // namespace vigie::indexer::query
