#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <thread>

#include "indexer/delivery/delivery.h"
#include "platform/log/pausing_log.h"
#include "platform/text/base64.h"
#include "proto/control.pb.h"
#include "proto/quarantine.pb.h"
#include "proto/status.pb.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

const std::int64_t kNow = FakeClock().now_unix_ms();

Json webhook_draft(std::string query = "chips") {
  return Json::object(
      {{"name", "Chips"},
       {"query", std::move(query)},
       {"channels", Json(Json::Array{Json::object(
                        {{"type", "webhook"}, {"url", "https://example.org/hook"}})})}});
}

// ops/spec/http_api.md.
TEST_F(Api, SearchGivesTheShapeOfTheContract) {
  for (int i = 0; i < 5; ++i)
    shard_->put(article("https://example.org/" + std::to_string(i), "Chips " + std::to_string(i),
                        "Export of chips.", kNow - i * 1000));
  const Json page = get("/v1/search", {{"q", "chips"}, {"sort", "newest"}, {"limit", "2"}});
  EXPECT_EQ(page["total"]["value"].as_integer(), 5);
  EXPECT_TRUE(page["total"]["exact"].as_bool());
  ASSERT_EQ(page["hits"].as_array().size(), 2U);
  const Json& hit = page["hits"].as_array()[0];
  EXPECT_EQ(hit["title"].as_string(), "Chips 0");
  EXPECT_EQ(hit["discovered"].as_string(), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(hit["source"]["name"].as_string(), "Daily");
  EXPECT_EQ(hit["topics"].as_array()[0]["level"].as_string(), "about");
  EXPECT_TRUE(hit["story"].is_null());
  EXPECT_TRUE(page.find("took_ms") != nullptr);
  std::size_t seen = 2;
  std::string cursor = page["cursor"].as_string();
  while (!cursor.empty()) {
    const Json next =
        get("/v1/search", {{"q", "chips"}, {"sort", "newest"}, {"limit", "2"}, {"cursor", cursor}});
    seen += next["hits"].as_array().size();
    cursor = next["hits"].as_array().empty() ? "" : next["cursor"].as_string();
  }
  EXPECT_EQ(seen, 5U);
}

TEST_F(Api, BadQueryIsAProblemWithItsPosition) {  // RFC 9457
  const auto response = call("GET", "/v1/search", {{"q", "é AND (export"}});
  EXPECT_EQ(response.status, 400);
  const Json problem = json_of(response);
  EXPECT_EQ(problem["code"].as_string(), "bad_query");
  EXPECT_EQ(problem["position"].as_integer(), 6);
  EXPECT_EQ(problem["offset"].as_integer(), 7);
  EXPECT_NE(problem["detail"].as_string().find("closing parenthesis"), std::string::npos);
}

TEST_F(Api, BadParametersSayWhatIsAllowed) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"limit", "x"}, {"limit", "-1"}, {"limit", "9999"}, {"sort", "up"}, {"group", "x"}}) {
    const auto response = call("GET", "/v1/search", {{name, value}});
    EXPECT_EQ(response.status, 400) << name;
    EXPECT_NE(json_of(response)["detail"].as_string().find(name), std::string::npos);
  }
}

TEST_F(Api, ArticleShowsVersionsCopiesAndEvidence) {
  shard_->put(article("https://example.org/1", "Old title", "Text of before.", kNow - 5000),
              "story1");
  shard_->put(article("https://example.org/1", "Chips", "Export of chips.", kNow), "story1");
  shard_->put(article("https://example.org/2", "A copy", "Export of chips.", kNow), "story1");
  const std::string id = proto::article_id("https://example.org/1");
  const Json shown = get("/v1/articles/" + id, {{"q", "export"}});
  EXPECT_EQ(shown["text"].as_string(), "Export of chips.");
  EXPECT_EQ(shown["story"].as_string(), "story1");
  ASSERT_EQ(shown["versions"].as_array().size(), 2U);
  EXPECT_EQ(shown["copies"].as_array().size(), 2U);
  ASSERT_EQ(shown["evidence"].as_array().size(), 1U);
  EXPECT_EQ(shown["evidence"].as_array()[0]["text"].as_string(), "Export");
  const Json::Array& spans = shown["topics"].as_array()[0]["evidence"].as_array();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0]["field"].as_string(), "title");
  EXPECT_EQ(spans[0].find("together"), nullptr);
  EXPECT_EQ(spans[0].find("child"), nullptr);
  EXPECT_TRUE(spans[1]["together"].as_bool());
  EXPECT_EQ(spans[1]["child"].as_string(), "a-part");
  const Json old =
      get("/v1/articles/" + id + "/versions/" + shown["versions"].as_array()[1]["id"].as_string());
  EXPECT_EQ(old["title"].as_string(), "Old title");
  EXPECT_EQ(call("GET", "/v1/articles/unknown").status, 404);
}

