#include <gtest/gtest.h>

#include "proto/control.pb.h"
#include "proto/status.pb.h"
#include "tests/unit/crawler/service/crawler_fixture.h"

/// Commands of people, and clocks that people set.
namespace vigie::crawler::service {
namespace {

/// A wall clock that was ahead and is set back delays nothing, in one run and over a restart.
TEST_F(CrawlerTest, AWallClockThatIsSetBackDelaysNoPollAndNoRevisit) {
  for (const bool restarted : {false, true}) {
    const std::string page = restarted ? "http://127.0.10.1/b" : "http://127.0.10.1/a";
    clock_.jump_wall(std::chrono::hours(48));
    scheduler_.reset();
    if (restarted) begin();
    web_.put("http://127.0.10.1/feed.xml", 200, rss({{"One", page}}), "application/rss+xml");
    web_.put(page, 200, "<html><body><p>A page that is looked at again.</p></body></html>");
    if (!restarted) begin();
    pass(milliseconds(3'000));
    ASSERT_EQ(web_.count(page), 1U);
    const std::int64_t ahead = clock_.now_unix_ms();
    clock_.jump_wall(-std::chrono::hours(48));
    if (restarted) {
      scheduler_.reset();
      begin();
    }
    const std::size_t polls = web_.count("http://127.0.10.1/feed.xml");
    pass(milliseconds(25'000));
    // By now its rhythm is learned, and a poll comes more seldom.
    EXPECT_GE(web_.count("http://127.0.10.1/feed.xml"), polls + (restarted ? 1 : 5));
    EXPECT_EQ(web_.count(page), 2U);
    // Readers are told times of the wall clock.
    for (const v1::StatusRecord& record : read<v1::StatusRecord>(proto::Topic::kStatus)) {
      if (record.has_source() && record.source().reported_at_unix_ms() > 0)
        EXPECT_LE(record.source().last_poll_unix_ms(), ahead);
    }
    const auto pages = read<v1::PageRecord>(proto::Topic::kPages);
    ASSERT_FALSE(pages.empty());
    EXPECT_LE(pages.back().fetched_at_unix_ms(), ahead);
  }
}

/// What is taken down is neither polled nor fetched from then on, and counted.
TEST_F(CrawlerTest, WhatIsTakenDownIsAskedForNoMore) {
  const auto page = [](const std::string& name) { return "http://127.0.10." + name; };
  for (const char* name : {"1/a", "1/b", "2/c", "1/d"})
    web_.put(page(name), 200, std::string("<html><body><p>Page ") + name + "</p></body></html>");
  web_.put("http://127.0.10.1/feed.xml", 200, rss({{"A", page("1/a")}}), "application/rss+xml");
  const auto take_down = [&](const std::string& target) {
    v1::ControlRecord command;
    command.set_action(v1::CONTROL_ACTION_TAKEDOWN);
    command.set_target(target);
    ASSERT_TRUE(log::append(
        *log_, {{proto::Topic::kControl, "takedown/" + target, command.SerializeAsString()}}));
  };
  begin();
  pass(milliseconds(2'000));
  ASSERT_EQ(web_.count(page("1/a")), 1U);
  take_down("url:" + page("1/b") + "?utm_source=x");
  take_down("host:127.0.10.2");
  pass(milliseconds(400));
  web_.put("http://127.0.10.1/feed.xml", 200,
           rss({{"B", page("1/b")}, {"C", page("2/c")}, {"D", page("1/d")}}),
           "application/rss+xml");
  pass(milliseconds(4'000));
  EXPECT_EQ(web_.count(page("1/b")) + web_.count(page("2/c")), 0U);
  EXPECT_EQ(web_.count(page("1/d")), 1U);
  take_down("source:example");
  pass(milliseconds(400));
  const std::size_t asked = web_.seen.size();
  pass(milliseconds(25'000));
  EXPECT_EQ(web_.seen.size(), asked);
  const std::string text = metrics_->expose();
  EXPECT_NE(text.find("vigie_crawler_urls_dropped_total{reason=\"taken_down\"}"),
            std::string::npos);
}

/// Rules of a source: gap, depth, cookies, user agent, reservations.
class SourceRulesTest : public CrawlerTest {
 protected:
  void begin_with(const std::string& rules, const std::string& polls = "feeds: [" + kFeed + "]") {
    sources("sources:\n  - name: Example\n    homepage: http://127.0.10.1/\n    " + polls +
            "\n    rules: " + rules + "\n");
    begin();
  }
  double dropped(const std::string& reason) {
    return metrics_->counter("vigie_crawler_urls_dropped_total", "", {{"reason", reason}}).value();
  }
  void page(const std::string& name, net::Headers more = {}, const std::string& head = "") {
    web_.put(
        "http://127.0.10.1/" + name, 200,
        "<html><head>" + head + "</head><body><p>Page " + name + " says much.</p></body></html>",
        "text/html", std::move(more));
  }
  static inline const std::string kFeed = "http://127.0.10.1/feed.xml";
};

TEST_F(SourceRulesTest, AGapHoldsForTheHostsOfTheSource) {
  web_.put(kFeed, 200, rss({{"A", "http://127.0.10.1/a"}, {"B", "http://127.0.10.1/b"}}),
           "application/rss+xml");
  page("a");
  page("b");
  begin_with("{gap_s: 3}");
  pass(milliseconds(12'000));
  std::vector<FakeWeb::Seen> seen;
  for (const FakeWeb::Seen& one : web_.seen) {
    if (one.url.find("robots.txt") == std::string::npos) seen.push_back(one);
  }
  ASSERT_GE(seen.size(), 3U);
  for (std::size_t i = 1; i < seen.size(); ++i)
    EXPECT_GE(seen[i].begin - seen[i - 1].end, milliseconds(3'000)) << seen[i].url;
}

TEST_F(SourceRulesTest, WhatIsTooDeepIsLeftOutAndCounted) {
  web_.put("http://127.0.10.1/news-index.xml", 200,
           "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap>"
           "<loc>http://127.0.10.1/news-1.xml</loc></sitemap></sitemapindex>",
           "application/xml");
  web_.put("http://127.0.10.1/news-1.xml", 200,
           "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
           "xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\"><url>"
           "<loc>http://127.0.10.1/a</loc><news:news><news:title>A</news:title>"
           "<news:publication_date>2026-01-01</news:publication_date></news:news></url></urlset>",
           "application/xml");
  page("a");
  begin_with("{depth: 1}", "sitemaps: [http://127.0.10.1/news-index.xml]");
  pass(milliseconds(4'000));
  EXPECT_GE(web_.count("http://127.0.10.1/news-1.xml"), 1U);
  EXPECT_EQ(web_.count("http://127.0.10.1/a"), 0U);
  EXPECT_GE(dropped("too_deep"), 1);
}

TEST_F(SourceRulesTest, CookiesAreKeptBackWhereTheRuleSaysSo) {
  for (const bool keep : {true, false}) {
    scheduler_.reset();
    const std::string name = keep ? "kept" : "left";
    web_.put(kFeed, 200, rss({{"A", "http://127.0.10.1/" + name}}), "application/rss+xml");
    web_.put("http://127.0.10.1/" + name, 302, "", "text/html",
             {{"location", "/to-" + name}, {"set-cookie", "a=b"}});
    page("to-" + name);
    begin_with(keep ? "{}" : "{cookies: false}");
    pass(milliseconds(4'000));
    bool sent = false;
    for (const FakeWeb::Seen& one : web_.seen) {
      if (one.url != "http://127.0.10.1/to-" + name) continue;
      for (const auto& [header, value] : one.headers) sent = sent || header == "Cookie";
    }
    EXPECT_GE(web_.count("http://127.0.10.1/to-" + name), 1U);
    EXPECT_EQ(sent, keep);
  }
}

TEST_F(SourceRulesTest, AUserAgentOfItsOwnIsSent) {
  web_.put(kFeed, 200, rss({}), "application/rss+xml");
  begin_with("{user_agent: Desk/1}");
  pass(milliseconds(2'000));
  ASSERT_FALSE(web_.seen.empty());
  for (const FakeWeb::Seen& one : web_.seen) {
    const auto found = std::find(one.headers.begin(), one.headers.end(),
                                 std::pair<std::string, std::string>("User-Agent", "Desk/1"));
    EXPECT_NE(found, one.headers.end()) << one.url;
  }
}

TEST_F(SourceRulesTest, ReservationsAreObeyedWhereTheRuleSaysSo) {
  web_.put(kFeed, 200,
           rss({{"A", "http://127.0.10.1/a"},
                {"B", "http://127.0.10.1/b"},
                {"C", "http://127.0.10.1/c"}}),
           "application/rss+xml");
  page("a", {{"tdm-reservation", "1"}});
  page("b", {}, "<meta name=\"tdm-reservation\" content=\"1\">");
  page("c");
  begin_with("{reservations: obey}");
  pass(milliseconds(4'000));
  const auto pages = read<v1::PageRecord>(proto::Topic::kPages);
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].url(), "http://127.0.10.1/c");
  EXPECT_EQ(dropped("tdm_reserved"), 2);
}

TEST_F(SourceRulesTest, AHostThatRefusesSearchIsLeftOutWhereTheRuleSaysSo) {
  web_.put("http://127.0.10.1/robots.txt", 200,
           "User-agent: *\nContent-Signal: search=no\nAllow: /\n", "text/plain");
  web_.put(kFeed, 200, rss({{"A", "http://127.0.10.1/a"}}), "application/rss+xml");
  page("a");
  begin_with("{reservations: ignore}");
  pass(milliseconds(3'000));
  EXPECT_EQ(web_.count("http://127.0.10.1/a"), 1U);
  scheduler_.reset();
  begin_with("{reservations: obey}");
  const std::size_t polls = web_.count(kFeed);
  pass(milliseconds(5'000));
  EXPECT_EQ(web_.count(kFeed), polls);
}

}  // namespace
}  // namespace vigie::crawler::service
