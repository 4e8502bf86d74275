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
/// permanent, ? where it is a refusal, § one of law or a till, ~ where the host asked for a rest.
std::string word(const Meaning& meaning) {
  if (const auto* redirected = std::get_if<Redirected>(&meaning))
    return "->" + redirected->target.href();
  if (std::holds_alternative<NotModified>(meaning)) return "304";
  if (std::holds_alternative<Body>(meaning)) return "body";
  if (std::holds_alternative<Again>(meaning)) return "again";
  const auto& failed = std::get<Failed>(meaning);
  return failed.reason + (failed.refused ? "?" : "") + (failed.legal ? "§" : "") +
         (failed.permanent ? "!" : "") + (failed.backs_off ? "~" : "");
}

TEST(FetchMeaning, OfEachStatus) {
  struct Row {
    int status;
    const char* page;
    const char* feed;
  };
  for (const auto& [status, page, feed] : {Row{200, "body", "body"},
                                           {204, "body", "body"},
                                           {304, "http_status", "http_status"},
                                           {300, "http_status", "http_status"},
                                           {400, "http_4xx?", "http_4xx?"},
                                           {401, "http_denied?§", "http_denied?§"},
                                           {402, "http_denied?§", "http_denied?§"},
                                           {403, "http_denied?", "http_denied?"},
                                           {404, "http_404?", "http_404?"},
                                           {410, "http_410?!", "http_410?"},
                                           {418, "http_4xx?", "http_4xx?"},
                                           {429, "http_429~", "http_429~"},
                                           {451, "http_denied?§", "http_denied?§"},
                                           {500, "http_5xx", "http_5xx"},
                                           {503, "http_503~", "http_503~"}}) {
    EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(response_of(status))), page) << status;
    EXPECT_EQ(word(fetch_of(v1::URL_KIND_FEED).meaning_of(response_of(status))), feed) << status;
  }
}

TEST(FetchMeaning, NoNumberOfRefusalsIsProof) {
  for (const std::uint32_t refusals : {0U, 2U, 3U, 50U})
    EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE, refusals, refusals).meaning_of(response_of(404))),
              "http_404?")
        << refusals;
}

TEST(FetchMeaning, OfA304ThatWasAskedFor) {
  v1::UrlState state;
  state.set_url(kUrl);
  state.set_kind(v1::URL_KIND_FEED);
  state.set_etag("\"a\"");
  Fetch fetch = *Fetch::begin(state);
  fetch.next_request(BodyLimits(), 10);
  EXPECT_EQ(word(fetch.meaning_of(response_of(304))), "304");
  state.set_validators_url("http://b.example/elsewhere");
  Fetch other = *Fetch::begin(state);
  EXPECT_EQ(other.next_request(BodyLimits(), 10).headers.size(), 1U);
  EXPECT_EQ(word(other.meaning_of(response_of(304))), "http_status");
}

TEST(FetchMeaning, AnAnswerThatIsNoHttpIsReadByHandOnce) {
  const Result<net::HttpResponse> malformed = failure(Disposition::kRetry, "protocol", "no HTTP");
  Fetch fetch = fetch_of(v1::URL_KIND_ARTICLE);
  EXPECT_EQ(word(fetch.meaning_of(malformed)), "again");
  EXPECT_EQ(word(fetch.meaning_of(malformed)), "protocol");
  fetch.follow(*url::parse("http://b.example/"));
  EXPECT_EQ(word(fetch.meaning_of(malformed)), "again") << "another hop";
  fetch.ask_robots(*url::parse("http://b.example/robots.txt"));
  EXPECT_TRUE(fetch.robots_again(malformed));
  EXPECT_FALSE(fetch.robots_again(malformed));
  EXPECT_FALSE(fetch.robots_again(response_of(404)));
}

net::HttpResponse page_with(const std::string& body) {
  net::HttpResponse response = response_of(200);
  response.headers = {{"content-type", "text/html"}};
  response.body = body;
  return response;
}

TEST(FetchMeaning, APageThatLeadsElsewhereIsAHop) {
  const auto refresh = [](int seconds, const std::string& url) {
    return page_with("<meta http-equiv=refresh content='" + std::to_string(seconds) +
                     ";url=" + url + "'><p>text");
  };
  Fetch fetch = fetch_of(v1::URL_KIND_ARTICLE);
  EXPECT_EQ(word(fetch.meaning_of(refresh(0, "/y"))), "->http://a.example/y");
  EXPECT_EQ(word(fetch.meaning_of(refresh(0, "/x"))), "body") << "it shows itself again";
  EXPECT_EQ(word(fetch.meaning_of(refresh(60, "/y"))), "body");
  fetch.follow(*url::parse("http://a.example/y"));
  EXPECT_EQ(word(fetch.meaning_of(refresh(0, "/x"))), "redirect_loop?");
  EXPECT_EQ(word(fetch.meaning_of(refresh(5, "/x"))), "body") << "it can be read meanwhile";
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_FEED).meaning_of(refresh(0, "/y"))), "->http://a.example/y");
}

