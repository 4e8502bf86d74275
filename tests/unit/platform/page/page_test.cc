#include "platform/page/page.h"

#include <gtest/gtest.h>

#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::page {
namespace {

net::HttpResponse html(net::Headers headers, std::string body) {
  net::HttpResponse response;
  response.status = 200;
  response.headers = std::move(headers);
  response.body_bytes = body.size();
  response.body = std::move(body);
  return response;
}

PageContext context(const std::string& final_url) {
  PageContext out;
  out.url = "http://a.example/short";
  out.final_url = final_url;
  out.discovered_at_unix_ms = 1;
  out.fetched_at_unix_ms = 2;
  return out;
}

// proto/page.proto: the key is that of the final URL, normalised; headers are those that it names.
TEST(MakePage, KeepsWhatTheRecordSpecifies) {
  v1::FeedItem item;
  item.set_title("Title");
  PageContext from = context("http://A.example/x?utm_source=rss#part");
  from.feed_item = &item;
  const auto page = make_page(from, html({{"content-type", "text/html"},
                                          {"etag", "\"a\""},
                                          {"set-cookie", "secret"},
                                          {"tdm-reservation", "1"},
                                          {"server", "x"}},
                                         "<p>x"));
  ASSERT_TRUE(page) << page.error().to_string();
  EXPECT_EQ(page->url(), "http://a.example/short");
  EXPECT_EQ(page->final_url(), "http://a.example/x");
  EXPECT_EQ(page->page_key(), proto::page_key("http://a.example/x"));
  EXPECT_EQ(page->body_sha256(), proto::sha256("<p>x"));
  EXPECT_EQ(page->feed_item().title(), "Title");
  EXPECT_TRUE(page->raise_alerts());
  ASSERT_EQ(page->headers_size(), 3);
  EXPECT_EQ(page->headers(2).name(), "tdm-reservation");
}

TEST(MakePage, RaisesAlertsForWhatWasCrawledAlone) {
  for (const v1::Origin origin : {v1::ORIGIN_CRAWL, v1::ORIGIN_REPLAY, v1::ORIGIN_INGEST}) {
    PageContext from = context("http://a.example/x");
    from.origin = origin;
    const auto page = make_page(from, html({}, "x"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->raise_alerts(), origin == v1::ORIGIN_CRAWL);
  }
}

TEST(MakePage, CleansAndBoundsHeadersOfTheWeb) {
  net::Headers headers{{"content-type", "a\r\nb\x7f\xff" + std::string(10'000, 'c')}};
  for (int i = 0; i < 500; ++i) headers.emplace_back("link", "<x>");
  const auto page = make_page(context("http://a.example/x"), html(std::move(headers), "x"));
  ASSERT_TRUE(page);
  EXPECT_LE(page->headers_size(), 64);
  const std::string& value = page->headers(0).value();
  EXPECT_LE(value.size(), 4096U + 2);
  EXPECT_EQ(value.find_first_of("\r\n\x7f"), std::string::npos);
  EXPECT_TRUE(text::is_valid_utf8(value));
}

TEST(MakePage, SaysHowABodyWasCut) {
  const std::pair<net::HttpTruncation, v1::Truncation> kinds[] = {
      {net::HttpTruncation::kNone, v1::TRUNCATION_NONE},
      {net::HttpTruncation::kLength, v1::TRUNCATION_LENGTH},
      {net::HttpTruncation::kTime, v1::TRUNCATION_TIME},
      {net::HttpTruncation::kDisconnect, v1::TRUNCATION_DISCONNECT}};
  for (const auto& [given, wanted] : kinds) {
    net::HttpResponse response = html({}, "x");
    response.truncation = given;
    response.body_bytes = 1000;
    const auto page = make_page(context("http://a.example/x"), response);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->truncation(), wanted);
    EXPECT_EQ(page->body_bytes(), 1000U);
  }
}

TEST(MakePage, RefusesAnAddressThatIsNone) {
  EXPECT_FALSE(make_page(context("nonsense"), html({}, "x")));
  EXPECT_FALSE(make_page(context("ftp://a.example/x"), html({}, "x")));
}

}  // namespace
}  // namespace vigie::page
