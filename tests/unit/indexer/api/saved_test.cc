#include "indexer/saved/store.h"

#include <gtest/gtest.h>

#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

class SavedSearches : public Api {
 protected:
  void SetUp() override {
    Api::SetUp();
    now_ = clock_.now_unix_ms();
    for (const char* name : {"a", "b", "c"}) add(name, now_ - 60'000);
  }
  void add(const std::string& name, std::int64_t discovered_ms) {
    shard_->put(article("https://example.org/" + name, "On chips " + name,
                        "Words on chips and export, number " + name, discovered_ms),
                "");
  }
  static std::string id_of(const std::string& name) {
    return proto::article_id("https://example.org/" + name);
  }
  std::string saved(const Json& draft) {
    clock_.advance(std::chrono::milliseconds(1));  // so that they have an order
    const auto response = call("POST", "/v1/searches", {}, draft);
    EXPECT_EQ(response.status, 201) << response.body;
    return json_of(response)["id"].as_string();
  }
  static Json draft(const std::string& name, const std::string& query, bool home = false) {
    return Json::object({{"name", name}, {"query", query}, {"home", home}});
  }
  /// Of the first search.
  std::int64_t unread() {
    return get("/v1/searches/unread")["unread"].as_array().at(0)["stories"].as_integer(-1);
  }
  void mark(const std::string& id, bool seen) {
    const Json body = Json::object({{"ids", Json(Json::Array{Json(id)})}, {"seen", seen}});
    const auto response = call("POST", "/v1/seen", {}, body);
    EXPECT_EQ(response.status, 204) << response.body;
  }
  std::string home() { return get("/v1/searches")["home_query"].as_string(); }

  std::int64_t now_ = 0;
};

TEST_F(SavedSearches, CountWhatCameSinceAndWasNotSeen) {
  saved(draft("Chips", "chips"));
  EXPECT_EQ(unread(), 0) << "what was there when it was saved is seen";
  clock_.advance(std::chrono::seconds(20));
  add("d", now_ + 10'000);
  add("e", now_ + 11'000);
  EXPECT_EQ(unread(), 2);
  mark(id_of("d"), true);
  EXPECT_EQ(unread(), 1) << "at once: a mark makes the count anew";
  mark(id_of("a"), false);
  EXPECT_EQ(unread(), 2) << "what is marked as unseen is so in any case";
  const Json told = get("/v1/seen", {{"ids", id_of("a") + "," + id_of("d") + "," + id_of("e")}});
  EXPECT_EQ(told["seen"].as_array().size(), 1U);
  EXPECT_EQ(told["seen"].as_array().at(0).as_string(), id_of("d"));
  EXPECT_EQ(told["unseen"].as_array().at(0).as_string(), id_of("a"));
}

TEST_F(SavedSearches, MarkAllAsSeenUntilNow) {
  const std::string id = saved(draft("Chips", "chips"));
  clock_.advance(std::chrono::seconds(20));
  add("d", now_ + 10'000);
  EXPECT_EQ(unread(), 1);
  EXPECT_EQ(call("POST", "/v1/searches/" + id + "/seen").status, 200);
  EXPECT_EQ(unread(), 0);
  clock_.advance(std::chrono::seconds(20));
  add("e", now_ + 30'000);
  EXPECT_EQ(unread(), 1);
}

TEST_F(SavedSearches, ACountIsRememberedForAWhile) {
  saved(draft("Chips", "chips"));
  EXPECT_EQ(unread(), 0);
  add("d", now_ + 5);
  EXPECT_EQ(unread(), 0) << "counted a moment ago";
  clock_.advance(std::chrono::seconds(15));
  EXPECT_EQ(unread(), 1);
}

TEST_F(SavedSearches, CountAtMostAHundredAndSayThatThereIsMore) {
  saved(draft("Chips", "chips"));
  for (int i = 0; i < 120; ++i) add("many" + std::to_string(i), now_ + 1'000 + i);
  const Json counted = get("/v1/searches/unread")["unread"].as_array().at(0);
  EXPECT_EQ(counted["stories"].as_integer(), 100);
  EXPECT_TRUE(counted["more"].as_bool());
}

TEST_F(SavedSearches, MakeTheFirstPage) {
  EXPECT_EQ(home(), "about:* within:7d") << "the setting";
  saved(draft("Chips", "chips OR export", true));
  EXPECT_EQ(home(), "chips OR export");
  const std::string second = saved(draft("French", "lang:fr", true));
  saved(draft("Not there", "number"));
  EXPECT_EQ(home(), "(chips OR export) OR (lang:fr)");
  const auto found = call("GET", "/v1/search", {{"q", home()}});
  EXPECT_EQ(found.status, 200) << "what is joined can be asked: " << found.body;
  EXPECT_EQ(call("PUT", "/v1/searches/" + second, {}, draft("French", "", true)).status, 200);
  EXPECT_EQ(home(), "") << "everything";
  EXPECT_EQ(call("DELETE", "/v1/searches/" + second).status, 204);
  EXPECT_EQ(home(), "chips OR export");
}

TEST_F(SavedSearches, WhatCannotBeReadIsNotSaved) {
  const auto refused = [&](const Json& body) {
    const auto response = call("POST", "/v1/searches", {}, body);
    return std::to_string(response.status) + " " + json_of(response)["code"].as_string();
  };
  EXPECT_EQ(refused(draft("x", "(chips")), "400 bad_query");
  EXPECT_EQ(refused(draft("x", "topic:nosuch")), "400 bad_query");
  EXPECT_EQ(refused(draft("", "chips")), "400 bad_argument");
  EXPECT_EQ(refused(Json::object({{"name", "x"}, {"query", "q"}, {"owner", "me"}})),
            "400 unknown_member");
  saved(draft("Chips", "chips"));
  EXPECT_EQ(refused(draft("Chips", "other")), "409 conflict");
  EXPECT_EQ(call("DELETE", "/v1/searches/none").status, 404);
  EXPECT_EQ(call("PUT", "/v1/searches/none", {}, draft("x", "y")).status, 404);
  EXPECT_EQ(call("POST", "/v1/searches/none/seen").status, 404);
}

/// A topic that the packs lost: the others are counted all the same.
TEST_F(SavedSearches, OneThatCannotBeCountedSaysWhy) {
  ASSERT_TRUE(saved_->create("local", {"Gone", "topic:gone", false}));
  saved(draft("Chips", "chips"));
  const Json counted = get("/v1/searches/unread");
  EXPECT_TRUE(counted["unread"].as_array().at(0)["stories"].is_null());
  EXPECT_EQ(counted["unread"].as_array().at(0)["problem"].as_string(), "bad_query");
  EXPECT_EQ(counted["unread"].as_array().at(1)["stories"].as_integer(-1), 0);
}

}  // namespace
}  // namespace vigie::indexer::api
