// What is found at addresses that people type.
#include "crawler/discovery/discovery.h"

#include <gtest/gtest.h>

#include <map>

namespace vigie::crawler::discovery {
namespace {

const std::string kFeed =
    "<rss version=\"2.0\"><channel><title>Ledger news</title><link>https://ledger.example/</link>"
    "<language>en-gb</language>"
    "<item><title>Old</title><link>https://ledger.example/old</link>"
    "<pubDate>Thu, 01 Jan 2026 00:00:00 +0000</pubDate></item>"
    "<item><title>New</title><link>https://ledger.example/new</link>"
    "<pubDate>Fri, 02 Jan 2026 00:00:00 +0000</pubDate></item></channel></rss>";

/// A web by URL: a status and a body, or the code of a failure.
class Web {
 public:
  Web& put(const std::string& url, std::string body, int status = 200,
           std::string type = "text/html") {
    net::HttpResponse response;
    response.status = status;
    response.headers.emplace_back("content-type", std::move(type));
    response.body_bytes = body.size();
    response.body = std::move(body);
    pages_[url] = std::move(response);
    return *this;
  }
  Web& redirect(const std::string& url, const std::string& to) {
    put(url, "", 301);
    pages_[url].headers.emplace_back("location", to);
    return *this;
  }
  Web& fail(const std::string& prefix, ErrorCode code) {
    failures_.emplace(prefix, code);
    return *this;
  }

  v1::DiscoveryResponse discover(const std::string& url, bool guessed = false,
                                 const std::string& ours = "") {
    v1::DiscoveryRequest request;
    request.set_id("q");
    request.set_url(url);
    request.set_guessed_scheme(guessed);
    Discovery discovery(request);
    asked.clear();
    const auto may = [&](const url::Url& at) {
      return ours.empty() || at.href().find(ours) != std::string::npos;
    };
    while (const auto ask = discovery.next(may)) {
      asked.push_back(ask->url.href());
      EXPECT_LE(asked.size(), Discovery::kMostRequests);
      discovery.take(response_to(ask->url.href()), 1'767'400'000'000);
    }
    return discovery.response();
  }

  std::vector<std::string> asked;

