#include "extractor/traits/traits_of.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "proto/article.pb.h"

namespace vigie::extractor::traits {
namespace {

using vigie::traits::Kind;

std::vector<std::string> of_kind(Kind kind, const std::string& text) {
  std::vector<std::string> out;
  for (const Read& one : read(text)) {
    if (one.kind == kind) out.push_back(one.text);
  }
  return out;
}
using Texts = std::vector<std::string>;

TEST(Read, OneNumberHasOneTextInEveryLanguage) {
  for (const char* text :
       {"720 million euros", "0.72 billion euros", "720 Millionen Euro", "720 Mio. Euro",
        "0,72 Mrd. Euro", "720 millions d'euros", "720 millones de euros", "720 млн евро",
        "720 миллионов евро", "7.2亿欧元", "7億2000万ユーロ", "7억2000만 유로", "720 مليون يورو",
        "€720mn", "720-million-euro", "720 milhões de euros", "720 milioni di euro"})
    EXPECT_EQ(of_kind(Kind::kNumber, text), Texts{"7.2e+08"}) << text;
  for (const char* text : {"24,576 GPUs", "24.576 Karten", "24 576 puces",
                           "24\xC2\xA0"
                           "576 puces",
                           "24576张", "2.4576万张"})
    EXPECT_EQ(of_kind(Kind::kNumber, text), Texts{"2.458e+04"}) << text;
  for (const char* text : {"1.7 trillion yen", "1兆7000億円", "17万亿的十分之一"})
    EXPECT_FALSE(of_kind(Kind::kNumber, text).empty()) << text;
  EXPECT_EQ(of_kind(Kind::kNumber, "1兆7000億円"), Texts{"1.7e+12"});
  EXPECT_EQ(of_kind(Kind::kNumber, "5.500 millones"), Texts{"5.5e+09"});
  EXPECT_EQ(of_kind(Kind::kNumber, "260,000"), of_kind(Kind::kNumber, "26만 장"));
  EXPECT_EQ(of_kind(Kind::kNumber, "9.9 percent"), of_kind(Kind::kNumber, "9,9 %"));
}

TEST(Read, YearsAndSmallNumbersSayNothing) {
  EXPECT_TRUE(of_kind(Kind::kNumber, "In 2026 three firms, 4 states and 12 banks").empty());
  EXPECT_EQ(of_kind(Kind::kNumber, "2.5 percent of 13"), (Texts{"2.5", "13"}));
  EXPECT_EQ(of_kind(Kind::kNumber, "2026 million"), Texts{"2.026e+09"});
}

TEST(Read, OneDayHasOneTextInEveryLanguage) {
  for (const char* text :
       {"on 9 July", "on July 9", "on July 9, 2025", "9 July 2025", "am 9. Juli", "le 9 juillet",
        "el 9 de julio", "em 9 de julho", "9 июля", "7月9日", "2025年7月9日", "7월 9일",
        "في 9 يوليو", "9 lipca", "9 Temmuz", "il 9 luglio"})
    EXPECT_EQ(of_kind(Kind::kDate, text), Texts{"07-09"}) << text;
  EXPECT_EQ(of_kind(Kind::kDate, "le 1er août"), Texts{"08-01"});
  for (const char* text : {"December 2027", "décembre 2027", "декабря 2027 года", "2027年12月",
                           "2027년 12월", "diciembre de 2027", "Dezember 2027"})
    EXPECT_EQ(of_kind(Kind::kDate, text), Texts{"2027-12"}) << text;
  EXPECT_TRUE(of_kind(Kind::kDate, "they may leave, 300 march").empty());
}

TEST(Read, NamesAreFoundInWhateverScript) {
  const auto names = of_kind(Kind::kName, "英伟达将在APEC期间供应Blackwell与GB300处理器");
  EXPECT_EQ(names, (Texts{"apec", "blackwell", "gb300"}));
  EXPECT_EQ(of_kind(Kind::kName, "the company xAI told GPT-4o users of Culham"),
            (Texts{"xai", "gpt", "culham"}));
  EXPECT_EQ(of_kind(Kind::kName, "новая система под именем GigaChat и ведомство nukib"),
            (Texts{"gigachat", "nukib"}));
}

TEST(Read, EndsWithWhateverItIsGiven) {
  for (const char* text : {"", "9", "月", "9月", "2027年", "2027年12", "1 000 000 000 000 000 000",
                           "9999999999999999999999999999999999999999 trillion trillion trillion",
                           "July", "1.2.3.4", "年月日", "万万万", "3万万万万", "12월", "\xD9\xA3"})
    read(text);
  EXPECT_EQ(of_kind(Kind::kNumber, std::string(400, '9') + " trillion").size(), 0U);
}

TEST(TraitsOf, HoldTagsAndTheBeginningOfTheText) {
  v1::ArticleRecord article;
  article.set_title("ASML stops");
  article.set_text("On 14 March it stops 214 machines." + std::string(3'000, ' ') + "4,321 more.");
  v1::Tag& actor = *article.add_actors();
  actor.set_id("org:asml");
  v1::Span& span = *actor.add_evidence();
  span.set_field("title");
  span.set_length(4);
  article.add_topics()->set_id("export-controls");
  const auto traits = vigie::traits::decode(traits_of(article));
  ASSERT_TRUE(traits);
  const auto has = [&](Kind kind, const char* text) {
    return std::find(traits->begin(), traits->end(), vigie::traits::make(kind, text)) !=
           traits->end();
  };
  EXPECT_TRUE(has(Kind::kActor, "org:asml"));
  EXPECT_TRUE(has(Kind::kTopic, "export-controls"));
  EXPECT_TRUE(has(Kind::kNumber, "214"));
  EXPECT_TRUE(has(Kind::kDate, "03-14"));
  EXPECT_FALSE(has(Kind::kName, "asml"));  // it is the actor
  EXPECT_TRUE(has(Kind::kWord, "stops"));
  EXPECT_FALSE(has(Kind::kNumber, "4321"));
}

}  // namespace
}  // namespace vigie::extractor::traits