TEST_F(Api, ArticleHasItsStructureAndWhereEachValueWasRead) {
  auto one = article("https://example.org/1", "Chips", "Part one\n\nExport of chips.", kNow);
  one.set_title_carrier("h1");
  one.set_page_type("live_blog");
  one.set_genre("live");
  one.set_genre_evidence("Liveticker");
  one.mutable_carriers()->set_genre("kicker");
  one.set_licence("CC BY 4.0");
  one.set_paywall("metered");
  one.mutable_carriers()->set_licence("json-ld");
  one.mutable_carriers()->set_canonical_url("link rel=canonical");
  v1::TextBlock& heading = *one.add_blocks();
  heading.set_kind(v1::BLOCK_KIND_HEADING);
  heading.set_level(3);
  heading.set_length(8);
  v1::TextBlock& paragraph = *one.add_blocks();
  paragraph.set_offset(10);
  paragraph.set_length(16);
  v1::TextLink& link = *one.add_links();
  link.set_offset(20);
  link.set_length(5);
  link.set_url("https://example.org/chips");
  one.add_images()->set_url("https://example.org/i.png");
  one.mutable_images(0)->set_credit("Jane Doe");
  one.add_alternates()->set_language("fr");
  one.mutable_alternates(0)->set_url("https://example.org/fr");
  shard_->put(one);
  shard_->put(article("https://example.org/2", "Older", "Of before structure was kept.", kNow));
  const Json shown = get("/v1/articles/" + one.article_id());
  EXPECT_EQ(shown["structure"].dump(), R"([{"kind":"heading","offset":0,"length":8,"level":3},)"
                                       R"({"kind":"paragraph","offset":10,"length":16}])");
  EXPECT_EQ(shown["links"].dump(),
            R"([{"offset":20,"length":5,"url":"https://example.org/chips"}])");
  EXPECT_EQ(shown["images"].dump(),
            R"([{"url":"https://example.org/i.png","caption":null,"credit":"Jane Doe"}])");
  EXPECT_EQ(shown["alternates"].dump(), R"([{"language":"fr","url":"https://example.org/fr"}])");
  EXPECT_EQ(shown["page_type"].as_string(), "live_blog");
  EXPECT_EQ(shown["licence"].as_string(), "CC BY 4.0");
  EXPECT_EQ(shown["paywall"].as_string(), "metered");
  EXPECT_EQ(shown["carriers"]["title"].as_string(), "h1");
  EXPECT_EQ(shown["carriers"]["licence"].as_string(), "json-ld");
  EXPECT_EQ(shown["carriers"]["url"].as_string(), "link rel=canonical");
  EXPECT_TRUE(shown["carriers"]["section"].is_null());
  const Json older = get("/v1/articles/" + proto::article_id("https://example.org/2"));
  EXPECT_EQ(shown["genre"].as_string(), "live");
  EXPECT_EQ(shown["genre_evidence"].as_string(), "Liveticker");
  EXPECT_EQ(shown["carriers"]["genre"].as_string(), "kicker");
  EXPECT_TRUE(older["page_type"].is_null());
  EXPECT_TRUE(older["genre"].is_null());
  EXPECT_TRUE(older["genre_evidence"].is_null());
  const Json hits = get("/v1/search", {{"q", "type:live"}});
  ASSERT_EQ(hits["hits"].as_array().size(), 1U);
  EXPECT_EQ(hits["hits"].as_array()[0]["genre"].as_string(), "live");
  EXPECT_TRUE(older["structure"].as_array().empty());
}

TEST_F(Api, TimelineAndFacetsCount) {
  shard_->put(article("https://example.org/1", "Chips", "", kNow));
  shard_->put(article("https://example.org/2", "Chips", "", kNow - 86'400'000));
  EXPECT_EQ(get("/v1/timeline", {{"q", "chips"}, {"interval", "day"}})["bins"].as_array().size(),
            2U);
  EXPECT_EQ(call("GET", "/v1/timeline", {{"interval", "week"}}).status, 400);
  const Json facets = get("/v1/facets", {{"q", ""}, {"field", "language"}});
  EXPECT_EQ(facets["values"].as_array()[0]["value"].as_string(), "en");
  EXPECT_EQ(facets["values"].as_array()[0]["count"].as_integer(), 2);
  EXPECT_EQ(get("/v1/facets", {{"field", "topic"}})["values"].as_array()[0]["name"].as_string(),
            "Export controls");
  EXPECT_EQ(get("/v1/facets")["fields"].as_array().size(), 8U);
  EXPECT_EQ(call("GET", "/v1/facets", {{"field", "colour"}}).status, 400);
}

TEST_F(Api, SubscriptionsTellTheirSecretOnce) {
  const auto response = call("POST", "/v1/subscriptions", {}, webhook_draft());
  ASSERT_EQ(response.status, 201) << response.body;
  const Json created = json_of(response);
  const std::string id = created["id"].as_string();
  EXPECT_TRUE(created["channels"].as_array()[0]["secret"].as_string().starts_with("whsec_"));
  const std::string secret = created["channels"].as_array()[0]["secret"].as_string();
  const auto shows_secret = [&](const http::Response& shown) {
    return shown.body.find(secret) != std::string::npos;
  };
  EXPECT_FALSE(shows_secret(call("GET", "/v1/subscriptions/" + id)));
  EXPECT_FALSE(shows_secret(call("GET", "/v1/subscriptions")));
  EXPECT_FALSE(shows_secret(call("GET", "/v1/log/subscriptions")));
  Json changed = webhook_draft("models");
  changed.set("revision", 1);
  const auto replaced = call("PUT", "/v1/subscriptions/" + id, {}, changed);
  EXPECT_EQ(replaced.status, 200) << replaced.body;
  EXPECT_EQ(json_of(replaced)["query"].as_string(), "models");
  EXPECT_EQ(call("PUT", "/v1/subscriptions/" + id, {}, changed).status, 409);
  EXPECT_EQ(call("POST", "/v1/subscriptions/" + id + "/test").status, 200);
  EXPECT_EQ(call("DELETE", "/v1/subscriptions/" + id).status, 204);
  EXPECT_EQ(call("GET", "/v1/subscriptions/" + id).status, 404);
}

TEST_F(Api, SubscriptionsRefuseWhatCannotBeDone) {
  const auto status = [&](const Json& draft) {
    return call("POST", "/v1/subscriptions", {}, draft).status;
  };
  EXPECT_EQ(status(webhook_draft("chips within:1h")), 400);
  EXPECT_EQ(status(Json::object({{"name", "x"}})), 400);
  EXPECT_EQ(status(Json::array()), 400);
  Json mail = webhook_draft();
  mail.set("channels",
           Json(Json::Array{Json::object({{"type", "pager"}, {"address", "a@example.org"}})}));
  EXPECT_EQ(status(mail), 422);
  const Json problem = json_of(call("POST", "/v1/subscriptions", {}, webhook_draft("chips AND")));
  EXPECT_EQ(problem["position"].as_integer(), 9);
}

TEST_F(Api, ChannelsHaveTheMembersOfTheirKindAndTellNoSecret) {
  Json draft = webhook_draft();
  Json channels = Json::array();
  channels.push(Json::object({{"type", "slack"}, {"url", "https://hooks.slack.com/T/B/hush"}}));
  channels.push(Json::object({{"type", "matrix"},
                              {"url", "https://matrix.example"},
                              {"room", "!a:example.org"},
                              {"token", "hush"}}));
  channels.push(Json::object({{"type", "email"}, {"address", "ana@example.org"}}));
  draft.set("channels", channels);
  const auto created = call("POST", "/v1/subscriptions", {}, draft);
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.body.find("hush"), std::string::npos) << created.body;
  Json made = json_of(created);
  EXPECT_EQ(made["channels"].as_array()[0]["url"].as_string(), "https://hooks.slack.com/••••••••");
  EXPECT_EQ(made["channels"].as_array()[1]["room"].as_string(), "!a:example.org");
  EXPECT_EQ(made["channels"].as_array()[1]["token"].as_string(), "••••••••");
  EXPECT_TRUE(made["channels"].as_array()[2]["secret"].is_null());
  const std::string path = "/v1/subscriptions/" + made["id"].as_string();
  const auto kept = call("PUT", path, {}, json_of(call("GET", path)));
  EXPECT_EQ(kept.status, 200) << "what GET gave may be put back: " << kept.body;
  EXPECT_EQ(store_->find(made["id"].as_string())->channels(1).secret(), "hush");
}

TEST_F(Api, AMemberOfAnotherKindIsRefusedByItsName) {
  Json draft = webhook_draft();
  draft.set("channels",
            Json(Json::Array{Json::object(
                {{"type", "slack"}, {"url", "https://hooks.slack.com/x"}, {"chat", "12"}})}));
  const auto refused = call("POST", "/v1/subscriptions", {}, draft);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(json_of(refused)["code"].as_string(), "unknown_member");
  EXPECT_NE(json_of(refused)["detail"].as_string().find("channels[0].chat"), std::string::npos);
}

TEST_F(Api, ASecretIsToldByTheCallThatMadeItAlone) {
  const Json made = json_of(call("POST", "/v1/subscriptions", {}, webhook_draft()));
  const std::string path = "/v1/subscriptions/" + made["id"].as_string();
  const std::string secret = made["channels"].as_array()[0]["secret"].as_string();
  Json again = webhook_draft();
  EXPECT_EQ(call("PUT", path, {}, again).body.find(secret), std::string::npos);
  Json own = again["channels"].as_array()[0];
  own.set("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  again.set("channels", Json(Json::Array{own}));
  EXPECT_EQ(call("PUT", path, {}, again).body.find("MfKQ9r8"), std::string::npos)
      << "who sent it knows it";
  own.set("secret", Json());
  own.set("rotate_secret", true);
  again.set("channels", Json(Json::Array{own}));
  const Json rotated = json_of(call("PUT", path, {}, again));
  const Json& channel = rotated["channels"].as_array()[0];
  EXPECT_TRUE(channel["secret"].as_string().starts_with("whsec_"));
  EXPECT_EQ(channel["secret"].as_string().find("•"), std::string::npos);
  EXPECT_FALSE(channel["old_secret_ends"].is_null());
  EXPECT_EQ(call("GET", path).body.find(channel["secret"].as_string()), std::string::npos);
}

TEST_F(Api, OneClickEndsTheMailsOfAChannel) {  // RFC 8058
  Json draft = webhook_draft();
  draft.set("channels",
            Json(Json::Array{Json::object({{"type", "email"}, {"address", "ana@example.org"}})}));
  const Json made = json_of(call("POST", "/v1/subscriptions", {}, draft));
  const auto record = store_->find(made["id"].as_string());
  std::vector<std::pair<std::string, std::string>> where{
      {"subscription", record->id()}, {"channel", record->channels(0).id()}, {"token", "aaaa"}};
  EXPECT_EQ(call("POST", "/unsubscribe", where).status, 404);
  where[2].second = delivery::unsubscribe_token(record->id(), record->channels(0));
  EXPECT_EQ(call("GET", "/unsubscribe", where).status, 200);
  EXPECT_FALSE(store_->find(record->id())->channels(0).disabled()) << "GET asks";
  EXPECT_EQ(call("POST", "/unsubscribe", where).status, 200);
  EXPECT_TRUE(store_->find(record->id())->channels(0).disabled());
}

TEST_F(Api, PreviewSaysWhatWouldHaveMatched) {
  shard_->put(article("https://example.org/1", "Chips", "", kNow - 1000));
  shard_->put(article("https://example.org/2", "Chips", "", kNow - 40LL * 86'400'000));
  const auto response = call("POST", "/v1/subscriptions/preview", {},
                             Json::object({{"query", "chips OR models"}, {"within", "7d"}}));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json_of(response)["total"]["value"].as_integer(), 1);
  EXPECT_EQ(json_of(response)["per_day"].as_array().size(), 1U);
  EXPECT_EQ(json_of(response)["examples"].as_array().size(), 1U);
  EXPECT_EQ(call("POST", "/v1/subscriptions/preview", {},
                 Json::object({{"query", "chips"}, {"within", "7d OR x"}}))
                .status,
            400);
}

TEST_F(Api, MatchesPageAndTheFeedIsAtom) {
  const std::string id =
      json_of(call("POST", "/v1/subscriptions", {}, webhook_draft()))["id"].as_string();
  for (int i = 0; i < 3; ++i) {
    v1::AlertGroup& group = alerter_.groups.emplace_back();
    group.set_delivery_id("d" + std::to_string(i));
    group.set_subscription_id(id);
    group.set_first_matched_at_unix_ms(kNow - i);
    group.mutable_article()->set_article_id("a" + std::to_string(i));
    group.mutable_article()->set_url("https://example.org/?a=1&b=2");
    group.mutable_article()->set_title("Chips <b> & \x01more");
    group.add_match_ids("m" + std::to_string(i));
  }
  v1::MatchRecord copy;
  copy.set_match_id("copy");
  copy.mutable_article()->set_article_id("a-copy");
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kMatches, id, copy.SerializeAsString()}}));
  alerter_.groups[0].add_match_ids("copy");
  const Json first = get("/v1/subscriptions/" + id + "/matches", {{"limit", "2"}});
  ASSERT_EQ(first["matches"].as_array().size(), 2U);
  EXPECT_EQ(first["matches"].as_array()[0]["copies"].as_array()[0].as_string(), "a-copy");
  const Json second = get("/v1/subscriptions/" + id + "/matches",
                          {{"limit", "2"}, {"cursor", first["cursor"].as_string()}});
  EXPECT_EQ(second["matches"].as_array().size(), 1U);
  EXPECT_TRUE(second["cursor"].is_null());
  const auto feed = call("GET", "/v1/subscriptions/" + id + "/feed.atom");
  EXPECT_NE(feed.body.find("<entry>"), std::string::npos);
  EXPECT_NE(feed.body.find("Chips &lt;b&gt; &amp; more"), std::string::npos);
  EXPECT_NE(feed.body.find("https://example.org/?a=1&amp;b=2"), std::string::npos);
  http::Request again;
  again.path = "/v1/subscriptions/" + id + "/feed.atom";
  for (const auto& [name, value] : feed.headers) {
    if (name == "ETag") again.headers["if-none-match"] = value;
  }
  EXPECT_EQ(router_->handle(again).status, 304);
}

