#include "indexer/pages/pages.h"

#include <gtest/gtest.h>

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
  for (const char* path : {"/", "/a/abc", "/t/export-controls", "/w/org:nvidia", "/alerts",
                           "/ingestion", "/sessions"}) {
    const auto response = page(get(path));
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->status, 200);
    EXPECT_NE(response->body.find("<div id=\"app\">"), std::string::npos);
    EXPECT_TRUE(header(*response, "content-security-policy")
                    .starts_with("default-src 'self'; img-src 'self' data:"));
  }
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
