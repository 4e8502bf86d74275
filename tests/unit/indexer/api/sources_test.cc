// Sources by calls: what people say of them beside the files.
#include <set>
#include <thread>

#include "proto/control.pb.h"
#include "proto/source_edit.pb.h"
#include "proto/status.pb.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

class SourcesApi : public Api {
 protected:
  void SetUp() override {
    Api::SetUp();
    tell_source([](v1::SourceStatus& status) {
      status.set_source_id("daily");
      status.set_name("Daily");
      status.set_homepage("https://daily.example/");
      status.add_feed_urls("https://daily.example/rss");
      status.set_feeds(1);
      status.set_state("ok");
      status.set_robots("allowed");
      status.set_listed_at("sources.yaml:3:5");
    });
  }
  template <class Fill>
  void tell_source(Fill fill) {
    v1::StatusRecord record;
    fill(*record.mutable_source());
    record.mutable_source()->set_reported_at_unix_ms(clock_.now_unix_ms());
    ASSERT_TRUE(log::append(*log_, {{proto::Topic::kStatus, "source/" + record.source().source_id(),
                                     record.SerializeAsString()}}));
  }
  void crawler_runs() {
    v1::StatusRecord record;
    record.mutable_service()->set_service("crawler");
    record.mutable_service()->set_instance("c");
    record.mutable_service()->set_reported_at_unix_ms(clock_.now_unix_ms());
    ASSERT_TRUE(log::append(
        *log_, {{proto::Topic::kStatus, "service/crawler-c", record.SerializeAsString()}}));
  }
  static Json draft() {
    return Json::object({{"name", "Harbour Ledger"},
                         {"homepage", "https://ledger.example/"},
                         {"feeds", Json(Json::Array{Json("https://ledger.example/feed.xml")})},
                         {"country", "GB"}});
  }
  std::string code(const http::Response& response) { return json_of(response)["code"].as_string(); }
};

TEST_F(SourcesApi, ASourceIsAddedShownChangedAndRemoved) {
  auto response = call("POST", "/v1/sources", {}, draft());
  ASSERT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(json_of(response)["id"].as_string(), "harbour-ledger");
  Json shown = get("/v1/sources/harbour-ledger");
  EXPECT_TRUE(shown["own"].as_bool());
  EXPECT_TRUE(shown["pending"].as_bool()) << "no crawler has told of it";
  EXPECT_EQ(shown["state"].as_string(), "waiting");
  EXPECT_EQ(get("/v1/sources")["sources"].as_array().size(), 2U);

  tell_source([](v1::SourceStatus& status) {
    status.set_source_id("harbour-ledger");
    status.set_name("Harbour Ledger");
    status.set_state("failing");
    status.set_own(true);
    status.set_edit_revision(1);
    status.add_feed_urls("https://ledger.example/feed.xml");
    auto* error = status.add_errors();
    error->set_reason("http_404");
    error->set_count(3);
  });
  shown = get("/v1/sources/harbour-ledger");
  EXPECT_FALSE(shown["pending"].as_bool());
  EXPECT_NE(shown["sentence"].as_string().find("404"), std::string::npos)
      << shown["sentence"].as_string();
  EXPECT_NE(shown["failures"].as_array().at(0)["words"].as_string().find("nothing at this URL"),
            std::string::npos);

  response = call("PATCH", "/v1/sources/harbour-ledger", {},
                  Json::object({{"language", "en"}, {"paused", true}, {"revision", 1}}));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_TRUE(json_of(response)["paused"].as_bool());
  EXPECT_TRUE(json_of(response)["pending"].as_bool());
  EXPECT_EQ(json_of(response)["edit"]["language"].as_string(), "en");
  response = call("PATCH", "/v1/sources/harbour-ledger", {},
                  Json::object({{"language", "fr"}, {"revision", 1}}));
  EXPECT_EQ(response.status, 409);

  EXPECT_EQ(call("DELETE", "/v1/sources/harbour-ledger").status, 204);
  EXPECT_EQ(call("GET", "/v1/sources/harbour-ledger").status, 404)
      << "gone at once, whenever the crawler says so";
  // Added again under the same id it is not paused.
  ASSERT_EQ(call("POST", "/v1/sources", {}, draft()).status, 201);
  EXPECT_FALSE(get("/v1/sources/harbour-ledger")["paused"].as_bool());
}

TEST_F(SourcesApi, WhatCannotBeIsRefused) {
  Json bad = draft();
  bad.set("country", "Britain");
  auto response = call("POST", "/v1/sources", {}, bad);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(code(response), "bad_source");
  bad = draft();
  bad.set("feeds", Json(Json::Array{Json("https://daily.example/rss")}));
  response = call("POST", "/v1/sources", {}, bad);
  EXPECT_EQ(response.status, 409);
  EXPECT_NE(json_of(response)["detail"].as_string().find("Daily"), std::string::npos);
  bad = draft();
  bad.set("rhythm", "daily");
  EXPECT_EQ(code(call("POST", "/v1/sources", {}, bad)), "unknown_member");
  EXPECT_EQ(call("DELETE", "/v1/sources/daily").status, 409) << "a file lists it";
  EXPECT_EQ(call("DELETE", "/v1/sources/nobody").status, 404);
  EXPECT_EQ(call("PATCH", "/v1/sources/nobody", {}, Json::object({{"country", "FR"}})).status, 404);
  EXPECT_EQ(call("POST", "/v1/sources/nobody/poll").status, 404);
}

