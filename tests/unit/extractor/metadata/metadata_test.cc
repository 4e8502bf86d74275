#include "extractor/metadata/metadata.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::extractor::metadata {
namespace {

Metadata read_page(const std::string& page,
                   const std::string& url = "https://www.example.com/news/story-1") {
  const dom::Document document = dom::parse(page);
  return read(document, {url, {}});
}

using Names = std::vector<std::string>;

TEST(CleanAuthors, CutsBylinesIntoNames) {
  EXPECT_EQ(clean_authors({"By Jane Doe and John Roe"}, ""), (Names{"Jane Doe", "John Roe"}));
  EXPECT_EQ(clean_authors({"Von Anna Müller, Berlin"}, ""), (Names{"Anna Müller"}));
  EXPECT_EQ(clean_authors({"Jane Doe, John Roe & Ann Poe"}, ""),
            (Names{"Jane Doe", "John Roe", "Ann Poe"}));
  EXPECT_EQ(clean_authors({"Jane Doe", "JANE DOE"}, ""), (Names{"Jane Doe"}));
  EXPECT_EQ(clean_authors({"Jane Doe (Reuters)"}, ""), (Names{"Jane Doe"}));
  EXPECT_EQ(clean_authors({"Иван Петров"}, ""), (Names{"Иван Петров"}));
}

// extraction.md §4.10.
TEST(CleanAuthors, LeavesOutWhatIsNoPerson) {
  for (const char* claim :
       {"Minutes Ago", "5 Minutes Ago", "Email The Author", "https://example.com/jane",
        "jane@example.com", "Staff", "admin", "The Example", "", " , ", "Updated 5 March 2024"}) {
    EXPECT_TRUE(clean_authors({claim}, "The Example").empty()) << claim;
  }
}

TEST(Read, TakesAuthorsFromJsonLdThenMetaThenBylines) {
  EXPECT_EQ(
      read_page("<meta name=author content='Meta Name'><script "
                "type='application/ld+json'>{\"@type\":\"Article\",\"author\":{\"name\":\"Json "
                "Name\"}}</script>")
          .authors,
      (Names{"Json Name"}));
  EXPECT_EQ(
      read_page("<meta name=author content='Meta Name'><span class=byline>By Line Name</span>")
          .authors,
      (Names{"Meta Name"}));
  EXPECT_EQ(read_page("<span class=byline>By Line Name</span>").authors, (Names{"Line Name"}));
  const Metadata agency = read_page(
      "<script "
      "type='application/"
      "ld+json'>{\"@type\":\"Article\",\"author\":{\"@type\":\"Organization\",\"name\":"
      "\"Associated Press\"}}</script>");
  EXPECT_EQ(agency.authors, (Names{"Associated Press"}));
  EXPECT_EQ(agency.authors_carrier, "organisation");
}

TEST(Read, TakesAnAgencyBesideAPersonFromData) {
  const auto authors = [](const std::string& list) {
    return read_page(
               "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"publisher\":"
               "{\"name\":\"The Lookout\"},\"author\":" +
               list + "}</script>")
        .authors;
  };
  EXPECT_EQ(authors(R"([{"@type":"Person","name":"Jane Doe"},{"@type":"Person","name":"AFP"}])"),
            (Names{"Jane Doe", "AFP"}));
  EXPECT_EQ(authors(R"([{"@type":"Person","name":"Jane Doe"},
                        {"@type":"Organization","name":"Port Institute"}])"),
            (Names{"Jane Doe", "Port Institute"}));
  EXPECT_EQ(authors(R"([{"@type":"Person","name":"Jane Doe"},{"@type":"Person","name":"Staff"}])"),
            (Names{"Jane Doe"}));
  EXPECT_EQ(authors(R"([{"@type":"Organization","name":"AFP"},{"name":"City Desk"}])"),
            (Names{"AFP", "City Desk"}));
}

TEST(Read, DataThatNameTheirPublisherAloneSayLess) {
  const std::string data =
      "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"publisher\":{\"name\":"
      "\"The Lookout\"},\"author\":{\"@type\":\"Organization\",\"name\":\"The "
      "Lookout\"}}</script>";
  EXPECT_EQ(read_page(data).authors, (Names{"The Lookout"}));
  EXPECT_EQ(read_page(data + "<meta name=articleAuthor content='Anadolu Ajansı'>").authors,
            (Names{"Anadolu Ajansı"}));
  EXPECT_EQ(read_page(data + "<h1>A title</h1><p class=byline>AP</p>").authors, (Names{"AP"}));
}

