#include "platform/url/url.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace vigie::url {
namespace {

std::string href_of(std::string_view input, std::string_view base = {}) {
  if (base.empty()) {
    const auto url = parse(input);
    return url ? url->href() : "failure " + std::string(url.error().code);
  }
  const auto parsed_base = parse(base);
  if (!parsed_base) return "failure of base";
  const auto url = parse(input, &*parsed_base);
  return url ? url->href() : "failure " + std::string(url.error().code);
}

std::string normalised(std::string_view input) {
  const auto url = normalise(input);
  return url ? *url : "failure " + std::string(url.error().code);
}

// WHATWG URL §4.4 (basic URL parser); the whole of it is in tests/conformance.
TEST(Url, ParsesAgainstABaseAsBrowsersDo) {
  EXPECT_EQ(href_of("../b?x#y", "http://example.org/a/c/d"), "http://example.org/a/b?x#y");
  EXPECT_EQ(href_of("//other.example/p", "https://example.org/"), "https://other.example/p");
  EXPECT_EQ(href_of("?q=1", "http://example.org/a/b?old#f"), "http://example.org/a/b?q=1");
  EXPECT_EQ(href_of("\\\\evil.example\\x", "http://example.org/"), "http://evil.example/x");
  EXPECT_EQ(href_of("http:\n//exa\tmple.org/ a"), "http://example.org/%20a");
}

TEST(Url, RefusesWhatTheStandardRefuses) {
  EXPECT_EQ(href_of(""), "failure bad_url");
  EXPECT_EQ(href_of("http://"), "failure bad_url");
  EXPECT_EQ(href_of("http://a b/"), "failure bad_url");
  EXPECT_EQ(href_of("http://example.org:65536/"), "failure bad_url");
  EXPECT_EQ(href_of("http://1.2.3.256/"), "failure bad_url");
  EXPECT_EQ(href_of("http://[::1"), "failure bad_url");
  EXPECT_EQ(href_of("/relative"), "failure bad_url");
}

// WHATWG URL §3.5: every spelling of an address is one address, so that judging it once is enough.
TEST(Url, WritesEverySpellingOfAnAddressTheSameWay) {
  for (const char* spelling :
       {"http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.01/",
        "http://127.1/", "http://%31%32%37.0.0.1/",
        "http://\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1/", "http://127.0.0.1./"}) {
    EXPECT_EQ(href_of(spelling), "http://127.0.0.1/") << spelling;
  }
  EXPECT_EQ(href_of("http://[0:0:0:0:0:FFFF:127.0.0.1]/"), "http://[::ffff:7f00:1]/");
  EXPECT_EQ(href_of("http://[1:0:0:2:0:0:0:3]/"), "http://[1:0:0:2::3]/");
}

TEST(Url, RefusesMoreThanSixteenKibibytes) {
  const std::string prefix = "http://example.org/";
  EXPECT_TRUE(parse(prefix + std::string(16 * 1024 - prefix.size(), 'a')).has_value());
  const auto longer = parse(prefix + std::string(16 * 1024 - prefix.size() + 1, 'a'));
  ASSERT_FALSE(longer.has_value());
  EXPECT_EQ(longer.error().code, ErrorCode("bad_url"));
  EXPECT_EQ(longer.error().disposition, Disposition::kQuarantine);
}

TEST(Url, TurnsInvalidUtf8IntoReplacementCharacters) {
  EXPECT_EQ(href_of("http://example.org/\xC3(\xFF"), "http://example.org/%EF%BF%BD(%EF%BF%BD");
}

TEST(Url, NamesTheOriginWithItsPort) {
  EXPECT_EQ(parse("https://example.org/a")->origin_key(), "https://example.org:443");
  EXPECT_EQ(parse("http://example.org:8080/a")->origin_key(), "http://example.org:8080");
  EXPECT_EQ(parse("mailto:a@b")->effective_port(), 0);
}

TEST(Normalise, TakesAwayWhatNamesNoPage) {
  EXPECT_EQ(normalised("HTTP://user:secret@Example.ORG:80/a/./b/../c#part"),
            "http://example.org/a/c");
  EXPECT_EQ(normalised("https://example.org"), "https://example.org/");
  EXPECT_EQ(normalised("https://example.org/a?"), "https://example.org/a");
  EXPECT_EQ(normalised("https://example.org//a///b/"), "https://example.org/a/b/");
  EXPECT_EQ(normalised("https://example.org/news/index.html"), "https://example.org/news/");
  EXPECT_EQ(normalised("https://example.org/news/Index.PHP?id=3"),
            "https://example.org/news/?id=3");
  EXPECT_EQ(normalised("https://example.org/reindex.html"), "https://example.org/reindex.html");
}

TEST(Normalise, TakesTrackingParametersAwayAndKeepsTheOrderOfTheRest) {
  EXPECT_EQ(normalised("https://example.org/a?b=2&utm_source=x&a=1&fbclid=y&gclid=z&UTM_Medium=m"),
            "https://example.org/a?b=2&a=1");
  EXPECT_EQ(normalised("https://example.org/a?%75tm_source=x"), "https://example.org/a");
  EXPECT_EQ(normalised("https://example.org/a?utm_source=x&&"), "https://example.org/a");
  EXPECT_EQ(normalised("https://example.org/a?autm_source=x"),
            "https://example.org/a?autm_source=x");
}

TEST(Normalise, TakesTheWayOfTheReaderAway) {
  const std::string page = "https://paper.example/a";
  for (const char* query : {"smid=nytcore-ios-share",
                            "emc=edit_th_1&nlid=3",
                            "itid=lk_inline",
                            "CMP=Share_iOSApp",
                            "maca=de-rss-de-all",
                            "ocid=socialflow",
                            "mbid=nl_1",
                            "tpcc=rss",
                            "ncid=txtlnk",
                            "ref=rss",
                            "ref=twitter",
                            "source=rss_feed",
                            "source=feed",
                            "src=rss",
                            "from=singlemessage",
                            "from=timeline&isappinstalled=0",
                            "mod=rss_markets",
                            "mod=hp_lead_pos1",
                            "mod=djemalert",
                            "WT.mc_id=1&wt.z_x=2",
                            "wt_zmc=share",
                            "ft=nprml&f=1001",
                            "f=1001&ft=nprml",
                            "cid=public-rss_2026",
                            "xid=rss-topstories",
                            "via=newsletter",
                            "%53mid=x",
                            "spm=1.2.3",
                            "amp_js_v=a6&usqp=mq331AQ",
                            "guce_referrer=aHR0&guccounter=1",
                            "pk_campaign=x",
                            "srsltid=AfmB",
                            "utm_id=9",
                            "Echobox=1700000000",
                            "partner=rss&emc=rss"})
    EXPECT_EQ(normalised(page + "?" + query), page) << query;
  for (const char* query :
       {"ref=42",          "ref=chapter-2",  "source=politics", "source=rssel",  "src=1",
        "from=2026-01-01", "mod=viewthread", "mod=hprint",      "f=1004",        "ft=pdf&f=1004",
        "cid=77",          "xid=4",          "via=oslo",        "pk_id=4",       "smidge=1",
        "campaign=4",      "id=rss",         "feed=rss",        "output=rss",    "at=rss",
        "partner=7",       "origin=nairobi", "page=share",      "time=timeline", "s=1",
        "sid=12",          "session=3"})
    EXPECT_EQ(normalised(page + "?" + query), page + "?" + query) << query;
}

TEST(Normalise, TakesSessionsAway) {
  const std::string page = "https://paper.example/news/story";
  for (const char* rest :
       {";jsessionid=A00000001F.node3", ";JSESSIONID=1", ";jsessionid=1;phpsessid=2",
        "?PHPSESSID=0123456789abcdef", "?jsessionid=x", "?ASPSESSIONIDQQ=ABC", "?CFID=1&CFTOKEN=2",
        "?sid=0123456789abcdef0123", "?s=d41d8cd98f00b204e9800998ecf8427e",
        "?session_id=8f3c2b1a-77e0-4c1d", ";sid=0123456789abcdef0"})
    EXPECT_EQ(normalised(page + rest), page) << rest;
  EXPECT_EQ(normalised("https://paper.example/(S(lit3py55t21z5v55vlm25s55))/news/story"), page);
  EXPECT_EQ(normalised("https://paper.example/news;jsessionid=1/story"), page);
  EXPECT_EQ(normalised("https://paper.example/index.html;jsessionid=1?id=2"),
            "https://paper.example/?id=2");
  for (const char* kept :
       {"https://paper.example/news;v=1/story", "https://paper.example/(part)/story",
        "https://paper.example/news/story;sid=1", "https://paper.example/a?s=chips-and-more-chips",
        "https://paper.example/..;jsessionid=1/a"})
    EXPECT_EQ(normalised(kept), kept);
}

TEST(Normalise, KnowsOneHostWithItsRootAndWithout) {
  EXPECT_EQ(normalised("https://paper.example./a"), "https://paper.example/a");
  EXPECT_EQ(normalised("https://paper.example.:8443/a"), "https://paper.example:8443/a");
}

// RFC 3986 §6.2.2
TEST(Normalise, WritesPercentEncodingOneWay) {
  EXPECT_EQ(normalised("https://example.org/%7euser/%2f%c3%a9"),
            "https://example.org/~user/%2F%C3%A9");
  EXPECT_EQ(normalised("https://example.org/\xC3\xA9"), "https://example.org/%C3%A9");
  EXPECT_EQ(normalised("https://example.org/100%"), "https://example.org/100%25");
  EXPECT_EQ(normalised("https://example.org/%%36%31"), "https://example.org/%2561");
}

TEST(Normalise, RefusesWhatIsNotFetchedByHttp) {
  EXPECT_EQ(normalised("ftp://example.org/"), "failure not_http");
  EXPECT_EQ(normalised("javascript:alert(1)"), "failure not_http");
  EXPECT_EQ(normalised("file:///etc/passwd"), "failure not_http");
}

TEST(Normalise, IsIdempotent) {
  const unsigned seed = 20'261'124;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {"/",
                                           "//",
                                           ".",
                                           "..",
                                           "%2e",
                                           "%2E",
                                           "%",
                                           "%25",
                                           "%36%31",
                                           "%2f",
                                           "index.html",
                                           "INDEX.php",
                                           "a",
                                           "?",
                                           "&",
                                           "=",
                                           "utm_source",
                                           "fbclid=1",
                                           "#",
                                           "\xC3\xA9",
                                           " ",
                                           ";jsessionid=1",
                                           "(S(0123456789abcdef))",
                                           "sid=0123456789abcdef",
                                           "ft=nprml",
                                           "f=1",
                                           "\\",
                                           "%zz",
                                           ";",
                                           "'",
                                           "^",
                                           "|",
                                           "%00"};
  for (int round = 0; round < 20'000; ++round) {
    std::string input = "http://example.org/";
    for (unsigned n = random() % 9; n > 0; --n) input += pieces[random() % pieces.size()];
    const auto once = normalise(input);
    ASSERT_TRUE(once.has_value()) << input;
    const auto twice = normalise(*once);
    ASSERT_TRUE(twice.has_value()) << *once;
    ASSERT_EQ(*once, *twice) << input;
  }
}

TEST(RegistrableDomain, IsThePublicSuffixAndOneLabel) {
  EXPECT_EQ(registrable_domain("www.example.co.uk"), "example.co.uk");
  EXPECT_EQ(registrable_domain("a.b.lemonde.fr"), "lemonde.fr");
  EXPECT_EQ(registrable_domain("lemonde.fr."), "lemonde.fr");
  EXPECT_EQ(registrable_domain("someone.github.io"), "someone.github.io");
  EXPECT_EQ(registrable_domain("www.xn--55qx5d.cn"), "www.xn--55qx5d.cn");
}

TEST(RegistrableDomain, IsTheHostItselfWhereThereIsNone) {
  EXPECT_EQ(registrable_domain("co.uk"), "co.uk");
  EXPECT_EQ(registrable_domain("localhost"), "localhost");
  EXPECT_EQ(registrable_domain("127.0.10.1"), "127.0.10.1");
  EXPECT_EQ(registrable_domain("[::1]"), "[::1]");
  EXPECT_EQ(registrable_domain(""), "");
}

// WHATWG URL §3.3; UTS #46
TEST(DomainToAscii, FollowsUts46) {
  EXPECT_EQ(domain_to_ascii("B\xC3\xBC"
                            "cher.example",
                            false)
                .value_or(""),
            "xn--bcher-kva.example");
  EXPECT_EQ(domain_to_ascii("fa\xC3\x9F.de", false).value_or(""), "xn--fa-hia.de");
  EXPECT_EQ(domain_to_ascii("a_b.Example", false).value_or(""), "a_b.example");
  const auto strict = domain_to_ascii("a_b.example", true);
  ASSERT_FALSE(strict.has_value());
  EXPECT_EQ(strict.error().code, ErrorCode("bad_host"));
  EXPECT_EQ(domain_to_ascii("XN--a", false).value_or(""), "xn--a");    // ASCII is not looked into
  EXPECT_FALSE(domain_to_ascii("xn--a.\xC3\x9F", false).has_value());  // but in company it is
  EXPECT_FALSE(domain_to_ascii("\xD7\x90"
                               "1a",
                               false)
                   .has_value());  // bidi rule, RFC 5893 §2
}

}  // namespace
}  // namespace vigie::url
