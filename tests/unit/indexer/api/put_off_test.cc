// Searches, timelines, facets, previews, evidence, questions of peers: each has a budget.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "indexer/api/operation.h"
#include "proto/peer.pb.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

/// What would make others wait is put off and asked again where it may take long; what would take
/// far too long is refused there.
TEST_F(Api, EveryQuestionHasABudget) {
  const auto one = article("https://example.org/1", "Chips", "chips", clock_.now_unix_ms());
  shard_->put(one);
  v1::LeafRequest leaf;
  leaf.set_kind(v1::LeafRequest::KIND_FIND);
  leaf.set_query("chips");
  leaf.set_limit(10);
  leaf.add_partitions(0);
  const struct {
    const char* method;
    const char* path;
    std::vector<std::pair<std::string, std::string>> query;
    std::string body;
  } rows[] = {
      {"GET", "/v1/search", {{"q", "chips"}}, ""},
      {"GET", "/v1/search", {{"q", "chips"}, {"group", "story"}}, ""},
      {"GET", "/v1/search", {{"q", "bread water"}}, ""},  // finds nothing: hints ask for its parts
      {"GET", "/v1/search", {{"q", "source:nobody"}}, ""},
      {"GET", "/v1/timeline", {{"q", "chips"}}, ""},
      {"GET", "/v1/facets", {{"q", "chips"}, {"field", "language"}}, ""},
      {"GET", "/v1/trend", {{"q", "chips"}}, ""},
      {"GET", "/v1/export", {{"q", "chips"}, {"format", "csv"}}, ""},
      {"GET", "/v1/feed.atom", {{"q", "chips"}}, ""},
      {"GET", "/v1/feed.json", {{"q", "chips"}}, ""},
      {"POST", "/v1/subscriptions/preview", {}, R"({"query":"chips"})"},
      {"POST", "/v1/peer", {}, leaf.SerializeAsString()},
  };
  for (const auto& row : rows) {
    http::Request request;
    request.method = row.method;
    request.path = row.path;
    request.query = row.query;
    request.body = row.body;
    shard_->cost = 10;
    request.may_take_long = false;
    http::Response response = router_->handle(request);
    EXPECT_FALSE(response.is_later) << row.path;
    EXPECT_EQ(response.status, 200) << row.path << response.body;
    shard_->cost = 1'000'000;
    EXPECT_TRUE(router_->handle(request).is_later) << row.path;
    request.may_take_long = true;
    response = router_->handle(request);
    EXPECT_EQ(response.status, 200) << row.path << response.body;
    shard_->cost = 10'000'000'000;
    response = router_->handle(request);
    EXPECT_NE(response.body.find("too_expensive"), std::string::npos) << row.path << response.body;
  }
  // A call that takes a query is a row above, but for those that ask no shard for its articles.
  for (const Operation& operation : operations()) {
    if (operation.find("q") == nullptr || operation.id == "suggest" || operation.id == "article" ||
        operation.id == "stream")
      continue;
    EXPECT_TRUE(std::ranges::any_of(rows, [&](const auto& row) {
      return row.path == operation.pattern;
    })) << operation.pattern;
  }
}

TEST_F(Api, EvidenceInALargeArticleHasABudgetToo) {
  std::string text;
  while (text.size() < 400'000) text += "the chips of ";
  const auto one = article("https://example.org/1", "Chips", text, clock_.now_unix_ms());
  shard_->put(one);
  http::Request request;
  request.path = "/v1/articles/" + one.article_id();
  request.query = {{"q", "chips"}};
  request.may_take_long = false;
  EXPECT_EQ(router_->handle(request).status, 200);
  request.query = {{"q", "\"the chips\" \"chips of\" \"of the\" (the NEAR/9 of)"}};
  EXPECT_TRUE(router_->handle(request).is_later);
  request.may_take_long = true;
  EXPECT_EQ(router_->handle(request).status, 200);
}

}  // namespace
}  // namespace vigie::indexer::api
