#include "extractor/content/content.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::extractor::content {
namespace {

const std::string kOne = "The first paragraph of the story is long enough to be prose, with a comma, and it ends here.";
const std::string kTwo = "The second paragraph of the story goes on at some length, says more, and it ends here too.";
const std::string kThree = "The third paragraph closes the story, as the third one does, with a sentence and a point.";

std::string main_text(const std::string& page, const Hints& hints = {}) {
  const dom::Document document = dom::parse(page);
  return find_main_text(document, hints).text();
}

std::string p(const std::string& text) { return "<p>" + text + "</p>"; }

TEST(FindMainText, LeavesOutMenusSharingCommentsAndFooters) {
  EXPECT_EQ(main_text("<header><a href=/>The Example</a></header><nav><a href=1>One</a> <a href=2>Two</a></nav><div class=content>" + p(kOne) + "<div class=social-share>Share this story on every network, please, today.</div>" + p(kTwo) +
                      "</div><div id=comments>" + p("A comment by a reader, who is of another opinion, and says so at length. And more.") + "</div><footer>All rights reserved, by the publisher of this page, always.</footer>"),
            kOne + "\n\n" + kTwo);
}

// extraction.md §4.1: a story split in two containers.
TEST(FindMainText, JoinsAStoryThatStandsInTwoContainers) {
  EXPECT_EQ(main_text("<article class=story><div>" + p(kOne) + p(kTwo) + "</div><div class=ad>Ad</div><div>" + p(kThree) + "</div></article>"), kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

// §4.3: a drop cap, and a paragraph that is one link.
TEST(FindMainText, KeepsDropCapsAndLinkedWords) {
  EXPECT_EQ(main_text("<article><p><span>Z</span>imbabwe is where the story begins, and it goes on for a while from there.</p>" + p(kTwo) + "</article>"),
            "Zimbabwe is where the story begins, and it goes on for a while from there.\n\n" + kTwo);
}

// §4.4: an article inside an aside.
TEST(FindMainText, BelievesTheTextMoreThanTheNameOfItsElement) {
  EXPECT_EQ(main_text("<aside>" + p(kOne) + p(kTwo) + p(kThree) + "</aside><div>Cookies</div>"), kOne + "\n\n" + kTwo + "\n\n" + kThree);
  EXPECT_EQ(main_text("<form class=sidebar-widget>" + p(kOne) + p(kTwo) + p(kThree) + "</form>"), kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

// §4.5: short bodies printed twice.
TEST(FindMainText, TakesARepeatedParagraphOnce) {
  EXPECT_EQ(main_text("<article>" + p(kOne) + "<blockquote>" + kOne + "</blockquote>" + p(kTwo) + "</article>"), kOne + "\n\n" + kTwo);
}

TEST(FindMainText, LeavesTheHeadlineOut) {
  EXPECT_EQ(main_text("<article><h1>Chips move</h1><h2>Chips move</h2>" + p(kOne) + "</article>", {"Chips move", {}}), kOne);
}

TEST(FindMainText, KeepsHeadingsThatAParagraphFollows) {
  EXPECT_EQ(main_text("<article>" + p(kOne) + "<h2>Next</h2>" + p(kTwo) + "<h3>Read more</h3></article>"), kOne + "\n\nNext\n\n" + kTwo);
}

TEST(FindMainText, CutsParagraphsAtTwoLineBreaks) {
  EXPECT_EQ(main_text("<div class=text>" + kOne + "<br><br>" + kTwo + "<br>one line more.</div>"), kOne + "\n\n" + kTwo + " one line more.");
}

TEST(FindMainText, LeavesHiddenTextOutUnlessMostIsHidden) {
  EXPECT_EQ(main_text("<article>" + p(kOne) + p(kTwo) + "<p style='display: none'>" + kThree + "</p></article>"), kOne + "\n\n" + kTwo);
  EXPECT_EQ(main_text("<article><div style='display:none'>" + p(kOne) + p(kTwo) + "</div></article>"), kOne + "\n\n" + kTwo);
}

// §4.16: never depend on the language being known; Han has no spaces and few letters.
TEST(FindMainText, ReadsScriptsWithoutSpaces) {
  const std::string chinese = "美国商务部周二宣布，将对先进人工智能芯片实施新的出口管制措施，以防止其流入中国。";
  EXPECT_EQ(main_text("<div><a href=/>首页</a> <a href=/n>新闻</a></div><div>" + p(chinese) + p(chinese + "续") + "</div>"), chinese + "\n\n" + chinese + "续");
}

TEST(FindMainText, GivesNothingWhereThereIsNoProse) {
  EXPECT_EQ(main_text("<ul><li><a href=1>One</a><li><a href=2>Two</a></ul>"), "");
  EXPECT_EQ(main_text(""), "");
}

TEST(FindMainText, ReadsTheFlatTreeOfAPageOverBudget) {
  dom::Limits limits;
  limits.tags = 2;
  const std::string page = "<div>" + p(kOne) + p(kTwo) + p(kThree) + "</div>";
  const dom::Document document = dom::parse(page, limits);
  ASSERT_TRUE(document.text_only);
  EXPECT_EQ(find_main_text(document).text(), kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

}  // namespace
}  // namespace vigie::extractor::content
