#include "crawler/fetch/redirects.h"

#include <gtest/gtest.h>

namespace vigie::crawler::fetch {
namespace {

url::Url parsed_url(const std::string& text) {
  auto parsed = url::parse(text);
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

net::HttpResponse redirect_to(const std::string& location) {
  net::HttpResponse response;
  response.status = 301;
  if (!location.empty()) response.headers = {{"location", location}};
  return response;
}

/// Where it leads, or the code of the error.
std::string target_of(const std::string& from, const std::string& location,
                      std::vector<std::string> visited = {}) {
  if (visited.empty()) visited = {from};
  const auto target = redirect_target(parsed_url(from), redirect_to(location), visited);
  return target ? target->href() : std::string(target.error().code);
}

TEST(Redirect, IsWhatNamesAnotherUrl) {
  for (const int status : {301, 302, 303, 307, 308}) EXPECT_TRUE(is_redirect(status)) << status;
  for (const int status : {200, 204, 300, 304, 305, 306, 309, 404})
    EXPECT_FALSE(is_redirect(status)) << status;
}

// RFC 9110 §10.2.2: the target may be relative to the URL that was asked for.
TEST(Redirect, LeadsToAUrlRelativeToTheHop) {
  EXPECT_EQ(target_of("http://a.example/x/y", "z"), "http://a.example/x/z");
  EXPECT_EQ(target_of("http://a.example/x/y", "/z?q=1"), "http://a.example/z?q=1");
  EXPECT_EQ(target_of("http://a.example/x/y", "//b.example/z"), "http://b.example/z");
  EXPECT_EQ(target_of("http://a.example/", "https://b.example/#part"), "https://b.example/")
      << "fragments are not sent";
  EXPECT_EQ(target_of("http://a.example/", "HTTPS://A.EXAMPLE/%7Ex"), "https://a.example/%7Ex");
}

TEST(Redirect, IsRefusedWhereItIsNoPlainHttp) {
  EXPECT_EQ(target_of("http://a.example/", ""), "redirect_without_location");
  for (const char* location :
       {"ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x",
        "mailto:x@a.example", "http://user:secret@a.example/x"}) {
    EXPECT_EQ(target_of("http://a.example/", location), "redirect_not_http") << location;
  }
  for (const char* location : {"http://", "http://[::1", "http://a b/", "http://a.example:99999/"})
    EXPECT_EQ(target_of("http://a.example/", location), "redirect_bad_url") << location;
  EXPECT_EQ(target_of("http://a.example/", "http://a.example/" + std::string(20'000, 'x')),
            "redirect_bad_url");
}

TEST(Redirect, IsFollowedFiveTimesAndNeverInACircle) {
  EXPECT_EQ(target_of("http://a.example/x", "/x"), "redirect_loop");
  EXPECT_EQ(target_of("http://a.example/x", "/x#other"), "redirect_loop")
      << "a fragment makes no other URL";
  EXPECT_EQ(target_of("http://a.example/2", "/1", {"http://a.example/1", "http://a.example/2"}),
            "redirect_loop");
  std::vector<std::string> visited;
  for (std::size_t hop = 0; hop <= kMaxRedirects; ++hop) {
    EXPECT_EQ(visited.size(), hop);
    visited.push_back("http://a.example/" + std::to_string(hop));
    const std::string next = target_of(visited.back(), "/" + std::to_string(hop + 1), visited);
    EXPECT_EQ(next, hop < kMaxRedirects ? "http://a.example/" + std::to_string(hop + 1)
                                        : "too_many_redirects");
  }
}

}  // namespace
}  // namespace vigie::crawler::fetch