std::vector<std::pair<std::string, Json>> events_of(const std::string& text, std::string* last_id) {
  std::vector<std::pair<std::string, Json>> out;
  std::string name;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("event: ")) name = line.substr(7);
    if (line.starts_with("id: ")) *last_id = line.substr(4);
    if (line.starts_with("data: ")) out.emplace_back(name, *parse_json(line.substr(6)));
  }
  return out;
}

TEST_F(Api, StreamTellsArticlesAndAlertsAndResumes) {
  auto response = call("GET", "/v1/stream", {{"q", "chips"}});
  ASSERT_EQ(response.status, 200);
  ASSERT_NE(response.stream, nullptr);
  EXPECT_NE(told(*response.stream).find("retry:"), std::string::npos);
  const auto one = article("https://example.org/1", "Chips", "", kNow);
  const auto two = article("https://example.org/2", "Bread", "", kNow);
  shard_->put(one);
  v1::MatchRecord match;
  match.set_match_id("m1");
  match.set_subscription_id("s1");
  match.mutable_article()->set_article_id(one.article_id());
  ASSERT_TRUE(
      log::append(*log_, {{proto::Topic::kArticles, one.article_id(), one.SerializeAsString()},
                          {proto::Topic::kArticles, two.article_id(), two.SerializeAsString()},
                          {proto::Topic::kMatches, "s1", match.SerializeAsString()}}));
  std::string last_id;
  std::vector<std::pair<std::string, Json>> events;
  for (int i = 0; i < 50 && events.size() < 2; ++i) {
    for (auto& event : events_of(told(*response.stream), &last_id))
      events.push_back(std::move(event));
  }
  ASSERT_EQ(events.size(), 2U);
  std::sort(events.begin(), events.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  EXPECT_EQ(events[0].first, "alert");
  EXPECT_EQ(events[0].second["subscription"].as_string(), "s1");
  EXPECT_EQ(events[1].second["title"].as_string(), "Chips");

  const auto three = article("https://example.org/3", "More chips", "", kNow);
  ASSERT_TRUE(log::append(
      *log_, {{proto::Topic::kArticles, three.article_id(), three.SerializeAsString()}}));
  http::Request resumed;
  resumed.path = "/v1/stream";
  resumed.headers["last-event-id"] = last_id;
  auto again = router_->handle(resumed);
  ASSERT_NE(again.stream, nullptr);
  std::vector<std::string> titles;
  for (int i = 0; i < 50 && titles.empty(); ++i) {
    for (auto& event : events_of(told(*again.stream), &last_id))
      titles.push_back(event.second["title"].as_string());
  }
  EXPECT_EQ(titles.back(), "More chips");
  resumed.headers["last-event-id"] = "A1.x";
  auto elsewhere = router_->handle(resumed);
  ASSERT_NE(elsewhere.stream, nullptr);
  const std::string greeting = told(*elsewhere.stream);
  EXPECT_NE(greeting.find("event: restart\nid: "), std::string::npos) << greeting;
  EXPECT_NE(greeting.find("goes on from now"), std::string::npos) << greeting;
  clock_.advance(std::chrono::seconds(16));
  EXPECT_EQ(told(*again.stream), ": still here\n\n");
}

// ops/spec/http_api.md, /v1/stream: Last-Event-ID resumes. The last partition of `articles` stands
// right before the 'M' of the id.
TEST_F(Api, StreamResumesEveryPartition) {
  std::set<std::string> put;
  for (int i = 0; i < 12; ++i) {
    const auto one = article("https://example.org/" + std::to_string(i), "Chips", "", kNow);
    put.insert(one.article_id());
    ASSERT_TRUE(
        log::append(*log_, {{proto::Topic::kArticles, one.article_id(), one.SerializeAsString()}}));
  }
  http::Request resumed;
  resumed.path = "/v1/stream";
  resumed.headers["last-event-id"] = "A0.0.0M0.0.0";
  auto response = router_->handle(resumed);
  ASSERT_NE(response.stream, nullptr);
  std::set<std::string> got;
  std::string last_id;
  for (int i = 0; i < 50 && got.size() < put.size(); ++i) {
    for (auto& event : events_of(told(*response.stream), &last_id))
      got.insert(event.second["id"].as_string());
  }
  EXPECT_EQ(got, put);
  for (const char* wrong : {"A0.0.0M0.0", "A0.0M0.0.0", "A0.0.0.0M0.0.0", "A0.0.0M0.0.0x!"}) {
    resumed.headers["last-event-id"] = wrong;
    auto from_now = router_->handle(resumed);
    ASSERT_NE(from_now.stream, nullptr) << wrong;
    std::string said = told(*from_now.stream);
    EXPECT_NE(said.find("event: restart"), std::string::npos) << wrong;
    said = told(*from_now.stream);
    EXPECT_EQ(said.find("event: article"), std::string::npos) << wrong << ": " << said;
  }
}

/// The API beside what stands between pages and searchable articles.
class Ingestion : public Api {
 protected:
  void SetUp() override {
    Api::SetUp();
    extractor_ = std::jthread([this](const std::stop_token& stop) { play_the_pipeline(stop); });
  }
  void TearDown() override {
    extractor_ = {};  // has ended before the log does
    Api::TearDown();
  }
  Json ingest(const std::string& body) {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/ingest";
    request.query = {{"wait", "1"}};
    request.body = body;
    return json_of(router_->handle(request));
  }

 private:
  void play_the_pipeline(const std::stop_token& stop) {
    auto reader = log_->reader();
    for (std::int32_t partition = 0; partition < 3; ++partition)
      EXPECT_TRUE(reader->assign({proto::Topic::kPages, partition}, 0));
    while (!stop.stop_requested()) {
      const auto batches = reader->poll(100, std::chrono::milliseconds(20));
      ASSERT_TRUE(batches);
      for (const auto& batch : *batches) {
        for (const auto& record : batch.records) extract(record);
      }
    }
  }

  void extract(const log::Record& record) {
    v1::PageRecord page;
    ASSERT_TRUE(page.ParseFromString(*record.value));
    if (page.body().empty()) {
      v1::QuarantineRecord failed;
      failed.set_id("q" + std::to_string(record.offset));
      failed.set_key(record.key);
      failed.set_stage("extract");
      failed.set_reason("empty_page");
      ASSERT_TRUE(log::append(
          *log_, {{proto::Topic::kQuarantine, record.key, failed.SerializeAsString()}}));
      return;
    }
    auto made = article(page.final_url(), "Title", page.body(), page.discovered_at_unix_ms());
    made.set_fetched_at_unix_ms(page.fetched_at_unix_ms());
    made.set_origin(page.origin());
    if (!index_->article(made.article_id())->has_value()) shard_->put(made);
    ASSERT_TRUE(log::append(
        *log_, {{proto::Topic::kArticles, made.article_id(), made.SerializeAsString()}}));
  }

  std::jthread extractor_;
};

TEST_F(Ingestion, WaitsUntilPagesAreSearchable) {
  const std::string lines =
      "{\"id\":\"1\",\"url\":\"https://example.org/"
      "1?utm_source=x\",\"html\":\"<p>one\"}\n\n{\"id\":\"2\",\"url\":\"https://example.org/"
      "2\",\"html_base64\":\"" +
      text::base64_encode("<p>two") +
      "\"}\n{\"id\":\"3\",\"url\":\"https://example.org/1\",\"html\":\"<p>one\"}\n" +
      "{\"id\":\"4\",\"url\":\"https://example.org/"
      "4\",\"html\":\"\"}\n{\"id\":\"5\",\"html\":\"\"}\nnot json\n";
  const Json first = ingest(lines);
  EXPECT_EQ(first["read"].as_integer(), 6) << first.dump();
  EXPECT_EQ(first["ingested"].as_integer(), 2) << first.dump();
  EXPECT_EQ(first["duplicates"].as_integer(), 1) << first.dump();
  EXPECT_EQ(first["quarantined"].as_integer(), 3) << first.dump();
  EXPECT_EQ(first["problems"].as_array().size(), 3U);
  const Json second = ingest(lines);
  EXPECT_EQ(second["ingested"].as_integer(), 0) << second.dump();
  EXPECT_EQ(second["duplicates"].as_integer(), 3) << second.dump();

  // A WARC is known by its bytes; what of it cannot be read is told with its place.
  const std::string response = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>three";
  const std::string archive =
      "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/3\r\nWARC-Date: "
      "2026-01-02T03:04:05Z\r\nContent-Length: " +
      std::to_string(response.size()) + "\r\n\r\n" + response + "\r\n\r\n";
  const Json third = ingest(archive + "WARC/1.1\r\nContent-Length: x\r\n\r\n");
  EXPECT_EQ(third["read"].as_integer(), 2) << third.dump();
  EXPECT_EQ(third["ingested"].as_integer(), 1) << third.dump();
  ASSERT_EQ(third["problems"].as_array().size(), 1U) << third.dump();
  EXPECT_EQ(third["problems"].as_array()[0]["id"].as_string(),
            "upload.warc:" + std::to_string(archive.size()));
  EXPECT_EQ(call("GET", "/v1/articles/" + proto::article_id("https://example.org/3")).status, 200);
}

TEST_F(Api, ATakedownNamesALongUrlAndRefusesWhatIsNone) {
  const auto status_of = [&](const std::string& target) {
    return call("POST", "/v1/control", {},
                Json::object({{"action", "takedown"}, {"target", target}}))
        .status;
  };
  std::string url = "https://news.example/";
  for (int i = 0; i < 120; ++i) url += "%D8%A7";  // a headline in Arabic
  EXPECT_EQ(status_of("url:" + url), 202) << url.size();
  EXPECT_EQ(status_of("url:" + url + std::string(9'000, 'a')), 400);
  EXPECT_EQ(status_of("host:news.example"), 202);
  EXPECT_EQ(status_of("source:daily"), 202);
  EXPECT_EQ(status_of("source:" + std::string(200, 'a')), 400);
  for (const char* none : {"url:nothing", "host:a b", "source:", "url:ftp://x.example/"})
    EXPECT_EQ(status_of(none), 400) << none;
}

TEST_F(Api, LogShowsRecordsAndItsEnds) {
  v1::ControlRecord record;
  record.set_target("x");
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kControl, "source/x", record.SerializeAsString()},
                                  {proto::Topic::kControl, "source/y", std::nullopt}}));
  const auto response = call("GET", "/v1/log/control");
  EXPECT_EQ(response.status, 200);
  const Json first = *parse_json(response.body.substr(0, response.body.find('\n')));
  EXPECT_EQ(first["key"].as_string(), "source/x");
  EXPECT_EQ(first["value"]["target"].as_string(), "x");
  EXPECT_EQ(call("GET", "/v1/log/control", {{"from", "99"}}).body, "");
  EXPECT_EQ(call("GET", "/v1/log/control", {{"partition", "1"}}).status, 404);
  EXPECT_EQ(call("GET", "/v1/log/nothing").status, 404);
}

