#include "extractor/content/content.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::extractor::content {
namespace {

const std::string kOne =
    "The first paragraph of the story is long enough to be prose, with a comma, and it ends here.";
const std::string kTwo =
    "The second paragraph of the story goes on at some length, says more, and it ends here too.";
const std::string kThree =
    "The third paragraph closes the story, as the third one does, with a sentence and a point.";

std::string main_text(const std::string& page, const Hints& hints = {}) {
  const dom::Document document = dom::parse(page);
  return find_main_text(document, hints).text();
}

std::string p(const std::string& text) { return "<p>" + text + "</p>"; }

TEST(FindMainText, LeavesOutMenusSharingCommentsAndFooters) {
  EXPECT_EQ(
      main_text(
          "<header><a href=/>The Example</a></header><nav><a href=1>One</a> <a "
          "href=2>Two</a></nav><div class=content>" +
          p(kOne) +
          "<div class=social-share>Share this story on every network, please, today.</div>" +
          p(kTwo) + "</div><div id=comments>" +
          p("A comment by a reader, who is of another opinion, and says so at length. And more.") +
          "</div><footer>All rights reserved, by the publisher of this page, always.</footer>"),
      kOne + "\n\n" + kTwo);
}

// extraction.md §4.1: a story split in two containers.
TEST(FindMainText, JoinsAStoryThatStandsInTwoContainers) {
  EXPECT_EQ(main_text("<article class=story><div>" + p(kOne) + p(kTwo) +
                      "</div><div class=ad>Ad</div><div>" + p(kThree) + "</div></article>"),
            kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

// §4.3: a drop cap, and a paragraph that is one link.
TEST(FindMainText, KeepsDropCapsAndLinkedWords) {
  EXPECT_EQ(
      main_text("<article><p><span>Z</span>imbabwe is where the story begins, and it goes on for a "
                "while from there.</p>" +
                p(kTwo) + "</article>"),
      "Zimbabwe is where the story begins, and it goes on for a while from there.\n\n" + kTwo);
}

// §4.4: an article inside an aside.
TEST(FindMainText, BelievesTheTextMoreThanTheNameOfItsElement) {
  EXPECT_EQ(main_text("<aside>" + p(kOne) + p(kTwo) + p(kThree) + "</aside><div>Cookies</div>"),
            kOne + "\n\n" + kTwo + "\n\n" + kThree);
  EXPECT_EQ(main_text("<form class=sidebar-widget>" + p(kOne) + p(kTwo) + p(kThree) + "</form>"),
            kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

// Content systems that give each paragraph an element called a body.
TEST(FindMainText, JoinsParagraphsThatEachCallThemselvesABody) {
  const auto body = [](const std::string& text) {
    return "<div class=rich-text><p>" + text + "</p></div>";
  };
  EXPECT_EQ(main_text("<main><h1>Headline</h1><div>" + body(kOne) + "<figure></figure>" +
                      body(kTwo) + body(kThree) + "</div></main>"),
            kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

// §4.2: the lead that stands alone between headline and text.
TEST(FindMainText, TakesTheLeadBetweenHeadlineAndText) {
  const std::string lead = "The lead stands in an element of its own, and is part of the story.";
  EXPECT_EQ(
      main_text("<div><header><h1>Headline</h1></header><div class=standfirst>" + p(lead) +
                "</div></div><div class=article-body>" + p(kOne) + p(kTwo) + p(kThree) + "</div>"),
      lead + "\n\n" + kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

TEST(FindMainText, ReadsAStoryInsideAHeadingThatWasNeverClosed) {
  std::string story;
  for (int i = 0; i < 40; ++i)
    story += p("Paragraph " + std::to_string(i) +
               " of a long story, which goes on for some time, and ends.");
  EXPECT_NE(main_text("<h1>Headline<div>" + story + "</div>").find("Paragraph 39 of a long story"),
            std::string::npos);
}

TEST(FindMainText, KeepsTheCellsOfATableOfData) {
  const std::string table =
      "<table><tr><th>Place<th>Votes<tr><td>North<td>1,204<tr><td>South<td>988</table>";
  EXPECT_NE(
      main_text("<article>" + p(kOne) + p(kTwo) + table + p(kThree) + "</article>").find("1,204"),
      std::string::npos);
}

TEST(FindMainText, LeavesOutLabelsAndTimeStamps) {
  EXPECT_EQ(main_text("<article>" + p("5 March 2024, 10:15") + p(kOne) + p("Read more:") + p(kTwo) +
                      p(kThree) + "</article>"),
            kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

// JSON-LD articleBody stands in where the page shows next to nothing, and only there.
// What small papers put into the element of the story, below it.
TEST(FindMainText, EndsWhereTheCommentsOfReadersBegin) {
  const std::string story =
      p(kOne) + p(kTwo) + p(kThree) + p(kOne + " Again.") + p(kTwo + " Again.");
  const std::string comment =
      p("A reader is of another opinion, and says so at length, with a comma. And more of it.");
  EXPECT_EQ(
      main_text("<article><div>" + story + "<p>Leave a comment</p>" + comment + "</div></article>"),
      main_text("<article><div>" + story + "</div></article>"));
  EXPECT_EQ(main_text("<article><div><p>Leave a comment</p>" + story + "</div></article>"),
            main_text("<article><div>" + story + "</div></article>"))
      << "a bar of links above it";
}

TEST(FindMainText, LeavesOutRightsAndNumbersOfComments) {
  EXPECT_EQ(main_text("<article><div>" +
                      p("<a class=comments_count title='Leave a comment'>0</a>" + kOne) +
                      p("<a class=comments_count>12</a>" + kTwo) +
                      p("© The Example, 2011, registered with an office of some kind, with a "
                        "licence, and all that belongs to it. The editor is somebody.") +
                      "</div></article>"),
            kOne + "\n\n" + kTwo);
}

TEST(FindMainText, GivesTheDescriptionOfAPageThatShowsItsFootAlone) {
  const std::string page =
      "<div><p>COPYRIGHT © The Example. All rights reserved, by all of them, always.</p></div>";
  const std::string description =
      "What the story tells is said in the head of the page and nowhere else.";
  Hints hints;
  hints.description = description;
  EXPECT_EQ(main_text(page, hints), description);
  EXPECT_EQ(main_text(page), "");
}

TEST(FindMainText, FallsBackToTheBodyInThePagesData) {
  const std::string body =
      kOne + " " + kTwo + " " + kThree + " " + kOne + "\n" + kTwo + " " + kThree;
  EXPECT_NE(main_text("<p>Loading the page, please wait.</p>", {"", body}).find(kThree),
            std::string::npos);
  EXPECT_EQ(main_text("<article>" + p(kOne) + p(kTwo) + p(kThree) + "</article>",
                      {"", kOne + kOne + kOne + kOne + kOne}),
            kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

// §4.5: short bodies printed twice.
TEST(FindMainText, TakesARepeatedParagraphOnce) {
  EXPECT_EQ(main_text("<article>" + p(kOne) + "<blockquote>" + kOne + "</blockquote>" + p(kTwo) +
                      "</article>"),
            kOne + "\n\n" + kTwo);
}

TEST(FindMainText, LeavesTheHeadlineOut) {
  EXPECT_EQ(main_text("<article><h1>Chips move</h1><h2>Chips move</h2>" + p(kOne) + "</article>",
                      {"Chips move", {}}),
            kOne);
}

TEST(FindMainText, KeepsHeadingsThatAParagraphFollows) {
  EXPECT_EQ(
      main_text("<article>" + p(kOne) + "<h2>Next</h2>" + p(kTwo) + "<h3>Read more</h3></article>"),
      kOne + "\n\nNext\n\n" + kTwo);
}

TEST(FindMainText, CutsParagraphsAtTwoLineBreaks) {
  EXPECT_EQ(main_text("<div class=text>" + kOne + "<br><br>" + kTwo + "<br>one line more.</div>"),
            kOne + "\n\n" + kTwo + " one line more.");
}

// HTML §4.4.12: a quotation stands in a figure, and who said it in the caption; tables and listings
// too.
TEST(FindMainText, KeepsQuotationsAndTablesInFigures) {
  const std::string quote =
      "A quotation of an official, who says at some length what the ministry is going to do, and "
      "why.";
  EXPECT_EQ(main_text("<article>" + p(kOne) + "<figure><blockquote>" + p(quote) +
                      "</blockquote><figcaption>The official</figcaption></figure>" + p(kTwo) +
                      p(kThree) + "</article>"),
            kOne + "\n\n" + quote + "\n\n" + kTwo + "\n\n" + kThree);
  for (const std::string& inner :
       {"<table><tr><td>" + quote + "</td></tr></table>", "<pre>" + quote + "</pre>"}) {
    EXPECT_EQ(main_text("<article>" + p(kOne) + "<figure>" + inner + "</figure>" + p(kTwo) +
                        p(kThree) + "</article>"),
              kOne + "\n\n" + quote + "\n\n" + kTwo + "\n\n" + kThree)
        << inner;
  }
  EXPECT_EQ(main_text("<article>" + p(kOne) + "<figure><img src=a.jpg><p>" + quote +
                      "</p></figure>" + p(kTwo) + p(kThree) + "</article>"),
            kOne + "\n\n" + kTwo + "\n\n" + kThree);
}

TEST(FindMainText, LeavesOutWhatScreenReadersSayOfLinks) {
  const std::string link = "<a href=/a>the ministry";
  const std::string whole =
      "The first paragraph names the ministry, and goes on for some length after that, so that it "
      "is prose.";
  const auto page = [&](const std::string& note) {
    return "<article><p>The first paragraph names " + link + note +
           "</a>, and goes on for some length after that, so that it is prose.</p>" + p(kTwo) +
           p(kThree) + "</article>";
  };
  const std::string wanted = whole + "\n\n" + kTwo + "\n\n" + kThree;
  EXPECT_EQ(main_text(page(
                "<span style='border:0; clip: rect(0 0 0 0); position:absolute'>, a note</span>")),
            wanted);
  EXPECT_EQ(main_text(page("<span style='clip-path: inset(50%)'>, a note</span>")), wanted);
  EXPECT_EQ(main_text(page("<span class=vh> (opens in new tab)</span>")), wanted);
  EXPECT_EQ(main_text(page("<span class=vh> (öffnet im neuen Fenster)</span>")), wanted);
  EXPECT_EQ(main_text(page("<span class=vh>&nbsp;(Öffnet in neuem Fenster)</span>")), wanted);
  EXPECT_EQ(main_text(page("<span class=vh>（S’ouvre dans une nouvelle fenêtre）</span>")), wanted);
  EXPECT_NE(main_text(page("<span style='clip-path: inset(0)'>, a note</span>")), wanted);
}

TEST(FindMainText, LeavesOutWhereAPictureIsFrom) {
  for (const std::string credit :
       {"Photo: The Agency", "Image from the spring review.", "IMAGE: © The Agency",
        "Фото с сайта example.com", "写真：共同"}) {
    EXPECT_EQ(main_text("<article>" + p(kOne) + p(credit) + p(kTwo) + p(kThree) + "</article>"),
              kOne + "\n\n" + kTwo + "\n\n" + kThree)
        << credit;
  }
  for (const std::string text :
       {"Photos from the scene showed a car that was burnt out.",
        "BILD: What does the minister say to that?", "Фото с места опубликовала полиция."}) {
    EXPECT_EQ(main_text("<article>" + p(kOne) + p(text) + p(kTwo) + p(kThree) + "</article>"),
              kOne + "\n\n" + text + "\n\n" + kTwo + "\n\n" + kThree)
        << text;
  }
  const std::string photos =
      "Photos are what the ministry asked for, and the makers of cameras sent it a lorry full of "
      "them.";
  EXPECT_EQ(main_text("<article>" + p(kOne) + p(photos) + p(kTwo) + "</article>"),
            kOne + "\n\n" + photos + "\n\n" + kTwo);
}

TEST(FindMainText, LeavesOutWhenTheStoryWasWritten) {
  for (const std::string stamp : {"05.01.2012, Tiraspol 00:16:06", "Updated: 14:42 BST",
                                  "The Daily Review 17-01-2012", "6 May 2024"}) {
    EXPECT_EQ(main_text("<article>" + p(stamp) + p(kOne) + p(kTwo) + p(kThree) + "</article>"),
              kOne + "\n\n" + kTwo + "\n\n" + kThree)
        << stamp;
  }
  for (const std::string result :
       {"Djokovic won 6-4 6-3", "Update to iOS 17.4.1", "Arsenal v Spurs 19:45 at home"}) {
    EXPECT_EQ(main_text("<article>" + p(kOne) + "<h2>" + result + "</h2>" + p(kTwo) + p(kThree) +
                        "</article>"),
              kOne + "\n\n" + result + "\n\n" + kTwo + "\n\n" + kThree)
        << result;
  }
  const std::string day = "On 17-01-2012 the ministry said it again.";
  EXPECT_EQ(main_text("<article>" + p(kOne) + p(day) + p(kTwo) + "</article>"),
            kOne + "\n\n" + day + "\n\n" + kTwo);
}

TEST(FindMainText, CutsAMomentInAnElementOfItsOwnFromTheBeginningOfAParagraph) {
  const std::string longer = kOne + " " + kTwo;
  EXPECT_EQ(main_text("<article><p><b> 05.01.2012, Tiraspol 00:16:06</b> " + longer + "</p>" +
                      p(kThree) + "</article>"),
            longer + "\n\n" + kThree);
  EXPECT_EQ(main_text("<article><p>05.01.2012, 00:16 was when. " + longer + "</p></article>"),
            "05.01.2012, 00:16 was when. " + longer);
  EXPECT_EQ(main_text("<article><p><b>Moscow</b> " + longer + "</p></article>"),
            "Moscow " + longer);
}

TEST(FindMainText, LooksForNoLeadWhereTheRegionHoldsNoBlock) {
  EXPECT_EQ(main_text("<table class=\"entry-content\"</title></a><a><t></script>-->< "
                      "class=\"entry-content\"80;"),
            "-->< class=\"entry-content\"80;");
}

TEST(FindMainText, LeavesHiddenTextOutUnlessMostIsHidden) {
  EXPECT_EQ(main_text("<article>" + p(kOne) + p(kTwo) + "<p style='display: none'>" + kThree +
                      "</p></article>"),
            kOne + "\n\n" + kTwo);
  EXPECT_EQ(
      main_text("<article><div style='display:none'>" + p(kOne) + p(kTwo) + "</div></article>"),
      kOne + "\n\n" + kTwo);
}

// §4.16: never depend on the language being known; Han has no spaces and few letters.
TEST(FindMainText, ReadsScriptsWithoutSpaces) {
  const std::string chinese =
      "美国商务部周二宣布，将对先进人工智能芯片实施新的出口管制措施，以防止其流入中国。";
  EXPECT_EQ(main_text("<div><a href=/>首页</a> <a href=/n>新闻</a></div><div>" + p(chinese) +
                      p(chinese + "续") + "</div>"),
            chinese + "\n\n" + chinese + "续");
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
