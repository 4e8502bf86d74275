#include "crawler/fetch/refresh.h"

#include <gtest/gtest.h>

namespace vigie::crawler::fetch {
namespace {

/// "SECONDS URL" of the value of a refresh, "none".
std::string read(const std::string& value) {
  const auto refresh = read_refresh(value);
  return refresh ? std::to_string(refresh->seconds) + " " + refresh->url : "none";
}

// https://html.spec.whatwg.org/#shared-declarative-refresh-steps
TEST(Refresh, IsReadByTheStandard) {
  for (const auto& [value, wanted] :
       std::vector<std::pair<std::string, std::string>>{{"0; url=/a", "0 /a"},
                                                        {"0;URL='/a b'", "0 /a b"},
                                                        {"0,url=\"/a\"rest", "0 /a"},
                                                        {"  3  ;  uRl  =  /a  ", "3 /a"},
                                                        {"1.9;url=/a", "1 /a"},
                                                        {".5;url=/a", "0 /a"},
                                                        {"0 /a", "0 /a"},
                                                        {"0;/a", "0 /a"},
                                                        {"0; 'a'", "0 a"},
                                                        {"0;url", "0 url"},
                                                        {"0;urls=/a", "0 urls=/a"},
                                                        {"0;url='", "0 "},
                                                        {"600", "600 "},
                                                        {"5;", "5 "},
                                                        {"0;url=/a?b=c;d", "0 /a?b=c;d"},
                                                        {"99999999999999;url=/a", "1000000 /a"},
                                                        {"", "none"},
                                                        {"url=/a", "none"},
                                                        {"; url=/a", "none"},
                                                        {"-1; url=/a", "none"},
                                                        {"5x; url=/a", "none"},
                                                        {"soon", "none"}})
    EXPECT_EQ(read(value), wanted) << value;
}

/// Where a page leads, "-" for nowhere.
std::string leads(const std::string& body, const std::string& header = {},
                  const std::string& type = "text/html") {
  net::HttpResponse response;
  response.status = 200;
  response.body = body;
  response.headers = {{"content-type", type}};
  if (!header.empty()) response.headers.emplace_back("refresh", header);
  const auto hop = refresh_of(response, *url::parse("http://a.example/dir/page"));
  return hop ? std::to_string(hop->seconds) + " " + hop->target.href() : "-";
}

TEST(Refresh, IsFoundInThePage) {
  const std::string meta = "<meta http-equiv=\"refresh\" content=\"0; url=/b\">";
  const std::string there = "0 http://a.example/b";
  EXPECT_EQ(leads("<html><head>" + meta + "<title>Moved</title></head>"), there);
  EXPECT_EQ(leads("<HTML><HEAD><META HTTP-EQUIV=REFRESH CONTENT=0;URL='/b'>"), there);
  EXPECT_EQ(leads("<meta content='0;url=/b' http-equiv=Refresh />"), there);
  EXPECT_EQ(leads("<title>x</title><body><p>Moved</p>" + meta), there);
  EXPECT_EQ(leads("<meta http-equiv=refresh content=\"0;url=/b?x=1&amp;y=2\">"),
            "0 http://a.example/b?x=1&y=2");
  EXPECT_EQ(leads("<base href='http://c.example/'><meta http-equiv=refresh content='2;url=d'>"),
            "2 http://c.example/d");
  EXPECT_EQ(leads("<meta http-equiv=refresh content='0;url=e#part'>"), "0 http://a.example/dir/e");
  EXPECT_EQ(leads("<meta http-equiv=refresh content='nonsense'>" + meta), there);
  EXPECT_EQ(leads("<svg/>" + meta), there);
  // Others of its kind before, behind and within, in whatever case.
  const std::string other = "<meta HTTP-equiv='X-UA-Compatible' content='IE=edge'>";
  EXPECT_EQ(leads(other + meta + other + "<p>Quite quick, http-equi, HTTP-EQUI"), there);
  EXPECT_EQ(leads("<p title='q http-equiv'>q</p>" + meta + "<i>Q</i>"), there);
  EXPECT_EQ(leads("<p>q</p><META Http-eQuiv=refresh content=0;url=/b><a q>q http-equi"), there);
  EXPECT_EQ(leads("<p>text</p>", "0; url=/b"), there) << "the header";
  EXPECT_EQ(leads(meta, "0; url=/header"), "0 http://a.example/header");
  EXPECT_EQ(leads("%PDF-", "1;url=/b", "application/pdf"), "1 http://a.example/b");
}

TEST(Refresh, IsNoneWhereAReaderStays) {
  const std::string meta = "<meta http-equiv=\"refresh\" content=\"0; url=/b\">";
  for (const std::string& page :
       {"<!-- " + meta + " --><p>text", "<script>var x = '" + meta + "';</script><p>text",
        "<noscript>" + meta + "</noscript><p>text", "<template>" + meta + "</template>",
        "<textarea>" + meta + "</textarea>", "<title>" + meta + "</title>",
        "<xmp>" + meta + "</xmp>", "<iframe>" + meta + "</iframe>",
        std::string("<p>&lt;meta http-equiv=refresh content=0;url=/b&gt;"),
        std::string("<meta http-equiv=refresh content='600;url=/b'>"),
        std::string("<meta http-equiv=refresh content='11;url=/b'>"),
        std::string("<meta http-equiv=refresh content='300'>") + meta,
        std::string("<meta name=refresh content='0;url=/b'>"),
        std::string("<meta http-equiv=refresh>"),
        std::string("<meta http-equiv=refresh content='0;url=javascript:go()'>"),
        std::string("<meta http-equiv=refresh content='0;url=mailto:x@a.example'>"),
        std::string("<meta http-equiv=refresh content='0;url=http://u:p@a.example/'>"),
        std::string("<meta http-equiv=refresh content='0;url=/b'"), std::string()})
    EXPECT_EQ(leads(page), "-") << page;
  EXPECT_EQ(leads(meta, "", "application/rss+xml"), "-");
  EXPECT_EQ(leads("<rss><item>" + meta, "", "text/html"), "-");
  EXPECT_EQ(leads("<p>text", "60; url=/b"), "-");
}

TEST(Refresh, OfThePageItselfNamesThePage) {
  EXPECT_EQ(leads("<meta http-equiv=refresh content=5>"), "5 http://a.example/dir/page");
}

}  // namespace
}  // namespace vigie::crawler::fetch
