#include "crawler/fetch/page_check.h"

#include <gtest/gtest.h>

namespace vigie::crawler::fetch {
namespace {

net::HttpResponse page(const std::string& type, const std::string& body) {
  net::HttpResponse response;
  response.status = 200;
  if (!type.empty()) response.headers = {{"content-type", type}};
  response.body = body;
  return response;
}

TEST(Page, IsHtmlByItsTypeOrWhereTheTypeIsVagueByItsBeginning) {
  const std::string url = "http://a.example/x";
  EXPECT_EQ(page_problem(page("text/html; charset=utf-8", "<p>x"), url, url), "");
  EXPECT_EQ(page_problem(page("application/xhtml+xml", "<p>x"), url, url), "");
  EXPECT_EQ(page_problem(page("", "<!DOCTYPE HTML><p>x"), url, url), "");
  EXPECT_EQ(page_problem(page("text/plain", " <html>x"), url, url), "");
  EXPECT_EQ(page_problem(page("text/plain", "just text"), url, url), "not_html");
  EXPECT_EQ(page_problem(page("application/pdf", "%PDF <html>"), url, url), "not_html");
  EXPECT_EQ(page_problem(page("image/png", "\x89PNG"), url, url), "not_html");
  EXPECT_EQ(page_problem(page("text/html", " \r\n\t "), url, url), "empty_body");
}

TEST(Page, IsNoneWhereAnArticleLedToTheHomePage) {
  EXPECT_EQ(page_problem(page("text/html", "<p>x"), "http://a.example/x", "http://a.example/"),
            "redirect_home");
  EXPECT_EQ(page_problem(page("text/html", "<p>x"), "http://a.example/x", "http://a.example/?id=5"),
            "");
  EXPECT_EQ(page_problem(page("text/html", "<p>x"), "http://a.example/", "https://a.example/"), "");
}

TEST(Charset, IsTheParameterOfTheContentType) {
  EXPECT_EQ(charset_of("text/html; charset=UTF-8"), "utf-8");
  EXPECT_EQ(charset_of("text/html;Charset=\"windows-1251\" ; x=y"), "windows-1251");
  EXPECT_EQ(charset_of("text/html"), "");
  EXPECT_EQ(charset_of(""), "");
}

}  // namespace
}  // namespace vigie::crawler::fetch