TEST(Fetch, CarriesACookieOfItsOwnRedirectsAndNoFurther) {
  Fetch fetch = fetch_of(v1::URL_KIND_ARTICLE);
  net::HttpResponse wall = response_of(302, "/x");
  EXPECT_EQ(word(fetch.meaning_of(wall)), "redirect_loop?") << "to itself, without a cookie";
  wall.headers.emplace_back("set-cookie", "seen=1; Path=/");
  fetch.take_cookies(wall, 0);
  const Meaning meaning = fetch.meaning_of(wall);
  ASSERT_EQ(word(meaning), "->http://a.example/x");
  fetch.follow(std::get<Redirected>(meaning).target);
  const net::HttpRequest request = fetch.next_request(BodyLimits(), 10);
  EXPECT_EQ(request.headers.back(), (std::pair<std::string, std::string>("Cookie", "seen=1")));
  EXPECT_EQ(word(fetch.meaning_of(wall)), "redirect_loop?") << "the same cookie again";
  fetch.ask_robots(*url::parse("http://a.example/robots.txt"));
  for (const auto& [name, value] : fetch.next_request(BodyLimits(), 10).headers)
    EXPECT_NE(name, "Cookie");
}

TEST(Fetch, AsksForTheAddressAsItWasPublished) {
  v1::UrlState state;
  state.set_url("http://a.example/story/");
  state.set_fetch_url("http://a.example/story/index.html?ref=rss#top");
  state.set_kind(v1::URL_KIND_ARTICLE);
  Fetch fetch = *Fetch::begin(state);
  EXPECT_EQ(fetch.next_request(BodyLimits(), 10).url, "http://a.example/story/index.html?ref=rss");
  EXPECT_EQ(fetch.url(), "http://a.example/story/");
}

/// The poll of a feed that has been redirected for good so often.
v1::UrlState moved_state(std::uint32_t polls, std::chrono::milliseconds since) {
  v1::UrlState state;
  state.set_url(kUrl);
  state.set_kind(v1::URL_KIND_FEED);
  state.set_moved_to("http://b.example/new");
  state.set_moved_polls(polls);
  state.set_moved_since_unix_ms(1'000);
  state.set_last_fetch_unix_ms(1'000 + since.count());
  return state;
}

/// Where its next poll begins.
std::string begins_at(const v1::UrlState& state, bool may = true) {
  Fetch fetch = *Fetch::begin(state);
  fetch.begin_where_it_moved([&](const url::Url&) { return may; });
  EXPECT_EQ(fetch.url(), kUrl);
  EXPECT_FALSE(fetch.redirected());
  return fetch.next_request(BodyLimits(), 10).url;
}

TEST(Fetch, BeginsAPollWhereItHasMovedForGood) {
  EXPECT_EQ(begins_at(moved_state(kMovedPolls - 1, kMovedAfter)), kUrl);
  EXPECT_EQ(begins_at(moved_state(99, kMovedAfter / 2)), kUrl);
  v1::UrlState state = moved_state(kMovedPolls, kMovedAfter);
  EXPECT_EQ(begins_at(state), "http://b.example/new");
  EXPECT_EQ(begins_at(state, false), kUrl) << "another crawler owns that domain";
  state.set_failures(1);
  EXPECT_EQ(begins_at(state), kUrl) << "a mistake heals";
  state.set_failures(0);
  state.set_fetches(9);
  EXPECT_EQ(begins_at(state), kUrl) << "every tenth poll looks at the old address";
}

TEST(Fetch, HasMovedWherePermanentRedirectsAloneLead) {
  Fetch fetch = fetch_of(v1::URL_KIND_FEED);
  EXPECT_EQ(fetch.moved_to(), "");
  Meaning meaning = fetch.meaning_of(response_of(301, "/y"));
  fetch.follow(std::get<Redirected>(meaning).target, std::get<Redirected>(meaning).permanent);
  EXPECT_EQ(fetch.moved_to(), "http://a.example/y");
  meaning = fetch.meaning_of(response_of(302, "/z"));
  fetch.follow(std::get<Redirected>(meaning).target, std::get<Redirected>(meaning).permanent);
  EXPECT_EQ(fetch.moved_to(), "");
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
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(never)), "address_refused?");
}

TEST(FetchMeaning, ABadRedirectIsARefusalThatIsTriedAgain) {
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(response_of(302, "/y"))),
            "->http://a.example/y");
  EXPECT_EQ(word(fetch_of(v1::URL_KIND_ARTICLE).meaning_of(response_of(302))),
            "redirect_without_location?");
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
  EXPECT_EQ(word(fetch.meaning_of(response_of(301, kUrl))), "redirect_loop?");
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
