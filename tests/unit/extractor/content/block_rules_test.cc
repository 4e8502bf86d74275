#include "extractor/content/block_rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vigie::extractor::content {
namespace {

const std::string kTitle = "Harbour of Kallisto gets new cranes";
const std::string kOne =
    "<p>The first paragraph of the story is long enough to be prose, with a comma, and it ends "
    "here, behind everything that the harbour had to say of its cranes on that day.</p>";
const std::string kTwo =
    "<p>The second paragraph of the story goes on at some length, says more, and it ends here too, "
    "with what the shipping companies had asked for since the spring.</p>";
const std::string kThree =
    "<p>The third paragraph closes the story, as the third one does, with a sentence and a point, "
    "and with the vote of the council that everybody waits for.</p>";

/// The rules alone: every block is in the region, and none is boilerplate by name.
std::vector<Line> judged(const std::string& html, const std::string& title = kTitle) {
  const dom::Document document = dom::parse(html);
  const BlockList list = make_blocks(document);
  Region region;
  region.within.assign(list.blocks.size(), true);
  region.pruned.assign(list.blocks.size(), false);
  return judge_blocks(document, list, region, title);
}

/// The verdict on the one block of a page that holds a text, in words; "no such block".
std::string verdict_on(const std::vector<Line>& lines, const std::string& text) {
  for (const Line& line : lines) {
    if (line.text.find(text) != std::string::npos) return std::string(words_of(line.verdict));
  }
  return "no such block";
}

// What stands in the middle of a story, and what the rules make of it.
TEST(BlockRules, SayWhatABlockIs) {
  const struct {
    const char* block;
    const char* text;
    Verdict verdict;
  } kCases[] = {
      {"<p>A short paragraph is one.</p>", "A short", Verdict::kKept},
      {"<p>Yes</p>", "Yes", Verdict::kKept},
      {"<div>Three words only</div>", "Three words", Verdict::kTooShort},
      {"<div>Three words only.</div>", "Three words", Verdict::kKept},
      {"<div>A division with more letters than that is prose</div>", "A division", Verdict::kKept},
      {"<h2>What the council wants</h2>", "What the council", Verdict::kKept},
      {"<h2><a href=/x>What the council wants</a></h2>", "What the council", Verdict::kLinks},
      {"<h1>What the paper is called</h1>", "What the paper", Verdict::kPageTitle},
      {"<p>Harbour of Kallisto gets new cranes</p>", "gets new cranes", Verdict::kHeadline},
      {"<p>HARBOUR OF KALLISTO: GETS NEW CRANES!</p>", "GETS NEW", Verdict::kHeadline},
      {"<p><a href=/x>All that was written of the harbour</a></p>", "All that", Verdict::kLinks},
      {"<p>The <a href=/x>harbour</a> of Kallisto was dug by hand, says a book.</p>", "was dug",
       Verdict::kKept},
      {"<ul><li><a href=/x>All of the harbour</a> in one list</ul>", "in one list",
       Verdict::kLinks},
      {"<figure><figcaption>The quay of Kallisto at dawn, seen from the "
       "hill.</figcaption></figure>",
       "at dawn", Verdict::kCaption},
      {"<p>Photo: Jan Orlo</p>", "Jan Orlo", Verdict::kCaption},
      {"<p>Read more:</p>", "Read more", Verdict::kLabel},
      {"<p>Mehr zum Thema</p>", "Mehr zum", Verdict::kLabel},
      {"<p>Children should read more, said the director of the harbour.</p>", "Children",
       Verdict::kKept},
      {"<p>Sign up for our newsletter and never miss a story.</p>", "Sign up", Verdict::kRequest},
      {"<p>5 March 2024, 10:15</p>", "5 March", Verdict::kTimestamp},
      {"<p>On 5 March 2024 the first crane fell into the harbour.</p>", "On 5 March",
       Verdict::kKept},
      {"<p>All rights reserved.</p>", "All rights", Verdict::kImprint},
  };
  for (const auto& one : kCases) {
    const std::vector<Line> lines =
        judged("<article>" + kOne + one.block + kTwo + kThree + "</article>");
    EXPECT_EQ(verdict_on(lines, one.text), words_of(one.verdict)) << one.block;
    EXPECT_EQ(verdict_on(lines, "The first paragraph"), words_of(Verdict::kKept)) << one.block;
    EXPECT_EQ(verdict_on(lines, "The third paragraph"), words_of(Verdict::kKept)) << one.block;
  }
}

TEST(BlockRules, WhatIsHiddenIsReadByNobody) {
  const std::vector<Line> lines = judged("<article>" + kOne + "<p hidden>Not for readers.</p>" +
                                         "<p style='display: none'>Nor this.</p>" + kTwo);
  std::size_t hidden = 0;
  for (const Line& line : lines) hidden += line.verdict == Verdict::kHidden ? 1 : 0;
  EXPECT_EQ(hidden, 2U);
}

TEST(BlockRules, AParagraphIsToldOnce) {
  const std::vector<Line> lines = judged("<article>" + kOne + kTwo + kOne + kThree);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].verdict, Verdict::kKept);
  EXPECT_EQ(lines[2].verdict, Verdict::kRepeated);
  // A short line may be said twice: answers of an interview, a refrain.
  const std::vector<Line> interview =
      judged("<article>" + kOne + "<p>No.</p>" + kTwo + "<p>No.</p>");
  EXPECT_EQ(interview[1].verdict, Verdict::kKept);
  EXPECT_EQ(interview[3].verdict, Verdict::kKept);
}