TEST_F(Api, LogShowsEachKindOfDeliveriesAsWhatItIs) {
  v1::WaitingMatch waiting;
  waiting.mutable_match()->set_match_id("m");
  waiting.set_offset(7);
  v1::MatchesPosition mark;
  mark.set_next_offset(77);
  v1::DeliveryRecord delivery;
  delivery.set_delivery_id("d");
  delivery.set_put_off(true);
  ASSERT_TRUE(log::append(
      *log_, {{proto::Topic::kDeliveries, "waiting/s/m", waiting.SerializeAsString(), "s"},
              {proto::Topic::kDeliveries, "learned/0", mark.SerializeAsString(), "s"},
              {proto::Topic::kDeliveries, "d/c", delivery.SerializeAsString(), "s"}}));
  const std::int32_t partition =
      proto::partition_of("s", log_->partitions(proto::Topic::kDeliveries).value());
  const auto response =
      call("GET", "/v1/log/deliveries", {{"partition", std::to_string(partition)}});
  std::map<std::string, Json> values;
  std::istringstream lines(response.body);
  for (std::string line; std::getline(lines, line);) {
    const Json record = *parse_json(line);
    values[record["key"].as_string()] = record["value"];
  }
  EXPECT_EQ(values["waiting/s/m"]["match"]["match_id"].as_string(), "m");
  EXPECT_EQ(values["waiting/s/m"]["offset"].as_string(), "7");
  EXPECT_EQ(values["learned/0"]["next_offset"].as_string(), "77");
  EXPECT_EQ(values["d/c"]["delivery_id"].as_string(), "d");
}

