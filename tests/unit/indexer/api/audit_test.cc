#include <gtest/gtest.h>

#include <set>
#include <string>

#include "platform/log/follower.h"
#include "proto/audit.pb.h"
#include "tests/unit/indexer/api/people_fixture.h"

namespace vigie::indexer::api {
namespace {

class Audited : public People {
 protected:
  void SetUp() override {
    People::SetUp();
    use_keys(root_ + "\n");
    make();
    ana_ = key_of("Ana", "analyst");
    bo_ = key_of("Bo", "operator");
  }
  Json entries(const std::string& query = "") {
    EXPECT_EQ(status("GET", "/v1/audit" + query, bearer(root_)), 200) << last_.body;
    return json_of(last_)["entries"];
  }
  std::size_t records() {
    std::size_t out = 0;
    EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kAudit, [&](const log::Record&) {
      ++out;
      return Result<void>();
    }));
    return out;
  }
  std::string ana_;
  std::string bo_;
};

TEST_F(Audited, SaysWhoChangedWhatOfAnAlert) {
  const std::string id = alert(ana_);
  EXPECT_EQ(status("GET", "/v1/subscriptions/" + id, bearer(bo_)), 200);
  EXPECT_EQ(json_of(last_)["owner"].as_string(), "Ana");
  EXPECT_EQ(json_of(last_)["changed_by"].as_string(), "Ana");
  clock_.advance(std::chrono::seconds(5));
  EXPECT_EQ(status("PUT", "/v1/subscriptions/" + id, bearer(bo_),
                   R"({"name":"Chips","query":"chips OR gpus"})"),
            200)
      << last_.body;
  const Json changed = json_of(last_);
  EXPECT_EQ(changed["owner"].as_string(), "Ana") << "who changes an alert does not take it";
  EXPECT_EQ(changed["changed_by"].as_string(), "Bo");
  EXPECT_EQ(changed["changed_at"].as_string(), changed["updated"].as_string());
  EXPECT_EQ(status("PUT", "/v1/subscriptions/" + id, bearer(bo_),
                   R"({"name":"Chips","query":"chips OR gpus","owner":"Bo"})"),
            200);
  EXPECT_EQ(json_of(last_)["owner"].as_string(), "Bo");
  EXPECT_EQ(status("GET", "/v1/subscriptions/" + id + "/history", bearer(ana_)), 200);
  const Json history = json_of(last_)["changes"];
  ASSERT_EQ(history.as_array().size(), 3U);
  const Json& made = history.as_array()[2];
  const Json& second = history.as_array()[1];
  EXPECT_EQ(made["who"].as_string(), "Ana");
  EXPECT_EQ(made["action"].as_string(), "createSubscription");
  EXPECT_TRUE(made["before"].is_null());
  EXPECT_EQ(second["who"].as_string(), "Bo");
  ASSERT_EQ(second["changed"].as_array().size(), 1U);
  EXPECT_EQ(second["changed"].as_array()[0].as_string(), "query");
  EXPECT_EQ(second["before"].as_string(), made["after"].as_string());
  EXPECT_NE(second["before"].as_string(), second["after"].as_string());
  EXPECT_EQ(history.as_array()[0]["changed"].as_array()[0].as_string(), "owner");
  EXPECT_EQ(last_.body.find("192.0.2.1"), std::string::npos) << "addresses are for admins";
  EXPECT_EQ(status("DELETE", "/v1/subscriptions/" + id, bearer(ana_)), 204);
  const Json gone = entries("?object=" + id).as_array()[0];
  EXPECT_EQ(gone["action"].as_string(), "deleteSubscription");
  EXPECT_EQ(gone["name"].as_string(), "Chips");
  EXPECT_EQ(gone["address"].as_string(), "192.0.2.1");
  EXPECT_TRUE(gone["after"].is_null());
}

// Whatever changes something leaves one entry where it succeeds, and none where it does not; what
// is no append with its change has two records of it, the intent and what came of it.
TEST_F(Audited, EveryChangeLeavesOneRecord) {
  const std::string id = alert(root_);
  const std::string draft = R"({"name":"Chips","query":"gpus"})";
  struct Row {
    const char* method;
    std::string target;
    std::string body;
    int status;
    const char* action;
    std::size_t appends = 1;
  };
  const Row rows[] = {
      {"PUT", "/v1/subscriptions/" + id, draft, 200, "replaceSubscription"},
      {"POST", "/v1/subscriptions/" + id + "/test", "", 200, "testSubscription", 2},
      {"POST", "/v1/control", R"({"action":"pause","target":"none"})", 202, "command"},
      {"POST", "/v1/feeds", R"({"query":"chips"})", 201, "createFeed", 2},
      {"POST", "/v1/collections", R"({"name":"Desk"})", 201, "createCollection", 2},
      {"POST", "/v1/keys", R"({"name":"Cy","role":"reader"})", 201, "createKey"},
      {"POST", "/v1/session", "{\"key\":\"" + root_ + "\"}", 204, "startSession", 2},
      {"DELETE", "/v1/keys/" + ids_["Bo"], "", 204, "revokeKey"},
      {"DELETE", "/v1/subscriptions/" + id, "", 204, "deleteSubscription"},
  };
  for (const Row& row : rows) {
    const std::size_t before = records();
    const int got = status(row.method, row.target, bearer(root_), row.body);
    EXPECT_EQ(got, row.status) << row.action << last_.body;
    EXPECT_EQ(records() - before, got < 300 ? row.appends : 0U) << row.action;
    if (got < 300) {
      const Json entry = entries().as_array()[0];
      EXPECT_EQ(entry["action"].as_string(), row.action);
      EXPECT_EQ(entry["who"].as_string(), "key 1") << row.action;
      EXPECT_EQ(entry["outcome"].as_string(), "done") << row.action;
      const Json next = entries().as_array()[1];
      EXPECT_NE(entry["id"].as_string(), next["id"].as_string()) << "one entry of the two records";
    }
  }
  const std::size_t before = records();
  EXPECT_EQ(status("PUT", "/v1/subscriptions/none", bearer(root_), draft), 404);
  EXPECT_EQ(status("POST", "/v1/subscriptions", bearer(root_), "{}"), 400);
  EXPECT_EQ(status("POST", "/v1/subscriptions/preview", bearer(root_), R"({"query":"chips"})"),
            200);
  EXPECT_EQ(status("POST", "/v1/session", {}, R"({"key":"wrong"})"), 401);
  EXPECT_EQ(status("DELETE", "/v1/session", {}), 204) << "of nobody";
  EXPECT_EQ(status("GET", "/v1/search", bearer(root_)), 200);
  EXPECT_EQ(records(), before);
}