 private:
  Result<net::HttpResponse> response_to(const std::string& url) {
    for (const auto& [prefix, code] : failures_) {
      if (url.starts_with(prefix)) return failure(Disposition::kRetry, code, "it failed", url);
    }
    if (const auto page = pages_.find(url); page != pages_.end()) return page->second;
    net::HttpResponse none;
    none.status = 404;
    return none;
  }
  std::map<std::string, net::HttpResponse> pages_;
  std::map<std::string, ErrorCode> failures_;
};

std::string page(const std::string& head, const std::string& body = "") {
  return "<html lang=\"en-GB\"><head><title>Ledger | Ledger</title>" + head + "</head><body>" +
         body + "</body></html>";
}
const std::string kNamesFeed =
    "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"All\" href=\"/feed.xml\">";

TEST(Discovery, FindsTheFeedsThatAPageNames) {
  Web web;
  web.put("https://ledger.example/", page(kNamesFeed))
      .put("https://ledger.example/feed.xml", kFeed, 200, "application/rss+xml");
  const auto response = web.discover("https://ledger.example/");
  EXPECT_EQ(response.name(), "Ledger") << "what stands twice in the title stands once";
  EXPECT_EQ(response.homepage(), "https://ledger.example/");
  EXPECT_EQ(response.language(), "en-GB");
  EXPECT_EQ(response.country(), "GB");
  EXPECT_EQ(response.country_from(), "language");
  EXPECT_EQ(response.robots(), "allowed");
  EXPECT_EQ(response.reason(), "");
  ASSERT_EQ(response.found_size(), 1);
  EXPECT_EQ(response.found(0).kind(), "feed");
  EXPECT_EQ(response.found(0).items(), 2U);
  ASSERT_EQ(response.found(0).latest_size(), 2);
  EXPECT_EQ(response.found(0).latest(0).title(), "New") << "the newest first";
}

TEST(Discovery, AFeedIsItself) {
  Web web;
  web.put("https://ledger.example/feed.xml", kFeed, 200, "text/plain");
  const auto response = web.discover("https://ledger.example/feed.xml");
  ASSERT_EQ(response.found_size(), 1);
  EXPECT_EQ(response.found(0).url(), "https://ledger.example/feed.xml");
  EXPECT_EQ(response.name(), "Ledger news");
  EXPECT_EQ(response.homepage(), "https://ledger.example/");
  EXPECT_EQ(response.language(), "en-gb");
}

TEST(Discovery, AsksHttpWhereNoSchemeWasTypedAndHttpsDoesNotConnect) {
  Web web;
  web.fail("https://127.0.0.1:8099", "tls")
      .put("http://127.0.0.1:8099/", page(kNamesFeed))
      .put("http://127.0.0.1:8099/feed.xml", kFeed);
  const auto response = web.discover("https://127.0.0.1:8099/", true);
  ASSERT_EQ(response.found_size(), 1);
  EXPECT_EQ(response.url(), "http://127.0.0.1:8099/");
  EXPECT_EQ(web.discover("https://127.0.0.1:8099/", false).reason(), "tls")
      << "who wrote https means it";
}

TEST(Discovery, ObeysRobots) {
  Web web;
  web.put("https://ledger.example/robots.txt", "User-agent: *\nDisallow: /\n")
      .put("https://ledger.example/", page(kNamesFeed));
  const auto response = web.discover("https://ledger.example/");
  EXPECT_EQ(response.robots(), "disallowed");
  EXPECT_EQ(response.reason(), "robots_disallowed");
  EXPECT_EQ(web.asked, std::vector<std::string>{"https://ledger.example/robots.txt"});

  web.put("https://ledger.example/robots.txt", "User-agent: *\nDisallow: /feed\n");
  const auto feed = web.discover("https://ledger.example/");
  ASSERT_EQ(feed.found_size(), 1);
  EXPECT_EQ(feed.found(0).reason(), "robots_disallowed");

  web.put("https://ledger.example/robots.txt", "", 503);
  EXPECT_EQ(web.discover("https://ledger.example/").robots(), "unreachable");
}

TEST(Discovery, NamesNewsSitemapsAndLooksWhereFeedsOftenAre) {
  Web web;
  web.put("https://ledger.example/robots.txt",
          "Sitemap: https://ledger.example/archive.xml\n"
          "Sitemap: https://ledger.example/news-sitemap.xml\n")
      .put("https://ledger.example/", page(""));
  const auto named = web.discover("https://ledger.example/");
  ASSERT_EQ(named.found_size(), 1);
  EXPECT_EQ(named.found(0).kind(), "sitemap");
  EXPECT_EQ(named.found(0).url(), "https://ledger.example/news-sitemap.xml");

  Web plain;
  plain.put("https://ledger.example/", page("")).put("https://ledger.example/rss.xml", kFeed);
  const auto guessed = plain.discover("https://ledger.example/");
  ASSERT_EQ(guessed.found_size(), 1);
  EXPECT_EQ(guessed.found(0).url(), "https://ledger.example/rss.xml");
}

TEST(Discovery, WithoutAFeedThePageItselfIsProposed) {
  const std::string link =
      "<a href=\"/2026/01/02/ministers-agree-on-chips\">Ministers agree on chips after a night</a>";
  Web web;
  web.put("https://ledger.example/", page("", link));
  const auto response = web.discover("https://ledger.example/");
  ASSERT_EQ(response.found_size(), 1);
  EXPECT_EQ(response.found(0).kind(), "section");
  ASSERT_EQ(response.found(0).latest_size(), 1);
  EXPECT_EQ(response.found(0).latest(0).title(), "Ministers agree on chips after a night");

  Web empty;
  empty.put("https://ledger.example/", page("", "<p>Nothing.</p>"));
  EXPECT_EQ(empty.discover("https://ledger.example/").reason(), "nothing_listed");
}

TEST(Discovery, FailuresAreNamed) {
  Web web;
  web.put("https://ledger.example/loop", "", 404)
      .redirect("https://ledger.example/a", "https://ledger.example/b")
      .redirect("https://ledger.example/b", "https://ledger.example/a")
      .fail("https://gone.example", "dns");
  EXPECT_EQ(web.discover("https://ledger.example/loop").reason(), "http_404");
  EXPECT_EQ(web.discover("https://ledger.example/a").reason(), "redirect_loop");
  EXPECT_EQ(web.discover("https://gone.example/").reason(), "dns");
}

TEST(Discovery, ADomainOfAnotherCrawlerIsNamedAndNotAsked) {
  Web web;
  web.redirect("https://ledger.example/", "https://www.other.example/");
  const auto response = web.discover("https://ledger.example/", false, "ledger.example");
  EXPECT_EQ(response.elsewhere(), "https://www.other.example/");
  EXPECT_EQ(response.found_size(), 0);
}

TEST(Discovery, AsksABoundedNumberOfTimes) {
  std::string many;
  for (int i = 0; i < 500; ++i)
    many += "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/f" + std::to_string(i) +
            ".xml\">";
  Web web;
  web.put("https://ledger.example/", page(many));
  const auto response = web.discover("https://ledger.example/");
  EXPECT_EQ(response.found_size(), static_cast<int>(Discovery::kMostFound));
  EXPECT_EQ(web.asked.size(), 2 + Discovery::kLookedAt);
}

TEST(Guess, CountryByDomainThenByLanguage) {
  std::string from;
  EXPECT_EQ(guess_country("www.lemonde.fr", "en", from), "FR");
  EXPECT_EQ(from, "domain");
  EXPECT_EQ(guess_country("www.bbc.co.uk", "", from), "GB");
  EXPECT_EQ(guess_country("openai.ai", "", from), "");
  EXPECT_EQ(guess_country("folha.example", "pt-BR", from), "BR");
  EXPECT_EQ(from, "language");
  EXPECT_EQ(guess_country("cna.example", "zh-Hant-TW", from), "TW");
  EXPECT_EQ(guess_country("example.com", "en-US", from), "") << "templates say so everywhere";
  EXPECT_EQ(guess_country("127.0.0.1", "fr", from), "");
  EXPECT_EQ(from, "");
}

TEST(Guess, ANameStandsOnce) {
  EXPECT_EQ(tidy_name("Meridian Wire | Meridian Wire"), "Meridian Wire");
  EXPECT_EQ(tidy_name("  Le   Monde – Actualités "), "Le Monde – Actualités");
  EXPECT_EQ(tidy_name("A - B - A"), "A - B");
  EXPECT_EQ(tidy_name(""), "");
}

}  // namespace
}  // namespace vigie::crawler::discovery
