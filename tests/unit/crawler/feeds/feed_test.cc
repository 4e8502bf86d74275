#include "crawler/feeds/feed.h"

#include <gtest/gtest.h>

#include "crawler/feeds/furniture.h"
#include "crawler/feeds/links.h"
#include "crawler/feeds/sitemap.h"
#include "platform/xml/plain_text.h"
#include "platform/xml/xml.h"

namespace vigie::crawler::feeds {
namespace {

std::vector<std::string> links(std::string_view bytes, std::string_view charset = {}) {
  const auto feed = parse_feed(bytes, charset, "http://x.example/feed");
  std::vector<std::string> out;
  if (!feed) return {"error: " + feed.error().to_string()};
  for (const FeedEntry& entry : feed->entries) out.push_back(entry.url);
  return out;
}

const std::vector<std::string> kBoth{"http://x.example/1", "http://x.example/2"};

// "Malformed XML must still yield every link."
TEST(Feed, FindsEveryLinkOfMalformedXml) {
  EXPECT_EQ(links("<rss><channel><item><title>AT&T &lsquo;x&rsquo; & "
                  "y</title><link>http://x.example/1</link></item><item><link>http://x.example/2</"
                  "link></item></channel></rss>"),
            kBoth);
  EXPECT_EQ(links("<rss><channel><item><title>a <b> "
                  "c</title><link>http://x.example/1</link></item><item><link>http://x.example/2</"
                  "link></item>"),
            kBoth)
      << "open tags";
  EXPECT_EQ(links("<rss><channel><item><link>http://x.example/1</link></item><item><link>http://"
                  "x.example/2</link><description>cut he"),
            kBoth)
      << "cut in the middle";
  EXPECT_EQ(links("\n\n junk "
                  "<rss><channel><item><link>http://x.example/1</link></channel><item><link>http://"
                  "x.example/2</link></item></rss> trailing"),
            kBoth)
      << "crossed tags";
  EXPECT_EQ(links("<rss><channel><item><title><![CDATA[open</title><link>http://x.example/1</"
                  "link></item><item><title><![CDATA[b]]></title><link>http://x.example/2</link></"
                  "item></channel></rss>")
                .back(),
            kBoth[1]);
  EXPECT_EQ(links("<rss><channel><item attr=bad><link>http://x.example/1</link></item><item "
                  "a=\"x\" a=\"y\"><link>http://x.example/2</link></item></channel></rss>"),
            kBoth)
      << "bad attributes";
  using namespace std::string_literals;
  EXPECT_EQ(links("<rss><channel><item><title>a\x01\x02 \xFF\xFE</title>"
                  "<link>http://x.example/1</link></item>\0"
                  "<item><link>http://x.example/2</link></item></channel></rss>"s),
            kBoth)
      << "control characters";
  EXPECT_EQ(links("<rss><channel><item><dc:creator>x</dc:creator><foo:bar/><link>http://x.example/"
                  "1</link></item><item><link>/2</link></item></channel></rss>"),
            kBoth)
      << "prefixes nobody declared";
}

TEST(Feed, ExpandsNoEntityOfOthersAndReadsNoFile) {
  const auto feed = parse_feed(
      "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY f SYSTEM "
      "\"file:///etc/passwd\">]>"
      "<rss><channel><item><title>x &b; "
      "&f;</title><link>http://x.example/1</link></item></channel></rss>");
  ASSERT_TRUE(feed);
  ASSERT_EQ(feed->entries.size(), 1U);
  EXPECT_EQ(feed->entries[0].title, "x &b; &f;");
}

TEST(Feed, ReadsOtherEncodings) {
  const auto title = [](std::string_view bytes, std::string_view charset) {
    const auto feed = parse_feed(bytes, charset);
    return feed && !feed->entries.empty() ? feed->entries[0].title : std::string("error");
  };
  EXPECT_EQ(title("<?xml version='1.0' "
                  "encoding='windows-1251'?><rss><channel><item><title>\xCC\xE8\xF0</title></"
                  "item></channel></rss>",
                  ""),
            "Мир");
  EXPECT_EQ(title("<rss><channel><item><title>\xC4\xE3</title></item></channel></rss>", "gb2312"),
            "你");
  EXPECT_EQ(title("<?xml version='1.0' "
                  "encoding='iso-8859-1'?><rss><channel><item><title>\x93quoted\x94</title></"
                  "item></channel></rss>",
                  ""),
            "“quoted”");
  EXPECT_EQ(title("<rss><channel><item><title>déjà</title></item></channel></rss>", "iso-8859-1"),
            "déjà")
      << "a charset that lies";
  EXPECT_EQ(
      title(
          "<?xml version='1.0' "
          "encoding='no-such//IGNORE'?><rss><channel><item><title>a</title></item></channel></rss>",
          ""),
      "a");
}

TEST(Feed, PrefersThePageAddress) {
  EXPECT_EQ(links("<rss "
                  "xmlns:feedburner='http://rssnamespace.org/feedburner/ext/"
                  "1.0'><channel><item><link>http://feeds.example/r/1</"
                  "link><feedburner:origLink>http://x.example/1</feedburner:origLink></item>"
                  "<item><guid>http://x.example/2</guid></item><item><guid "
                  "isPermaLink='false'>http://x.example/3</guid><title>no "
                  "link</title></item></channel></rss>")[1],
            "http://x.example/2");
  EXPECT_EQ(links("<feed xmlns='http://www.w3.org/2005/Atom'><entry><link rel='enclosure' "
                  "href='http://x.example/a.mp3'/><link rel='alternate' type='text/html' "
                  "href='/1'/></entry></feed>")[0],
            kBoth[0]);
}

TEST(Feed, SaysWhatIsNoFeed) {
  EXPECT_EQ(parse_feed("").error().code, ErrorCode("empty_feed"));
  EXPECT_EQ(parse_feed("<!doctype html><html><body>x</body></html>").error().code,
            ErrorCode("not_feed"));
  EXPECT_EQ(parse_feed("{\"a\":1}").error().code, ErrorCode("not_feed"));
  EXPECT_EQ(parse_feed("hello").error().code, ErrorCode("bad_xml"));
  EXPECT_EQ(parse_feed("<urlset/>").error().code, ErrorCode("not_feed"));
  FeedLimits small;
  small.bytes = 10;
  EXPECT_EQ(parse_feed("<rss></rss>    ", {}, {}, small).error().code, ErrorCode("too_large"));
}

TEST(Feed, StaysBoundedOnNestingAndNumbers) {
  std::string deep = "<rss>";
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_TRUE(parse_feed(deep));
  std::string many = "<rss><channel>";
  for (int i = 0; i < 6000; ++i)
    many += "<item><link>http://x.example/" + std::to_string(i) + "</link></item>";
  const auto feed = parse_feed(many + "</channel></rss>");
  ASSERT_TRUE(feed);
  EXPECT_EQ(feed->entries.size(), FeedLimits{}.entries);
  EXPECT_TRUE(feed->entries_cut);
}

// sitemaps.org/protocol.html; Google's news extension.
TEST(Sitemap, ReadsSetsIndexesNewsAndText) {
  const auto news = parse_sitemap(
      "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
      "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>"
      "<url><loc> http://x.example/1?a=1&b=2 "
      "</loc><lastmod>2026-01-02</lastmod><news:news><news:publication><news:name>N</"
      "news:name><news:language>de</news:language></news:publication>"
      "<news:publication_date>2026-01-01T10:00:00+01:00</news:publication_date><news:title>Ein "
      "&amp; Titel</news:title><news:keywords>a, "
      "b</news:keywords></news:news></url><url><loc>ftp://no</loc></url></urlset>");
  ASSERT_TRUE(news);
  ASSERT_EQ(news->entries.size(), 1U);
  EXPECT_EQ(news->entries[0].url, "http://x.example/1?a=1&b=2");
  EXPECT_TRUE(news->entries[0].news);
  EXPECT_EQ(news->entries[0].title, "Ein & Titel");
  EXPECT_EQ(news->entries[0].language, "de");
  EXPECT_EQ(news->entries[0].published->text, "2026-01-01T10:00:00+01:00");
  EXPECT_EQ(news->entries[0].keywords, (std::vector<std::string>{"a", "b"}));
  const auto index = parse_sitemap(
      "<sitemapindex><sitemap><loc>http://x.example/a.xml</loc></sitemap></sitemapindex>");
  ASSERT_TRUE(index);
  EXPECT_TRUE(index->index);
  const auto text = parse_sitemap("http://x.example/1\r\nhttp://x.example/2\n");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->entries.size(), 2U);
  EXPECT_EQ(parse_sitemap("<html/>").error().code, ErrorCode("not_sitemap"));
  EXPECT_EQ(parse_sitemap("no address").error().code, ErrorCode("not_sitemap"));
}

TEST(PageOutline, ReadsLinksFeedsAndNames) {
  const PageOutline page = outline_page(
      "<html lang=fr><head><title>Le &amp; Site</title><base href='/news/'><link rel=alternate "
      "type='application/rss+xml' title=T href='/rss'>"
      "<meta property='og:site_name' content='Site'></head><!-- <a href=no>no</a> --><script>'<a "
      "href=no>'</script>"
      "<a href='a-long-headline'><b>Un</b> titre</a><a href=\"#top\">x</a><a "
      "href='mailto:x'>x</a><a href=../other>open",
      "http://x.example/");
  EXPECT_EQ(page.language, "fr");
  EXPECT_EQ(page.title, "Le & Site");
  EXPECT_EQ(page.site_name, "Site");
  ASSERT_EQ(page.feeds.size(), 1U);
  EXPECT_EQ(page.feeds[0].url, "http://x.example/rss");
  ASSERT_EQ(page.links.size(), 2U);
  EXPECT_EQ(page.links[0].url, "http://x.example/news/a-long-headline");
  EXPECT_EQ(page.links[0].text, "Un titre");
  EXPECT_EQ(page.links[1].url, "http://x.example/other");
}

struct LinkCase {
  const char* url;
  const char* text;
  Likeness likeness;
  bool in_frame = false;
};

TEST(PageOutline, TellsArticlesFromFurniture) {
  constexpr const char* kHeadline = "Washington tightens export controls again";
  constexpr Likeness kNo = Likeness::kNo;
  constexpr Likeness kMaybe = Likeness::kMaybe;
  constexpr Likeness kYes = Likeness::kYes;
  for (const auto& [url, text, likeness, in_frame] : {
           LinkCase{"/world/chips-export-controls", "", kMaybe},
           {"/2026/01/31/story", "", kYes},
           {"/a/b", kHeadline, kMaybe},
           {"/a/b", "美国再次收紧芯片出口管制", kMaybe},
           {"/a/b", "Read more", kNo},
           // What ends in a day or a month is an archive of it, and calendars have no end.
           {"/calendar/2026/07/", "7", kNo},
           {"/2026/11/30", "30 November", kNo},
           {"/agenda/2027/1/", "", kNo},
           {"/2026/11/30/story", "", kYes},
           {"/2026/11/30/", kHeadline, kYes},
           // Named by a query.
           {"/story.php?id=884121", kHeadline, kYes},
           {"/?p=1234", kHeadline, kYes},
           {"/read.php?1423", kHeadline, kYes},
           {"/index.php?option=com_content&id=512", kHeadline, kYes},
           {"/news?article=ministers-agree-on-chips", kHeadline, kYes},
           {"/show?nid=7041&lang=ru", "Министры договорились об общем правиле", kYes},
           {"/story.php?id=884121", "Print", kNo},
           {"/world?page=1234", kHeadline, kNo},
           {"/?paged=1200", kHeadline, kNo},
           {"/?year=2026", kHeadline, kNo},
           {"/world?offset=100&sort=new", kHeadline, kNo},
           {"/?s=chips", kHeadline, kNo},
           // Words of lists in the path of a story.
           {"/archive/2026/11/29/chips-rule-agreed", kHeadline, kYes},
           {"/archive/story/884121/", kHeadline, kYes},
           {"/topics/chips/2026/11/ministers-agree-on-rule", kHeadline, kYes},
           {"/search/2026/", kHeadline, kNo},
           {"/tag/a-b-c-d", "", kNo},
           {"/category/2026-elections/", "Elections", kNo},
           // In the frame of the page.
           {"/about-us-and-our-team/", "About us and our team", kNo, true},
           {"/privacy-and-cookie-policy", "Privacy and cookies", kNo, true},
           {"/2026/11/29/chips-rule-agreed", kHeadline, kYes, true},
           {"/about-us-and-our-team/", "About us and our team", kMaybe, false},
           // Elsewhere, other files, the section itself.
           {"/world", kHeadline, kNo},
           {"/world#top", kHeadline, kNo},
           {"/", kHeadline, kNo},
           {"http://other.example/2026/11/29/chips-export-controls", kHeadline, kNo},
           {"http://news.x.example/2026/11/29/chips", kHeadline, kYes},
           {"/2026/chips-export-controls.jpg", kHeadline, kNo},
           {"/sport", "", kNo},
       }) {
    const std::string full = *url == '/' ? "http://www.x.example" + std::string(url) : url;
    EXPECT_EQ(
        static_cast<int>(article_likeness({full, text, in_frame}, "http://www.x.example/world")),
        static_cast<int>(likeness))
        << url << " " << text;
  }
}

TEST(PageOutline, TellsWhatStandsInTheFrameOfThePage) {
  const PageOutline page = outline_page(
      "<header><nav><a href=/a>a</a></nav><a href=/b>b</a></header><main><article><header>"
      "<a href=/c>c</a></header><a href=/d>d</a></article></main><a href=/e>e</a>"
      "<footer><a href=/f>f</a></footer><a href=/g>g</a>",
      "http://x.example/");
  std::string in_frame;
  std::string beside;
  for (const PageLink& link : page.links) (link.in_frame ? in_frame : beside) += link.text;
  EXPECT_EQ(in_frame, "abf");
  EXPECT_EQ(beside, "cdeg");
}

TEST(Furniture, StandsOnMostPagesOfItsSite) {
  Furniture furniture;
  furniture.note_page("x.example", "/1", {"/about", "/story-2", "/story-3"});
  EXPECT_FALSE(furniture.stands_everywhere("x.example", "/section", "/about"))
      << "one page tells nothing";
  furniture.note_page("x.example", "/1", {"/about", "/story-2", "/story-3"});
  EXPECT_EQ(furniture.pages_beside("x.example", "/section"), 1U) << "the same page is no second";
  furniture.note_page("x.example", "/2", {"/about", "/story-3"});
  furniture.note_page("x.example", "/3", {"/about", "/story-4"});
  furniture.note_page("x.example", "/section", {"/about", "/story-2", "/story-4"});
  EXPECT_EQ(furniture.pages_beside("x.example", "/section"), 3U);
  EXPECT_TRUE(furniture.stands_everywhere("x.example", "/section", "/about"));
  EXPECT_FALSE(furniture.stands_everywhere("x.example", "/section", "/story-4"));
  EXPECT_FALSE(furniture.stands_everywhere("y.example", "/section", "/about"));
  for (std::size_t i = 0; i < 2 * Furniture::kMaxPages; ++i)
    furniture.note_page("x.example", "/more" + std::to_string(i), {});
  EXPECT_FALSE(furniture.wants("x.example"));
}

TEST(HtmlToText, IsPlainAndTotal) {
  EXPECT_EQ(
      xml::html_to_text("<p>a</p><p>b &amp; c&nbsp;&#8217;&#x41;</p><script>x<y</script> a < b"),
      "a b & c ’A a < b");
  EXPECT_EQ(xml::html_to_text("<![CDATA["), "");
  EXPECT_EQ(xml::html_to_text("&#xFFFFFFFF;&#0;&bogus;"), "&#xFFFFFFFF;&#0;&bogus;");
  EXPECT_EQ(xml::html_to_text("&#xD800;"), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace vigie::crawler::feeds
