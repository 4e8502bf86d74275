#include "crawler/fetch/cookies.h"

#include <gtest/gtest.h>

namespace vigie::crawler::fetch {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

url::Url at(const std::string& text) { return *url::parse(text); }

/// What is sent to `to` after `from` has set these cookies.
std::string sent(const std::string& from, const std::vector<std::string>& set,
                 const std::string& to) {
  CookieJar jar;
  net::HttpResponse response;
  for (const std::string& one : set) response.headers.emplace_back("set-cookie", one);
  jar.take(at(from), response, kNow);
  return jar.header_for(at(to));
}

struct Case {
  const char* from;
  std::vector<std::string> set;
  const char* to;
  const char* header;
};

TEST(CookieJar, KeepsToRfc6265) {
  const char* page = "https://www.paper.example/a/b";
  const Case cases[] = {
      {page, {"seen=1; Path=/"}, page, "seen=1"},
      {page, {"seen=1"}, "https://www.paper.example/a/c", "seen=1"},
      {page, {"seen=1"}, "https://www.paper.example/other", ""},
      {page, {"seen=1; path=/a"}, "https://www.paper.example/a", "seen=1"},
      {page, {"seen=1; path=/a"}, "https://www.paper.example/ab", ""},
      {page, {"a=1; Path=/", "b=2; Path=/"}, page, "a=1; b=2"},
      {page, {"a=1; Path=/", "a=2; Path=/"}, page, "a=2"},
      {page, {"a=1; Path=/", "a=; Path=/; Max-Age=0"}, page, ""},
      {page, {"a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, page, ""},
      {page, {"a=1; Path=/; Expires=Thu, 01 Jan 2099 00:00:00 GMT"}, page, "a=1"},
      {page, {"a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, page, "a=1"},
      {page, {"a=1; Path=/; Secure"}, "http://www.paper.example/a/b", ""},
      {page, {"a=1; Path=/; HttpOnly; SameSite=Lax"}, page, "a=1"},
      {page, {"a=x=y; Path=/"}, page, "a=x=y"},
      {page, {" a = 1 ; Path=/"}, page, "a=1"},
      // Other hosts.
      {page, {"a=1; Path=/"}, "https://paper.example/a/b", ""},
      {page, {"a=1; Path=/; Domain=paper.example"}, "https://paper.example/x", "a=1"},
      {page, {"a=1; Path=/; Domain=.Paper.Example"}, "https://id.paper.example/x", "a=1"},
      {page, {"a=1; Path=/; Domain=paper.example"}, "https://newspaper.example/x", ""},
      {page, {"a=1; Path=/; Domain=other.example"}, "https://other.example/x", ""},
      {page, {"a=1; Path=/; Domain=example"}, "https://other.example/x", ""},
      {"https://a.co.uk/", {"a=1; Domain=co.uk"}, "https://b.co.uk/", ""},
      {"http://127.0.0.1/", {"a=1; Domain=0.0.1"}, "http://127.0.0.1/", ""},
      {"http://127.0.0.1/", {"a=1"}, "http://127.0.0.1:8080/", "a=1"},
      // No cookies at all.
      {page, {"nothing"}, page, ""},
      {page, {"=1; Path=/"}, page, ""},
      {page, {"a=1\x01; Path=/"}, page, ""},
      {page, {"a=" + std::string(5000, 'x') + "; Path=/"}, page, ""},
  };
  for (const Case& one : cases)
    EXPECT_EQ(sent(one.from, one.set, one.to), one.header) << one.set.back() << " " << one.to;
}

TEST(CookieJar, IsBounded) {
  std::vector<std::string> many;
  for (int i = 0; i < 500; ++i)
    many.push_back("n" + std::to_string(i) + "=" + std::string(1000, 'x') + "; Path=/");
  EXPECT_LE(sent("https://a.example/", many, "https://a.example/").size(),
            CookieJar::kMaxHeaderBytes);
}

}  // namespace
}  // namespace vigie::crawler::fetch
