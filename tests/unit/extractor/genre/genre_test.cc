#include "extractor/genre/genre.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "extractor/dom/document.h"
#include "extractor/metadata/metadata.h"

namespace vigie::extractor::genre {
namespace {

const std::string kUrl = "https://courier.example/2026/05/the-levy-and-the-grid";

struct Around {
  std::string url = kUrl;
  std::string kind = {};
  std::vector<std::string> paragraphs = {};
  std::vector<std::string> categories = {};
};

Genre read(const std::string& html, const Around& around = {}) {
  const dom::Document document = dom::parse(html);
  metadata::PageFacts facts;
  facts.url = around.url;
  facts.page = html;
  const metadata::Metadata found = metadata::read(document, facts);
  return genre_of(document, found, {around.url, around.kind, around.paragraphs, around.categories});
}

std::string with_headline(const std::string& before, const std::string& behind = "") {
  return "<article>" + before + "<h1>The levy and the grid</h1>" + behind +
         "<p>Text of the story.</p></article>";
}

void expect(const Genre& genre, const char* name, const char* carrier, const char* evidence) {
  EXPECT_EQ(genre.name, name);
  EXPECT_EQ(genre.carrier, carrier);
  EXPECT_EQ(genre.evidence, evidence);
}

TEST(GenreOf, IsNewsWhereNothingSaysOtherwise) {
  expect(read(with_headline("")), "news", "default", "");
}

TEST(GenreOf, TypesOfDataGoFirst) {
  const auto page = [](const std::string& data) {
    return "<script type='application/ld+json'>" + data + "</script>" +
           with_headline("<p class=kicker>Interview</p>");
  };
  const std::string kHead = R"("headline":"The levy and the grid")";
  expect(read(page(R"({"@type":"OpinionNewsArticle",)" + kHead + "}")), "opinion", "json-ld",
         "OpinionNewsArticle");
  expect(
      read(page(R"({"@type":["Article","https://schema.org/AnalysisNewsArticle"],)" + kHead + "}")),
      "analysis", "json-ld", "AnalysisNewsArticle");
  expect(read(page(R"([{"@type":"NewsArticle",)" + kHead + R"(},{"@type":"ClaimReview"}])")),
         "fact-check", "json-ld", "ClaimReview");
  // a type of another story of the page says nothing
  expect(read(page(R"([{"@type":"NewsArticle",)" + kHead + R"(,"url":")" + kUrl +
                   R"("},{"@type":"OpinionNewsArticle","headline":"Bakers of the north strike",
                      "url":"https://courier.example/2026/05/bakers-of-the-north"}])")),
         "interview", "kicker", "Interview");
  expect(read(page(R"({"@type":"NewsArticle","genre":"Opinion",)" + kHead + "}")), "opinion",
         "meta", "Opinion");
}

TEST(GenreOf, HeadlineNamesIt) {
  const auto of = [](const std::string& title) { return read("<h1>" + title + "</h1><p>x</p>"); };
  expect(of("Kommentar: Die Abgabe"), "opinion", "headline", "Kommentar");
  expect(of("【社説】許可証は手綱ではない"), "opinion", "headline", "【社説");
  expect(of("OPINION | The levy"), "opinion", "headline", "OPINION");
  expect(of("Interview with the minister of power"), "interview", "headline", "interview with");
  expect(of("Der Gipfel im Liveticker"), "live", "headline", "im liveticker");
  EXPECT_EQ(of("Opinion poll finds support for a levy").name, "news");
  EXPECT_EQ(of("Analysis of river water shows solvent").name, "news");
  EXPECT_EQ(of("Live-streaming firm files for listing").name, "news");
  // the name of the site is no label
  EXPECT_EQ(read("<title>The levy | Opinion</title><meta property=og:site_name content=Opinion>" +
                 with_headline(""))
                .name,
            "news");
  EXPECT_EQ(read("<title>The levy | North | Satire</title><meta property=og:site_name "
                 "content='North | Satire'>" +
                 with_headline(""))
                .name,
            "news");
  expect(read("<title>The levy and the grid | Opinion | Courier</title>" + with_headline("")),
         "opinion", "headline", "Opinion");
}

TEST(GenreOf, ReviewsOfWorksAreOpinion) {
  const auto of = [](const std::string& title, const std::string& url) {
    return read("<h1>" + title + "</h1><p>x</p>", {.url = url});
  };
  expect(of("Harbour Songs review – a quiet, salty record",
            "https://courier.example/music/2026/harbour-songs-review"),
         "opinion", "headline", "Harbour Songs review – a quiet, salty record");
  EXPECT_EQ(of("Night Shift review: all brakes, no train", "https://courier.example/film/1").name,
            "opinion");
  EXPECT_EQ(of("Dom nad portem - recenzja", kUrl).name, "opinion");
  EXPECT_EQ(of("Night Shift: film review", kUrl).name, "opinion");
  // among the arts by its tags
  EXPECT_EQ(read("<meta property=article:tag content=PlayStation><h1>Cold Star review – short of "
                 "greatness</h1><p>x</p>")
                .name,
            "opinion");
  EXPECT_EQ(of("Record of the week: Cold Sea", kUrl).name, "opinion");
  // of budgets and laws, and what is not out yet
  EXPECT_EQ(of("Spending review – what the regions get", "https://courier.example/politics/1").name,
            "news");
  EXPECT_EQ(of("Autumn preview – ten shows", "https://courier.example/music/1").name, "news");
}

TEST(GenreOf, TheNameOfTheHostIsNoLabel) {
  EXPECT_EQ(read("<title>The levy and the grid | Harbour Live</title>" + with_headline(""),
                 {.url = "https://www.harbourlive.example/2026/the-levy"})
                .name,
            "news");
  EXPECT_EQ(read("<title>The levy and the grid - live</title>" + with_headline("")).name, "live");
}

TEST(GenreOf, KickerNamesIt) {
  expect(read(with_headline("<p class=article__eyebrow>Editorial</p>")), "opinion", "kicker",
         "Editorial");
  expect(read(with_headline("<div>Analyse</div>")), "analysis", "kicker", "Analyse");
  expect(read("<article><h1><span>Kommentar</span> Die Abgabe trifft alle</h1><p>x</p></article>"),
         "opinion", "kicker", "Kommentar");
  // menus, sidebars and links to comments are none
  const std::string kMenu =
      "<div><a href=/n>News</a><a href=/o>Opinion</a><a href=/l>Live</a></div>";
  EXPECT_EQ(read(kMenu + with_headline("")).name, "news");
  EXPECT_EQ(read(with_headline("") + "<aside><p class=kicker>Opinion</p><h3>Another story of the "
                                     "day</h3></aside>")
                .name,
            "news");
  EXPECT_EQ(read(with_headline("", "<a class=label href='#comments'>评论</a>")).name, "news");
}

TEST(GenreOf, TabsAndMenusAboveTheHeadlineAreNoKicker) {
  const auto with_box = [](const std::string& attributes) {
    return read("<div><div><div " + attributes + ">评论 <b></b></div></div>" + with_headline("") +
                "</div>");
  };
  EXPECT_EQ(with_box("class=menu_1_2").name, "news");
  EXPECT_EQ(with_box("class=tab-2").name, "news");
  EXPECT_EQ(with_box("class=rubric").name, "opinion");
  // an institute's news are its debate
  EXPECT_EQ(
      read("<div class=breadcrumb><a>Home</a> &gt; <a>Debate</a></div>" + with_headline("")).name,
      "news");
}

TEST(GenreOf, LabelBeneathTheHeadlineNamesIt) {
  expect(read(with_headline("", "<h2>Editorial</h2>")), "opinion", "byline", "Editorial");
  // what a part of the text is called, and what stands beneath it
  EXPECT_EQ(read(with_headline("", "<h2>Background</h2>")).name, "news");
  EXPECT_EQ(read(with_headline("",
                               "<p>Both ministers said on Monday that the levy will be paid for "
                               "ten years, not five.</p><h3>Editorial</h3>"))
                .name,
            "news");
}

TEST(GenreOf, SeriesBehindItsLabelIsNamedByIt) {
  expect(read("<h1>Kolumne „Heimes Heizung“: Der Zähler und ich</h1><p>x</p>"), "opinion",
         "headline", "Kolumne");
  EXPECT_EQ(read("<h1>Minister: „Kolumne war falsch“</h1><p>x</p>").name, "news");
}

TEST(GenreOf, SaysSoInASentence) {
  for (const char* line :
       {"Dette er et debattinnlegg. Innlegget gir uttrykk for skribentens holdning.",
        "Detta är en ledarartikel.",
        "This is an opinion column. Its views are those of the author.",
        "Bei diesem Beitrag handelt es sich um einen Gastbeitrag."})
    EXPECT_EQ(read(with_headline("", "<p>" + std::string(line) + "</p>")).name, "opinion") << line;
}

TEST(GenreOf, BoxBehindTheTextMayDisclaimIt) {
  const std::string kLast = "That is how the levy came to the harbour in the first place.";
  const auto with_tail = [&](const std::string& tail) {
    return read("<main><h1>The levy and the grid</h1><p>" + kLast + "</p>" + tail +
                    "<div class=comments><p>A reader.</p><p>Another.</p><p>A third.</p>"
                    "<p>And a fourth reader.</p><p>And a fifth reader.</p></div></main>",
                {.paragraphs = {kLast}});
  };
  expect(with_tail("<div>Dieser Beitrag gibt die Meinung des Autors wieder.</div>"), "opinion",
         "text", "gibt die meinung des autors wieder");
  EXPECT_EQ(with_tail("<div>Die Kommentare geben die Meinung des Autors wieder.</div>").name,
            "news");
  EXPECT_EQ(with_tail("").name, "news");
}

TEST(GenreOf, RecordOfABookIsOneOfAReview) {
  const auto of = [](const std::string& record, const std::string& kind = "") {
    return read(with_headline("", "<p>A dry book.</p><p>" + record + "</p>"), {.kind = kind});
  };
  EXPECT_EQ(
      of("Ann Hart: The Levy. Saltmarsh, 2026.<br>212 pages, 18 GBP.<br>ISBN 978-0000000000").name,
      "opinion");
  EXPECT_EQ(of("Saltmarsh Verlag, 170 S., ISBN: 9780000000000").name, "opinion");
  EXPECT_EQ(of("210頁，ISBN 978-0000000000").name, "opinion");
  EXPECT_EQ(of("The number of a book is called ISBN and has 13 digits.").name, "news");
  // who sells it says so too
  EXPECT_EQ(of("212 pages. ISBN 978-0000000000", "company").name, "press-release");
}

TEST(GenreOf, TagThatIsTheNameOfAGenreNamesIt) {
  expect(
      read("<meta property=article:tag content=Felieton><meta property=article:tag content=Odra>" +
           with_headline("")),
      "opinion", "tag", "Felieton");
  EXPECT_EQ(read("<meta property=article:tag content=Satire><meta property=article:tag "
                 "content='Opinion polls'>" +
                 with_headline(""))
                .name,
            "news");
}

TEST(GenreOf, SlugSaysNoMoreThanItsHeadline) {
  const std::string kStory = "https://courier.example/a/editorial-staff-to-strike";
  EXPECT_EQ(read("<h1>Editorial staff to strike</h1><p>x</p>", {.url = kStory}).name, "news");
  EXPECT_EQ(read("<h1>Staff to strike</h1><p>x</p>", {.url = kStory}).name, "opinion");
}

TEST(GenreOf, SectionPathAndUrlNameIt) {
  expect(read("<meta property=article:section content='News, Opinion'>" + with_headline("")),
         "opinion", "section", "Opinion");
  expect(read(with_headline("<div class=breadcrumb><a href=/>Home</a> &gt; <a>Op-Eds</a></div>")),
         "opinion", "breadcrumb", "Op-Eds");
  expect(read(with_headline(""), {.url = "https://courier.example/meinung/2026/die-abgabe"}),
         "opinion", "url", "/meinung/");
  expect(read(with_headline(""), {.url = "https://courier.example/a/faktencheck-zur-abgabe"}),
         "fact-check", "url", "faktencheck");
  EXPECT_EQ(
      read(with_headline(""), {.url = "https://opinion.example/2026/opinion-poll-on-levy"}).name,
      "news");
  // what stands inside goes before what stands outside
  expect(read(with_headline("<p class=kicker>Analysis</p>"),
              {.url = "https://courier.example/opinion/the-levy"}),
         "analysis", "kicker", "Analysis");
}

TEST(GenreOf, AuthorsAndTextNameIt) {
  expect(read("<meta name=author content='The Editorial Board'>" + with_headline("")), "opinion",
         "author", "The Editorial Board");
  expect(read(with_headline("", "<p>Ein Kommentar von Jule Harms</p>")), "opinion", "byline",
         "Ein Kommentar von Jule Harms");
  expect(read(with_headline(""),
              {.paragraphs = {"LYON, 11 May 2026 /PRNewswire/ -- Oakline today opened a park."}}),
         "press-release", "text", "/prnewswire/");
  expect(
      read(with_headline(""),
           {.paragraphs = {"Text.", "Las opiniones expresadas en este artículo son del autor."}}),
      "opinion", "text", "las opiniones expresadas en");
  // what is said of readers' comments says nothing of the text
  for (const char* line :
       {"Kommentare werden geprüft. Die Kommentare geben nicht notwendigerweise die Meinung der "
        "Redaktion wieder.",
        "Los comentarios no reflejan necesariamente la opinión de este diario."})
    EXPECT_EQ(read(with_headline(""), {.paragraphs = {"Text.", line}}).name, "news") << line;
}

// Portals of China print it under all that they take from others.
TEST(GenreOf, ADisclaimerOfThePortalSaysNothing) {
  EXPECT_EQ(read(with_headline(""), {.paragraphs = {"正文。", "（本文仅代表作者个人观点）"}}).name,
            "opinion");
  EXPECT_EQ(read(with_headline(""),
                 {.paragraphs = {"正文。",
                                 "免责声明：本文仅代表作者个人观点，与灯塔网无关。其原创性"
                                 "以及文中陈述文字和内容未经本站证实。"}})
                .name,
            "news");
}

TEST(GenreOf, ListsAreNoStories) {
  expect(read("<h1>Semiconductors</h1>", {.url = "https://courier.example/tag/semiconductors"}),
         "listing", "url", "/tag/");
  EXPECT_EQ(read("<h1>Opinion</h1>", {.url = "https://courier.example/opinion"}).name, "listing");
  // an article under a subject's address is one
  EXPECT_EQ(read("<meta property=article:published_time content=2026-05-01T10:00:00Z>" +
                     with_headline(""),
                 {.url = "https://courier.example/topic/the-levy"})
                .name,
            "news");
}

TEST(GenreOf, KindOfSourceIsTheLastWord) {
  expect(read(with_headline(""), {.kind = "company"}), "press-release", "source", "company");
  expect(read(with_headline(""), {.kind = "newspaper"}), "news", "default", "");
  expect(read(with_headline("<p class=kicker>Interview</p>"), {.kind = "company"}), "interview",
         "kicker", "Interview");
  expect(read(with_headline(""), {.categories = {"Chips", "Opinion"}}), "opinion", "feed",
         "Opinion");
}

TEST(GenreOf, ItemOfAFeed) {
  const Genre genre = genre_of_item("Kommentar: Die Abgabe", {kUrl, {}, {}});
  expect(genre, "opinion", "headline", "Kommentar");
}

// Any bytes give a genre, and evidence of at most 100 bytes.
TEST(GenreOf, IsTotal) {
  std::string page = "<h1>Opinion: " + std::string(5000, 'x') + "</h1>";
  for (int i = 0; i < 3000; ++i) page += "<div class=breadcrumb><span class=kicker>";
  for (const std::string& html : {page, std::string(), std::string("\xff\xfe<h1>\xff"),
                                  "<h1>" + std::string(3000, '|') + "</h1>"}) {
    const Genre genre = read(html, {.url = "not a url"});
    EXPECT_FALSE(genre.name.empty());
    EXPECT_LE(genre.evidence.size(), 100U);
  }
}

}  // namespace
}  // namespace vigie::extractor::genre
