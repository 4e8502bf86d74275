#include <algorithm>
#include <random>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;

// ops/spec/http_api.md, "First": the article page, the hits by story and the definition agree.
TEST_F(Api, TellsOneTruthAboutWhoWasFirst) {
  std::mt19937_64 random(5);
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  constexpr std::int64_t kDay = 86'400'000;
  for (int round = 0; round < 60; ++round) {
    const std::string story = "story" + std::to_string(round);
    using Key = std::tuple<std::int64_t, std::int64_t, std::string>;
    std::vector<Key> keys;
    std::vector<Key> matching;
    for (std::int64_t i = 0, count = 2 + below(5); i < count; ++i) {
      // few distinct times, so that there are ties
      const std::int64_t discovered = kNow - below(3) * kDay - below(4) * 3'600'000;
      const bool holds = below(2) == 0 || i == 0;
      auto one = article("https://s" + std::to_string(i) + ".example/" + story,
                         holds ? "Chips" : "Wafers", "", discovered);
      std::int64_t first = discovered;
      if (const auto kind = below(4); kind > 0) {
        one.mutable_published()->set_precision(kind == 1 ? v1::DATE_PRECISION_DAY
                                                         : v1::DATE_PRECISION_SECOND);
        std::int64_t published = discovered - kDay + below(6) * 7'200'000 * 2;
        if (kind == 1) published = published / kDay * kDay;
        one.mutable_published()->set_unix_ms(published);
        one.mutable_published()->set_text(kind == 1 ? "2026-01-01" : "2026-01-01T00:00:00Z");
        if (published <= discovered)
          first = kind == 1 ? std::min(published + kDay - 1, discovered) : published;
      }
      keys.emplace_back(first, discovered, one.article_id());
      if (holds) matching.push_back(keys.back());
      shard_->put(one, story);
    }
    const Json page = get("/v1/articles/" + std::get<2>(keys.back()));
    const auto& copies = page["copies"].as_array();
    ASSERT_EQ(copies.size(), keys.size());
    std::sort(keys.begin(), keys.end());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      EXPECT_EQ(copies[i]["id"].as_string(), std::get<2>(keys[i])) << story;
      EXPECT_EQ(copies[i]["first"].as_bool(), i == 0);
    }
    for (const char* sort : {"newest", "relevance"}) {
      const Json found =
          get("/v1/search", {{"q", "chips story:" + story}, {"group", "story"}, {"sort", sort}});
      ASSERT_EQ(found["hits"].as_array().size(), 1U) << story;
      const Json& hit = found["hits"].as_array()[0];
      EXPECT_EQ(hit["id"].as_string(),
                std::get<2>(*std::min_element(matching.begin(), matching.end())))
          << story;
      EXPECT_EQ(hit["first"]["id"].as_string(), std::get<2>(keys[0])) << story;
    }
  }
}