// A process that dies between a change and what it says of it leaves the intent.
TEST_F(Audited, AnIntentThatNothingFollowsIsListedAsUnknown) {
  v1::AuditRecord intent;
  intent.set_id("aaaaaaaaaaaaaaaaaaaaaaaaaa");
  intent.set_who("Ana");
  intent.set_action("deleteCollection");
  intent.set_object("c1");
  intent.set_phase(v1::AUDIT_PHASE_INTENDED);
  const auto append = [&] {
    ASSERT_TRUE(
        log::append(*log_, {{proto::Topic::kAudit, intent.id(), intent.SerializeAsString()}}));
  };
  append();
  const Json unknown = entries("?object=c1").as_array()[0];
  EXPECT_EQ(unknown["outcome"].as_string(), "unknown");
  intent.set_phase(v1::AUDIT_PHASE_DONE);
  append();
  ASSERT_EQ(entries("?object=c1").as_array().size(), 1U);
  EXPECT_EQ(entries("?object=c1").as_array()[0]["outcome"].as_string(), "done");
}

TEST_F(Audited, WhatWasIntendedAndRefusedIsNotListed) {
  const std::size_t before = records();
  EXPECT_EQ(status("DELETE", "/v1/collections/none", bearer(root_)), 404) << last_.body;
  EXPECT_EQ(records() - before, 2U);
  EXPECT_EQ(entries("?object=none").as_array().size(), 0U);
}

TEST_F(Audited, SecretsAreNoPartOfIt) {
  EXPECT_EQ(status("POST", "/v1/subscriptions", bearer(ana_),
                   R"({"name":"n","query":"chips",
                       "channels":[{"type":"webhook","url":"https://r.example/hook"}]})"),
            201)
      << last_.body;
  const Json made = json_of(last_);
  const std::string secret = made["channels"].as_array()[0]["secret"].as_string();
  ASSERT_EQ(secret.rfind("whsec_", 0), 0U);
  EXPECT_TRUE(log::read_to_end(*log_, proto::Topic::kAudit, [&](const log::Record& record) {
    EXPECT_EQ(record.value->find(secret), std::string::npos);
    EXPECT_EQ(record.value->find(ana_), std::string::npos);
    return Result<void>();
  }));
}

TEST_F(Audited, IsReadInPagesThatMeetAndByFilters) {
  for (int i = 0; i < 5; ++i) alert(i % 2 == 0 ? ana_ : bo_);
  const Json all = entries();
  ASSERT_EQ(all.as_array().size(), 7U) << "two keys, five alerts";
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    EXPECT_EQ(status("GET", "/v1/audit?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor),
                     bearer(root_)),
              200);
    const Json page = json_of(last_);
    for (const Json& entry : page["entries"].as_array()) seen.insert(entry["id"].as_string());
    cursor = page["cursor"].is_null() ? "" : page["cursor"].as_string();
    if (++pages == 1) alert(ana_);  // what comes meanwhile shifts nothing
  } while (!cursor.empty() && pages < 10);
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(entries("?who=Bo").as_array().size(), 2U);
  EXPECT_EQ(entries("?who=key%201&action=createKey").as_array().size(), 2U);
  EXPECT_EQ(status("GET", "/v1/audit?cursor=x", bearer(root_)), 400);
}

TEST_F(Audited, WithoutKeysItIsSomebodyOnTheMachine) {
  settings_.values["api.keys_file"] = {Json(), "--set"};
  make();
  const auto made =
      call("POST", "/v1/subscriptions", {}, Json::object({{"name", "n"}, {"query", "chips"}}));
  ASSERT_EQ(made.status, 201);
  EXPECT_TRUE(json_of(made)["owner"].is_null());
  const Json entry = get("/v1/audit")["entries"].as_array()[0];
  EXPECT_EQ(entry["who"].as_string(), "local");
  EXPECT_TRUE(entry["address"].is_null());
}

}  // namespace
}  // namespace vigie::indexer::api
