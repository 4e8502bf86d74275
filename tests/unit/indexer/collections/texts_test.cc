#include "indexer/collections/texts.h"

#include <gtest/gtest.h>

namespace vigie::indexer::collections {
namespace {

TEST(Quotation, HasItsPlaceInCodePoints) {
  const auto found = quotation_in("芯片管制。«Élan» is new.", "«Élan» is", std::nullopt);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset(), 5U);
  EXPECT_EQ(found->length(), 9U);
  EXPECT_EQ(found->text(), "«Élan» is");
}

TEST(Quotation, TakesAnyWhiteSpaceForAnyOtherAndKeepsThatOfTheArticle) {
  const std::string article = "One  end.\n\nNext\u00A0begins here.";
  const auto found = quotation_in(article, " end.\nNext begins ", std::nullopt);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text(), "end.\n\nNext\u00A0begins");
  EXPECT_EQ(found->offset(), 5U);
  EXPECT_EQ(found->length(), 17U);
  EXPECT_TRUE(stands_in(article, *found));
  EXPECT_FALSE(stands_in("Edited. " + article, *found));
  EXPECT_EQ(found->text(), "end.\n\nNext\u00A0begins") << "and stays what it was";
}

TEST(Quotation, IsTheNearestOfSeveral) {
  const std::string article = "chips and chips and chips";
  EXPECT_EQ(quotation_in(article, "chips", std::nullopt)->offset(), 0U);
  EXPECT_EQ(quotation_in(article, "chips", 11)->offset(), 10U);
  EXPECT_EQ(quotation_in(article, "chips", 4'000'000'000U)->offset(), 20U);
}

TEST(Quotation, IsRefusedWhereItsWordsAreNotThere) {
  for (const std::string& words :
       {std::string("copper"), std::string(" \n "), std::string(2'001, 'c'), std::string("\xff")}) {
    const auto refused = quotation_in("chips and chips", words, std::nullopt);
    ASSERT_FALSE(refused) << words;
    EXPECT_EQ(refused.error().code, ErrorCode("bad_argument"));
  }
}

/// Words that nearly stand at every place take no longer than the text is long.
TEST(Quotation, TakesTimeThatGrowsWithTheLengthOfTheText) {
  const std::string article(4'000'000, 'a');
  EXPECT_FALSE(quotation_in(article, std::string(1'999, 'a') + "b", std::nullopt));
}

TEST(Lines, AreWithoutWhatNobodySees) {
  EXPECT_EQ(visible_lines("\n a\tb \n\n\n\u202Ec\n"), "a b\n\nc");
  EXPECT_EQ(visible_lines("\xff"), "\uFFFD");
  EXPECT_EQ(visible_lines(" \n \n"), "");
}

}  // namespace
}  // namespace vigie::indexer::collections