TEST(BlockRules, CellsAreTextWhereTheTableHoldsData) {
  const std::string data =
      "<table><tr><th>Quay<th>Depth<tr><td>North<td>12<tr><td>South<td>9</table>";
  EXPECT_EQ(verdict_on(judged("<article>" + kOne + data + kTwo), "North"),
            words_of(Verdict::kKept));
  EXPECT_EQ(verdict_on(judged("<article>" + kOne + "<table><tr><td>North</table>" + kTwo), "North"),
            words_of(Verdict::kTooShort));
}

// Where a block stands decides, too: the same paragraph in front of the headline, in the story,
// behind the heading of other stories, and below what opens the comments.
TEST(BlockRules, TheStoryBeginsAtItsHeadlineAndEndsAtOtherStoriesOrComments) {
  const std::string other = "<p>A paragraph of another story, which is as long as any of this.</p>";
  const std::string story = "<h2>" + kTitle + "</h2>" + kOne + kTwo + kThree;
  EXPECT_EQ(verdict_on(judged("<div>" + other + story), "another story"),
            words_of(Verdict::kBefore));
  EXPECT_EQ(verdict_on(judged("<div>" + story + other), "another story"), words_of(Verdict::kKept));
  EXPECT_EQ(verdict_on(judged("<div>" + story + "<h3>Read more</h3>" + "<p>Of another story.</p>"),
                       "another story"),
            words_of(Verdict::kBehind));
  EXPECT_EQ(
      verdict_on(judged("<div>" + story + "<h3>Leave a comment</h3>" + other), "another story"),
      words_of(Verdict::kComments));
}

TEST(BlockRules, TheRegionComesBeforeTheRules) {
  const dom::Document document = dom::parse("<article>" + kOne + kTwo + kThree);
  const BlockList list = make_blocks(document);
  ASSERT_EQ(list.blocks.size(), 3U);
  Region region;
  region.within = {false, true, true};
  region.pruned = {false, true, false};
  const std::vector<Line> lines = judge_blocks(document, list, region, kTitle);
  EXPECT_EQ(lines[0].verdict, Verdict::kOutside);
  EXPECT_EQ(lines[1].verdict, Verdict::kPruned);
  EXPECT_EQ(lines[2].verdict, Verdict::kKept);
}

}  // namespace
}  // namespace vigie::extractor::content