TEST_F(SourcesApi, HistoryAndItemsAreThoseOfTheSourceAlone) {
  const std::int64_t now = clock_.now_unix_ms();
  shard_->put(article("https://daily.example/1", "One", "Text.", now - 1'000));
  shard_->put(article("https://daily.example/2", "Two", "Text.", now));
  auto other = article("https://daily.example/3", "Three", "Text.", now);
  other.mutable_source()->set_id("daily-mail");
  other.mutable_source()->set_name("Daily Mail");
  shard_->put(other);
  const Json shown = get("/v1/sources/daily");
  EXPECT_EQ(shown["items"].as_array().size(), 2U);
  for (const Json& item : shown["items"].as_array())
    EXPECT_EQ(item["source"]["id"].as_string(), "daily");
  EXPECT_EQ(shown["listed_at"].as_string(), "sources.yaml:3:5");
}

TEST_F(SourcesApi, APollIsAskedForInTheLog) {
  const auto response = call("POST", "/v1/sources/daily/poll");
  ASSERT_EQ(response.status, 202) << response.body;
  v1::PollRequest asked;
  ASSERT_TRUE(log::read_to_end(*log_, proto::Topic::kSourceEdits,
                               [&](const log::Record& record) -> Result<void> {
                                 if (record.key == "poll/daily" && record.value)
                                   EXPECT_TRUE(asked.ParseFromString(*record.value));
                                 return {};
                               }));
  EXPECT_EQ(asked.source_id(), "daily");
}

TEST_F(SourcesApi, WithoutACrawlerNothingIsDiscovered) {
  const auto response =
      call("POST", "/v1/sources/discover", {}, Json::object({{"url", "ledger.example"}}));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(code(response), "no_crawler");
  crawler_runs();
  EXPECT_EQ(
      code(call("POST", "/v1/sources/discover", {}, Json::object({{"url", "ftp://x.example"}}))),
      "bad_source");
}

TEST_F(SourcesApi, WhatACrawlerFindsIsAnswered) {
  crawler_runs();
  std::jthread crawler([this](const std::stop_token& stop) {
    std::set<std::string> answered;
    while (!stop.stop_requested()) {
      const auto read = log::read_to_end(
          *log_, proto::Topic::kSourceEdits, [&](const log::Record& record) -> Result<void> {
            v1::DiscoveryRequest request;
            if (!record.key.starts_with("discover/") || !record.value ||
                !request.ParseFromString(*record.value) || !answered.insert(request.id()).second)
              return {};
            v1::DiscoveryResponse response;
            response.set_id(request.id());
            response.set_url(request.url());
            response.set_name("Ledger");
            response.set_robots("allowed");
            auto* found = response.add_found();
            found->set_kind("feed");
            found->set_url("https://daily.example/rss");
            found->set_looked_at(true);
            return log::append(*log_, {{proto::Topic::kSourceEdits, "found/" + request.id(),
                                        response.SerializeAsString()}});
          });
      EXPECT_TRUE(read);
      clock_.advance(std::chrono::milliseconds(50));
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  const auto response =
      call("POST", "/v1/sources/discover", {}, Json::object({{"url", "daily.example"}}));
  ASSERT_EQ(response.status, 200) << response.body;
  const Json found = json_of(response);
  EXPECT_EQ(found["url"].as_string(), "https://daily.example/");
  EXPECT_EQ(found["found"].as_array().at(0)["polled_by"]["name"].as_string(), "Daily");
}

TEST_F(SourcesApi, ListsGoOutAndComeIn) {
  const auto out = call("GET", "/v1/sources.opml");
  ASSERT_EQ(out.status, 200);
  EXPECT_NE(out.body.find("xmlUrl=\"https://daily.example/rss\""), std::string::npos);
  const auto import = [&](std::string body) {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/sources/opml";
    request.headers["content-type"] = "text/x-opml";
    request.body = std::move(body);
    return router_->handle(std::move(request));
  };
  auto response = import(out.body);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json_of(response)["present"].as_integer(), 1);
  response = import(
      "<opml><body><outline text=\"Ledger\" xmlUrl=\"https://ledger.example/f\" "
      "htmlUrl=\"https://ledger.example/\"/><outline text=\"Odd\" xmlUrl=\"nonsense\" "
      "htmlUrl=\"https://odd.example/\"/></body></opml>");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json_of(response)["added"].as_array().at(0)["id"].as_string(), "ledger");
  EXPECT_EQ(json_of(response)["refused"].as_array().size(), 1U);
  EXPECT_EQ(code(import("<!DOCTYPE a><opml/>")), "bad_source");
}

}  // namespace
}  // namespace vigie::indexer::api