TEST_F(Api, QuarantineListsShowsAndReplays) {
  for (int i = 0; i < 3; ++i) {
    v1::QuarantineRecord record;
    record.set_id("q" + std::to_string(i));
    record.set_stage("extract");
    record.set_reason("dom_budget");
    record.set_topic("vigie.pages.v1");
    record.set_key("key" + std::to_string(i));
    record.set_value("page" + std::to_string(i));
    record.set_value_cut(i == 2);
    ASSERT_TRUE(log::append(
        *log_, {{proto::Topic::kQuarantine, record.key(), record.SerializeAsString()}}));
  }
  const Json first = get("/v1/quarantine", {{"limit", "2"}});
  EXPECT_EQ(first["records"].as_array()[0]["id"].as_string(), "q2");
  EXPECT_EQ(first["by_reason"].as_array()[0]["count"].as_integer(), 3);
  EXPECT_EQ(
      get("/v1/quarantine", {{"cursor", first["cursor"].as_string()}})["records"].as_array().size(),
      1U);
  EXPECT_EQ(get("/v1/quarantine/q1")["value_base64"].as_string(), text::base64_encode("page1"));
  EXPECT_EQ(call("POST", "/v1/quarantine/q1/replay").status, 202);
  EXPECT_EQ(call("POST", "/v1/quarantine/q2/replay").status, 409);
  EXPECT_EQ(call("POST", "/v1/quarantine/q9/replay").status, 404);
  EXPECT_EQ(get("/v1/quarantine")["records"].as_array().size(), 2U);
  EXPECT_EQ(get("/v1/quarantine", {{"resolved", "1"}})["records"].as_array().size(), 3U);
  std::string replayed;
  ASSERT_TRUE(
      log::read_to_end(*log_, proto::Topic::kPages, [&](const log::Record& record) -> Result<void> {
        replayed += record.key + "=" + *record.value;
        return {};
      }));
  EXPECT_EQ(replayed, "key1=page1");
}

