// What a term matches: numbers, compounds, initials, scripts, sentences, languages.
#include "tests/unit/extractor/tagging/small_pack.h"

namespace vigie::extractor::tagging {
namespace {

/// Words that a pack with this one term finds in a text, joined by "|".
std::string found(const std::string& term, std::string_view text,
                  const std::string& language = "en", std::string_view article = "") {
  const auto made =
      tagger_of("topics:\n" + topic("t", "sure: {" + language + ": [\"" + term + "\"]}"));
  const TagResult result =
      made->tag_text("", text, article.empty() ? std::string_view(language) : article);
  std::string out;
  for (const TagFound& tag : result.topics) {
    for (const EvidenceSpan& span : tag.evidence)
      out += (out.empty() ? "" : "|") + std::string(text.substr(span.offset, span.length));
  }
  return out;
}

TEST(Numbers, StandForEveryModelOfALine) {
  EXPECT_EQ(found("GPT-#", "GPT-4, GPT-4.5 and GPT-12, but not GPT-x or GPT"),
            "GPT-4|GPT-4.5|GPT-12");
  EXPECT_EQ(found("GPT-#*", "GPT-4o"), "GPT-4o");
  EXPECT_EQ(found("Qwen#", "Qwen3 and Qwen2.5"), "Qwen3|Qwen2.5");
  EXPECT_EQ(found("Claude (Opus|Sonnet|Haiku)? #", "Claude 3.7, Claude Opus 5, Claude Lotus 5"),
            "Claude 3.7|Claude Opus 5");
  EXPECT_EQ(found("H###", "H100 and H200, not H20, H1000 or H 100"), "H100|H200");
  EXPECT_EQ(found("Ascend ###*", "Ascend 910C, Ascend-950, Ascend 91, Ascend 9100"),
            "Ascend 910C|Ascend-950");
  EXPECT_EQ(found("#nm", "3nm and 2.5nm chips"), "3nm|2.5nm");
}

// D7: a product behind its maker's name, in quotes, with a hyphen, with its number.
TEST(Numbers, ProductsAreFoundHoweverTheyAreJoined) {
  for (const char* text : {"Huawei's Ascend", "puce Ascend", "Ascend 910C/950", "Ascend-Chips"})
    EXPECT_EQ(found("Ascend", text), "Ascend") << text;
}

// D7: power of computers is no electricity; a ministry behind its country's name is that ministry.
TEST(Ambiguity, IsSettledByExclusionsAndNeeds) {
  const auto made = tagger_of(
      "topics:\n" +
      topic("energy",
            "strong: {en: [data cent* <8> power]}, not: {en: [comput* "
            "power]}") +
      "actors:\n"
      "  - {id: \"agency:mofcom\", name: {en: MOFCOM}, unsure: {en: [Ministry of Commerce]}, "
      "needs: [China, Chinese]}\n");
  const auto found_in = [&](const char* text, const char* id) {
    return level(made->tag_text("", text, "en"), id);
  };
  EXPECT_EQ(found_in("Data centres that rent computing power", "energy"), "");
  EXPECT_EQ(found_in("Data centres that need power", "energy"), "mention");
  EXPECT_EQ(found_in("China's Ministry of Commerce said so.", "agency:mofcom"), "mention");
  EXPECT_EQ(found_in("Thailand's Ministry of Commerce said so.", "agency:mofcom"), "");
}

TEST(German, NounsEndCompounds) {
  EXPECT_EQ(found("zölle*", "Vergeltungszölle und Zöllen, US-Zölle", "de"),
            "Vergeltungszölle|Zöllen|Zölle");
  EXPECT_EQ(found("^zölle*", "Vergeltungszölle und Zölle", "de"), "Zölle");
  EXPECT_EQ(found("chips", "Kartoffelchips", "en"), "");
  // A verb or an adjective is no compound of nouns.
  EXPECT_EQ(found("halten", "aushalten, anhalten", "de"), "");
}

TEST(Initials, AreTheWordWithoutPoints) {
  EXPECT_EQ(found("AI boom", "The A.I. boom"), "A.I. boom");
  EXPECT_EQ(found("A.I. boom", "The AI boom"), "AI boom");
  EXPECT_EQ(found("US probe", "U.S. probe; U.S probe"), "U.S. probe|U.S probe");
  EXPECT_EQ(found("ИИ", "И.И. и ИИ", "ru"), "И.И.|ИИ");
  EXPECT_EQ(found("aim", "A. I. M. and a.i.m"), "");
}

TEST(Han, TraditionalSimplifiedAndFullWidthMeet) {
  EXPECT_EQ(found("实体清单", "列入實體清單", "zh"), "實體清單");
  EXPECT_EQ(found("實體清單", "列入实体清单", "zh"), "实体清单");
  EXPECT_EQ(found("AI芯片", "ＡＩ晶片 ＡＩ芯片 AI 芯片", "zh"), "ＡＩ芯片|AI 芯片");
  EXPECT_EQ(found("出口管制", "出口\n管制 出口 管制", "zh"), "出口\n管制|出口 管制");
  EXPECT_EQ(found("出口管制", "出口\n\n管制", "zh"), "");
  EXPECT_EQ(found("エヌビディア", "ｴﾇﾋﾞﾃﾞｨｱの", "ja"), "ｴﾇﾋﾞﾃﾞｨｱ");
}

TEST(Korean, ParticlesAreWrittenOntoTheWord) {
  EXPECT_EQ(found("반도체", "반도체가 반도체의 반도체에서도", "ko"),
            "반도체가|반도체의|반도체에서도");
  EXPECT_EQ(found("반도체", "반도체산업", "ko"), "");
  EXPECT_EQ(found("AI", "AI가", "ko"), "AI");
}

TEST(Nearness, EndsWithTheSentenceAndTheParagraph) {
  const std::string term = "régul* <6> ia";
  EXPECT_EQ(found(term, "La régulation de l'IA", "fr"), "régulation de l'IA");
  EXPECT_EQ(found(term, "Le ministère parle de l'IA. Régulation du trafic", "fr"), "");
  EXPECT_EQ(found(term, "l'IA\n\nRégulation du trafic", "fr"), "");
  EXPECT_EQ(found("监管 <6> 人工智能", "监管交通。人工智能", "zh"), "");
  // Points that end no sentence: initials, abbreviations, numbers, small letters behind.
  EXPECT_EQ(found("rule* <6> AI", "Rules, said Mr. Smith, for A.I. at 3.5 per cent"),
            "Rules, said Mr. Smith, for A.I.");
  EXPECT_EQ(found("ban <3> chip*", "ban one two three four chips"), "");
  EXPECT_EQ(found("ban <4> chip*", "chips one two three four ban"), "chips one two three four ban");
}

/// What a pack with classes finds: the text of the first evidence.
std::string found_by_classes(std::string_view text, std::string_view language) {
  static const auto made = tagger_of(
      "classes:\n"
      "  chip: {any: [GPU], en: [chip*], de: ['*chip*'], zh: [芯片], ko: ['*반도체*']}\n"
      "  restrict: {en: [ban|bans, curb*], de: ['*verbot*'], zh: [禁止], ko: ['*규제*']}\n"
      "topics:\n" +
      topic("t", "sure: [$chip <s> $restrict]"));
  const TagResult result = made->tag_text("", text, language);
  if (result.topics.empty()) return "";
  const EvidenceSpan& span = result.topics[0].evidence[0];
  return std::string(text.substr(span.offset, span.length));
}

TEST(Classes, StandForAllTheirWordsAnywhereInTheSentence) {
  EXPECT_EQ(found_by_classes("It curbs, says the ministry after weeks of talks with its allies in "
                             "the region, sales of chips",
                             "en"),
            "curbs, says the ministry after weeks of talks with its allies in the region, sales of "
            "chips");
  EXPECT_EQ(found_by_classes("GPU ban", "en"), "GPU ban");
  EXPECT_EQ(found_by_classes("A ban. Chips are up", "en"), "");
  EXPECT_EQ(found_by_classes("禁止向该国出售先进芯片", "zh"), "禁止向该国出售先进芯片");
  EXPECT_EQ(found_by_classes("Chips: das Verbot", "en"), "");  // words of another language
  EXPECT_EQ(found_by_classes("Chips: das Verbot", "sv"), "Chips: das Verbot");  // of none here
}

TEST(Classes, MayShareOneCompoundButNotOneWord) {
  EXPECT_EQ(found_by_classes("Das Chipexportverbot gilt", "de"), "Chipexportverbot");
  EXPECT_EQ(found_by_classes("미국 반도체규제 강화", "ko"), "반도체규제");
  const auto made = tagger_of("classes: {a: {en: [chip*]}, b: {en: [chipmaker*]}}\ntopics:\n" +
                              topic("t", "sure: [$a <s> $b]"));
  EXPECT_TRUE(made->tag_text("", "Chipmakers", "en").topics.empty());
}

/// Languages whose term "vocablo" or the like was found.
std::string languages_of(std::string_view text, std::string_view article) {
  static const auto made = tagger_of(
      "topics:\n" + topic("en", "strong: {en: [alpha]}") + topic("pt", "strong: {pt: [alpha]}") +
      topic("pt-long", "strong: {pt: [alpha beta]}") + topic("zh", "strong: {zh: [芯片]}") +
      topic("ru", "strong: {ru: [чипы]}") +
      "actors:\n  - {id: \"country:US\", name: {pt: Estados Unidos}}\n");
  const TagResult result = made->tag_text("", text, article);
  std::string out;
  for (const char* id : {"en", "pt", "pt-long", "zh", "ru", "country:US"}) {
    if (!level(result, id).empty()) out += std::string(id) + " ";
  }
  return out;
}

TEST(Counting, TakesTheLanguagesOfEveryScriptThatStandsThere) {
  EXPECT_EQ(languages_of("He wrote 芯片 and чипы.", "en"), "zh ru ");
}

TEST(Counting, AShortTextMayBeInARelatedLanguage) {
  const std::string words = "alpha beta, os Estados Unidos";
  EXPECT_EQ(languages_of(words, "en"), "en pt-long country:US ");
  EXPECT_EQ(languages_of(words, "pt"), "pt pt-long country:US ");
  std::string text = words;
  for (int i = 0; i < 80; ++i) text += " and so on";
  EXPECT_EQ(languages_of(text, "en"), "en ");
  EXPECT_EQ(languages_of(text, "sv"), "pt-long country:US ");  // a language without terms
  EXPECT_EQ(languages_of(text, ""), "en pt pt-long country:US ");
  EXPECT_EQ(languages_of(text, "gl"), "pt pt-long country:US ");  // Galician is taken for it
}

TEST(Counting, AnInflectedNameOfAnotherLanguageIsNoName) {
  const auto made = tagger_of(
      "actors:\n  - {id: \"country:NE\", name: {lv: Nigēra}}\n"
      "  - {id: \"country:NG\", name: {en: Nigeria, it: Nigeria}}\n");
  EXPECT_EQ(level(made->tag_text("", "Nigeria votes", "en"), "country:NE"), "");
  EXPECT_EQ(level(made->tag_text("", "Nigeria votes", "fr"), "country:NG"), "mention");
  EXPECT_EQ(level(made->tag_text("", "Nigērai", "lv"), "country:NE"), "mention");
}

}  // namespace
}  // namespace vigie::extractor::tagging
