#include "crawler/service/crawler.h"

#include <thread>

#include "platform/warc/gzip.h"
#include "platform/warc/warc_reader.h"
#include "proto/control.pb.h"
#include "proto/quarantine.pb.h"
#include "tests/unit/crawler/service/crawler_fixture.h"

namespace vigie::crawler::service {
namespace {

TEST_F(CrawlerTest, SendsEachPageOfAFeedOnce) {
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"One", "http://127.0.10.1/one?utm_source=rss"}, {"Two", "http://127.0.10.1/two"}}),
           "application/rss+xml");
  web_.put("http://127.0.10.1/one?utm_source=rss", 200, "<html>one</html>",
           "text/html; charset=utf-8", {{"etag", "\"a\""}, {"set-cookie", "x=1"}});
  web_.put("http://127.0.10.1/two", 200, "<html>two</html>");
  begin();
  pass(milliseconds(5000));
  const auto pages = read<v1::PageRecord>(proto::Topic::kPages);
  ASSERT_EQ(pages.size(), 2U);
  std::map<std::string, v1::PageRecord> by_url;
  for (const auto& page : pages) by_url[page.final_url()] = page;
  const v1::PageRecord& one = by_url["http://127.0.10.1/one"];
  EXPECT_EQ(one.body(), "<html>one</html>");
  EXPECT_EQ(one.source().name(), "Example");
  EXPECT_EQ(one.source().country(), "FR");
  EXPECT_EQ(one.origin(), v1::ORIGIN_CRAWL);
  EXPECT_TRUE(one.raise_alerts());
  EXPECT_EQ(one.feed_item().title(), "One");
  EXPECT_EQ(one.feed_item().published(), "2026-01-01T00:00:00+01:00");
  EXPECT_GT(one.discovered_at_unix_ms(), 0);
  EXPECT_LE(one.discovered_at_unix_ms(), one.fetched_at_unix_ms());
  ASSERT_EQ(one.headers_size(), 2);
  EXPECT_EQ(one.headers(0).name(), "etag");
  // The feed was polled at the floor all the while.
  EXPECT_GE(web_.count("http://127.0.10.1/feed.xml"), 3U);
  EXPECT_EQ(web_.count("http://127.0.10.1/robots.txt"), 1U);
}

// Zones and numbers of a feed are those of the country that its source is said to be of.
TEST_F(CrawlerTest, ReadsTheDatesOfAFeedByTheCountryOfItsSource) {
  const std::vector<std::pair<std::string, std::string>> expected{
      {"IL", "2026-03-05T12:00:00+02:00"}, {"IN", "2026-03-05T12:00:00+05:30"}};
  std::string yaml = "sources:\n";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string home = "http://127.0.1" + std::to_string(i) + ".1/";
    yaml += "  - name: S" + std::to_string(i) + "\n    homepage: " + home + "\n    feeds: [" +
            home + "feed.xml]\n    country: " + expected[i].first + "\n";
    web_.put(
        home + "feed.xml", 200,
        "<rss version=\"2.0\"><channel><title>F</title><item><title>One</title><link>" + home +
            "one</link><pubDate>Thu, 05 Mar 2026 12:00:00 IST</pubDate></item></channel></rss>",
        "application/rss+xml");
    web_.put(home + "one", 200, "<html>one</html>");
  }
  sources(yaml);
  begin();
  pass(milliseconds(3000));
  std::map<std::string, std::string> published;
  for (const auto& page : read<v1::PageRecord>(proto::Topic::kPages))
    published[page.source().country()] = page.feed_item().published();
  for (const auto& [country, moment] : expected) EXPECT_EQ(published[country], moment) << country;
}

TEST_F(CrawlerTest, KeepsTheGapFromTheEndOfAnAnswer) {
  std::vector<std::pair<std::string, std::string>> items;
  for (int i = 0; i < 12; ++i) {
    const std::string url = "http://127.0.10.1/article-" + std::to_string(i);
    items.emplace_back("Title", url);
    web_.put(url, 200, "<html>" + std::to_string(i) + "</html>");
  }
  web_.put("http://127.0.10.1/feed.xml", 200, rss(items));
  begin();
  pass(milliseconds(6000));
  ASSERT_GT(web_.seen.size(), 12U);
  for (std::size_t i = 1; i < web_.seen.size(); ++i) {
    EXPECT_GE(web_.seen[i].begin - web_.seen[i - 1].end, milliseconds(200)) << web_.seen[i].url;
  }
}