TEST_F(Api, ControlPausesResumesAndTakesDown) {
  EXPECT_EQ(call("POST", "/v1/control", {},
                 Json::object({{"action", "pause"}, {"target", "daily"}, {"reason", "asked"}}))
                .status,
            202);
  EXPECT_EQ(
      call("POST", "/v1/control", {}, Json::object({{"action", "pause"}, {"target", "*"}})).status,
      202);
  EXPECT_EQ(call("POST", "/v1/control", {}, Json::object({{"action", "pause"}})).status, 400)
      << "never everything by mistake";
  EXPECT_EQ(call("POST", "/v1/control", {},
                 Json::object({{"action", "pause"}, {"target", "dai\u202Ely"}}))
                .status,
            400)
      << "an id of signs that are not seen";
  EXPECT_EQ(call("POST", "/v1/control", {}, Json::object({{"action", "explode"}, {"target", "x"}}))
                .status,
            400);
  std::vector<std::string> keys;
  ASSERT_TRUE(log::read_to_end(*log_, proto::Topic::kControl,
                               [&](const log::Record& record) -> Result<void> {
                                 keys.push_back(record.key);
                                 return {};
                               }));
  EXPECT_EQ(keys, (std::vector<std::string>{"source/daily", "source/"}));
  EXPECT_TRUE(get("/v1/sources")["all_paused"].as_bool());
}

