#include "platform/topic_packs/topic_packs.h"

#include <gtest/gtest.h>

#include "platform/topic_packs/pattern.h"

namespace vigie::topic_packs {
namespace {

std::vector<Problem> problems_of(const std::string& yaml) {
  std::vector<Problem> problems;
  read_pack({{"actors/a.yaml", yaml}, {"pack.yaml", "pack: p\n"}}, problems);
  return problems;
}

// ops/spec/command_line.md: problems as FILE:LINE:COL: message.
TEST(Lint, NamesThePlaceOfAnUnknownKey) {
  const auto problems = problems_of("actors:\n  - id: org:x\n    name: Xerxes\n    aliases: [a]\n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].to_string().rfind("actors/a.yaml:4:5: 'aliases' is no key", 0), 0U)
      << problems[0].to_string();
}

TEST(Lint, RefusesIdsOutsideTheContract) {
  for (const char* id : {"country:cn", "country:CHN", "company:x", "org:", "Org:x"}) {
    EXPECT_FALSE(problems_of("actors:\n  - {id: \"" + std::string(id) + "\", name: X1}\n").empty())
        << id;
  }
  EXPECT_TRUE(problems_of("actors:\n  - {id: \"country:CN\", name: China}\n").empty());
}

TEST(Lint, FindsTheSameIdTwiceAndUnknownReferences) {
  EXPECT_EQ(
      problems_of("actors:\n  - {id: \"org:x\", name: X1}\n  - {id: \"org:x\", name: X2}\n").size(),
      1U);
  EXPECT_FALSE(
      problems_of("topics:\n  - {id: t, name: T, definition: d, strong: [w1], together: [{all: "
                  "[nobody], weight: 1}], tests: {must: {any: w1}, must_not: {any: z}}}\n")
          .empty());
}

TEST(Lint, ToldProblemsOfYamlHaveTheirPlace) {
  const auto problems = problems_of("actors:\n  - {id: [\n");
  ASSERT_FALSE(problems.empty());
  EXPECT_GE(problems[0].line, 2);
}

/// A topic with these keys beside those that every topic has.
std::string topic(const std::string& id, const std::string& keys) {
  return "  - {id: " + id + ", name: T, definition: d, strong: [w1], " + keys +
         (keys.empty() ? "" : ", ") + "tests: {must: {any: w1}, must_not: {any: z}}}\n";
}

Pack pack_of(const std::string& yaml) {
  std::vector<Problem> problems;
  Pack pack = read_pack({{"pack.yaml", "pack: p\n" + yaml}}, problems);
  EXPECT_TRUE(problems.empty()) << problems.front().to_string();
  return pack;
}

TEST(ReadPack, TakesAliasesParentsVetoAndSureTerms) {
  const Pack pack =
      pack_of("contexts: {ai: {en: [neural], fr: [neuronal]}}\ntopics:\n" +
              topic("law", "aliases: [old-law, older-law]") +
              topic("eu-law",
                    "parents: [old-law], sure: {en: [ai act]}, veto: {en: [act one]}, "
                    "terms: [{weight: 2, unseen: true, match: {de: [gesetz*]}}]"));
  ASSERT_EQ(pack.topics.size(), 2U);
  EXPECT_EQ(pack.find_topic("older-law"), &pack.topics[0]);
  const Topic& child = pack.topics[1];
  EXPECT_EQ(child.parents, std::vector<std::string>{"law"});  // an alias is written out
  ASSERT_EQ(child.terms.size(), 3U);
  EXPECT_TRUE(child.terms[0].sure);
  EXPECT_EQ(child.terms[0].weight, 5);
  EXPECT_FALSE(child.terms[1].sure);
  EXPECT_TRUE(child.terms[2].unseen);
  EXPECT_EQ(child.veto.size(), 1U);
  ASSERT_EQ(pack.contexts.size(), 1U);
  EXPECT_EQ(pack.contexts[0].terms.size(), 2U);
}

TEST(ReadPack, LowFormsOfAnActorCountHalf) {
  const Pack pack = pack_of(
      "actors:\n  - {id: \"country:US\", name: America, weight: 0.8, low: {en: [Supreme "
      "Court]}}\n");
  EXPECT_EQ(pack.actors[0].weight, 0.8);
  ASSERT_EQ(pack.actors[0].terms.size(), 2U);
  EXPECT_EQ(pack.actors[0].terms[1].weight, 0.5);
}

TEST(Lint, RefusesWhatAliasesAndParentsCannotBe) {
  const auto complaint = [](const std::string& topics) {
    const auto problems = problems_of("topics:\n" + topics);
    EXPECT_EQ(problems.size(), 1U) << topics;
    return problems.empty() ? "" : problems[0].message;
  };
  EXPECT_NE(complaint(topic("a", "aliases: [b]") + topic("b", "")).find("declared already"),
            std::string::npos);
  EXPECT_NE(complaint(topic("a", "aliases: [B!]")).find("slug"), std::string::npos);
  EXPECT_NE(complaint(topic("a", "parents: [nobody]")).find("no topic"), std::string::npos);
  EXPECT_NE(complaint(topic("a", "parents: [a]")).find("ancestor"), std::string::npos);
  EXPECT_EQ(
      problems_of("topics:\n" + topic("a", "parents: [b]") + topic("b", "parents: [a]")).size(),
      2U);
  EXPECT_FALSE(problems_of("actors:\n  - {id: \"org:x\", name: X1, weight: 1.5}\n").empty());
}

TEST(Lint, WarnsOfAWordThatStandsForTwoTopics) {
  Pack pack = pack_of("topics:\n" + topic("a", "normal: {en: [Chip War|x1]}") +
                      topic("b", "parents: [c], normal: {en: [chip war]}") +
                      topic("c", "weak: {en: [chip war]}"));
  const auto warnings = shared_words(pack);
  // w1 of the second topic, and of the third too, which is no parent of the first; and the war
  ASSERT_EQ(warnings.size(), 3U);
  EXPECT_NE(warnings[1].to_string().find("warning: 'chip war' stands for 'a' too"),
            std::string::npos)
      << warnings[1].to_string();
}

TEST(Lint, CutsTheEchoOfALongTerm) {
  const auto problems =
      problems_of("topics:\n" + topic("a", "normal: [" + std::string(900, 'x') + "]"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_LT(problems[0].message.size(), 200U);
  EXPECT_NE(problems[0].message.find("at most 200 characters"), std::string::npos);
}

TEST(ReadPack, TheSameFilesGiveTheSameVersionAndOthersAnother) {
  std::vector<Problem> problems;
  const auto version = [&](const std::string& text) {
    return read_pack({{"pack.yaml", text}}, problems).version;
  };
  EXPECT_EQ(version("pack: a\n"), version("pack: a\n"));
  EXPECT_NE(version("pack: a\n"), version("pack: b\n"));
  EXPECT_EQ(version("pack: a\n").size(), 12U);
}

TEST(Pattern, ReadsWildcardsAlternativesAndNearness) {
  const auto pattern = parse_pattern("Exportkontroll*|*chip~ <6> China", Names::kNo);
  ASSERT_TRUE(pattern);
  ASSERT_EQ(pattern->parts.size(), 2U);
  EXPECT_EQ(pattern->within, 6);
  EXPECT_EQ(pattern->parts[0][0].body, std::string(" exportkontroll") + kLetters + " ");
  EXPECT_EQ(pattern->parts[0][1].body, std::string("chip") + kEnding + " ");
  EXPECT_EQ(pattern->parts[0][1].left, Left::kOpen);
}

/// The body of a pattern that is one phrase.
std::string body_of(std::string_view pattern, std::string_view language = "en") {
  const auto parsed = parse_pattern(pattern, Names::kNo, language);
  return parsed ? parsed->parts.at(0).at(0).body : parsed.error().detail;
}

TEST(Pattern, IsLaidOutAsTextsAre) {
  EXPECT_EQ(body_of("Export-Control*"), std::string(" export control") + kLetters + " ");
  EXPECT_EQ(body_of("GPT-#"), std::string(" gpt ") + kNumber + " ");
  EXPECT_EQ(body_of("H###"), std::string(" h") + kDigit + kDigit + kDigit + " ");
  EXPECT_EQ(body_of("A.I."), " ai ");
  EXPECT_EQ(body_of("S.U.A.~"), std::string(" sua") + kEnding + " ");
  EXPECT_EQ(body_of("Acme Inc."), " acme inc ");
  EXPECT_EQ(body_of("實體清單", "zh"), "实体清单");  // traditional, and no edges
  EXPECT_EQ(body_of("AI芯片", "zh"), " ai 芯片");
  EXPECT_EQ(body_of("반도체", "ko"), std::string(" 반도체") + kParticle + " ");
}

TEST(Pattern, HasTwelveWordsWhateverTheSignsBetween) {
  EXPECT_TRUE(parse_pattern("a, b, c, d, e, f, g, h, i, j, k, l", Names::kNo));
  EXPECT_FALSE(parse_pattern("a b c d e f g h i j k l m", Names::kNo));
}

TEST(Pattern, GermanNounsEndCompoundsUnlessMarked) {
  const auto left = [](std::string_view pattern, std::string_view language) {
    const auto parsed = parse_pattern(pattern, Names::kNo, language);
    return parsed ? parsed->parts[0][0].left : Left::kOpen;
  };
  EXPECT_EQ(left("zölle*", "de"), Left::kCompound);
  EXPECT_EQ(left("^zölle*", "de"), Left::kNothing);
  EXPECT_EQ(left("zoll", "de"), Left::kNothing);
  EXPECT_EQ(left("künstliche intelligenz", "de"), Left::kNothing);
  EXPECT_EQ(left("tariff", "en"), Left::kNothing);
}

TEST(Pattern, WritesParenthesesOut) {
  const auto written = expand_alternatives("Claude (Opus|Sonnet)? #|x");
  ASSERT_TRUE(written);
  EXPECT_EQ(*written,
            (std::vector<std::string>{"Claude Opus #", "Claude Sonnet #", "Claude  #", "x"}));
  for (const char* text : {"(a|b", "a)", "(a (b) c)", "(a|b|c|d|e|f|g|h|i)(a|b|c|d|e|f|g|h|i)x"})
    EXPECT_FALSE(parse_pattern(text, Names::kNo)) << text;
}

TEST(Pattern, NamesClassesAndTheSentence) {
  const auto pattern = parse_pattern("$chip|gpu* <s> $restrict", Names::kNo);
  ASSERT_TRUE(pattern);
  EXPECT_EQ(pattern->within, kWithinSentence);
  ASSERT_EQ(pattern->parts.size(), 2U);
  EXPECT_EQ(pattern->parts[0].size(), 1U);
  EXPECT_TRUE(pattern->parts[1].empty());
  EXPECT_EQ(pattern->classes, (std::vector<std::vector<std::string>>{{"chip"}, {"restrict"}}));
  EXPECT_EQ(classes_of("$chip|gpu* <s> $restrict <4> $chip"),
            (std::vector<std::string>{"chip", "restrict"}));
  // A sum is no class.
  EXPECT_TRUE(classes_of("stargate <10> $500bn|$5 million").empty());
}

/// Languages of the terms that `term` of topic `t` gives.
std::string terms_of(const std::string& term) {
  std::vector<Problem> problems;
  const Pack pack =
      read_pack({{"a.yaml", "topics:\n" + topic("t", "sure: [" + term + "]")},
                 {"pack.yaml",
                  "pack: p\nclasses: {chip: {en: [chip*], fr: [puce*]}, restrict: {en: [ban], de: "
                  "[verbot*]}, name: {any: [Acme]}}\n"}},
                problems);
  if (!problems.empty()) return problems.front().message;
  std::string out;
  for (const Term& made : pack.find_topic("t")->terms)
    if (made.pattern == term) out += made.language + " ";
  return out;
}

TEST(Classes, GiveATermInEachLanguageThatAllOfThemHave) {
  EXPECT_EQ(terms_of("$chip"), "en fr ");
  EXPECT_EQ(terms_of("$chip <s> $restrict"), "en ");
  EXPECT_EQ(terms_of("$chip <s> $name"), "en fr ");
  EXPECT_EQ(terms_of("$name <s> factory"), "any ");
}

TEST(Classes, ThatAreNotThereOrNeverMeetAreProblems) {
  EXPECT_NE(terms_of("$chips").find("there is no class 'chips'"), std::string::npos);
  std::vector<Problem> problems;
  read_pack({{"pack.yaml",
              "pack: p\nclasses: {a: {en: [x <3> y]}, b: {fr: [mot]}, c: {en: [word]}, b2: {}}\n"
              "topics:\n" +
                  topic("t", "sure: [$b <s> $c]")}},
            problems);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_NE(problems[0].message.find("without nearness"), std::string::npos);
  EXPECT_NE(problems[2].message.find("no language in common"), std::string::npos);
}

TEST(Pattern, RefusesWhatWouldMatchEverything) {
  for (const char* text : {"", "*", "a*", "a||b", "a <0> b", "a <x> b", "a <99> b",
                           "a <2> b <2> c <2> d <2> e", "=a*", "#", "## #", "a^b", "a\x01"})
    EXPECT_FALSE(parse_pattern(text, Names::kNo)) << text;
}

TEST(FindPacks, SaysWhatToDoWhereThereIsNone) {
  const auto none = find_packs({"tests/unit/platform/topic_packs"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode("no_pack"));
}

}  // namespace
}  // namespace vigie::topic_packs