TEST_F(CrawlerTest, ObeysRobotsAtEveryHop) {
  web_.put("http://127.0.10.1/robots.txt", 200, "User-agent: vigie\nDisallow: /private\n",
           "text/plain");
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"A", "http://127.0.10.1/private/a"},
                {"B", "http://127.0.10.1/b"},
                {"C", "http://127.0.10.1/c"}}));
  web_.put("http://127.0.10.1/b", 301, "", "text/html", {{"location", "/private/b"}});
  web_.put("http://127.0.10.1/c", 302, "", "text/html", {{"location", "http://127.0.10.2/c"}});
  web_.put("http://127.0.10.2/robots.txt", 200, "User-agent: *\nDisallow: /\n", "text/plain");
  web_.put("http://127.0.10.2/c", 200, "<html>never</html>");
  begin();
  pass(milliseconds(5000));
  EXPECT_EQ(web_.count("http://127.0.10.1/private/a"), 0U);
  EXPECT_EQ(web_.count("http://127.0.10.1/private/b"), 0U);
  EXPECT_EQ(web_.count("http://127.0.10.2/robots.txt"), 1U);
  EXPECT_EQ(web_.count("http://127.0.10.2/c"), 0U);
  for (const auto& page : read<v1::PageRecord>(proto::Topic::kPages))
    EXPECT_EQ(page.refused(), "robots_disallowed") << "what the feed said, and no more";
  EXPECT_EQ(
      metrics_->counter("vigie_crawler_urls_dropped_total", "", {{"reason", "robots_disallowed"}})
          .value(),
      3);
}

// ops/spec/settings.md, fetch.min_gap_ms: the gap counts redirect hops, on the host and domain that
// they lead to; every hop is judged, and five are followed.
TEST_F(CrawlerTest, KeepsTheGapOfAnotherSourceThatARedirectLeadsTo) {
  sources(
      "sources:\n  - name: One\n    homepage: http://127.0.10.1/\n    feeds: "
      "[http://127.0.10.1/feed.xml]\n"
      "  - name: Two\n    homepage: http://127.0.10.2/\n    feeds: [http://127.0.10.2/feed.xml]\n");
  std::vector<std::pair<std::string, std::string>> moved;
  std::vector<std::pair<std::string, std::string>> own;
  for (int i = 0; i < 5; ++i) {
    const std::string number = std::to_string(i);
    moved.emplace_back("Moved", "http://127.0.10.1/m" + number);
    own.emplace_back("Own", "http://127.0.10.2/o" + number);
    web_.put("http://127.0.10.1/m" + number, 302, "", "text/html",
             {{"location", "http://127.0.10.2/m" + number}});
    web_.put("http://127.0.10.2/m" + number, 200, "<html>moved " + number + "</html>");
    web_.put("http://127.0.10.2/o" + number, 200, "<html>own " + number + "</html>");
  }
  web_.put("http://127.0.10.1/feed.xml", 200, rss(moved));
  web_.put("http://127.0.10.2/feed.xml", 200, rss(own));
  begin();
  pass(milliseconds(6000));
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), 10U);
  std::map<std::string, milliseconds> ends;
  for (const FakeWeb::Seen& one : web_.seen) {
    const std::string host = *url::parse(one.url)->host;
    if (const auto last = ends.find(host); last != ends.end())
      EXPECT_GE(one.begin - last->second, milliseconds(200)) << one.url;
    ends[host] = one.end;
  }
}

// ops/spec/settings.md, fetch.allow_networks: the peer is judged for every hop; the client refuses
// it (address_refused). What a name server says is no proof either: the page is tried again.
TEST_F(CrawlerTest, NeverReachesAPrivateNetworkByARedirect) {
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"A", "http://127.0.10.1/a"}, {"B", "http://127.0.10.1/b"}}));
  web_.put("http://127.0.10.1/a", 302, "", "text/html",
           {{"location", "http://169.254.169.254/latest/meta-data"}});
  web_.put("http://127.0.10.1/b", 200, "<html>b</html>");
  web_.refused_hosts = {"169.254.169.254"};
  begin();
  pass(milliseconds(12'000));
  EXPECT_GE(web_.count("http://169.254.169.254/robots.txt"), 1U);
  EXPECT_EQ(web_.count("http://169.254.169.254/latest/meta-data"), 0U);
  EXPECT_GE(web_.count("http://127.0.10.1/a"), 2U);
  EXPECT_GE(metrics_->counter("vigie_crawler_failures_total", "", {{"reason", "address_refused"}})
                .value(),
            2);
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), 1U) << "the rest goes on";
}

TEST_F(CrawlerTest, FollowsFiveRedirectsAndNoMore) {
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"Five", "http://127.0.10.1/5"}, {"Six", "http://127.0.10.1/x6"}}));
  for (int i = 1; i <= 6; ++i) {
    web_.put("http://127.0.10.1/" + std::to_string(i), 301, "", "text/html",
             {{"location", "/" + std::to_string(i - 1)}});
    web_.put("http://127.0.10.1/x" + std::to_string(i), 301, "", "text/html",
             {{"location", "/x" + std::to_string(i - 1)}});
  }
  web_.put("http://127.0.10.1/0", 200, "<html>reached</html>");
  web_.put("http://127.0.10.1/x0", 200, "<html>never</html>");
  begin();
  pass(milliseconds(6000));
  const auto pages = read<v1::PageRecord>(proto::Topic::kPages);
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].url(), "http://127.0.10.1/5");
  EXPECT_EQ(pages[0].final_url(), "http://127.0.10.1/0");
  EXPECT_EQ(web_.count("http://127.0.10.1/x0"), 0U);
  EXPECT_GE(
      metrics_->counter("vigie_crawler_failures_total", "", {{"reason", "too_many_redirects"}})
          .value(),
      1);
}