TEST_F(Api, PipelineAndSourcesShowTheStatusTopic) {
  v1::StatusRecord service;
  service.mutable_service()->set_service("crawler");
  service.mutable_service()->set_instance("c1");
  service.mutable_service()->set_reported_at_unix_ms(kNow);
  auto* lag = service.mutable_service()->add_lags();
  lag->set_topic("pages");
  lag->set_position(3);
  lag->set_end(10);
  v1::StatusRecord source;
  source.mutable_source()->set_source_id("daily");
  source.mutable_source()->set_name("Daily");
  source.mutable_source()->set_state("ok");
  ASSERT_TRUE(
      log::append(*log_, {{proto::Topic::kStatus, "service/c1", service.SerializeAsString()},
                          {proto::Topic::kStatus, "source/daily", source.SerializeAsString()}}));
  const Json pipeline = get("/v1/pipeline");
  ASSERT_EQ(pipeline["services"].as_array().size(), 1U);
  EXPECT_EQ(pipeline["services"].as_array()[0]["lags"].as_array()[0]["records"].as_integer(), 7);
  EXPECT_EQ(pipeline["sources"]["by_state"]["ok"].as_integer(), 1);
  EXPECT_EQ(pipeline["extra"].as_integer(), 1);
  ASSERT_EQ(get("/v1/sources")["sources"].as_array().size(), 1U);
}