TEST_F(Api, ASubscriptionSaysWhatItWasNotTold) {
  const Json made = json_of(
      call("POST", "/v1/subscriptions", {}, Json::object({{"name", "Chips"}, {"query", "chips"}})));
  const std::string path = "/v1/subscriptions/" + made["id"].as_string();
  EXPECT_TRUE(get(path)["left_out"].is_null());
  alerter_.left_out_ = {1'767'225'600'000, 12};
  const Json shown = get(path);
  EXPECT_EQ(shown["left_out"]["count"].as_integer(), 12);
  EXPECT_EQ(shown["left_out"]["hour"].as_string(), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(call("PUT", path, {}, shown).status, 200) << "what GET gave may be put back";
}

TEST_F(Api, StreamOfAnUnknownSubscriptionIsNone) {
  EXPECT_EQ(call("GET", "/v1/stream", {{"subscription", "nope"}}).status, 404);
  const Json made = json_of(
      call("POST", "/v1/subscriptions", {}, Json::object({{"name", "a"}, {"query", "chips"}})));
  EXPECT_NE(call("GET", "/v1/stream", {{"subscription", made["id"].as_string()}}).stream, nullptr);
}

struct Naive {
  const char* query;
  int status;
  const char* says;
};
const Naive kNaive[] = {
    {"topic:export-control", 400, "did you mean topic:export-controls?"},
    {"topic:exportcontrols", 400, "did you mean topic:export-controls?"},
    {"topic:export_controls", 400, "did you mean topic:export-controls?"},
    {"topic:\"Contrôle des exportations\"", 400, "such as topic:export-controls"},
    {"about:exprot-controls", 400, "did you mean about:export-controls?"},
    {"mention:no-such-topic", 400, "is none: GET /v1/topics lists them"},
    {"topic:nvidia", 400, "did you mean actor:org:nvidia?"},
    {"about:nvidia", 400, "did you mean about:org:nvidia?"},
    {"actor:org:nvidea", 400, "did you mean actor:org:nvidia?"},
    {"actor:person:nvidia", 400, "did you mean actor:org:nvidia?"},
    {"actor:org:qwxzv", 400, "is none: GET /v1/actors lists them"},
    {"actor:country:XX", 400, "is none"},
    {"chips -topic:export-control", 400, "did you mean topic:export-controls?"},
    {"source:Reuters", 200, "There is no source \\\"reuters\\\""},
    {"source:\"harbor ledger\"", 200, "the nearest is \\\"harbour ledger\\\""},
    {"chips -source:reuters", 200, "There is no source"},
    {"site:reuters.example", 200, "No article has the site \\\"reuters.example\\\" so far"},
    {"author:smith", 200, "No article has the author \\\"smith\\\" so far"},
    {"section:sport", 200, "No article has the section \\\"sport\\\" so far"},
    {"nvidia or huawei", 200, "write OR in capitals"},
    {"huawei", 200, "No article has huawei so far"},
    {"chips huawei", 200, "No article has huawei so far"},
    {"\"chips export\"", 200, "No article has \\\"chips export\\\" so far"},
    {"chips lang:fr", 200, "No article has lang:fr so far"},
    {"title:export", 200, "No article has title:export so far"},
    {"chips -nvidia", 200, "each part of this, but none with all"},
    {"chips after:2999-01-01", 200, "No article has after:2999-01-01 so far"},
    {"nvidia", 200, "Nvidia is also an actor: 1 article in 1 language."},
    {"NVIDIA", 200, "Nvidia is also an actor"},
    {"\"export controls\"", 200, "Export controls is also a topic: 1 article"},
    {"export controls", 200, "Export controls is also a topic"},
    {"contrôle des exportations", 200, "Export controls is also a topic"},
};

// ops/spec/http_api.md, "Hints": no query that is wrong or naive ends in a silent nothing.
TEST_F(Api, AnswersNaiveAndWrongQueriesWithASentence) {
  auto one = article("https://www.daily.example/1", "Nvidia chips for Müller",
                     "Export controls tighten. The chips are sold in Lyon.", kNow);
  one.mutable_source()->set_id("harbour-ledger");
  one.mutable_source()->set_name("Harbour Ledger");
  one.add_authors("Ana Ruiz");
  auto* actor = one.add_actors();
  actor->set_id("org:nvidia");
  actor->set_level(v1::TAG_LEVEL_ABOUT);
  shard_->put(one);
  for (const Naive& naive : kNaive) {
    const auto response = call("GET", "/v1/search", {{"q", naive.query}});
    EXPECT_EQ(response.status, naive.status) << naive.query << ": " << response.body;
    EXPECT_NE(response.body.find(naive.says), std::string::npos)
        << naive.query << " should say " << naive.says << ": " << response.body;
    if (naive.status != 400) continue;
    for (const char* path : {"/v1/subscriptions", "/v1/subscriptions/preview"}) {
      const Json body = std::string_view(path).ends_with("preview")
                            ? Json::object({{"query", naive.query}})
                            : Json::object({{"name", "a"}, {"query", naive.query}});
      const auto refused = call("POST", path, {}, body);
      EXPECT_EQ(refused.status, 400) << naive.query;
      EXPECT_NE(refused.body.find("position"), std::string::npos) << refused.body;
    }
  }
  for (const char* good :
       {"chips", "source:ledger", "site:daily.example", "author:ruiz", "topic:*", ""})
    EXPECT_EQ(get("/v1/search", {{"q", good}})["hints"].as_array().size(), 0U) << good;
}

TEST_F(Api, TakesAliasesOfTopics) {
  shard_->put(article("https://example.org/1", "Chips", "", kNow));
  EXPECT_EQ(get("/v1/search", {{"q", "topic:export-licences"}})["total"]["value"].as_integer(), 1);
  EXPECT_EQ(get("/v1/search", {{"q", "topic:export-licences"}})["query"].as_string(),
            "topic:export-controls");
  EXPECT_EQ(get("/v1/topics/export-licences")["id"].as_string(), "export-controls");
  const Json made = json_of(
      call("POST", "/v1/subscriptions", {},
           Json::object({{"name", "a"}, {"query", "chips -(about:export-licences OR lang:fr)"}})));
  EXPECT_EQ(made["query"].as_string(), "chips -(about:export-controls OR lang:fr)");
}

}  // namespace
}  // namespace vigie::indexer::api
