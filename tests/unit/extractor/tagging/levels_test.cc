// The rule of levels, as ops/topics/README.md says it.
#include <algorithm>

#include "tests/unit/extractor/tagging/small_pack.h"

namespace vigie::extractor::tagging {
namespace {

const Tagger& tagger() {
  static const auto made = tagger_of(
      "contexts: {state: {en: [minister*], de: [regierung*]}, chip: {en: [foundry, chips]}}\n"
      "topics:\n" +
      topic("controls",
            "sure: {en: [export control*], zh: [出口管制]}, strong: {en: [curb*]}, "
            "normal: {en: [licence*]}") +
      topic("chips", "strong: {en: [chips, wafer*], es: [chips]}, weak: {en: [silicon]}") +
      topic("sanctions", "strong: {de: [sanktionen], ru: [санкци*]}, veto: {de: [jobcenter]}") +
      topic("decoupling", "strong: {zh: [脱钩]}") +
      topic("rule", "parents: [law], sure: {en: [chip act]}") +
      topic("law", "strong: {en: [statute]}") +
      topic("rivalry",
            "strong: {en: [tech war]}, together: [{all: [\"country:CN\", chips], weight: 4}]") +
      "actors:\n"
      "  - {id: \"country:CN\", name: China}\n"
      "  - {id: \"country:US\", name: America, low: {en: [Supreme Court]}}\n"
      "  - {id: \"org:acme\", name: Acme, weight: 0.5}\n"
      "  - {id: \"person:x\", name: Xavier}\n");
  return *made;
}

std::string level_in(std::string_view id, std::string_view title, std::string_view text,
                     std::string_view language = "en") {
  return level(tagger().tag_text(title, text, language), id);
}

TEST(Levels, ASureTermInTheTitleIsEnough) {
  EXPECT_EQ(level_in("controls", "Export controls tighten", "More to come."), "about");
  EXPECT_EQ(level_in("controls", "出口管制", "", "zh"), "about");
}

TEST(Levels, WhatTheTextTellsBesideTheTitleIsAboutToo) {
  const std::string text = "Chips and wafers run short in China and America, chips above all.";
  EXPECT_EQ(level_in("chips", "A dull day", text), "about");
  const std::string both = text + " Export controls apply.";
  EXPECT_EQ(level_in("chips", "Export controls tighten", both), "about");
  EXPECT_EQ(level_in("controls", "Export controls tighten", both), "about");
}

// As much as one strong term in the title is little: enough for the article's first topic alone.
TEST(Levels, ALittleIsEnoughForTheFirstTopicAlone) {
  const std::string chips = "Chips and wafers run short in China and America, chips above all.";
  EXPECT_EQ(level_in("controls", "Export controls tighten", "More to come."), "about");
  EXPECT_EQ(level_in("controls", "Export controls tighten", chips), "mention");
  EXPECT_EQ(level_in("chips", "Export controls tighten", chips), "about");
}

TEST(Levels, SeveralWordsInTheTitleTellATopicWhereNothingElseDoes) {
  EXPECT_EQ(level_in("rivalry", "A tech war", "Xavier said so."), "about");
  EXPECT_EQ(level_in("rivalry", "A tech war over export controls", "Xavier said so."), "mention");
}

// Words that mean something else in sport, kitchens and traffic.
TEST(Levels, ALoneWordInTheTitleGivesNothing) {
  EXPECT_EQ(level_in("chips", "Patatas chips al horno", "Con sal y chips.", "es"), "");
  EXPECT_EQ(level_in("sanctions", "Sanktionen nach Schlägerei im Derby", "", "de"), "");
  EXPECT_EQ(level_in("sanctions", "Клуб ждут санкции лиги", "", "ru"), "");
  EXPECT_EQ(level_in("decoupling", "拖车脱钩 三人受伤", "", "zh"), "");
  EXPECT_EQ(level_in("chips", "Crisp chips", "A snack for the evening.", "en"), "");
}

TEST(Levels, AStrongTermInTheTitleNeedsSupport) {
  EXPECT_EQ(level_in("chips", "Chips for China", ""), "about");                       // an actor
  EXPECT_EQ(level_in("chips", "Chips run short", "The minister said so."), "about");  // a context
  EXPECT_EQ(level_in("chips", "Chips run short", "Silicon is dear."), "about");       // a term
  EXPECT_EQ(level_in("chips", "Chips run short", "Xavier said so."), "");  // a person is no state
}

TEST(Levels, AWordDoesNotSupportItself) {
  // "chips" is a context, too.
  EXPECT_EQ(level_in("chips", "Chips run short", "Chips, chips and chips."), "");
}

TEST(Levels, SupportStandsInTitleOrLead) {
  std::string text;
  while (text.size() < 1000) text += "nothing that says anything at all here. ";
  EXPECT_EQ(level_in("chips", "Chips run short", text + "China."), "");
}

TEST(Levels, AStrongTermInTheFirstSentence) {
  EXPECT_EQ(level_in("chips", "A new plan", "The chips go from America to China."), "about");
  EXPECT_EQ(level_in("chips", "A new plan", "The chips go to China."), "mention");
  EXPECT_EQ(level_in("chips", "A new plan", "The chips go to China. Chips are dear."), "about");
  EXPECT_EQ(level_in("chips", "Export controls", "The chips go from America to China."), "mention")
      << "the title says that it is about something else";
}

TEST(Levels, TwoTermsNeedAScore) {
  EXPECT_EQ(level_in("controls", "Curbs", "A licence."), "about");           // 15 + 4.5
  EXPECT_EQ(level_in("controls", "News", "A licence and curbs."), "about");  // 4.5 + 7.5
  EXPECT_EQ(level_in("chips", "News", "Silicon and wafers."), "mention");    // 1.5 + 7.5
}

// A light term that reaches over a sentence has the words of a heavy one: those count as what they
// weigh alone.
TEST(Levels, AHintTakesNoWeightFromAName) {
  const std::string name = "strong: {en: [decoupling]}, normal: {en: [ties cut]}";
  const std::string hint = ", terms: [{weight: 1, match: {en: [china <s> decoupling]}}]";
  const auto alone = tagger_of("topics:\n" + topic("parting", name));
  const auto both = tagger_of("topics:\n" + topic("parting", name + hint));
  const std::string text = "China calls it a decoupling. Ties cut.";
  const TagResult without = alone->tag_text("News", text, "en");
  const TagResult with = both->tag_text("News", text, "en");
  ASSERT_EQ(without.topics.size(), 1U);
  ASSERT_EQ(with.topics.size(), 1U);
  EXPECT_EQ(with.topics[0].score, without.topics[0].score);
  EXPECT_EQ(with.topics[0].evidence.size(), without.topics[0].evidence.size());
}

// Of many topics those that stand out are what the article is about.
TEST(Levels, OneOfManyTopicsIsAMention) {
  std::string topics;
  std::string others;
  for (char c = 'a'; c < 'i'; ++c) {
    const std::string name = std::string("subject") + c;
    topics += topic(name, "sure: {en: [" + name + " alone]}, strong: {en: [" + name + "]}");
    others += name + " and " + name + " again and ";
  }
  const auto many =
      tagger_of("topics:\n" + topics + topic("small", "strong: {en: [pebble, stone]}"));
  const std::string small = "A pebble and a stone on a pebble. ";
  EXPECT_EQ(level(many->tag_text("News", small, "en"), "small"), "about");
  const TagResult among = many->tag_text("Subjecta alone", small + others, "en");
  EXPECT_EQ(level(among, "small"), "mention");
  EXPECT_EQ(level(among, "subjecta"), "about");
  const auto explained = many->explain("Subjecta alone", small + others, "en");
  const auto told = std::find_if(explained.begin(), explained.end(),
                                 [](const TagExplained& tag) { return tag.id == "small"; });
  ASSERT_NE(told, explained.end());
  EXPECT_GT(told->standing, 0);
  EXPECT_LT(told->standing, 9.5);
  EXPECT_NE(told->why.find("standing"), std::string_view::npos) << told->why;
}

TEST(Levels, WhatStandsBehindTheLeadIsAMention) {
  const auto filler = [](std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += "nothing that says anything at all here. ";
    return out;
  };
  const std::string chips = "Chips and wafers run short in China, chips above all. ";
  const auto of = [&](const std::string& text) { return level_in("chips", "News", text); };
  EXPECT_EQ(of(filler(300) + chips), "about");
  EXPECT_EQ(of(filler(900) + chips), "mention");
  // Beyond 600 words one place in the lead is not enough.
  const std::string rest = filler(6000) + chips + chips + chips;
  EXPECT_EQ(of("A chips maker. " + filler(600) + rest), "mention");
  EXPECT_EQ(of("A chips maker sells wafers. " + filler(600) + rest), "about");
  EXPECT_EQ(level_in("chips", "Chips for China", filler(600) + rest), "about");
  EXPECT_EQ(level_in("chips", "", filler(600) + rest), "about") << "without a title, the whole";
}

TEST(Levels, TheSmallestOfManyTopicsIsNotGiven) {
  std::string topics;
  std::string others;
  for (char c = 'a'; c < 'i'; ++c) {
    const std::string name = std::string("subject") + c;
    topics += topic(name, "sure: {en: [" + name + "]}");
    others += name + " and " + name + " again and ";
  }
  const auto many = tagger_of("topics:\n" + topics + topic("small", "normal: {en: [pebble]}"));
  EXPECT_EQ(level(many->tag_text("News", "A pebble. ", "en"), "small"), "mention");
  const TagResult among = many->tag_text("Subjecta", "A pebble. " + others, "en");
  EXPECT_EQ(level(among, "small"), "");
  EXPECT_NE(level(among, "subjecth"), "");
}

TEST(Levels, AVetoTakesTheTopicAway) {
  EXPECT_EQ(level_in("sanctions", "Sanktionen der Regierung", "", "de"), "about");
  EXPECT_EQ(level_in("sanctions", "Sanktionen der Regierung", "Im Jobcenter.", "de"), "");
}

TEST(Levels, AParentHasItsChildsLevelAndEvidence) {
  const TagResult result = tagger().tag_text("The Chip Act", "", "en");
  EXPECT_EQ(level(result, "rule"), "about");
  ASSERT_EQ(level(result, "law"), "about");
  const auto law = std::find_if(result.topics.begin(), result.topics.end(),
                                [](const TagFound& tag) { return tag.id == "law"; });
  ASSERT_EQ(law->evidence.size(), 1U);
  EXPECT_EQ(law->evidence[0].child, "rule");
  EXPECT_EQ(law->evidence[0].rule, "en/chip act");
}

TEST(Levels, EvidenceOfACombinationSaysTogether) {
  const TagResult result = tagger().tag_text("", "China buys wafers.", "en");
  const auto rivalry = std::find_if(result.topics.begin(), result.topics.end(),
                                    [](const TagFound& tag) { return tag.id == "rivalry"; });
  ASSERT_NE(rivalry, result.topics.end());
  ASSERT_EQ(rivalry->evidence.size(), 2U);
  for (const EvidenceSpan& span : rivalry->evidence) EXPECT_TRUE(span.together);
}

TEST(Levels, LowFormsAndLightActorsCountLess) {
  EXPECT_EQ(level_in("country:US", "America", ""), "about");
  EXPECT_EQ(level_in("country:US", "Supreme Court", ""), "mention");
  EXPECT_EQ(level_in("country:US", "Supreme Court", "The Supreme Court: the Supreme Court."),
            "about");
  EXPECT_EQ(level_in("org:acme", "Acme", ""), "mention");
}

TEST(Explain, SaysWhyAndWhatBecameOfEachHit) {
  const auto explained = tagger().explain("Chips run short", "Chips are dear.", "en");
  const auto chips = std::find_if(explained.begin(), explained.end(),
                                  [](const TagExplained& tag) { return tag.id == "chips"; });
  ASSERT_NE(chips, explained.end());
  EXPECT_EQ(chips->why.substr(0, 9), "not given");
  ASSERT_EQ(chips->hits.size(), 2U);
  EXPECT_EQ(chips->hits[0].weight, 5);
  EXPECT_EQ(chips->hits[0].fate, "counts");
  EXPECT_TRUE(chips->hits[0].in_title);
  EXPECT_EQ(chips->raw, 5 * std::min(4.0, 3 + 1.5));
}

}  // namespace
}  // namespace vigie::extractor::tagging
