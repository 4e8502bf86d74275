#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "extractor/metadata/metadata.h"
#include "extractor/metadata/plain_line.h"

namespace vigie::extractor::metadata {
namespace {

std::string title_of(const std::string& page,
                     const std::string& url = "https://www.harbourpost.example/a/1") {
  const dom::Document document = dom::parse(page);
  PageFacts facts;
  facts.url = url;
  facts.page = page;
  return read(document, facts).title;
}

// A page whose carriers all say one title, with no heading that tells.
std::string claimed(const std::string& title, const std::string& site = {}) {
  return "<title>" + title + "</title><meta property=og:title content=\"" + title + "\">" +
         (site.empty() ? "" : "<meta property=og:site_name content=\"" + site + "\">") +
         "<div class=hl>x</div><p>Words of the story.</p>";
}

TEST(Headline, CutsTheNameOfTheSiteWhereverItStands) {
  for (const char* title :
       {"Permits are read again | The Harbour Post", "Permits are read again - The Harbour Post",
        "Permits are read again – Harbour Post", "Permits are read again — Harbour Post Online",
        "The Harbour Post | Permits are read again", "Harbour Post - Permits are read again",
        "The Harbour Post: Permits are read again", "Permits are read again [The Harbour Post]",
        "Permits are read again｜The Harbour Post", "Permits are read again · The Harbour Post",
        "Permits are read again » Harbour Post",
        "Permits are read again | Shipping | World | The Harbour Post",
        "Permits are read again | harbourpost.example"}) {
    EXPECT_EQ(title_of(claimed(title, "The Harbour Post")), "Permits are read again") << title;
  }
  EXPECT_EQ(title_of(claimed("輸出許可を四半期ごとに見直し｜灯台新聞", "灯台新聞")),
            "輸出許可を四半期ごとに見直し");
  EXPECT_EQ(title_of(claimed("出口许可将每季度审查一次_灯塔新闻网", "灯塔新闻网")),
            "出口许可将每季度审查一次");
  EXPECT_EQ(title_of(claimed("Genehmigungen werden geprüft | Hafenblatt", "Hafenblatt")),
            "Genehmigungen werden geprüft");
  EXPECT_EQ(title_of(claimed("港が再開、嵐の後で：灯台新聞", "灯台新聞")), "港が再開、嵐の後で");
  for (const char* mark : {" :: ", "ㅣ", " ㅣ ", " ▪ ", "┃"}) {
    const std::string title = std::string("수출 허가를 분기마다 다시 본다") + mark + "등대신문";
    EXPECT_EQ(title_of(claimed(title.c_str(), "등대신문")), "수출 허가를 분기마다 다시 본다")
        << mark;
  }
  // by its domain alone
  EXPECT_EQ(title_of(claimed("Permits are read again | Harbourpost")), "Permits are read again");
}

TEST(Headline, CutsNothingElse) {
  for (const char* title :
       {"AI rules: what changes on 2 August – and what does not",
        "Nanoforge and the ministry - an uneasy peace", "Chips – the long view",
        "Pilots, permits – and the price", "Live: Oslo – Bergen ferry stops",
        "What is a threshold — and why does it bind?", "Harbour strike / part two",
        "Permits: what they are and who may read them"})
    EXPECT_EQ(title_of(claimed(title, "The Lookout Daily")), title);
}

TEST(Headline, LeavesOutMarkupAndInvisibleCharacters) {
  EXPECT_EQ(title_of(claimed("Why &lt;em&gt;Nanoforge&lt;/em&gt; chips matter to everyone")),
            "Why Nanoforge chips matter to everyone");
  EXPECT_EQ(title_of("<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":"
                     "\"CO<sub>2</sub> and <b>compute</b>: what counts\"}</script>"),
            "CO2 and compute: what counts");
  EXPECT_EQ(title_of(claimed("Export&shy;kontrollen werden enger ge&shy;fasst")),
            "Exportkontrollen werden enger gefasst");
  EXPECT_EQ(title_of("<h1>What does List&lt;T&gt; mean for chips?</h1>"),
            "What does List<T> mean for chips?");
  EXPECT_EQ(plain_line("a<br>b"), "a b");
  EXPECT_EQ(plain_line("if a<b then <i>c</i>"), "if a<b then c");
  EXPECT_EQ(plain_line("30 years of <br> tags", Markup::kShown), "30 years of <br> tags");
  EXPECT_EQ(plain_line("<a href=\"/x\">Mara</a> and <a href='/y'>Jo</a>"), "Mara and Jo");
  EXPECT_EQ(plain_line("I <3 chips"), "I <3 chips");
  EXPECT_EQ(plain_line("می‌خواهد"), "می‌خواهد");
}

TEST(Headline, KnowsKickersSubtitlesAndRecords) {
  // an element of the heading that claims have behind another kicker
  EXPECT_EQ(
      title_of("<title>Strike: «The pilots wait until spring» - News - Post</title><h1><span>On "
               "the quay</span> <span>-</span> <span>«The pilots wait until spring»</span></h1>"),
      "«The pilots wait until spring»");
  // OpenGraph claims the whole heading
  EXPECT_EQ(title_of("<title>Pilots weigh in on the new permits</title><meta property=og:title "
                     "content=\"'No more delay': pilots weigh in on the new permits\"><h1>'No more "
                     "delay': pilots weigh in on the new permits</h1>"),
            "'No more delay': pilots weigh in on the new permits");
  // a subtitle in an element of its own
  EXPECT_EQ(
      title_of("<title>Pilots weigh in on the new permits</title><h1>Pilots weigh in on the new "
               "permits<small>A morning on the quay</small></h1>"),
      "Pilots weigh in on the new permits");
  // a day in front
  EXPECT_EQ(title_of(claimed("08.11.2024 | Pilots weigh in on the new permits")),
            "Pilots weigh in on the new permits");
  // a paragraph that stands in the only heading
  EXPECT_EQ(title_of(claimed("Pilots weigh in on the new permits") + "<h1>" +
                     std::string(200, 'a') + " words of a paragraph</h1>"),
            "Pilots weigh in on the new permits");
}

TEST(Headline, TakesTheRecordsHeadlineBesideALineOfSearch) {
  const auto page = [](const std::string& record, const std::string& shown) {
    return "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"" +
           record + "\"}</script>" + "<title>" + shown +
           "</title><meta property=og:title content=\"" + shown + "\"><h1>" + shown + "</h1>";
  };
  EXPECT_EQ(title_of(page("Unknown permits throw light on the harbour",
                          "Harbour sensation: old permits found in the tower")),
            "Unknown permits throw light on the harbour");
  // of another story
  EXPECT_EQ(title_of(page("Minister arrives for a visit at noon",
                          "Harbour sensation: old permits found in the tower")),
            "Harbour sensation: old permits found in the tower");
  // cut short
  EXPECT_EQ(title_of(page("Harbour sensation: old permits found",
                          "Harbour sensation: old permits found in the tower")),
            "Harbour sensation: old permits found in the tower");
}

}  // namespace
}  // namespace vigie::extractor::metadata
