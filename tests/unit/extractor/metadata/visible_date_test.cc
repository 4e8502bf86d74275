#include "extractor/metadata/visible_date.h"

#include <gtest/gtest.h>

#include <string>

#include "extractor/metadata/metadata.h"

namespace vigie::extractor::metadata {
namespace {

std::string near(const std::string& page, std::string_view headline = {}) {
  const dom::Document document = dom::parse(page);
  const std::optional<Date> found = VisibleDates(document, {"en"}, headline).anywhere();
  return found ? found->text : std::string{};
}

TEST(DateInText, PrefersWhatStandsBesideTheHeadlineToTodaysDateAndMenus) {
  EXPECT_EQ(near("<div><span>Tue, 14 Jan 2020</span></div><h2>Blaze brought under "
                 "control</h2><p>News<br>13 Jan 2020</p><p>Text</p>",
                 "Blaze brought under control"),
            "2020-01-13");
  EXPECT_EQ(near("<ul><li><a href=1>Advice (until 31.12.2018)</a></li></ul><span "
                 "class=date>27.01.2022</span><h1>A notice</h1><p>Words</p>"),
            "2022-01-27");
  EXPECT_EQ(near("<p>No day at all</p>"), "");
}

TEST(DateInScripts, ReadsAMomentInQuotationMarksWhereNoKeyNamesOne) {
  const std::optional<Date> found =
      date_in_scripts("<script>showDate(\"2020/04/17 01:43:09\")</script>", {"en"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text, "2020-04-17");
  EXPECT_FALSE(date_in_scripts("<script>version(\"2020.04\")</script>", {"en"}));
}

// ops/adr/0009-day-shown-beside-an-instant-of-utc.md: the day that the publisher wrote; content
// systems write UTC, readers see another day.
TEST(OnDayShown, KeepsTheInstantAndGivesTheDayThatReadersSee) {
  const auto shown = [](std::string_view written, std::string_view day,
                        std::string_view modified = {}) {
    const Date date = *parse_date(written);
    const Date out = on_day_shown(date, parse_date(day), parse_date(modified));
    EXPECT_EQ(out.unix_ms, date.unix_ms);
    return out.text;
  };
  EXPECT_EQ(shown("2021-11-04T23:00:00Z", "2021-11-05"), "2021-11-05");
  EXPECT_EQ(shown("2023-12-02T00:46:23+00:00", "December 1, 2023"), "2023-12-01");
  // not in UTC
  EXPECT_EQ(shown("2021-11-04T23:00:00+01:00", "2021-11-05"), "2021-11-04T23:00:00+01:00");
  // another day altogether
  EXPECT_EQ(shown("2021-11-04T23:00:00Z", "2021-11-07"), "2021-11-04T23:00:00Z");
  // no newsroom is so far behind
  EXPECT_EQ(shown("2024-08-27T10:32:24+00:00", "2024-08-26"), "2024-08-27T10:32:24+00:00");
  // the day of the change is shown
  EXPECT_EQ(shown("2021-11-04T20:10:00Z", "2021-11-05", "2021-11-05T08:00:00Z"),
            "2021-11-04T20:10:00Z");
}

// White space between elements is one space that lies outside the page: what a figure ends with was
// looked for from there.
TEST(Read, FindsThePictureOfAFigureThatWhiteSpaceFollows) {
  for (const char* space : {"", " ", "\n    ", "\n\n"}) {
    const std::string page =
        std::string("<article><h1>A headline</h1>") + space +
        "<figure><img src=/harbour.jpg><figcaption>A harbour</figcaption></figure>" + space +
        "<p>A paragraph of prose, with an end.</p>" + space +
        "<figure><figcaption>Of nothing</figcaption></figure>" + space +
        "<p>More.</p><img src=/other.jpg></article>";
    const dom::Document document = dom::parse(page);
    PageFacts facts;
    facts.url = "https://example.com/story";
    const Metadata found = read(document, facts);
    ASSERT_EQ(found.images.size(), 1U) << '"' << space << '"';
    EXPECT_EQ(found.images[0].url + " " + found.images[0].caption,
              "https://example.com/harbour.jpg A harbour");
  }
}

TEST(Read, KeepsClaimsPicturesAlternatesLicenceAndType) {
  const std::string page =
      "<html lang=en><head><link rel=alternate hreflang=fr href=/fr/story><link rel=license "
      "href=https://creativecommons.org/licenses/by/4.0/>"
      "<meta property=og:image content=https://example.com/img/lead-1200.jpg><meta "
      "property=og:title content='A headline of length'>"
      "<script type='application/ld+json'>{\"@type\":\"LiveBlogPosting\",\"headline\":\"Another "
      "headline\"}</script></head><body>"
      "<figure><img src=/img/other.jpg><figcaption>Other</figcaption></figure>"
      "<figure><img src=/img/lead-1200.jpg?w=300><figcaption>A harbour at night. <span "
      "class=credit>Jane Doe/Agency</span></figcaption></figure></body></html>";
  const dom::Document document = dom::parse(page);
  PageFacts facts;
  facts.url = "https://example.com/story";
  facts.page = page;
  const Metadata found = read(document, facts);
  EXPECT_EQ(found.page_type, "live_blog");
  EXPECT_EQ(found.licence, "https://creativecommons.org/licenses/by/4.0/");
  ASSERT_EQ(found.alternates.size(), 1U);
  EXPECT_EQ(found.alternates[0].language + " " + found.alternates[0].url,
            "fr https://example.com/fr/story");
  ASSERT_EQ(found.images.size(), 2U);
  EXPECT_EQ(found.image_credit, "Jane Doe/Agency");
  EXPECT_EQ(found.image_caption, "A harbour at night. Jane Doe/Agency");
  for (const Claim& claim : found.claims) EXPECT_TRUE(claim.chosen) << field_name(claim.field);
  facts.all_claims = true;
  std::size_t lost = 0;
  for (const Claim& claim : read(document, facts).claims) lost += claim.chosen ? 0 : 1;
  EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace vigie::extractor::metadata