// RFC 9309 §2.3.1.4: unreachable robots.txt means complete disallow.
TEST_F(CrawlerTest, FetchesNothingWhileRobotsCannotBeHad) {
  web_.put("http://127.0.10.1/robots.txt", 500, "");
  web_.put("http://127.0.10.1/feed.xml", 200, rss({{"A", "http://127.0.10.1/a"}}));
  web_.put("http://127.0.10.1/a", 200, "<html>a</html>");
  begin();
  pass(milliseconds(3000));
  EXPECT_EQ(web_.count("http://127.0.10.1/feed.xml"), 0U);
  web_.put("http://127.0.10.1/robots.txt", 404, "");
  pass(milliseconds(12'000));
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), 1U);
}

TEST_F(CrawlerTest, SendsASilentEditAndNothingWhenNothingChanged) {
  web_.put("http://127.0.10.1/feed.xml", 200, rss({{"A", "http://127.0.10.1/a"}}));
  web_.put("http://127.0.10.1/a", 200, "<html>first</html>", "text/html", {{"etag", "\"liar\""}});
  begin();
  pass(milliseconds(23'000));
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), 1U);
  EXPECT_EQ(web_.count("http://127.0.10.1/a"), 2U);
  web_.put("http://127.0.10.1/a", 200, "<html>second</html>", "text/html", {{"etag", "\"liar\""}});
  pass(milliseconds(41'000));
  const auto pages = read<v1::PageRecord>(proto::Topic::kPages);
  ASSERT_EQ(pages.size(), 2U);
  EXPECT_EQ(pages[1].body(), "<html>second</html>");
  EXPECT_EQ(pages[0].discovered_at_unix_ms(), pages[1].discovered_at_unix_ms());
}

TEST_F(CrawlerTest, GoesOnAfterARestartAndSendsNothingTwice) {
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"A", "http://127.0.10.1/a"}, {"B", "http://127.0.10.1/b"}}));
  web_.put("http://127.0.10.1/a", 200, "<html>a</html>");
  web_.put("http://127.0.10.1/b", 200, "<html>b</html>");
  begin();
  while (web_.count("http://127.0.10.1/a") + web_.count("http://127.0.10.1/b") == 0)
    pass(milliseconds(10));
  pass(milliseconds(50));
  const std::size_t seen = web_.seen.size();
  const milliseconds last_end = web_.seen.back().end;
  scheduler_.reset();
  log_.reset();
  open_log();
  begin();
  pass(milliseconds(5000));
  std::multiset<std::string> keys;
  for (const auto& page : read<v1::PageRecord>(proto::Topic::kPages)) keys.insert(page.final_url());
  EXPECT_EQ(keys, (std::multiset<std::string>{"http://127.0.10.1/a", "http://127.0.10.1/b"}));
  ASSERT_GT(web_.seen.size(), seen);
  EXPECT_GE(web_.seen[seen].begin - last_end, milliseconds(200)) << "the gap holds over a restart";
}

