#include "extractor/fingerprint/shingles.h"

#include <gtest/gtest.h>

#include <string>

#include "platform/fingerprint/fingerprint.h"

namespace vigie::extractor::fingerprint {
namespace {

std::string story(int from, int to) {
  std::string out;
  for (int i = from; i < to; ++i)
    out += "Word" + std::to_string(i * 7919 % 1000) + (i % 9 == 8 ? ". " : " ");
  return out;
}

TEST(OfText, IsEmptyForATextTooShort) {
  EXPECT_EQ(of_text(""), "");
  EXPECT_EQ(of_text("one two three four five six seven"), "");
}

TEST(OfText, TakesCaseSpacesAndPunctuationForNothing) {
  EXPECT_EQ(of_text("The quick, brown fox! " + story(0, 100)),
            of_text("the  QUICK brown\nfox " + story(0, 100)));
}

// ops/spec/records.md, "What a copy is".
TEST(OfText, KnowsCopiesFromOtherTexts) {
  const std::string text = of_text(story(0, 300));
  EXPECT_TRUE(
      vigie::fingerprint::compare(text, of_text(story(0, 290) + " and a new ending")).is_copy);
  EXPECT_TRUE(vigie::fingerprint::compare(text, of_text(story(50, 250))).is_copy);
  EXPECT_FALSE(vigie::fingerprint::compare(text, of_text(story(400, 700))).is_copy);
}

TEST(OfText, TakesEachCharacterOfAnUnspacedScriptForAToken) {
  const std::string text =
      "美国商务部周二宣布将对先进人工智能芯片实施新的出口管制措施以防止其流入中国";
  EXPECT_FALSE(of_text(text).empty());
  EXPECT_EQ(
      of_text(text),
      of_text("美国商务部周二宣布，将对先进人工智能芯片实施新的出口管制措施，以防止其流入中国。"));
}

}  // namespace
}  // namespace vigie::extractor::fingerprint
