#include "indexer/pages/pages.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace vigie::indexer::pages {
namespace {

http::Request get(std::string path) {
  http::Request request;
  request.path = std::move(path);
  return request;
}

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(Pages, AnswersEveryViewWithTheShellAndItsPolicy) {
  for (const char* path : {"/", "/a/abc", "/t/export-controls", "/w/org:nvidia", "/s/le-monde",
                           "/alerts", "/ingestion", "/sessions"}) {
    const auto response = page(get(path));
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->status, 200);
    EXPECT_NE(response->body.find("<div id=\"app\">"), std::string::npos);
    EXPECT_TRUE(header(*response, "content-security-policy")
                    .starts_with("default-src 'self'; img-src 'self' data:"));
  }
}

// An alert links to its page, which must open where nothing but vigie can be reached.
TEST(Pages, ServesEveryRunbookWithoutScripts) {
  int pages = 0;
  for (const auto& file : std::filesystem::directory_iterator("ops/runbooks")) {
    const std::string name = file.path().stem().string();
    if (file.path().extension() != ".md" || name == "README") continue;
    const auto response = page(get("/runbooks/" + name));
    ASSERT_TRUE(response) << name;
    EXPECT_EQ(response->status, 200);
    EXPECT_NE(response->body.find("<h1>" + name + "</h1>"), std::string::npos) << name;
    EXPECT_EQ(response->body.find("<script"), std::string::npos) << name;
    EXPECT_EQ(response->body.find(".md\""), std::string::npos) << "a link to a file: " << name;
    const auto index = page(get("/runbooks"));
    ASSERT_TRUE(index);
    EXPECT_NE(index->body.find("\"/runbooks/" + name + "\""), std::string::npos) << name;
    ++pages;
  }
  EXPECT_GE(pages, 20);
  EXPECT_FALSE(page(get("/runbooks/")));
  EXPECT_FALSE(page(get("/runbooks/../app.js")));
}

TEST(Pages, ServesTheDocumentationOfTheApiWithoutScripts) {
  const auto response = page(get("/docs"));
  ASSERT_TRUE(response);
  EXPECT_EQ(header(*response, "content-type"), "text/html; charset=utf-8");
  EXPECT_NE(response->body.find("<code>GET /v1/search</code>"), std::string::npos);
  EXPECT_EQ(response->body.find("<script"), std::string::npos);
  EXPECT_LE(response->body.size(), 200U * 1024);
  ASSERT_TRUE(page(get("/assets/docs.css")));
  EXPECT_FALSE(page(get("/docs/")));
}

TEST(Pages, LeavesOtherPathsToOthers) {
  for (const char* path :
       {"/v1/search", "/a/", "/a/b/c", "/assets/none.js", "/assets/", "/alertsx", "/../etc/passwd"})
    EXPECT_FALSE(page(get(path))) << path;
}

TEST(Pages, GivesGzipWhereItIsAcceptedAndNothingWhereItIsKnown) {
  http::Request request = get("/assets/app.js");
  const auto plain = page(request);
  request.headers["accept-encoding"] = "br, gzip";
  const auto packed = page(request);
  ASSERT_TRUE(plain && packed);
  EXPECT_EQ(header(*packed, "content-encoding"), "gzip");
  EXPECT_LT(packed->body.size(), plain->body.size());
  request.headers["if-none-match"] = header(*packed, "etag");
  const auto known = page(request);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->status, 304);
  EXPECT_TRUE(known->body.empty());
}

// A person who mistypes is told in words, a program by the problem of the API.
TEST(Pages, AnswerAnUnknownPathWithAPageWhereABrowserOpensIt) {
  http::Request request = get("/no-such/page");
  EXPECT_FALSE(page(request));
  request.headers["accept"] = "application/json";
  EXPECT_FALSE(page(request));
  request.headers["accept"] = "text/html,application/xhtml+xml,*/*;q=0.8";
  const auto opened = page(request);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->status, 404);
  EXPECT_NE(opened->body.find("<div id=\"app\">"), std::string::npos);
  request.headers["if-none-match"] = header(*opened, "etag");
  EXPECT_EQ(page(request)->status, 404) << "it is not there, whatever is known of it";
  request.path = "/assets/none.js";
  EXPECT_FALSE(page(request)) << "a script that is missing is no page";
}

// One file a language, loaded alone.
TEST(Pages, ServeTheMessagesOfEveryLanguage) {
  for (const char* language : {"en", "fr", "de", "es", "zh", "ar"}) {
    const auto messages = page(get("/assets/messages/" + std::string(language) + ".json"));
    ASSERT_TRUE(messages) << language;
    EXPECT_EQ(header(*messages, "content-type"), "application/json; charset=utf-8");
  }
}

TEST(Pages, HoldNoInlineScriptOrStyle) {
  const auto shell = page(get("/"));
  ASSERT_TRUE(shell);
  EXPECT_EQ(shell->body.find("<style"), std::string::npos);
  EXPECT_EQ(shell->body.find("style="), std::string::npos);
  EXPECT_EQ(shell->body.find("<script>"), std::string::npos);
  EXPECT_EQ(shell->body.find("http://"), std::string::npos);
}

}  // namespace
}  // namespace vigie::indexer::pages
