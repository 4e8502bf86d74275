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

// Keyboards and input methods write each sign in many forms.
TEST(Parse, TakesEveryFormOfASign) {
  struct Same {
    const char* typed;
    const char* ascii;
  };
  for (const Same& one : std::initializer_list<Same>{
           {"«contrôle des exportations»", "\"contrôle des exportations\""},
           {"« contrôle des exportations »", "\"contrôle des exportations\""},
           {"«\u00A0contrôle\u202Fdes exportations\u00A0»", "\"contrôle des exportations\""},
           {"»a b« „c d“ „e f” ”g h” ‚i j‘ ‘k l’",
            "\"a b\" \"c d\" \"e f\" \"g h\" \"i j\" \"k l\""},
           {"»a b» ‹c d› ›e f‹ “g h„", "\"a b\" \"c d\" \"e f\" \"g h\""},
           {"「出口管制」 『半导体』 ｢a b｣ 《c d》 〈e f〉 〝g h〟",
            "\"出口管制\" \"半导体\" \"a b\" \"c d\" \"e f\" \"g h\""},
           {"'export controls' chips", "\"export controls\" chips"},
           {"-«a b» c", "-\"a b\" c"},
           {"source:«Le Monde» title:「芯片」", "source:\"le monde\" title:\"芯片\""},
           {"（英伟达 OR 华为） －游戏", "(英伟达 OR 华为) -游戏"},
           {"﹙a OR b﹚ −c", "(a OR b) -c"},
           {"a –b —c ‐d ‑e ﹣f", "a -b -c -d -e -f"},
           {"－（a OR b） c", "-(a OR b) c"},
           {"lang：zh country﹕cn topic：export－controls",
            "lang:zh country:CN topic:export-controls"},
           {"ｌａｎｇ：ｚｈ　a　ＯＲ　b", "lang:zh a OR b"},
           {"actor：org：nvidia", "actor:org:nvidia"},
           {"semicond＊ chip∗ 出口＊", "semicond* chip* 出口*"},
           {"＝Ｍｅｔａ", "=Ｍｅｔａ"},
           {"a ＮＥＡＲ／５ b", "a NEAR/5 b"},
           {"\uFEFF-a b \u200E-c", "-a b -c"},
           {"l’Europe d'accord n‘est 90's", "l'Europe d'accord n'est 90's"},
           {"’90s chips", "’90s chips"},
           {"chips – export — ban", "chips export ban"},
           {"topic:* about:* actor:org:*", "topic:* about:* actor:org:*"},
       }) {
    const auto typed = parse(one.typed);
    ASSERT_TRUE(typed) << one.typed << ": " << typed.error().to_string();
    EXPECT_EQ(typed->canonical(), canonical(one.ascii)) << one.typed;
    EXPECT_EQ(canonical(typed->canonical()), typed->canonical()) << one.typed;
  }
}

// Never a silent change of meaning: what cannot be read is an error at its place.
TEST(Parse, RefusesSignsThatMeanNothing) {
  struct Wrong {
    const char* typed;
    std::size_t offset;
    const char* says;
  };
  for (const Wrong& one : std::initializer_list<Wrong>{
           {"nvidia | huawei", 7, "OR between"},
           {"nvidia||huawei", 6, "OR between"},
           {"英伟达｜华为", 9, "OR between"},
           {"chips !games", 6, "NOT before"},
           {"芯片 ！游戏", 7, "NOT before"},
           {"chips --games", 6, "one - before"},
           {"chips −-games", 6, "one - before"},
           {"\"AI\"-powered", 4, "a space before -"},
           {"„KI“-Gesetz", 8, "a space before -"},
           {"(a OR b)-c", 8, "a space before -"},
           {"chips-(export OR ban)", 5, "a space before -"},
           {"\"export control*\"", 15, "no * inside"},
           {"\"export controls\"~5", 17, "NEAR/5"},
           {"semiconducter~", 13, "NEAR/5"},
           {"chips^2 export", 5, "NEAR/5"},
           {"organi?ation", 6, "* at the end"},
           {"semi*ductor", 4, "* only at the end"},
           {"*conductor", 0, "* only at the end"},
           {"[nvidia OR huawei] chips", 0, "( and )"},
           {"{a OR b} -c", 0, "( and )"},
           {"［a OR b］ c", 0, "( and )"},
           {"2020..2026", 4, "after: and before:"},
           {"«export controls", 0, "a closing quotation mark"},
           {"「出口管制", 0, "a closing quotation mark"},
           {"‚export controls", 0, "a closing quotation mark"},
           {"export controls」", 15, "an opening quotation mark"},
           {"（a OR b", 0, "a closing parenthesis"},
           {"a OR b）", 6, "an opening parenthesis"},
           {"=semi*", 5, "a word without *"},
           {"lang： zh", 7, "a value right after lang:"},
       }) {
    const Refusal refused = refusal(one.typed);
    EXPECT_EQ(refused.offset, one.offset) << one.typed << ": " << refused.detail;
    EXPECT_NE(refused.detail.find(one.says), std::string::npos)
        << one.typed << ": " << refused.detail;
  }
  // Brackets of a headline change nothing where nothing is joined.
  for (const char* headline :
       {"[Update] chips 【独家】", "what is AI?", "~50 chips", "AI – a guide"})
    EXPECT_EQ(parse(headline)->root().kind, Kind::kAnd) << headline;
}

