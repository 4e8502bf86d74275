#include "crawler/robots/robots.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::crawler::robots {
namespace {

bool allowed(std::string_view file, std::string_view agent, std::string_view path) {
  return Robots::parse(file).verdict_for(agent, path).allowed;
}

// RFC 9309 §5.1, the simple example.
constexpr std::string_view kSimple =
    "User-Agent: *\n"
    "Disallow: *.gif$\n"
    "Disallow: /example/\n"
    "Allow: /publications/\n"
    "\n"
    "User-Agent: foobot\n"
    "Disallow:/\n"
    "Allow:/example/page.html\n"
    "Allow:/example/allowed.gif\n"
    "\n"
    "User-Agent: barbot\n"
    "User-Agent: bazbot\n"
    "Disallow: /example/page.html\n"
    "\n"
    "User-Agent: quxbot\n";

TEST(Robots, FollowsTheExampleOfSection51) {
  EXPECT_FALSE(allowed(kSimple, "other", "/image.gif"));
  EXPECT_TRUE(allowed(kSimple, "other", "/image.gif?size=1"));
  EXPECT_FALSE(allowed(kSimple, "other", "/example/page.html"));
  EXPECT_TRUE(allowed(kSimple, "other", "/publications/"));
  EXPECT_FALSE(allowed(kSimple, "foobot", "/publications/"));
  EXPECT_TRUE(allowed(kSimple, "FooBot/2.1 (+https://example.org)", "/example/page.html"));
  EXPECT_TRUE(allowed(kSimple, "foobot", "/example/allowed.gif"));
  EXPECT_FALSE(allowed(kSimple, "barbot", "/example/page.html"));
  EXPECT_FALSE(allowed(kSimple, "bazbot", "/example/page.html"));
  EXPECT_TRUE(allowed(kSimple, "bazbot", "/image.gif"));
  EXPECT_TRUE(allowed(kSimple, "quxbot", "/example/page.html"));
}

// RFC 9309 §5.2.
TEST(Robots, TakesTheLongestMatch) {
  constexpr std::string_view kFile =
      "User-Agent: foobot\n"
      "Allow: /example/page/\n"
      "Disallow: /example/page/disallowed.gif\n";
  EXPECT_FALSE(allowed(kFile, "foobot", "/example/page/disallowed.gif"));
  EXPECT_TRUE(allowed(kFile, "foobot", "/example/page/"));
}

// RFC 9309 §2.2.2: "If an allow rule and a disallow rule are equivalent, then the allow rule SHOULD
// be used."
TEST(Robots, PrefersAllowWhenEquallyLong) {
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /a\nallow: /a\n", "x", "/a"));
  EXPECT_TRUE(allowed("user-agent: *\nallow: /a\ndisallow: /a\n", "x", "/a"));
}

// RFC 9309 §2.2.1: groups of one agent are combined.
TEST(Robots, MergesGroupsOfOneAgent) {
  constexpr std::string_view kFile =
      "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\n"
      "user-agent: *\ndisallow: /all\n\n"
      "user-agent: examplebot\ndisallow: /baz\n";
  for (const char* path : {"/foo", "/bar", "/baz"})
    EXPECT_FALSE(allowed(kFile, "ExampleBot", path)) << path;
  EXPECT_TRUE(allowed(kFile, "ExampleBot", "/all"));
  EXPECT_FALSE(allowed(kFile, "other", "/all"));
}

// RFC 9309 §2.2.4: other records must not interfere.
TEST(Robots, OtherRecordsDoNotBreakAGroup) {
  constexpr std::string_view kFile =
      "User-Agent: foobot\nSitemap: https://example.com/sitemap.xml\nCrawl-delay: 7\nUser-Agent: "
      "barbot\nDisallow: /\n";
  EXPECT_FALSE(allowed(kFile, "foobot", "/x"));
  EXPECT_FALSE(allowed(kFile, "barbot", "/x"));
  const Robots robots = Robots::parse(kFile);
  EXPECT_EQ(robots.sitemaps(), std::vector<std::string>{"https://example.com/sitemap.xml"});
  EXPECT_EQ(robots.verdict_for("foobot", "/").crawl_delay_s, 7.0);
  EXPECT_EQ(robots.verdict_for("barbot", "/").crawl_delay_s, std::nullopt);
}

// RFC 9309 §2.2.2, the table of percent-encoding.
TEST(Robots, ComparesPercentEncodedOctets) {
  const struct {
    const char* rule;
    const char* path;
  } kTable[] = {
      {"/foo/bar?baz=quz", "/foo/bar?baz=quz"},
      {"/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"},
      {"/foo/bar/\xE3\x83\x84", "/foo/bar/%E3%83%84"},
      {"/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84"},
      {"/foo/bar/%62%61%7A", "/foo/bar/baz"},
      {"/foo/bar/%e3%83%84", "/foo/bar/\xE3\x83\x84"},
  };
  for (const auto& row : kTable)
    EXPECT_FALSE(allowed(std::string("user-agent: *\ndisallow: ") + row.rule + "\n", "x", row.path))
        << row.rule;
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /a%2Fb\n", "x", "/a/b"))
      << "a reserved character and its escape are different";
}

// RFC 9309 §2.2.3.
TEST(Robots, ReadsSpecialCharacters) {
  EXPECT_FALSE(allowed("user-agent: *\nallow: /this/path/exactly\ndisallow: /this/path/exactly$\n",
                       "x", "/this/path/exactly"));
  EXPECT_TRUE(
      allowed("user-agent: *\ndisallow: /this/path/exactly$\n", "x", "/this/path/exactly/"));
  EXPECT_FALSE(
      allowed("user-agent: *\ndisallow: /this/*/exactly\n", "x", "/this/long/way/exactly/on"));
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /path/file-with-a-%2A.html\n", "x",
                       "/path/file-with-a-*.html"));
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /path/file-with-a-%2A.html\n", "x",
                      "/path/file-with-a-b.html"));
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /path/foo-%24\n", "x", "/path/foo-$"));
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /*.php$\n", "x", "/a.php.php"));
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /*.php$\n", "x", "/a.php5"));
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /ab*ba$\n", "x", "/aba"))
      << "the two ends of a pattern may not overlap";
  EXPECT_FALSE(allowed("user-agent: *\ndisallow: /hello # a comment\n", "x", "/hello"));
}

// RFC 9309 §2.2.2: "/robots.txt URI is implicitly allowed".
TEST(Robots, AlwaysAllowsItself) {
  EXPECT_TRUE(allowed("user-agent: *\ndisallow: /\n", "x", "/robots.txt"));
}

TEST(Robots, EmptyDisallowAllowsAll) {
  EXPECT_TRUE(allowed("user-agent: *\ndisallow:\n", "x", "/a"));
}

TEST(Robots, PathsAreCaseSensitiveAndAgentsAreNot) {
  EXPECT_TRUE(allowed("User-Agent: VIGIE\ndisallow: /Private\n", "vigie", "/private"));
  EXPECT_FALSE(allowed("User-Agent: VIGIE\ndisallow: /Private\n", "vigie", "/Private"));
}

TEST(Robots, MatchesWholeTokensOnly) {
  constexpr std::string_view kFile =
      "user-agent: bot\ndisallow: /a\nuser-agent: bot2\ndisallow: /b\n";
  EXPECT_FALSE(allowed(kFile, "bot", "/a"));
  EXPECT_TRUE(allowed(kFile, "bot", "/b"));
  EXPECT_TRUE(allowed(kFile, "bot2", "/a"));
  EXPECT_TRUE(allowed(kFile, "bo", "/a"));
}

TEST(Robots, ReadsRealWorldSpellings) {
  EXPECT_FALSE(allowed("\xEF\xBB\xBFuser-agent: *\rdissallow: /a\r", "x", "/a"));
  EXPECT_FALSE(allowed("useragent *\r\nDisallow /a\r\n", "x", "/a"));
}

TEST(Robots, TakesCrawlDelayOfItsOwnGroupAlone) {
  const Robots robots = Robots::parse(
      "user-agent: *\ncrawl-delay: 30\n\nuser-agent: vigie\ncrawl-delay: 2.5\ndisallow: /x\n");
  EXPECT_EQ(robots.verdict_for("vigie", "/").crawl_delay_s, 2.5);
  EXPECT_EQ(robots.verdict_for("other", "/").crawl_delay_s, 30.0);
}

TEST(Robots, NamesRuleAndLine) {
  const RobotsVerdict verdict =
      Robots::parse("# hello\nUser-agent: *\n\nDisallow: /a/*\nAllow: /a/b\n")
          .verdict_for("x", "/a/c");
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.rule, "Disallow: /a/*");
  EXPECT_EQ(verdict.line, 4U);
}

// RFC 9309 §2.5: at least 500 kibibytes are parsed.
TEST(Robots, ReadsFiveHundredKibibytesAndNoMore) {
  const std::string rule = "user-agent: *\ndisallow: /late\n";
  const std::string just_inside = std::string(kRobotsBytes - rule.size() - 1, '#') + "\n" + rule;
  EXPECT_FALSE(allowed(just_inside, "x", "/late"));
  EXPECT_TRUE(allowed(std::string(kRobotsBytes, '#') + "\n" + rule, "x", "/late"));
}

TEST(Robots, RefuseAllStillAllowsRobots) {
  EXPECT_FALSE(Robots::refuse_all().verdict_for("x", "/").allowed);
  EXPECT_TRUE(Robots::refuse_all().verdict_for("x", "/robots.txt").allowed);
  EXPECT_TRUE(Robots::allow_all().verdict_for("x", "/").allowed);
}

TEST(Robots, ReadsTheNumberThatADelayBeginsWith) {
  const auto delay = [](const std::string& value) {
    return Robots::parse("user-agent: *\ncrawl-delay: " + value + "\n")
        .verdict_for("vigie", "/")
        .crawl_delay_s.value_or(-1);
  };
  for (const auto& [value, seconds] :
       std::vector<std::pair<std::string, double>>{{"10", 10},
                                                   {"10s", 10},
                                                   {"10 seconds", 10},
                                                   {"1,5", 1.5},
                                                   {"0,5 s", 0.5},
                                                   {".5", 0.5},
                                                   {"+3", 3},
                                                   {"2.5.1", 2.5},
                                                   {"7 # slow", 7},
                                                   {"5;", 5},
                                                   {"-1", -1},
                                                   {"soon", -1},
                                                   {"", -1},
                                                   {"nan", -1},
                                                   {"inf", -1},
                                                   {"s10", -1}})
    EXPECT_EQ(delay(value), seconds) << value;
}

// contentsignals.org: signals of the group that applies.
TEST(Robots, ContentSignalsOfTheGroupCount) {
  const auto refuses = [](const std::string& text, const char* agent = "vigie") {
    return Robots::parse(text).verdict_for(agent, "/a").search_refused;
  };
  EXPECT_TRUE(refuses("User-agent: *\nContent-Signal: search=no, ai-train=no\nAllow: /\n"));
  EXPECT_TRUE(refuses("user-agent: *\ncontent-signal: ai-train=yes,  SEARCH = No\n"));
  EXPECT_FALSE(refuses("User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n"));
  EXPECT_FALSE(refuses("User-agent: *\nContent-Signal: ai-input=no\n"));
  EXPECT_FALSE(refuses("Content-Signal: search=no\nUser-agent: *\nAllow: /\n"));
  const std::string two =
      "User-agent: vigie\nContent-Signal: search=yes\nUser-agent: *\nContent-Signal: search=no\n";
  EXPECT_TRUE(
      refuses("User-agent: vigie\nAllow: /\nContent-Signal: search=no\n\n"
              "User-agent: *\nContent-Signal: search=yes\n"));
  EXPECT_TRUE(Robots::parse(two).verdict_for("other", "/a").search_refused);
}

}  // namespace
}  // namespace vigie::crawler::robots