// crawler/robots/README.md: robots.txt is cached per scheme, host and port, persisted; Crawl-delay
// holds over a restart.
TEST_F(CrawlerTest, RemembersRobotsAndItsCrawlDelayOverARestart) {
  web_.put("http://127.0.10.1/robots.txt", 200, "User-agent: *\nCrawl-delay: 3\nDisallow: /no\n",
           "text/plain");
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"A", "http://127.0.10.1/a"}, {"No", "http://127.0.10.1/no"}}));
  web_.put("http://127.0.10.1/a", 200, "<html>a</html>");
  begin();
  while (web_.count("http://127.0.10.1/feed.xml") == 0) pass(milliseconds(10));
  pass(milliseconds(50));
  const std::size_t seen = web_.seen.size();
  scheduler_.reset();
  log_.reset();
  open_log();
  begin();
  pass(milliseconds(10'000));
  EXPECT_EQ(web_.count("http://127.0.10.1/robots.txt"), 1U);
  EXPECT_EQ(web_.count("http://127.0.10.1/a"), 1U);
  EXPECT_EQ(web_.count("http://127.0.10.1/no"), 0U);
  ASSERT_GT(web_.seen.size(), seen);
  EXPECT_GE(web_.seen[seen].begin - web_.seen[seen - 1].end, milliseconds(3000));
}

// RFC 9309 §2.4, §2.3.1.4; crawler/robots/README.md: stale rules up to 24 h.
TEST_F(CrawlerTest, UsesRulesOfBeforeTheRestartForADayWhileRobotsCannotBeHad) {
  web_.put("http://127.0.10.1/robots.txt", 200, "User-agent: *\nDisallow: /no\n", "text/plain");
  web_.put("http://127.0.10.1/feed.xml", 200, rss({}));
  begin();
  pass(milliseconds(1000));
  scheduler_.reset();
  log_.reset();
  clock_.advance(std::chrono::hours(23));
  web_.put("http://127.0.10.1/robots.txt", 500, "");
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"A", "http://127.0.10.1/a"}, {"No", "http://127.0.10.1/no"}}));
  web_.put("http://127.0.10.1/a", 200, "<html>a</html>");
  open_log();
  begin();
  pass(milliseconds(12'000));
  EXPECT_EQ(web_.count("http://127.0.10.1/a"), 1U);
  EXPECT_EQ(web_.count("http://127.0.10.1/no"), 0U);
  clock_.advance(std::chrono::hours(1));
  pass(milliseconds(2'000));
  const std::size_t polls = web_.count("http://127.0.10.1/feed.xml");
  pass(milliseconds(12'000));
  EXPECT_EQ(web_.count("http://127.0.10.1/feed.xml"), polls)
      << "after a day nothing is known any more";
}

constexpr const char* kTwoHosts =
    "sources:\n  - name: One\n    homepage: http://one.example/\n    feeds: "
    "[http://one.example/feed.xml]\n"
    "  - name: Two\n    homepage: http://two.example/\n    feeds: [http://two.example/feed.xml]\n";

// ops/spec/settings.md, fetch.ip_gap_ms: per IP within one crawler, also for two hosts that were
// never met.
TEST_F(CrawlerTest, KeepsTheGapOfAnAddressThatTwoNewHostsShare) {
  sources(kTwoHosts);
  resolver_.addresses = {{"one.example", {"192.0.2.1"}}, {"two.example", {"192.0.2.1"}}};
  begin();
  pass(milliseconds(3000));
  EXPECT_GE(web_.count("http://one.example/feed.xml"), 1U);
  EXPECT_GE(web_.count("http://two.example/feed.xml"), 1U);
  ASSERT_GE(web_.seen.size(), 4U);
  for (std::size_t i = 1; i < web_.seen.size(); ++i)
    EXPECT_GE(web_.seen[i].begin - web_.seen[i - 1].end, milliseconds(50)) << web_.seen[i].url;
}

TEST_F(CrawlerTest, GoesOnWithoutAddressesWhenTheNameServerIsSilent) {
  sources(kTwoHosts);
  resolver_.silent = true;
  begin();
  pass(milliseconds(1900));
  EXPECT_EQ(web_.seen.size(), 0U);
  EXPECT_EQ(resolver_.asked, 2U);
  pass(milliseconds(200));
  EXPECT_EQ(web_.seen.size(), 2U);
}

TEST_F(CrawlerTest, WaitsAsLongAsRetryAfterSays) {
  web_.put("http://127.0.10.1/feed.xml", 429, "", "text/html", {{"retry-after", "4"}});
  begin();
  pass(milliseconds(3000));
  ASSERT_EQ(web_.count("http://127.0.10.1/feed.xml"), 1U);
  pass(milliseconds(3000));
  EXPECT_EQ(web_.count("http://127.0.10.1/feed.xml"), 2U);
  EXPECT_GE(web_.seen.back().begin - web_.seen[web_.seen.size() - 2].end, milliseconds(4000));
}

TEST_F(CrawlerTest, SetsAnUnreadableFeedAside) {
  web_.put("http://127.0.10.1/feed.xml", 200, "<html><body>no feed</body></html>");
  begin();
  pass(milliseconds(2500));
  const auto aside = read<v1::QuarantineRecord>(proto::Topic::kQuarantine);
  ASSERT_EQ(aside.size(), 1U);
  EXPECT_EQ(aside[0].stage(), "crawl");
  EXPECT_EQ(aside[0].reason(), "not_feed");
  EXPECT_EQ(aside[0].url(), "http://127.0.10.1/feed.xml");
}

TEST_F(CrawlerTest, PausesAndResumesASourceByControl) {
  web_.put("http://127.0.10.1/feed.xml", 200, rss({}));
  begin();
  pass(milliseconds(1500));
  const auto command = [&](v1::ControlAction action, const std::string& target) {
    v1::ControlRecord record;
    record.set_action(action);
    record.set_target(target);
    ASSERT_TRUE(log::append(*log_, {log::NewRecord{proto::Topic::kControl, "source/" + target,
                                                   record.SerializeAsString()}}));
  };
  for (const std::string& target : {std::string("example"), std::string()}) {
    command(v1::CONTROL_ACTION_PAUSE, target);
    pass(milliseconds(500));
    const std::size_t before = web_.seen.size();
    pass(milliseconds(3000));
    EXPECT_EQ(web_.seen.size(), before) << "target '" << target << "'";
    command(v1::CONTROL_ACTION_RESUME, target);
    pass(milliseconds(1500));
    EXPECT_GT(web_.seen.size(), before);
  }
}

TEST_F(CrawlerTest, TakesUpAChangedSourceFileAndKeepsTheOldOnAnError) {
  web_.put("http://127.0.10.1/feed.xml", 200, rss({}));
  web_.put("http://127.0.10.3/feed.xml", 200, rss({}));
  begin();
  pass(milliseconds(500));
  sources("sources:\n  - name: Broken\n");
  scheduler_->request_reload();
  pass(milliseconds(2500));
  const std::size_t polls = web_.count("http://127.0.10.1/feed.xml");
  EXPECT_GE(polls, 2U);
  sources(
      "sources:\n  - name: Other\n    homepage: http://127.0.10.3/\n    feeds: "
      "[http://127.0.10.3/feed.xml]\n");
  scheduler_->request_reload();
  pass(milliseconds(3000));
  EXPECT_GE(web_.count("http://127.0.10.3/feed.xml"), 2U);
  EXPECT_LE(web_.count("http://127.0.10.1/feed.xml"), polls + 1);
}

TEST_F(CrawlerTest, FollowsSitemapsAndSections) {
  sources(
      "sources:\n  - name: Example\n    homepage: http://127.0.10.1/\n    sitemaps: "
      "[http://127.0.10.1/index.xml]\n"
      "  - name: Second\n    homepage: http://127.0.10.2/\n    sections: "
      "[http://127.0.10.2/world]\n");
  web_.put("http://127.0.10.1/index.xml", 200,
           "<sitemapindex><sitemap><loc>http://127.0.10.1/news.xml</loc></sitemap></sitemapindex>",
           "text/xml");
  web_.put("http://127.0.10.1/news.xml", 200,
           "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
           "xmlns:n=\"http://www.google.com/schemas/sitemap-news/0.9\"><url><loc>http://127.0.10.1/"
           "s1</loc>"
           "<n:news><n:publication><n:language>fr</n:language></n:publication><n:title>Titre</"
           "n:title><n:publication_date>2026-01-01T00:00:00Z</n:publication_date></n:news></url></"
           "urlset>",
           "text/xml");
  web_.put("http://127.0.10.1/s1", 200, "<html>s1</html>");
  web_.put("http://127.0.10.2/world", 200,
           "<a href='/world/export-controls-on-chips'>Export controls</a><a href='/about'>About "
           "us</a><a href='http://127.0.10.9/other-site-story-here'>x</a>");
  web_.put("http://127.0.10.2/world/export-controls-on-chips", 200, "<html>s2</html>");
  begin();
  pass(milliseconds(5000));
  std::map<std::string, v1::PageRecord> pages;
  for (auto& page : read<v1::PageRecord>(proto::Topic::kPages)) pages[page.final_url()] = page;
  ASSERT_EQ(pages.size(), 2U);
  EXPECT_EQ(pages["http://127.0.10.1/s1"].feed_item().title(), "Titre");
  EXPECT_EQ(pages["http://127.0.10.1/s1"].feed_item().language(), "fr");
  EXPECT_FALSE(pages["http://127.0.10.2/world/export-controls-on-chips"].has_feed_item());
  EXPECT_EQ(web_.count("http://127.0.10.9/other-site-story-here"), 0U);
}

TEST_F(CrawlerTest, SaysWhenNothingCanBeReached) {
  web_.offline = true;
  begin();
  pass(milliseconds(1000));
  const Reachability reachability = scheduler_->reachability();
  EXPECT_EQ(reachability.tried, 1U);
  EXPECT_EQ(reachability.reached, 0U);
  EXPECT_EQ(reachability.first_error_reason, "dns");
  EXPECT_EQ(reachability.example_detail, "cannot resolve host 127.0.10.1 (dns)");
  web_.offline = false;
  pass(milliseconds(11'000));
  EXPECT_EQ(scheduler_->reachability().reached, 1U);
}

// With hundreds of sources and no network: soon known, and one line of log a minute.
TEST_F(CrawlerTest, KnowsSoonThatNoneOfManySourcesCanBeReachedAndSaysSoInFewLines) {
  std::string list = "sources:\n";
  for (int i = 0; i < 300; ++i) {
    const std::string host = "site" + std::to_string(i) + ".example";
    list += "  - name: Site " + std::to_string(i) + "\n    homepage: https://" + host +
            "/\n    feeds: [https://" + host + "/feed.xml]\n";
  }
  sources(list);
  web_.offline = true;
  begin();
  testing::internal::CaptureStderr();
  pass(milliseconds(1000));
  EXPECT_EQ(scheduler_->reachability().tried, 300U);
  EXPECT_EQ(scheduler_->reachability().reached, 0U);
  clock_.advance(std::chrono::minutes(1));
  pass(milliseconds(1000));
  clock_.advance(std::chrono::minutes(1));
  pass(milliseconds(1000));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_LE(std::count(log.begin(), log.end(), '\n'), 3) << log;
  EXPECT_NE(log.find("no source can be reached"), std::string::npos) << log;
  EXPECT_NE(log.find("dns:"), std::string::npos) << log;
}

// ops/spec/settings.md, fetch.user_agent_contact: a visible warning until it is set.
TEST(Contact, IsWarnedAboutUntilItIsSet) {
  auto settings = config::load(config::Program::kCrawler, {});
  ASSERT_TRUE(settings);
  EXPECT_NE(contact_warning(*settings).find("set fetch.user_agent_contact"), std::string::npos);
  EXPECT_NE(contact_warning(*settings).find(settings->text("fetch.user_agent_contact")),
            std::string::npos);
  config::Sources sources;
  sources.sets = {"fetch.user_agent_contact=https://desk.example/bot"};
  settings = config::load(config::Program::kCrawler, sources);
  ASSERT_TRUE(settings);
  EXPECT_EQ(contact_warning(*settings), "");
  const auto options = curl_options(*settings);
  ASSERT_TRUE(options);
  EXPECT_NE(options->user_agent.find("(+https://desk.example/bot)"), std::string::npos);
}

// ops/spec/command_line.md, "WARC": the archive can be replayed into the pipeline.
TEST_F(CrawlerTest, ArchivesEachPageOnceAndRevisitsWithoutTheirBody) {
  archive_ = true;
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"A", "http://127.0.10.1/a"}, {"B", "http://127.0.10.1/b"}}));
  web_.put("http://127.0.10.1/a", 200, "<html>a</html>");
  web_.put("http://127.0.10.1/b", 302, "", "text/html", {{"location", "http://127.0.10.2/moved"}});
  web_.put("http://127.0.10.2/moved", 200, "<html>b</html>");
  begin();
  pass(milliseconds(23'000));
  EXPECT_EQ(web_.count("http://127.0.10.1/a"), 2U);
  scheduler_.reset();
  std::map<std::string, v1::PageRecord> logged;
  for (auto& page : read<v1::PageRecord>(proto::Topic::kPages)) logged[page.archive_ref()] = page;
  ASSERT_EQ(logged.size(), 2U);
  ASSERT_EQ(logged.count(""), 0U);
  const std::string first = logged.begin()->first;
  auto reader = warc::WarcReader::open(dir_ / "archive" / first.substr(0, first.find(':')));
  ASSERT_TRUE(reader) << reader.error().to_string();
  std::size_t replayed = 0;
  for (auto page = (*reader)->next(); page && *page; page = (*reader)->next()) {
    ++replayed;
    const v1::PageRecord& was =
        logged.at(std::find_if(logged.begin(), logged.end(), [&](const auto& one) {
                    return one.second.final_url() == (*page)->final_url();
                  })->first);
    EXPECT_EQ((*page)->page_key(), was.page_key());
    EXPECT_EQ((*page)->body_sha256(), was.body_sha256());
    EXPECT_EQ((*page)->fetched_at_unix_ms() / 1000, was.fetched_at_unix_ms() / 1000);
  }
  EXPECT_EQ(replayed, 2U);
  EXPECT_GE((*reader)->skipped(), 1U + 2U * 2U + 2U)
      << "warcinfo, requests and metadata of pages, a revisit with its request";
}

TEST_F(CrawlerTest, TellsTheStateOfItsSources) {
  web_.put("http://127.0.10.1/feed.xml", 200, rss({{"A", "http://127.0.10.1/a"}}));
  web_.put("http://127.0.10.1/a", 200, "<html>a</html>");
  begin();
  pass(milliseconds(6000));
  v1::SourceStatus last;
  bool service = false;
  for (const auto& record : read<v1::StatusRecord>(proto::Topic::kStatus)) {
    if (record.has_source()) last = record.source();
    if (record.has_service()) service = record.service().service() == "crawler" || service;
  }
  EXPECT_TRUE(service);
  EXPECT_EQ(last.source_id(), "example");
  EXPECT_EQ(last.state(), "ok");
  EXPECT_EQ(last.articles(), 1U);
  EXPECT_EQ(last.robots(), "allowed");
  EXPECT_GT(last.last_article_unix_ms(), 0);
}

TEST_F(CrawlerTest, NeverCrashesOnAMisbehavingSite) {
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"loop", "http://127.0.10.1/loop"},
                {"mail", "mailto:x@example.org"},
                {"pdf", "http://127.0.10.1/x.pdf"},
                {"none", "http://127.0.10.1/none"},
                {"home", "http://127.0.10.1/to-home"}}));
  web_.put("http://127.0.10.1/loop", 302, "", "text/html", {{"location", "/loop"}});
  web_.put("http://127.0.10.1/x.pdf", 200, "%PDF-1.4", "application/pdf");
  web_.put("http://127.0.10.1/to-home", 302, "", "text/html", {{"location", "/"}});
  web_.put("http://127.0.10.1/", 200, "<html>home</html>");
  begin();
  pass(milliseconds(12'000));
  EXPECT_TRUE(read<v1::PageRecord>(proto::Topic::kPages).empty());
  for (const char* reason : {"redirect_loop", "not_html", "http_404", "redirect_home"}) {
    EXPECT_GE(metrics_->counter("vigie_crawler_failures_total", "", {{"reason", reason}}).value(),
              2)
        << reason << " is tried again";
  }
  EXPECT_GE(
      metrics_->counter("vigie_crawler_urls_dropped_total", "", {{"reason", "no_link"}}).value(),
      1);
}

// One response of the web is never proof. Each of these is wrong for a while.
TEST_F(CrawlerTest, ReadsAPageThatWasRefusedForAWhile) {
  std::vector<std::pair<std::string, std::string>> items;
  const auto put_wrong = [&](const std::string& name, int status, net::Headers headers,
                             const std::string& body) {
    web_.put("http://127.0.10.1/" + name, status, body, "text/html", std::move(headers));
    items.emplace_back(name, "http://127.0.10.1/" + name);
  };
  put_wrong("403", 403, {}, "");
  put_wrong("404", 404, {}, "");
  put_wrong("401", 401, {}, "");
  put_wrong("451", 451, {}, "");
  put_wrong("500", 500, {}, "");
  put_wrong("empty", 200, {}, " ");
  put_wrong("home", 302, {{"location", "/"}}, "");
  put_wrong("itself", 302, {{"location", "/itself"}}, "");
  put_wrong("ring", 302, {{"location", "/ring2"}}, "");
  put_wrong("nowhere", 302, {}, "");
  put_wrong("unreadable", 302, {{"location", "http://["}}, "");
  put_wrong("mail", 302, {{"location", "mailto:x@a.example"}}, "");
  put_wrong("wall", 200, {}, "<meta http-equiv=refresh content='0;url=/'>");
  web_.put("http://127.0.10.1/ring2", 302, "", "text/html", {{"location", "/ring"}});
  web_.put("http://127.0.10.1/", 200, "<html>home</html>");
  web_.put("http://127.0.10.1/feed.xml", 200, rss(items));
  begin();
  pass(milliseconds(60'000));
  EXPECT_TRUE(read<v1::PageRecord>(proto::Topic::kPages).empty());
  for (const auto& [name, url] : items) {
    EXPECT_GE(web_.count(url), 3U) << name;
    EXPECT_LE(web_.count(url), 16U) << name << ": the pauses grow";
    web_.put(url, 200, "<html>" + name + "</html>");
  }
  pass(milliseconds(20'000));
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), items.size());
}

// What its feed says is all that will be known of a page that is refused for good.
TEST_F(CrawlerTest, SendsWhatTheFeedSaysOfAPageThatIsRefusedForGood) {
  web_.put("http://127.0.10.1/robots.txt", 200, "User-agent: *\nDisallow: /closed/\n",
           "text/plain");
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"Gone", "http://127.0.10.1/gone"},
                {"Closed", "http://127.0.10.1/closed/a"},
                {"Missing", "http://127.0.10.1/missing"},
                {"There", "http://127.0.10.1/there"}}));
  web_.put("http://127.0.10.1/gone", 410, "");
  web_.put("http://127.0.10.1/there", 200, "<html>there</html>");
  begin();
  pass(milliseconds(12'000));
  std::map<std::string, v1::PageRecord> told;
  for (auto& page : read<v1::PageRecord>(proto::Topic::kPages)) {
    EXPECT_EQ(told.count(page.feed_item().title()), 0U) << "once";
    told[page.feed_item().title()] = page;
  }
  ASSERT_EQ(told.size(), 3U) << "what may come yet is no item";
  EXPECT_EQ(told["Gone"].refused(), "http_410");
  EXPECT_EQ(told["Gone"].url(), "http://127.0.10.1/gone");
  EXPECT_EQ(told["Gone"].body(), "");
  EXPECT_TRUE(told["Gone"].raise_alerts());
  EXPECT_EQ(told["Closed"].refused(), "robots_disallowed");
  EXPECT_EQ(told["There"].refused(), "");
  EXPECT_EQ(web_.count("http://127.0.10.1/closed/a"), 0U);
  EXPECT_EQ(web_.count("http://127.0.10.1/gone"), 1U);
}

TEST_F(CrawlerTest, AsksForWhatWasWrittenAndKnowsItByItsNormalForm) {
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"A", "http://127.0.10.1/a/index.html?utm_source=rss#top"},
                {"Again", "http://127.0.10.1/a/"},
                {"B", "http://127.0.10.1//b;jsessionid=00000001"}}));
  web_.put("http://127.0.10.1/a/index.html?utm_source=rss", 200, "<html>a</html>");
  web_.put("http://127.0.10.1//b;jsessionid=00000001", 200, "<html>b</html>");
  begin();
  pass(milliseconds(3'000));
  std::map<std::string, std::string> pages;
  for (const auto& page : read<v1::PageRecord>(proto::Topic::kPages))
    pages[page.url()] = page.body();
  EXPECT_EQ(pages, (std::map<std::string, std::string>{{"http://127.0.10.1/a/", "<html>a</html>"},
                                                       {"http://127.0.10.1/b", "<html>b</html>"}}));
  EXPECT_EQ(web_.count("http://127.0.10.1/a/"), 0U);
}

std::string long_page(const std::string& title, const std::string& word) {
  std::string text = "<html><head><title>" + title + "</title></head><body>";
  for (int i = 0; i < 4; ++i)
    text += "<p>The " + word + " of paragraph " + std::to_string(i) +
            " is said at some length, so that there is a text to be compared with others.</p>";
  return text + "</body></html>";
}

TEST_F(CrawlerTest, TheSameTextAtAnotherAddressOfTheSourceIsSentOnce) {
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"Story", "http://127.0.10.1/story"},
                {"Story", "http://127.0.10.1/story/"},
                {"Story", "http://127.0.10.1/print?story=1"},
                {"Another", "http://127.0.10.1/walled"},
                {"Third", "http://127.0.10.1/third"}}));
  for (const char* path : {"story", "story/", "print?story=1", "walled"})
    web_.put(std::string("http://127.0.10.1/") + path, 200,
             long_page("Story", "rule") + "<!-- " + path + " -->");
  web_.put("http://127.0.10.1/third", 200, long_page("Third", "answer"));
  begin();
  pass(milliseconds(5'000));
  std::multiset<std::string> titles;
  for (const auto& page : read<v1::PageRecord>(proto::Topic::kPages))
    titles.insert(page.feed_item().title());
  EXPECT_EQ(titles, (std::multiset<std::string>{"Another", "Story", "Third"}))
      << "what the feed calls differently is no copy, whatever was answered once";
  // It is known after a restart, too, and an address of a text of its own is a page.
  scheduler_.reset();
  log_.reset();
  open_log();
  web_.put("http://127.0.10.1/feed.xml", 200, rss({{"Story", "http://127.0.10.1/story?p=2"}}));
  web_.put("http://127.0.10.1/story?p=2", 200, long_page("Story", "rule"));
  begin();
  pass(milliseconds(5'000));
  EXPECT_EQ(web_.count("http://127.0.10.1/story?p=2"), 1U);
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), 3U);
  web_.put("http://127.0.10.1/story?p=2", 200, long_page("Story", "second part"));
  pass(milliseconds(30'000));
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), 4U);
}

TEST_F(CrawlerTest, SendsValidatorsToTheAddressThatGaveThem) {
  web_.put("http://127.0.10.1/feed.xml", 301, "", "text/html", {{"location", "/new.xml"}});
  web_.put("http://127.0.10.1/new.xml", 200, rss({}), "text/xml", {{"etag", "\"new\""}});
  begin();
  pass(milliseconds(6'000));
  std::size_t conditional = 0;
  for (const auto& one : web_.seen) {
    for (const auto& [name, value] : one.headers) {
      if (name != "If-None-Match") continue;
      ++conditional;
      EXPECT_EQ(one.url, "http://127.0.10.1/new.xml");
      EXPECT_EQ(value, "\"new\"");
    }
  }
  EXPECT_GE(conditional, 3U);
}

TEST_F(CrawlerTest, PollsAFeedThatMovedForGoodAtItsNewAddress) {
  web_.put("http://127.0.10.1/feed.xml", 308, "", "text/html", {{"location", "/new.xml"}});
  web_.put("http://127.0.10.1/new.xml", 200, rss({}), "text/xml");
  begin();
  pass(milliseconds(4'000));
  clock_.advance(std::chrono::hours(2));
  pass(milliseconds(2'000));
  const std::size_t old_polls = web_.count("http://127.0.10.1/feed.xml");
  const std::size_t new_polls = web_.count("http://127.0.10.1/new.xml");
  pass(milliseconds(20'000));
  EXPECT_LE(web_.count("http://127.0.10.1/feed.xml"), old_polls + 3) << "every tenth looks there";
  EXPECT_GE(web_.count("http://127.0.10.1/new.xml"), new_polls + 5);
}

TEST_F(CrawlerTest, ReadsAGzipFileAsAFeed) {
  // gzip of "<rss version=\"2.0\"><channel>…one item…", as a server gives a file.
  web_.put("http://127.0.10.1/feed.xml", 200, warc::gzip(rss({{"A", "http://127.0.10.1/a"}})),
           "application/octet-stream");
  web_.put("http://127.0.10.1/a", 200, "<html>a</html>");
  begin();
  pass(milliseconds(3'000));
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), 1U);
}

TEST_F(CrawlerTest, AHostThatIsDownIsOneFailureForAllItsUrls) {
  std::vector<std::pair<std::string, std::string>> items;
  for (int i = 0; i < 50; ++i) items.emplace_back("t", "http://127.0.10.1/" + std::to_string(i));
  web_.put("http://127.0.10.1/feed.xml", 200, rss(items));
  begin();
  while (web_.count("http://127.0.10.1/feed.xml") == 0) pass(milliseconds(10));
  pass(milliseconds(50));
  web_.offline = true;
  const auto failures = [&] {
    return metrics_->counter("vigie_crawler_failures_total", "", {{"reason", "dns"}}).value();
  };
  pass(milliseconds(60'000));
  EXPECT_LE(failures(), 12);
  EXPECT_GE(failures(), 3);
  for (const auto& [title, url] : items) web_.put(url, 200, "<html>" + url + "</html>");
  web_.offline = false;
  pass(milliseconds(90'000));
  EXPECT_EQ(read<v1::PageRecord>(proto::Topic::kPages).size(), 50U);
}

/// Answers 404 at once.
class EmptyWeb final : public net::HttpClient {
 public:
  void start(net::HttpRequest, Done done) override {
    net::HttpResponse none;
    none.status = 404;
    done(none);
  }
};

TEST_F(CrawlerTest, StopsWhenAskedAndRefusesBadSources) {
  EmptyWeb web;
  config::Settings settings;
  settings.values["data_dir"] = {Json(dir_.string()), "test"};
  settings.values["sources.files"] = {Json(Json::Array{Json((dir_ / "sources.yaml").string())}),
                                      "test"};
  SystemClock clock;
  auto crawler = Crawler::make(settings, Crawler::Seams{*log_, web, clock, random_, *metrics_});
  ASSERT_TRUE(crawler) << crawler.error().to_string();
  Result<void> ended;
  {
    std::jthread runner([&](std::stop_token stop) { ended = (*crawler)->run(stop); });
    for (int waits = 0; waits < 1000 && (*crawler)->reachability().reached == 0; ++waits)
      clock.sleep_for(milliseconds(20), {});
    runner.request_stop();
  }
  EXPECT_TRUE(ended);
  EXPECT_EQ((*crawler)->reachability().reached, 1U);
  sources(
      "sources:\n  - name: X\n    homepage: ftp://x/\n    feeds: [http://127.0.10.1/feed.xml]\n");
  const auto refused =
      Crawler::make(settings, Crawler::Seams{*log_, web, clock, random_, *metrics_});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode("bad_sources"));
  EXPECT_EQ(refused.error().where, (dir_ / "sources.yaml").string() + ":3:15");
}

}  // namespace
}  // namespace vigie::crawler::service