TEST(Parse, NamesTheNearestGenre) {
  for (const auto& [typed, says] : std::initializer_list<std::pair<const char*, const char*>>{
           {"type:opinon", "did you mean type:opinion?"},
           {"type:interviews", "did you mean type:interview?"},
           {"genre:press-releases", "did you mean type:press-release?"},
           {"-type:agency", "did you mean kind:agency?"},
           {"type:xyzzy", "one of news, opinion"},
           {"format:news", "type: instead of format:"},
       }) {
    const Refusal refused = refusal(typed);
    EXPECT_NE(refused.detail.find(says), std::string::npos) << typed << ": " << refused.detail;
  }
  EXPECT_EQ(canonical("genre:Press_Release -type:\"fact check\""),
            "type:press-release -type:fact-check");
}

// What people type by the habit of other search engines, and the sentence that helps.
TEST(Parse, HelpsWithValuesAndFields) {
  struct Wrong {
    const char* typed;
    const char* says;
  };
  for (const Wrong& one : std::initializer_list<Wrong>{
           {"country:XX", "\"XX\" is none"},
           {"country:France", "did you mean country:FR?"},
           {"country:germany", "did you mean country:DE?"},
           {"country:Germnay", "did you mean country:DE?"},
           {"country:中国", "did you mean country:CN?"},
           {"country:EN", "did you mean country:GB?"},
           {"lang:xx", "\"xx\" is none"},
           {"lang:french", "did you mean lang:fr?"},
           {"lang:jp", "did you mean lang:ja?"},
           {"lang:cn", "did you mean lang:zh?"},
           {"language:Deutsch", "did you mean lang:de?"},
           {"kind:newspapers", "did you mean kind:newspaper?"},
           {"kind:weblog", "did you mean kind:blog?"},
           {"affiliation:independant", "did you mean affiliation:independent?"},
           {"affiliation:staterun", "did you mean affiliation:state-run?"},
           {"actor:nvidia", "such as actor:org:nvidia"},
           {"actor:country:China", "did you mean actor:country:CN?"},
           {"intitle:chips", "title: instead of intitle:"},
           {"inurl:lemonde", "site: instead of inurl:"},
           {"publisher:reuters", "source: instead of publisher:"},
           {"since:2026-01-01", "after: instead of since:"},
           {"byline:ruiz", "author: instead of byline:"},
           {"toppic:chips", "topic: instead of toppic:"},
           {"contry:FR", "country: instead of contry:"},
           {"https://www.lemonde.example/a", "write site:www.lemonde.example"},
           {"ratio:5", "one of title, topic"},
           {"topic: chips", "a value right after topic:"},
           {"source:!!", "the name or the id of a source"},
           {"site:le\u00A0monde site:", "a value right after site:"},
           {"after:yesterday", "a day such as 2026-01-31"},
           {"within:month", "a length of time"},
           {"story:", "a value right after story:"},
       }) {
    const Refusal refused = refusal(one.typed);
    EXPECT_NE(refused.detail.find(one.says), std::string::npos)
        << one.typed << ": " << refused.detail;
    EXPECT_TRUE(parse(one.typed, Use::kSubscription).error().detail.find(one.says) !=
                    std::string::npos ||
                std::string_view(one.typed).starts_with("within") ||
                std::string_view(one.typed).starts_with("after"))
        << one.typed;
  }
  EXPECT_EQ(canonical("kind:think-tank affiliation:\"state run\""),
            "kind:think_tank affiliation:state-run");
  EXPECT_EQ(canonical("country:uk lang:nb-NO"), "country:GB lang:no");
  EXPECT_EQ(canonical("site:https://www.lemonde.example/a author:«Ana Ruíz» section:Tech"),
            "site:lemonde.example author:\"ana ruiz\" section:\"tech\"");
}

TEST(Parse, HintsAtOperatorsThatWereTakenForWords) {
  struct Habit {
    const char* typed;
    const char* says;
    const char* meant;
  };
  for (const Habit& one : std::initializer_list<Habit>{
           {"nvidia or huawei", "write OR in capitals", "nvidia OR huawei"},
           {"nvidia Or huawei", "write OR in capitals", "nvidia OR huawei"},
           {"nvidia and huawei", "leave it out", "nvidia AND huawei"},
           {"chips not games", "write NOT in capitals", "chips NOT games"},
           {"not games", "write NOT in capitals", "NOT games"},
           {"Chips ODER Halbleiter", "write OR in capitals", "Chips OR Halbleiter"},
           {"puces OU semi-conducteurs", "write OR in capitals", "puces OR semi-conducteurs"},
           {"чипы ИЛИ экспорт", "write OR in capitals", "чипы OR экспорт"},
           {"芯片 或 半导体", "write OR in capitals", "芯片 OR 半导体"},
           {"chips near/5 export", "write NEAR/5", "chips NEAR/5 export"},
           {"chips w/3 export", "write NEAR/3", "chips NEAR/3 export"},
           {"(a b) or (c d)", "write OR in capitals", "(a b) OR (c d)"},
       }) {
    const auto query = parse(one.typed);
    ASSERT_TRUE(query) << one.typed;
    ASSERT_EQ(query->hints.size(), 1U) << one.typed;
    const Hint& hint = query->hints[0];
    EXPECT_NE(hint.text.find(one.says), std::string::npos) << hint.text;
    EXPECT_EQ(hint.query, one.meant);
    EXPECT_LT(hint.begin, hint.end);
    EXPECT_TRUE(parse(hint.query)) << hint.query;
  }
  for (const char* plain :
       {"nvidia OR huawei", "\"trial and error\"", "or", "the chips and", "=or chips", "E-mail"})
    EXPECT_TRUE(parse(plain)->hints.empty()) << plain;
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
  for (int i = 0; i < 1'000; ++i) negated += "NOT ";
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
