#include "extractor/extract.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>

#include "extractor/explanation.h"
#include "proto/identity.h"

namespace vigie::extractor {
namespace {

v1::PageRecord page_of(std::string body,
                       std::string url = "https://www.example.com/news/chips-move") {
  v1::PageRecord page;
  page.set_url(url);
  page.set_final_url(url);
  page.set_page_key(proto::page_key(url));
  page.set_origin(v1::ORIGIN_CRAWL);
  page.set_raise_alerts(true);
  page.set_discovered_at_unix_ms(1000);
  page.set_fetched_at_unix_ms(2000);
  page.mutable_source()->set_id("example");
  page.set_body(std::move(body));
  return page;
}

void add_header(v1::PageRecord& page, const char* name, const char* value) {
  v1::Header& header = *page.add_headers();
  header.set_name(name);
  header.set_value(value);
}

const std::string kArticle =
    "<!DOCTYPE html><html lang=en-GB><head><meta charset=utf-8><title>Chips move again | The "
    "Example</title>"
    "<link rel=canonical href='/news/chips-move?utm_source=x'><meta property=og:site_name "
    "content='The Example'>"
    "<meta property='article:modified_time' content='2024-03-06T08:00:00+01:00'><meta "
    "name=keywords content='chips, export controls'>"
    "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"Chips move "
    "again\",\"datePublished\":\"2024-03-05T23:30:00+01:00\","
    "\"author\":[{\"@type\":\"Person\",\"name\":\"Jane "
    "Doe\"},{\"@type\":\"Person\",\"name\":\"John "
    "Roe\"}],\"isAccessibleForFree\":false}</script></head>"
    "<body><nav><ul><li><a href=/>Home</a><li><a "
    "href=/world>World</a></ul></nav><article><h1>Chips move again</h1>"
    "<p>The first paragraph of the story says, at some length, that chips have moved from one "
    "country to another again.</p>"
    "<div class=share-buttons>Share this story with your friends on every network there is</div>"
    "<p>The second paragraph explains &amp; details why export controls did not stop them, and "
    "what ministers intend to do.</p>"
    "<h2>What comes next</h2><p>The third paragraph looks ahead, as third paragraphs do, and "
    "quotes an official who was not named.</p>"
    "</article><footer>Copyright The Example, all rights reserved, do not copy this "
    "page.</footer></body></html>";

TEST(Parse, MakesAnArticleOfAPage) {
  const Result<v1::ArticleRecord> article = extract(page_of(kArticle));
  ASSERT_TRUE(article) << article.error().to_string();
  EXPECT_EQ(article->title(), "Chips move again");
  EXPECT_EQ(article->text(),
            "The first paragraph of the story says, at some length, that chips have moved from one "
            "country to another again.\n\n"
            "The second paragraph explains & details why export controls did not stop them, and "
            "what ministers intend to do.\n\n"
            "What comes next\n\n"
            "The third paragraph looks ahead, as third paragraphs do, and quotes an official who "
            "was not named.");
  ASSERT_EQ(article->authors_size(), 2);
  EXPECT_EQ(article->authors(0), "Jane Doe");
  EXPECT_EQ(article->published().text(), "2024-03-05T23:30:00+01:00");
  EXPECT_EQ(article->published().unix_ms(), 1709677800000);
  EXPECT_EQ(article->published().precision(), v1::DATE_PRECISION_SECOND);
  EXPECT_EQ(article->published().carrier(), "json-ld");
  EXPECT_EQ(article->modified().text(), "2024-03-06T08:00:00+01:00");
  EXPECT_EQ(article->canonical_url(), "https://www.example.com/news/chips-move");
  EXPECT_EQ(article->article_id(), proto::article_id(article->canonical_url()));
  EXPECT_EQ(article->version_id(), proto::version_id(article->title(), article->text()));
  EXPECT_EQ(article->site_name(), "The Example");
  EXPECT_EQ(article->language(), "en");
  EXPECT_EQ(article->script(), "Latn");
  EXPECT_EQ(article->declared_language(), "en-GB");
  EXPECT_EQ(article->paywall(), "locked");
  EXPECT_EQ(article->publisher_tags_size(), 2);
  EXPECT_EQ(article->charset(), "UTF-8");
  EXPECT_EQ(article->source().id(), "example");
  EXPECT_EQ(article->origin(), v1::ORIGIN_CRAWL);
  EXPECT_TRUE(article->raise_alerts());
  EXPECT_EQ(article->discovered_at_unix_ms(), 1000);
  EXPECT_EQ(article->fetched_at_unix_ms(), 2000);
  EXPECT_EQ(article->extractor_version(), kExtractorVersion);
  EXPECT_GE(article->fingerprint().size(), 64U);
  EXPECT_FALSE(article->text_only_fallback());
}

const std::string kStructured =
    "<html lang=en><head><title>Chips move again</title><link rel=alternate hreflang=fr "
    "href=/fr/chips><link rel=alternate hreflang=x-default href=https://example.com/>"
    "<link rel=license href=https://creativecommons.org/licenses/by/4.0/><meta property=og:image "
    "content=/img/harbour-1200.jpg><meta property='article:section' content=Trade>"
    "<meta property='article:content_tier' content=metered><meta name=keywords content='chips, "
    "export controls'><meta name=description content='Of chips.'>"
    "<script type='application/ld+json'>{\"@type\":\"LiveBlogPosting\",\"headline\":\"Chips move "
    "again\"}</script></head><body><article><h1>Chips move again</h1>"
    "<figure><img src=/img/harbour-1200.jpg><figcaption>A harbour at night. <span "
    "class=credit>Jane Doe/Agency</span></figcaption></figure>"
    "<p>The first paragraph, caf\xC3\xA9 and all, says that <a href='../report?a=1&amp;b=2'>chips "
    "have moved</a> from one country to <a href='mailto:x@example.com'>another</a> again.</p>"
    "<h3>What they said</h3><blockquote><p>They moved, said an official, and nobody was there to "
    "see it, at night.</p></blockquote>"
    "<ul><li>The first item of a list, with <a href=https://other.example/item>words of its "
    "own</a>.</li><li>The second item of a list, with words of its own.</li></ul>"
    "<p>The second paragraph explains &amp; details why export controls did not stop them, and "
    "what ministers intend to do.</p>"
    "<table><tr><td>Chips that left the harbour, in thousands</td><td>Four hundred and seven, or a "
    "little more</td></tr><tr><td>Chips that came back, in thousands</td><td>None at all, "
    "as far as anybody knows</td></tr></table><p>The third paragraph looks ahead, as third "
    "paragraphs do, and quotes an official who was not named.</p></article></body></html>";

TEST(Parse, KeepsTheStructureOfTheTextByItsBytes) {
  const Result<v1::ArticleRecord> article = extract(page_of(kStructured));
  ASSERT_TRUE(article) << article.error().to_string();
  const std::string& text = article->text();
  std::string kinds;
  std::size_t end = 0;
  std::string rows;
  for (const v1::TextBlock& block : article->blocks()) {
    kinds += v1::BlockKind_Name(block.kind()).substr(11) + " ";
    EXPECT_EQ(block.offset(), end == 0 ? 0 : end + 2);  // one blank line between
    end = block.offset() + block.length();
    EXPECT_EQ(text.substr(block.offset(), block.length()).find('\n'), std::string::npos);
    EXPECT_EQ(block.level(), block.kind() == v1::BLOCK_KIND_HEADING ? 3U : 0U);
    if (block.kind() == v1::BLOCK_KIND_TABLE_CELL) rows += std::to_string(block.row());
    else EXPECT_EQ(block.row(), 0U);
  }
  EXPECT_EQ(kinds,
            "PARAGRAPH HEADING QUOTE LIST_ITEM LIST_ITEM PARAGRAPH TABLE_CELL TABLE_CELL "
            "TABLE_CELL TABLE_CELL PARAGRAPH ")
      << text;
  EXPECT_EQ(rows, "1122");
  EXPECT_EQ(end, text.size());
  ASSERT_EQ(article->links_size(), 2);  // the one to an address of mail is none to the web
  EXPECT_EQ(text.substr(article->links(0).offset(), article->links(0).length()),
            "chips have moved");
  EXPECT_EQ(article->links(0).url(), "https://www.example.com/report?a=1&b=2");
  EXPECT_EQ(text.substr(article->links(1).offset(), article->links(1).length()),
            "words of its own");
  EXPECT_EQ(article->links(1).url(), "https://other.example/item");
}

TEST(Parse, KeepsWhatIsSaidAroundTheTextAndWhoSaidIt) {
  const Result<v1::ArticleRecord> article = extract(page_of(kStructured));
  ASSERT_TRUE(article) << article.error().to_string();
  ASSERT_EQ(article->alternates_size(), 2);
  EXPECT_EQ(article->alternates(0).language(), "fr");
  EXPECT_EQ(article->alternates(0).url(), "https://www.example.com/fr/chips");
  EXPECT_EQ(article->alternates(1).language(), "x-default");
  ASSERT_EQ(article->images_size(), 1);
  EXPECT_EQ(article->images(0).url(), "https://www.example.com/img/harbour-1200.jpg");
  EXPECT_EQ(article->images(0).credit(), "Jane Doe/Agency");
  EXPECT_EQ(article->image().caption(), article->images(0).caption());
  EXPECT_EQ(article->licence(), "https://creativecommons.org/licenses/by/4.0/");
  EXPECT_EQ(article->page_type(), "live_blog");
  EXPECT_EQ(article->paywall(), "metered");
  EXPECT_EQ(article->section(), "Trade");
  const v1::Carriers& carriers = article->carriers();
  EXPECT_EQ(carriers.canonical_url(), "url");
  EXPECT_EQ(carriers.site_name(), "");
  EXPECT_EQ(carriers.description(), "meta:description");
  EXPECT_EQ(carriers.section(), "meta:article:section");
  EXPECT_EQ(carriers.image(), "meta:og:image");
  EXPECT_EQ(carriers.image_caption(), "figcaption");
  EXPECT_EQ(carriers.image_credit(), "figure");
  EXPECT_EQ(carriers.publisher_tags(), "keywords");
  EXPECT_EQ(carriers.declared_language(), "html lang");
  EXPECT_EQ(carriers.paywall(), "meta:article:content_tier");
  EXPECT_EQ(carriers.licence(), "link rel=license");
  EXPECT_EQ(carriers.page_type(), "json-ld");
  EXPECT_EQ(article->genre(), "live");
  EXPECT_EQ(article->genre_evidence(), "LiveBlogPosting");
  EXPECT_EQ(carriers.genre(), "json-ld");
  EXPECT_EQ(carriers.text(), "region and chooser");
}

// What a person asks to see does not change what is kept.
TEST(Parse, GivesTheSameRecordWhetherExplainedOrNot) {
  std::string long_page = kStructured;
  for (int i = 0; i < 700; ++i)
    long_page += "<p>Paragraph " + std::to_string(i) + " of prose, with <a href=/" +
                 std::to_string(i) + ">a link of its own</a>, and an end.</p>";
  for (const std::string& body : {kArticle, kStructured, long_page}) {
    Explanation explanation;
    explanation.in_full = true;
    EXPECT_EQ(extract(page_of(body), {}, &explanation)->SerializeAsString(),
              extract(page_of(body))->SerializeAsString());
  }
}

TEST(Parse, BoundsWhatARecordHolds) {
  std::string head = "<title>Chips move again</title>";
  for (int i = 0; i < 200; ++i)
    head += "<link rel=alternate hreflang=fr href=/fr/" + std::to_string(i) + ">";
  head += "<link rel=license href=/" + std::string(3000, 'l') + ">";
  std::string body;
  for (int i = 0; i < 100; ++i)
    body += "<figure><img src=/picture-" + std::to_string(i) +
            ".jpg><figcaption>Caption</figcaption></figure>";
  body += "<p>Prose, with <a href=/" + std::string(2000, 'x') +
          ">a long link</a>, and an end of its own.</p>";
  for (int i = 0; i < 1000; ++i)
    body += "<p>Paragraph " + std::to_string(i) + " of prose, with <a href=/" + std::to_string(i) +
            ">a link of its own</a>, and an end.</p>";
  const Result<v1::ArticleRecord> article = extract(page_of(
      "<html><head>" + head + "</head><body><article>" + body + "</article></body></html>"));
  ASSERT_TRUE(article) << article.error().to_string();
  EXPECT_EQ(article->alternates_size(), 64);
  EXPECT_EQ(article->images_size(), 32);
  EXPECT_EQ(article->blocks_size(), 512);
  EXPECT_EQ(article->links_size(), 255);  // the first of the 256 has an address that is too long
  EXPECT_LE(article->licence().size(), 500U);
  EXPECT_LT(article->blocks(511).offset() + article->blocks(511).length(), article->text().size());
}

// A field that is cut within a character makes a record that no reader can parse.
TEST(Parse, CutsEveryFieldAtACharacter) {
  for (const std::string letter : {"й", "報", "🙂"}) {
    for (std::size_t shift = 0; shift < letter.size(); ++shift) {
      std::string much(shift, 'x');
      for (std::size_t i = 0; i < 3'000; ++i) much += letter;
      const std::string meta = "' content='" + much + "'>";
      v1::PageRecord page =
          page_of("<html><head><meta charset=utf-8><title>" + much +
                  "</title><meta name='description" + meta + "<meta property='og:site_name" + meta +
                  "<meta name='author" + meta + "<meta property='article:section" + meta +
                  "<meta name='keywords" + meta + "<meta name='dc.rights" + meta +
                  "<meta property='og:image:alt" + meta + "<meta property='og:title" + meta +
                  "</head><body><h1>" + much + "</h1><article><figure><img src='/a.jpg' alt='" +
                  much + "'><figcaption>" + much + "</figcaption></figure><p class=byline>" + much +
                  "</p><p>" + much + ". " + much + ".</p><p><a href='/" + much + "'>" + much +
                  "</a>, and so on.</p></article></body></html>");
      add_header(page, "content-signal", much.c_str());
      const Result<v1::ArticleRecord> article = extract(page);
      ASSERT_TRUE(article) << article.error().to_string();
      v1::ArticleRecord read;
      EXPECT_TRUE(read.ParseFromString(article->SerializeAsString())) << letter << shift;
    }
  }
}

// extractor/README.md: the same page always gives the same bytes out.
TEST(Parse, GivesTheSameBytesEveryTime) {
  const std::string first = extract(page_of(kArticle))->SerializeAsString();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(extract(page_of(kArticle))->SerializeAsString(), first);
}

TEST(Parse, RefusesWhatIsNoArticle) {
  EXPECT_EQ(extract(page_of("")).error().code, ErrorCode("empty_page"));
  EXPECT_EQ(extract(page_of(" \n\t ")).error().code, ErrorCode("empty_page"));
  EXPECT_EQ(extract(page_of("%PDF-1.4 <p>text")).error().code, ErrorCode("not_html"));
  EXPECT_EQ(extract(page_of("just words, without any markup at all")).error().code,
            ErrorCode("not_html"));
  EXPECT_EQ(extract(page_of("<?xml version='1.0'?><rss><channel></channel></rss>")).error().code,
            ErrorCode("not_html"));
  EXPECT_EQ(extract(page_of("<html><body><script>1</script></body></html>")).error().code,
            ErrorCode("empty_text"));
  EXPECT_EQ(extract(page_of(std::string(10'000, '\0'))).error().code, ErrorCode("not_html"));
  EXPECT_EQ(extract(v1::PageRecord()).error().code, ErrorCode("bad_record"));
  v1::PageRecord image = page_of("<p>x</p>");
  add_header(image, "content-type", "image/png");
  EXPECT_EQ(extract(image).error().code, ErrorCode("not_html"));
  for (const char* body : {"", "%PDF-1.4", "<p></p>"})
    EXPECT_EQ(extract(page_of(body)).error().disposition, Disposition::kQuarantine);
}

TEST(Parse, DecodesByTheLabelOfTheAnswer) {
  v1::PageRecord page = page_of(
      "<p>Das B\xFCro f\xFCr \xDC"
      "bung hat heute entschieden, dass die Ausfuhr von Chips weiter verboten bleibt.</p>");
  add_header(page, "content-type", "text/html; charset=ISO-8859-1");
  const Result<v1::ArticleRecord> article = extract(page);
  ASSERT_TRUE(article);
  EXPECT_EQ(article->charset(), "windows-1252");
  EXPECT_NE(article->text().find("Büro für Übung"), std::string::npos);
  EXPECT_EQ(article->language(), "de");
}

TEST(Parse, FillsFromTheFeedWhatThePageDoesNotSay) {
  v1::PageRecord page = page_of(
      "<div><p>A paragraph of prose that is long enough to be found, with a comma and an "
      "end.</p></div>");
  page.mutable_feed_item()->set_title("Title of the feed");
  page.mutable_feed_item()->add_authors("Jane Doe");
  page.mutable_feed_item()->set_published("2024-03-05T10:00:00+01:00");
  page.mutable_feed_item()->set_summary("What the feed says it is about");
  page.mutable_feed_item()->add_categories("chips");
  const Result<v1::ArticleRecord> article = extract(page);
  ASSERT_TRUE(article);
  EXPECT_EQ(article->title(), "Title of the feed");
  EXPECT_EQ(article->title_carrier(), "feed");
  EXPECT_EQ(article->authors(0), "Jane Doe");
  EXPECT_EQ(article->published().carrier(), "feed");
  EXPECT_EQ(article->description(), "What the feed says it is about");
  EXPECT_EQ(article->carriers().description(), "feed");
  ASSERT_EQ(article->publisher_tags_size(), 1);
  EXPECT_EQ(article->publisher_tags(0), "chips");
  EXPECT_EQ(article->carriers().publisher_tags(), "feed");
}

// ops/spec/records.md: what a feed says of a page that is refused for good is marked so.
TEST(Parse, MakesAnItemOfWhatTheFeedSaysWhereThePageIsRefused) {
  v1::PageRecord page = page_of("");
  page.set_refused("http_410");
  page.mutable_feed_item()->set_title("Ministers agree on a rule for chips");
  page.mutable_feed_item()->add_categories("Analysis");
  page.mutable_feed_item()->set_published("2024-03-05T10:00:00+01:00");
  page.mutable_feed_item()->set_summary("The rule holds from next year and asks for a licence.");
  const Result<v1::ArticleRecord> item = extract(page);
  ASSERT_TRUE(item) << item.error().to_string();
  EXPECT_EQ(item->page_type(), "feed_item");
  EXPECT_EQ(item->carriers().page_type(), "http_410");
  EXPECT_EQ(item->genre(), "analysis");
  EXPECT_EQ(item->carriers().genre(), "feed");
  EXPECT_EQ(item->title(), "Ministers agree on a rule for chips");
  EXPECT_EQ(item->text(), "The rule holds from next year and asks for a licence.");
  EXPECT_EQ(item->carriers().text(), "feed");
  EXPECT_EQ(item->published().text(), "2024-03-05T10:00:00+01:00");
  EXPECT_EQ(item->canonical_url(), page.final_url());
  EXPECT_FALSE(item->article_id().empty());
  EXPECT_FALSE(item->version_id().empty());
  EXPECT_EQ(item->language(), "en");
  page.mutable_feed_item()->clear_summary();
  const Result<v1::ArticleRecord> title_alone = extract(page);
  ASSERT_TRUE(title_alone);
  EXPECT_EQ(title_alone->text(), "Ministers agree on a rule for chips");
  page.mutable_feed_item()->clear_title();
  EXPECT_FALSE(extract(page)) << "nothing is known of it";
}

// ops/spec/records.md, "Identities": rel=canonical counts on the same registrable domain and where
// it is no home or list page.
TEST(Parse, BelievesACanonicalUrlOnlyWithinItsDomain) {
  const auto canonical = [](const std::string& href) {
    const Result<v1::ArticleRecord> article = extract(page_of(
        "<link rel=canonical href='" + href +
        "'><p>A paragraph of prose that is long enough to be found, with a comma and an end.</p>"));
    return article ? article->canonical_url() : std::string(article.error().code);
  };
  EXPECT_EQ(canonical("https://m.example.com/a/story-1"), "https://m.example.com/a/story-1");
  EXPECT_EQ(canonical("https://evil.test/a/story-1"), "https://www.example.com/news/chips-move");
  EXPECT_EQ(canonical("https://www.example.com/"), "https://www.example.com/news/chips-move");
  EXPECT_EQ(canonical("https://www.example.com/politics"),
            "https://www.example.com/news/chips-move");
  EXPECT_EQ(canonical("javascript:alert(1)"), "https://www.example.com/news/chips-move");
  EXPECT_EQ(canonical(""), "https://www.example.com/news/chips-move");
}

TEST(Parse, RecordsWhatThePublisherReserves) {
  v1::PageRecord page = page_of(
      "<meta name=robots content='noindex, noarchive'><meta name=tdm-reservation content=1><p>A "
      "paragraph of prose that is long enough, with a comma and an end.</p>");
  add_header(page, "content-signal", "ai-train=no");
  const Result<v1::ArticleRecord> article = extract(page);
  ASSERT_TRUE(article);
  EXPECT_TRUE(article->opt_out().noindex());
  EXPECT_TRUE(article->opt_out().noarchive());
  EXPECT_FALSE(article->opt_out().nosnippet());
  EXPECT_TRUE(article->opt_out().tdm_reserved());
  EXPECT_EQ(article->opt_out().content_signal(), "ai-train=no");
}

TEST(Parse, CutsAPageThatIsTooLargeAndSaysSo) {
  ExtractLimits limits;
  limits.page_bytes = 2'000;
  std::string body =
      "<p>A paragraph of prose that is long enough to be found, with a comma and an end.</p>";
  while (body.size() < 100'000)
    body += "<p>More prose that stands behind the cut, which is long enough too, and goes on.</p>";
  const Result<v1::ArticleRecord> article = extract(page_of(body), limits);
  ASSERT_TRUE(article);
  EXPECT_EQ(article->truncation(), v1::TRUNCATION_LENGTH);
  EXPECT_LT(article->text().size(), 2'000U);
}

// ops/spec/command_line.md: one page costs at most 1 s whatever it holds. The generous figure is
// for loaded machines.
std::chrono::milliseconds processor_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

TEST(Parse, StaysWithinASecondWhateverThePage) {
  const auto repeated = [](const std::string& part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += part;
    return out;
  };
  const std::string hundred_megabytes =
      repeated("<p>Prose, prose and more prose stands here. </p>", 2'200'000);
  for (const std::string& body :
       {hundred_megabytes, repeated("<ul><li>x, y.", 40'000), repeated("<div>", 1'000'000) + "text",
        repeated("<a href=x>link</a>, ", 300'000),
        repeated("<h1>Heading, long enough</h1>", 100'000), "<p>" + repeated("word, ", 1'000'000),
        repeated("<span class=byline>By A B</span>", 200'000),
        repeated("<time datetime=2024>1.2.", 150'000),
        "<script type='application/ld+json'>" + std::string(500'000, '[') + "</script><p>text</p>",
        repeated("<p class='a-b-c-d share article-body'>x, y, z.", 150'000),
        repeated("<meta name=author content='A B, C D and E F'>", 150'000) + "<p>text",
        std::string("<p>") + std::string(8'000'000, '&')}) {
    // Of this thread alone, so that a busy machine fails nothing.
    const auto begin = processor_time();
    const Result<v1::ArticleRecord> article = extract(page_of(body));
    const auto took = processor_time() - begin;
    EXPECT_LT(took.count(), 2'000)
        << body.substr(0, 60) << (article ? "" : std::string(article.error().code));
  }
}

}  // namespace
}  // namespace vigie::extractor
