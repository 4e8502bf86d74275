#include "crawler/fetch/fetch.h"

#include <gtest/gtest.h>

namespace vigie::crawler::fetch {
namespace {

constexpr const char* kUrl = "http://a.example/x";

Fetch fetch_of(v1::UrlKind kind, std::uint32_t failures = 0, std::uint32_t refusals = 0) {
  v1::UrlState state;
  state.set_url(kUrl);
  state.set_kind(kind);
  state.set_failures(failures);
  state.set_refusals(refusals);
  auto fetch = Fetch::begin(std::move(state));
  EXPECT_TRUE(fetch);
  return std::move(*fetch);
}

net::HttpResponse response_of(int status, const std::string& location = {}) {
  net::HttpResponse response;
  response.status = status;
  if (!location.empty()) response.headers = {{"location", location}};
  return response;
}

/// The meaning in a word: "->URL", "304", "body", or the reason of a failure with ! where it is
/// permanent, ? where it is a refusal, ~ where the host asked for a rest.
std::string word(const Meaning& meaning) {
  if (const auto* redirected = std::get_if<Redirected>(&meaning))
    return "->" + redirected->target.href();
  if (std::holds_alternative<NotModified>(meaning)) return "304";
  if (std::holds_alternative<Body>(meaning)) return "body";
  const auto& failed = std::get<Failed>(meaning);
  return failed.reason + (failed.refused ? "?" : "") + (failed.permanent ? "!" : "") +
         (failed.backs_off ? "~" : "");
}

TEST(FetchMeaning, OfEachStatus) {
  struct Row {
    int status;
    const char* page;
    const char* feed;
  };
  for (const auto& [status, page, feed] : {Row{200, "body", "body"},
                                           {204, "body", "body"},
                                           {304, "304", "304"},
                                           {300, "http_status", "http_status"},
                                           {400, "http_4xx?", "http_4xx?"},
                                           {401, "http_denied?", "http_denied?"},
                                           {402, "http_denied?", "http_denied?"},
                                           {403, "http_denied?", "http_denied?"},
                                           {404, "http_404?", "http_404?"},
                                           {410, "http_410?!", "http_410?"},
                                           {418, "http_4xx?", "http_4xx?"},
                                           {429, "http_429~", "http_429~"},
                                           {451, "http_denied?", "http_denied?"},
                                           {500, "http_5xx", "http_5xx"},
                                           {503, "http_503~", "http_503~"}}) {
    EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(response_of(status))), page) << status;
    EXPECT_EQ(word(fetch_of(v1::URL_KIND_FEED).meaning_of(response_of(status))), feed) << status;
  }
}

TEST(FetchMeaning, TheThirdRefusalOfAPageIsTheLast) {
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE, 1, 1).meaning_of(response_of(404))), "http_404?");
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE, 2, 2).meaning_of(response_of(404))), "http_404?!");
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE, 9, 0).meaning_of(response_of(404))), "http_404?")
      << "other failures say nothing about whether there is such a page";
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_FEED, 9, 9).meaning_of(response_of(404))), "http_404?")
      << "a feed is polled for as long as it is listed";
}

TEST(FetchMeaning, ABodyThatBrokeOffIsTakenAtTheThirdTry) {
  net::HttpResponse cut = response_of(200);
  for (const auto truncation : {net::HttpTruncation::kTime, net::HttpTruncation::kDisconnect}) {
    cut.truncation = truncation;
    EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE, 0).meaning_of(cut)), "body_cut");
    EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE, 1).meaning_of(cut)), "body_cut");
    EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE, 2).meaning_of(cut)), "body");
  }
  cut.truncation = net::HttpTruncation::kLength;
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(cut)), "body")
      << "what is too long will be so again";
}

TEST(FetchMeaning, OfNoResponse) {
  const Result<net::HttpResponse> later = failure(Disposition::kRetry, "dns", "no such name");
  const Result<net::HttpResponse> never =
      failure(Disposition::kQuarantine, "address_refused", "a private network");
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(later)), "dns");
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(never)), "address_refused!");
}

TEST(FetchMeaning, ABadRedirectEndsAPageAndIsTriedAgainForAFeed) {
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(response_of(302, "/y"))),
            "->http://a.example/y");
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(response_of(302))),
            "redirect_without_location!");
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_FEED).meaning_of(response_of(302))),
            "redirect_without_location");
}

TEST(Fetch, BeginsWithNothingThatHasNoHost) {
  for (const char* url : {"", "nonsense", "mailto:x@a.example"}) {
    v1::UrlState state;
    state.set_url(url);
    EXPECT_FALSE(Fetch::begin(state)) << url;
  }
}

TEST(Fetch, FollowsRedirectsAndSendsValidatorsToItsOwnUrlAlone) {
  v1::UrlState state;
  state.set_url(kUrl);
  state.set_kind(v1::URL_KIND_ARTICLE);
  state.set_etag("\"a\"");
  state.set_fetches(2);
  Fetch fetch = *Fetch::begin(std::move(state));
  const BodyLimits limits;
  EXPECT_FALSE(fetch.redirected());
  EXPECT_EQ(fetch.next_request(limits, 10).headers.size(), 2U);
  const Meaning meaning = fetch.meaning_of(response_of(301, "http://b.example/z"));
  fetch.follow(std::get<Redirected>(meaning).target);
  EXPECT_TRUE(fetch.redirected());
  EXPECT_EQ(fetch.current().href(), "http://b.example/z");
  const net::HttpRequest request = fetch.next_request(limits, 10);
  EXPECT_EQ(request.url, "http://b.example/z");
  EXPECT_EQ(request.headers.size(), 1U);
  EXPECT_EQ(word(fetch.meaning_of(response_of(301, kUrl))), "redirect_loop!");
}

TEST(Fetch, AsksForRobotsBeforeItsHopAndFollowsItsRedirects) {
  Fetch fetch = fetch_of(v1::URL_KIND_ARTICLE);
  const BodyLimits limits;
  fetch.ask_robots(*url::parse("http://a.example/robots.txt"));
  EXPECT_TRUE(fetch.asks_robots());
  EXPECT_EQ(fetch.robots_origin(), fetch.current().origin_key());
  net::HttpRequest request = fetch.next_request(limits, 10);
  EXPECT_EQ(request.url, "http://a.example/robots.txt");
  EXPECT_EQ(request.limits.decoded_bytes, 10U);
  EXPECT_FALSE(fetch.robots_redirect(response_of(404)));
  EXPECT_FALSE(fetch.robots_redirect(response_of(301, "/robots.txt"))) << "round in a circle";
  auto target = fetch.robots_redirect(response_of(301, "http://b.example/robots.txt"));
  ASSERT_TRUE(target);
  fetch.follow_robots(*target);
  EXPECT_EQ(*fetch.next_url().host, "b.example");
  EXPECT_EQ(*fetch.current().host, "a.example");
  EXPECT_FALSE(fetch.redirected()) << "the hops of robots.txt are none of its own";
  fetch.robots_known();
  EXPECT_EQ(fetch.next_request(limits, 10).url, kUrl);
}

}  // namespace
}  // namespace vigie::crawler::fetch
