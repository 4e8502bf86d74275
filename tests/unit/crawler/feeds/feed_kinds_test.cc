// Feeds as they are met: what stands around them, in what encoding, and what they mean by '<'.
#include <gtest/gtest.h>

#include <string>

#include "crawler/feeds/aggregator_link.h"
#include "crawler/feeds/feed.h"
#include "platform/warc/gzip.h"
#include "platform/xml/plain_text.h"

namespace vigie::crawler::feeds {
namespace {

using Names = std::vector<std::string>;

std::string rss(const std::string& item) {
  return "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Courier</title><item>" +
         item + "<link>http://x.example/1</link></item></channel></rss>";
}

std::string atom(const std::string& entry) {
  return "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Courier</title><entry>" + entry +
         "<link href=\"http://x.example/1\"/></entry></feed>";
}

std::string json_feed(const std::string& members) {
  return R"({"version":"https://jsonfeed.org/version/1.1","title":"Courier","items":[{"id":"1",
            "url":"http://x.example/1",)" +
         members + "}]}";
}

FeedEntry first(const std::string& bytes, const std::string& charset = {}) {
  const Result<Feed> feed = parse_feed(bytes, charset, "http://x.example/feed");
  if (!feed) {
    FeedEntry none;
    none.title = "error: " + feed.error().to_string();
    return none;
  }
  return feed->entries.empty() ? FeedEntry{} : feed->entries.front();
}

struct Case {
  const char* what;
  std::string feed;
  std::string title;
};

TEST(FeedKinds, TakesALessThanThatBeginsNoTagForText) {
  for (const Case& one : {
           Case{"a heart", rss("<title>We &lt;3 ferries</title>"), "We <3 ferries"},
           {"a number", rss("<title>Boats &lt;7 m go free</title>"), "Boats <7 m go free"},
           {"a blank", rss("<title>Fee &lt; fine</title>"), "Fee < fine"},
           {"at the end", rss("<title>If a&lt;b</title>"), "If a<b"},
           {"of an unknown name", rss("<title>Map&lt;K&gt; of boats</title>"), "Map<K> of boats"},
           {"an arrow", rss("<title>&lt;- back to port</title>"), "<- back to port"},
           {"words with no values", rss("<title>when a&lt;b and then c&gt;d</title>"),
            "when a<b and then c>d"},
           {"in CDATA", rss("<title><![CDATA[Tide <2 m & rising]]></title>"), "Tide <2 m & rising"},
           {"tags of HTML go",
            rss("<title>The &lt;em&gt;old&lt;/em&gt; ferry&lt;br/&gt;sails</title>"),
            "The old ferry sails"},
           {"and with attributes",
            rss("<title>&lt;a href=\"/x\" target=_blank&gt;Ferry&lt;/a&gt; sails</title>"),
            "Ferry sails"},
           {"that are cut off", rss("<title>Ferry &lt;a href=\"/x</title>"), "Ferry"},
           {"of others with a hyphen",
            rss("<title>Ferry &lt;x-mark&gt;sails&lt;/x-mark&gt;</title>"), "Ferry sails"},
           {"scripts go with what they hold",
            rss("<title>Ferry &lt;script async&gt;x&lt;y&lt;/script&gt;sails</title>"),
            "Ferry sails"},
           {"Atom text", atom("<title type=\"text\">Use &lt;b&gt; &amp;amp; &lt;T&gt;</title>"),
            "Use <b> &amp; <T>"},
           {"Atom HTML",
            atom("<title type=\"html\">Use &lt;b&gt;boats&lt;/b&gt; &amp;amp; oars</title>"),
            "Use boats & oars"},
           {"Atom of no type", atom("<title>Use &lt;b&gt;boats&lt;/b&gt; List&lt;T&gt;</title>"),
            "Use boats List<T>"},
           {"Atom within RSS",
            "<rss xmlns:a=\"http://www.w3.org/2005/Atom\"><channel><item><a:title "
            "type=\"text\">Use "
            "&lt;b&gt;</a:title></item></channel></rss>",
            "Use <b>"},
           {"JSON", json_feed(R"("title":"Use <b> & Map<K>")"), "Use <b> & Map<K>"},
       })
    EXPECT_EQ(first(one.feed).title, one.title) << one.what;
  EXPECT_EQ(first(json_feed(R"("content_text":"a<b, c>d &amp; e")")).summary, "a<b, c>d &amp; e");
  EXPECT_EQ(first(json_feed(R"("content_html":"<p>a &lt; b</p><p>c</p>")")).summary, "a < b c");
}

TEST(FeedKinds, ReadsReferencesAndEntities) {
  for (const Case& one : {
           Case{"upper-case X", rss("<title>It&#X2019;s</title>"), "It’s"},
           {"of windows-1252", rss("<title>It&#146;s &#x96; late</title>"), "It’s – late"},
           {"of HTML", rss("<title>caf&eacute; &hellip;</title>"), "café …"},
           {"no character of XML", rss("<title>a&#1;b&#xFFFE;c</title>"), "abc"},
           {"of the document type",
            "<!DOCTYPE rss [<!ENTITY firm \"Ferry &#38; Sons\"> <!ENTITY lt2 'x'>]>" +
                rss("<title>&firm; &lt2;</title>").substr(21),
            "Ferry & Sons x"},
           {"of one with others, which stays",
            "<!DOCTYPE rss [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]>" +
                rss("<title>&a; &b;</title>").substr(21),
            "aa &b;"},
           {"of one with markup, which is none",
            "<!DOCTYPE rss [<!ENTITY a \"</title><link>http://evil.example/</link>\">]>" +
                rss("<title>A &a;</title>").substr(21),
            "A http://evil.example/"},
       })
    EXPECT_EQ(first(one.feed).title, one.title) << one.what;
  std::string many = "<!DOCTYPE rss [";
  for (int i = 0; i < 2000; ++i)
    many += "<!ENTITY e" + std::to_string(i) + " \"" + std::string(900, 'x') + "\">";
  many += "]>" + rss("<title>T</title><description>" + std::string(40, ' ') +
                     [] {
                       std::string all;
                       for (int i = 0; i < 20000; ++i) all += "&e1;";
                       return all;
                     }() +
                     "</description>")
                     .substr(21);
  const Result<Feed> feed = parse_feed(many);
  ASSERT_TRUE(feed);
  EXPECT_LE(feed->entries.front().summary.size(), 4096U);
}

TEST(FeedKinds, GuessesTheEncodingAsForPages) {
  const std::string says_utf8 = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
  const auto feed = [](const std::string& title) {
    return "<rss><channel><item><title>" + title + "</title></item></channel></rss>";
  };
  for (const Case& one : {
           Case{"windows-1251",
                says_utf8 + feed("\xCF\xE0\xF0\xEE\xEC \xE7\xE8\xEC\xEE\xE9 \xED\xE5 "
                                 "\xF5\xEE\xE4\xE8\xF2 \xEC\xE5\xE6\xE4\xF3 "
                                 "\xEE\xF1\xF2\xF0\xEE\xE2\xE0\xEC\xE8"),
                "Паром зимой не ходит между островами"},
           {"windows-1251 with an io",
            says_utf8 + feed("\xCF\xE0\xF0\xEE\xEC \xED\xE5 \xEF\xEE\xE9\xE4\xB8\xF2 \xE4\xEE "
                             "\xE2\xE5\xF1\xED\xFB, \xF1\xEE\xEE\xE1\xF9\xE8\xEB\xE8 \xE2 "
                             "\xEF\xEE\xF0\xF2\xF3"),
            "Паром не пойдёт до весны, сообщили в порту"},
           {"Latin-1, undeclared", feed("F\xE4hre f\xE4hrt im Winter nicht, sagt die Gesellschaft"),
            "Fähre fährt im Winter nicht, sagt die Gesellschaft"},
           {"quotes of windows-1252", says_utf8 + feed("It\x92s \x93late\x94 \x96 again"),
            "It’s “late” – again"},
           {"one of them", says_utf8 + feed("It\x92s late"), "It’s late"},
           {"one accent", says_utf8 + feed("A caf\xE9 opens on the pier"),
            "A café opens on the pier"},
           {"a few bytes among UTF-8", says_utf8 + feed("Fähre fährt, Größe m\xF6glich"),
            "Fähre fährt, Größe möglich"},
           {"UTF-8 that says Latin-1",
            "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" + feed("Fähre fährt"), "Fähre fährt"},
           {"UTF-16 with its mark",
            [&] {
              std::string out = "\xFF\xFE";
              for (const char c : feed("Ferry")) out += std::string{c, '\0'};
              return out;
            }(),
            "Ferry"},
       })
    EXPECT_EQ(first(one.feed).title, one.title) << one.what;
  EXPECT_EQ(first(feed("\xCF\xE0\xF0\xEE\xEC"), "windows-1251").title, "Паром");
}

TEST(FeedKinds, FindsTheFeedAmongJunk) {
  const std::string feed = rss("<title>Ferry</title>");
  for (const Case& one : {
           Case{"a warning",
                "<br />\n<b>Warning</b>: x() in <b>/a.php</b> on line <b>3</b><br />\n" + feed,
                "Ferry"},
           {"a notice as text", "Notice: Undefined index in /a.php on line 3\n" + feed, "Ferry"},
           {"a page in front", "<html><body><p>Error</p></body></html>" + feed, "Ferry"},
           {"a comment and a script", "<!-- cached --><script>x()</script>" + feed, "Ferry"},
           {"behind", feed + "\n<!-- 0.3 s --><br />\n<b>Warning</b>: x()<script>y()</script>",
            "Ferry"},
           {"Atom", "<div>Deprecated: x()</div>" + atom("<title>Ferry</title>"), "Ferry"},
           {"JSON behind a guard", ")]}',\n" + json_feed(R"("title":"Ferry")"), "Ferry"},
           {"JSON behind a warning", "<b>Warning</b>: x\n" + json_feed(R"("title":"Ferry")"),
            "Ferry"},
           {"JSON in a call", "show(" + json_feed(R"("title":"Ferry")") + ");", "Ferry"},
           {"JSON that was cut off", json_feed(R"("title":"Ferry","tags":["a)"), "Ferry"},
           {"JSON with a missing comma", json_feed(R"("title":"Ferry" "language":"en")"), "Ferry"},
       })
    EXPECT_EQ(first(one.feed).title, one.title) << one.what;
  for (const std::string& page :
       {std::string("<html><body><p>Feeds: <code>&lt;rss&gt;</code></p></body></html>"),
        std::string(
            "<html><body><script>var a = '<rss><channel></channel></rss>';</script></body></html>"),
        std::string("<html><head><title>Not found</title></head></html>")}) {
    const Result<Feed> none = parse_feed(page);
    ASSERT_FALSE(none) << page;
    EXPECT_EQ(none.error().code, ErrorCode("not_feed")) << page;
  }
}

TEST(FeedKinds, UnpacksGzipFiles) {
  EXPECT_EQ(first(warc::gzip(rss("<title>Ferry</title>"))).title, "Ferry");
  EXPECT_EQ(first(warc::gzip(json_feed(R"("title":"Ferry")"))).title, "Ferry");
  FeedLimits small;
  small.bytes = 10'000;
  const Result<Feed> bomb = parse_feed(warc::gzip(std::string(1 << 20, ' ')), {}, {}, small);
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, ErrorCode("too_large"));
}

struct Authors {
  std::string feed;
  Names names;
};

TEST(FeedKinds, TakesNamesAndNoAddressesForAuthors) {
  for (const Authors& one : {
           Authors{json_feed(R"("authors":{"name":"Ada Moss"})"), {"Ada Moss"}},
           {json_feed(R"("authors":["Ada Moss","Bo Lund"])"), {"Ada Moss", "Bo Lund"}},
           {json_feed(R"("authors":["Ada Moss",{"name":"Bo Lund"}])"), {"Ada Moss", "Bo Lund"}},
           {json_feed(R"("authors":[["Ada Moss"],[{"name":"Bo Lund"}]])"), {"Ada Moss", "Bo Lund"}},
           {json_feed(R"("authors":"Ada Moss")"), {"Ada Moss"}},
           {json_feed(R"("author":"Ada Moss")"), {"Ada Moss"}},
           {json_feed(R"("author":["Ada Moss"])"), {"Ada Moss"}},
           {json_feed(R"("author":{"name":"Ada Moss"},"authors":[])"), {"Ada Moss"}},
           {json_feed(R"("authors":[{"name":"Ada Moss"},null,{"url":"http://x.example/a"}])"),
            {"Ada Moss"}},
           {json_feed(R"("authors":[null,7,{"name":""}])"), {}},
           {rss("<author>ada@x.example</author><creator>Ada Moss</creator>"), {"Ada Moss"}},
           {rss("<author>ada@x.example (Ada Moss)</author>"), {"Ada Moss"}},
           {rss("<author>Ada Moss (ada@x.example)</author>"), {"Ada Moss"}},
           {rss("<author>ada@x.example Ada Moss</author>"), {"Ada Moss"}},
           {rss("<author>Ada Moss &lt;ada@x.example&gt;</author>"), {"Ada Moss"}},
           {rss("<author>ada@x.example</author>"), {}},
           {rss("<author>The Ferry@Home Desk</author>"), {"The Ferry@Home Desk"}},
       })
    EXPECT_EQ(first(one.feed).authors, one.names) << one.feed;
}

TEST(FeedKinds, ReadsElementsOfOtherVocabularies) {
  const FeedEntry video = first(
      "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:media=\"http://search.yahoo.com/mrss/\">"
      "<entry><link href=\"http://x.example/v\"/><media:group><media:title>Hearing</media:title>"
      "<media:description>All of it, a&lt;b.</media:description></media:group></entry></feed>");
  EXPECT_EQ(video.title, "Hearing");
  EXPECT_EQ(video.summary, "All of it, a<b.");
  const FeedEntry episode = first(
      "<rss xmlns:i=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel><item>"
      "<i:title>Episode 4</i:title><i:subtitle>On ferries</i:subtitle></item></channel></rss>");
  EXPECT_EQ(episode.title, "Episode 4");
  EXPECT_EQ(episode.summary, "On ferries");
  const FeedEntry mixed = first(
      "<rss xmlns:a=\"http://www.w3.org/2005/Atom\"><channel><item><a:title>Ferry</a:title>"
      "<a:summary>It sails.</a:summary><a:link href=\"http://x.example/9\"/><a:id>urn:x</a:id>"
      "<a:published>2024-03-05T10:15:00+01:00</a:published><a:author><a:name>Ada Moss</a:name>"
      "</a:author></item></channel></rss>");
  EXPECT_EQ(mixed.title, "Ferry");
  EXPECT_EQ(mixed.summary, "It sails.");
  EXPECT_EQ(mixed.url, "http://x.example/9");
  EXPECT_EQ(mixed.id, "urn:x");
  ASSERT_TRUE(mixed.published);
  EXPECT_EQ(mixed.authors, Names{"Ada Moss"});
  const FeedEntry of_rss =
      first(atom("<pubDate>Tue, 05 Mar 2024 10:15:00 +0100</pubDate><description>It "
                 "sails.</description>"));
  ASSERT_TRUE(of_rss.published);
  EXPECT_EQ(of_rss.summary, "It sails.");
}

TEST(FeedKinds, ReadsNumbersOfSecondsForDates) {
  for (const char* number : {"1709633700", "1709633700000", "1709633700.0"}) {
    const FeedEntry entry = first(json_feed("\"date_published\":" + std::string(number)));
    ASSERT_TRUE(entry.published) << number;
    EXPECT_EQ(entry.published->unix_ms, 1709633700000) << number;
  }
  for (const char* number : {"0", "-5", "1e300", "99999999999999999"})
    EXPECT_FALSE(first(json_feed("\"date_published\":" + std::string(number))).published) << number;
}

// RFC 822 §5.1 leaves zone names to those who write them: IST is Israel, India or Ireland.
TEST(FeedKinds, ReadsZonesAndDaysByTheCountryOfTheFeed) {
  const auto published = [](const std::string& language, const std::string& date,
                            const std::string& from) {
    const Result<Feed> feed = parse_feed("<rss><channel><title>C</title><language>" + language +
                                             "</language><item><link>/1</link><pubDate>" + date +
                                             "</pubDate></item></channel></rss>",
                                         {}, from);
    return feed && !feed->entries.empty() && feed->entries[0].published
               ? feed->entries[0].published->text
               : std::string("none");
  };
  const std::string noon = "Tue, 05 Mar 2024 12:00:00 IST";
  EXPECT_EQ(published("he", noon, "https://x.example/feed"), "2024-03-05T12:00:00+02:00");
  EXPECT_EQ(published("en", noon, "https://x.example.ie/feed"), "2024-03-05T12:00:00+01:00");
  EXPECT_EQ(published("en-IE", noon, "https://x.example/feed"), "2024-03-05T12:00:00+01:00");
  EXPECT_EQ(published("en", noon, "https://x.example/feed"), "2024-03-05T12:00:00+05:30");
  EXPECT_EQ(published("en-US", "3/5/2024", "https://x.example/feed"), "2024-03-05");
  EXPECT_EQ(published("en-GB", "3/5/2024", "https://x.example/feed"), "2024-05-03");
}

TEST(FeedKinds, ReadsDatesByTheCountryOfTheSourceWhereTheHostNamesNone) {
  const auto published = [](const std::string& country, const std::string& from,
                            const std::string& date, bool json) {
    const std::string head = R"({"version":"https://jsonfeed.org/version/1","items":[{"id":"1",)";
    const std::string body = json ? head + "\"date_published\":\"" + date + "\"}]}"
                                  : "<rss><channel><item><link>/1</link><pubDate>" + date +
                                        "</pubDate></item></channel></rss>";
    const Result<Feed> feed = parse_feed(body, {}, {from, country});
    return feed && !feed->entries.empty() && feed->entries[0].published
               ? feed->entries[0].published->text
               : std::string("none");
  };
  for (const bool json : {false, true}) {
    const std::string noon = "Tue, 05 Mar 2024 12:00:00 IST";
    EXPECT_EQ(published("IE", "https://x.example/f", noon, json), "2024-03-05T12:00:00+01:00");
    EXPECT_EQ(published("IL", "https://x.example/f", noon, json), "2024-03-05T12:00:00+02:00");
    EXPECT_EQ(published("IE", "https://x.example.in/f", noon, json), "2024-03-05T12:00:00+05:30")
        << "the host's country is nearer";
    EXPECT_EQ(published("US", "https://x.example/f", "3/5/2024", json), "2024-03-05");
    EXPECT_EQ(published("PT", "https://x.example/f", "3/5/2024", json), "2024-05-03");
  }
}

TEST(FeedKinds, SaysWhatItCutsAndKeepsTheNews) {
  FeedLimits limits;
  limits.entries = 3;
  const auto feed = [](bool rising, bool json) {
    std::string items;
    for (int i = 0; i < 5; ++i) {
      const std::string day = "2024-03-0" + std::to_string(rising ? 1 + i : 9 - i);
      const std::string url = "http://x.example/" + std::to_string(i);
      if (json)
        items += (i > 0 ? "," : "") +
                 ("{\"id\":\"" + url + "\",\"date_published\":\"" + day + "T00:00:00Z\"}");
      else items += "<item><link>" + url + "</link><dc:date>" + day + "T00:00:00Z</dc:date></item>";
    }
    return json ? R"({"version":"https://jsonfeed.org/version/1","items":[)" + items + "]}"
                : "<rss xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>" + items +
                      "</channel></rss>";
  };
  for (const bool json : {false, true}) {
    const Result<Feed> newest_first = parse_feed(feed(false, json), {}, {}, limits);
    ASSERT_TRUE(newest_first);
    EXPECT_TRUE(newest_first->entries_cut);
    EXPECT_EQ(newest_first->entries_left_out, 2U);
    EXPECT_EQ(newest_first->entries.front().url, "http://x.example/0");
    const Result<Feed> oldest_first = parse_feed(feed(true, json), {}, {}, limits);
    ASSERT_TRUE(oldest_first);
    ASSERT_EQ(oldest_first->entries.size(), 3U);
    EXPECT_EQ(oldest_first->entries.back().url, "http://x.example/4");
  }
}

// The URL is field 4 of a message, behind field 1; both written by hand here.
TEST(AggregatorLink, FindsThePublisher) {
  for (const auto& [link, url] : std::initializer_list<std::pair<const char*, const char*>>{
           {"https://news.google.com/rss/articles/"
            "CBMiF2h0dHBzOi8vZmVycnkuZXhhbXBsZS9h0gEA?oc=5",
            "https://ferry.example/a"},
           {"https://news.google.com/__i/rss/rd/articles/"
            "CBMiF2h0dHBzOi8vZmVycnkuZXhhbXBsZS9h0gEA?oc=5",
            "https://ferry.example/a"},
           {"https://news.google.com/articles/CBMiF2h0dHBzOi8vZmVycnkuZXhhbXBsZS9h",
            "https://ferry.example/a"},
           {"https://www.google.com/url?rct=j&sa=t&url=https://ferry.example/a%3Fb%3D1&ct=ga",
            "https://ferry.example/a?b=1"},
           {"http://www.bing.com/news/"
            "apiclick.aspx?ref=FexRss&url=https%3a%2f%2fferry.example%2fa&c=1",
            "https://ferry.example/a"},
           // ids of the new form hold no URL
           {"https://news.google.com/rss/articles/CBMiiAFBVV95cUxPMTIzNDU2Nzg5?oc=5", ""},
           {"https://news.google.com/rss/articles/?oc=5", ""},
           {"https://news.google.com/rss/articles/////", ""},
           {"https://ferry.example/articles/CBMiF2h0dHBzOi8vZmVycnkuZXhhbXBsZS9h0gEA", ""},
           {"https://ferry.example/url?url=https://other.example/", ""},
           {"https://www.google.com/url?url=javascript:alert(1)", ""},
           {"not a url", ""}})
    EXPECT_EQ(publisher_of_aggregator_link(link), url) << link;
}

}  // namespace
}  // namespace vigie::crawler::feeds