TEST(Read, WhoTookThePictureIsNoAuthor) {
  const std::string figure =
      "<h1>A title</h1><figure><img src=a.jpg><figcaption>The harbour "
      "<span class='CLASS'>Max Muster</span></figcaption></figure>";
  for (const char* name : {"bildautor", "photo-author", "author"}) {
    std::string page = figure;
    page.replace(page.find("CLASS"), 5, name);
    EXPECT_EQ(read_page(page).authors, Names{}) << name;
    EXPECT_EQ(read_page(page + "<p class=autor>Klara Feld</p>").authors, (Names{"Klara Feld"}))
        << name;
  }
  EXPECT_EQ(read_page("<h1>A title</h1><button class=followAuthor>Folgen</button>").authors,
            Names{});
}

TEST(Read, FollowsReferencesWithinJsonLd) {
  const Metadata found = read_page(
      "<script "
      "type='application/"
      "ld+json'>{\"@graph\":[{\"@type\":\"Person\",\"@id\":\"#p\",\"name\":\"Jane "
      "Doe\"},{\"@type\":\"NewsArticle\",\"headline\":\"H\",\"author\":{\"@id\":\"#p\"},"
      "\"datePublished\":\"2024-03-05\"}]}</script>");
  EXPECT_EQ(found.authors, (Names{"Jane Doe"}));
  ASSERT_TRUE(found.published);
  EXPECT_EQ(found.published->text, "2024-03-05");
}

// extraction.md §4.15: 1.5 % of the pages with JSON-LD have some that is broken.
TEST(Read, ToleratesBrokenJsonLd) {
  const Metadata found = read_page(
      "<script type='application/ld+json'>{\"@type\":\"Article\",\n\"headline\":\"A head\nline of "
      "some length\",\"datePublished\":\"2024-03-05\",}</script>");
  EXPECT_EQ(found.title, "A head line of some length");
  EXPECT_TRUE(read_page("<script type='application/ld+json'>{]</script>").title.empty());
}

TEST(Read, TakesTheHeadingThatOtherCarriersConfirm) {
  EXPECT_EQ(read_page("<title>Chips move again today | The Example</title><h1>The "
                      "Example</h1><h1>Chips move again today</h1>")
                .title,
            "Chips move again today");
  EXPECT_EQ(read_page("<title>Chips move again today - The Example</title><meta "
                      "property=og:site_name content='The Example'>")
                .title,
            "Chips move again today");
  EXPECT_EQ(read_page("<meta property=og:title content='Trump speaks of tankers'><h1><span>Soon: "
                      "</span>Trump speaks of tankers</h1>")
                .title,
            "Trump speaks of tankers");
}

TEST(Read, KeepsPublishedAndModifiedApart) {
  const Metadata found = read_page(
      "<meta property='article:published_time' content='2024-03-05T10:00:00Z'><meta "
      "property='article:modified_time' content='2024-03-07T10:00:00Z'>");
  ASSERT_TRUE(found.published && found.modified);
  EXPECT_EQ(found.published->text, "2024-03-05T10:00:00Z");
  EXPECT_EQ(found.published->carrier, "meta:article:published_time");
  EXPECT_EQ(found.modified->text, "2024-03-07T10:00:00Z");
}

TEST(Read, FindsDatesInElementsUrlAndText) {
  EXPECT_EQ(
      read_page("<time datetime='2024-03-05T10:00:00+02:00'>yesterday</time>").published->text,
      "2024-03-05T10:00:00+02:00");
  EXPECT_EQ(read_page("<p>x", "https://www.example.com/2024/03/05/story").published->carrier,
            "url");
  EXPECT_EQ(read_page("<div>Published 5 March 2024</div>").published->carrier, "text");
  EXPECT_FALSE(read_page("<p>no date</p>").published);
}

TEST(Read, MakesImagesAbsolute) {
  EXPECT_EQ(read_page("<meta property=og:image content='/i.png'>").image_url,
            "https://www.example.com/i.png");
  EXPECT_EQ(read_page("<meta property=og:image content='javascript:x'>").image_url, "");
}

TEST(Read, CollectsThePublishersTagsOnce) {
  EXPECT_EQ(read_page("<meta property='article:tag' content=AI><meta name=keywords content='AI, "
                      "chips'><a rel=tag href=x>export controls</a>")
                .tags,
            (Names{"AI", "chips", "export controls"}));
}

}  // namespace
}  // namespace vigie::extractor::metadata
