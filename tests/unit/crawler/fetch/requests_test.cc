#include "crawler/fetch/requests.h"

#include <gtest/gtest.h>

namespace vigie::crawler::fetch {
namespace {

// crawler/fetch/README.md: validators lie: now and then a request goes without conditions.
TEST(Conditional, IsNeverTheFirstFetchAndNotEveryOne) {
  v1::UrlState feed;
  feed.set_kind(v1::URL_KIND_FEED);
  EXPECT_FALSE(is_conditional(feed));
  feed.set_etag("\"a\"");
  int without = 0;
  for (std::uint32_t fetches = 1; fetches <= 100; ++fetches) {
    feed.set_fetches(fetches);
    if (!is_conditional(feed)) ++without;
  }
  EXPECT_EQ(without, 10);
  v1::UrlState page;
  page.set_kind(v1::URL_KIND_ARTICLE);
  page.set_last_modified("Thu, 01 Jan 2026 00:00:00 GMT");
  page.set_fetches(1);
  EXPECT_FALSE(is_conditional(page));
  page.set_fetches(2);
  EXPECT_TRUE(is_conditional(page));
}

TEST(Request, SendsValidatorsOnlyWhereItIsConditional) {
  v1::UrlState state;
  state.set_kind(v1::URL_KIND_FEED);
  state.set_etag("\"a\"");
  state.set_last_modified("Thu, 01 Jan 2026 00:00:00 GMT");
  const net::HttpRequest plain = make_request(state, "http://a.example/feed", false, 1000);
  EXPECT_EQ(plain.url, "http://a.example/feed");
  EXPECT_EQ(plain.limits.decoded_bytes, 1000U);
  ASSERT_EQ(plain.headers.size(), 1U);
  EXPECT_EQ(plain.headers[0].first, "Accept");
  const net::HttpRequest conditional = make_request(state, "http://a.example/feed", true, 1000);
  EXPECT_EQ(conditional.headers.size(), 3U);
}

TEST(Request, ReadsAsMuchAsItsKindOfUrlMayHave) {
  const BodyLimits limits{1, 2, 3};
  EXPECT_EQ(limits.of(v1::URL_KIND_ARTICLE), 1U);
  EXPECT_EQ(limits.of(v1::URL_KIND_FEED), 2U);
  EXPECT_EQ(limits.of(v1::URL_KIND_SECTION), 2U);
  EXPECT_EQ(limits.of(v1::URL_KIND_SITEMAP), 3U);
}

}  // namespace
}  // namespace vigie::crawler::fetch