TEST_F(Api, WhatSeveralCrawlersDidForASourceIsAddedUp) {
  const auto status = [](const std::string& id, std::uint64_t articles, const std::string& reason) {
    v1::StatusRecord record;
    record.mutable_source()->set_source_id(id);
    record.mutable_source()->set_name(id);
    record.mutable_source()->set_state(articles == 7 ? "ok" : "waiting");
    record.mutable_source()->set_articles(articles);
    auto* error = record.mutable_source()->add_errors();
    error->set_reason(reason);
    error->set_count(articles);
    return record.SerializeAsString();
  };
  ASSERT_TRUE(log::append(
      *log_, {{proto::Topic::kStatus, "source/daily/c2", status("daily", 2, "http_404")},
              {proto::Topic::kStatus, "source/daily-news", status("daily-news", 1, "dns")},
              {proto::Topic::kStatus, "source/daily/c3", status("daily", 4, "dns")},
              {proto::Topic::kStatus, "source/daily", status("daily", 7, "dns")}}));
  const Json response = get("/v1/sources");
  const auto& sources = response["sources"].as_array();
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0]["id"].as_string(), "daily");
  EXPECT_EQ(sources[0]["articles"].as_integer(), 13);
  EXPECT_EQ(sources[0]["state"].as_string(), "ok") << "as the owner of its first address says";
  std::map<std::string, std::int64_t> errors;
  for (const Json& error : sources[0]["errors"].as_array())
    errors[error["reason"].as_string()] = error["count"].as_integer();
  EXPECT_EQ(errors, (std::map<std::string, std::int64_t>{{"dns", 11}, {"http_404", 2}}));
  EXPECT_EQ(sources[1]["articles"].as_integer(), 1);
}

TEST_F(Api, SuggestCompletesFieldsTopicsAndActors) {
  const auto inserts = [&](const std::string& q) {
    std::string out;
    const Json found = get("/v1/suggest", {{"q", q}});
    for (const Json& one : found["suggestions"].as_array()) out += one["insert"].as_string() + " ";
    return out;
  };
  EXPECT_EQ(inserts("chips to"), "topic: ");
  EXPECT_EQ(inserts("chips -about:exp"), "about:export-controls ");
  EXPECT_EQ(inserts("contrôle"), "topic:export-controls ");
  EXPECT_EQ(inserts("nvi"), "actor:org:nvidia ");
  shard_->put(article("https://example.org/1", "Chips", "", kNow));
  EXPECT_EQ(inserts("lang:"), "lang:en ");
}

TEST_F(Api, ServesPagesBesideTheApi) {
  EXPECT_EQ(call("GET", "/").body, "<html>");
  EXPECT_EQ(call("GET", "/a/x").body, "<html>");
  EXPECT_EQ(call("GET", "/nothing").status, 404);
  EXPECT_EQ(call("GET", "/v1/nothing").status, 404);
  EXPECT_EQ(call("DELETE", "/v1/search").status, 405);
}

TEST_F(Api, TakesNothingInWhileTheDiskIsNearlyFull) {
  std::atomic<bool> room{false};
  log_ = log::make_pausing(std::move(log_), [&room] { return room.load(); });
  make();
  const auto refused = call("POST", "/v1/subscriptions", {}, webhook_draft());
  EXPECT_EQ(refused.status, 507);
  EXPECT_NE(std::ranges::find(refused.headers, "Retry-After",
                              &std::pair<std::string, std::string>::first),
            refused.headers.end());
  EXPECT_EQ(call("POST", "/v1/ingest").status, 507);
  EXPECT_EQ(call("GET", "/v1/search", {{"q", "chip"}}).status, 200);
  EXPECT_EQ(call("POST", "/v1/subscriptions/preview", {}, Json::object({{"query", "chip"}})).status,
            200);
  room = true;
  EXPECT_EQ(call("POST", "/v1/subscriptions", {}, webhook_draft()).status, 201);
}

TEST_F(Api, KeepsAnswersOutOfCachesAndOtherPeoplesPages) {
  for (const char* path : {"/v1/search", "/v1/topics", "/v1/articles/none"}) {
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : call("GET", path, {{"unknown", "x"}}).headers)
      headers[name] = value;
    EXPECT_EQ(headers["Cache-Control"], "no-store") << path;
    EXPECT_EQ(headers["Cross-Origin-Resource-Policy"], "same-origin") << path;
  }
}

}  // namespace
}  // namespace vigie::indexer::api
