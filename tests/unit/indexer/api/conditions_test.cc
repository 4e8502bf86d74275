#include <gtest/gtest.h>

#include <string>

#include "proto/condition.pb.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

class Conditions : public Api {
 protected:
  http::Response subscribe(const std::string& query) {
    return call("POST", "/v1/subscriptions", {},
                Json::object({{"name", "Desk"}, {"query", query}}));
  }
  void append(const std::string& source, v1::ConditionState state, std::uint64_t revision = 1) {
    v1::ConditionRecord condition;
    condition.set_kind("quiet");
    condition.set_subject(source);
    condition.set_name("Name of " + source);
    condition.set_detail("No new article.");
    condition.set_state(state);
    condition.set_revision(revision);
    condition.set_episode(1);
    condition.set_since_unix_ms(1'780'000'000'000);
    condition.set_begun_unix_ms(1'780'000'300'000);
    ASSERT_TRUE(log::append(*log_, {{proto::Topic::kStatus, "condition/quiet/" + source,
                                     condition.SerializeAsString()}}));
  }
};

TEST_F(Conditions, WhatBeganAndDidNotEndIsListedWithItsPage) {
  append("a", v1::CONDITION_STATE_ON);
  append("b", v1::CONDITION_STATE_PENDING);
  append("c", v1::CONDITION_STATE_ENDING);
  append("d", v1::CONDITION_STATE_ON);
  append("d", v1::CONDITION_STATE_OVER, 2);
  get("/v1/conditions");
  append("d", v1::CONDITION_STATE_ON, 1);  // late, of an owner that slept
  const Json found = get("/v1/conditions")["conditions"];
  ASSERT_EQ(found.as_array().size(), 2U) << found.dump();
  EXPECT_EQ(found.as_array()[0]["title"].as_string(), "Name of a has gone quiet");
  EXPECT_EQ(found.as_array()[0]["page"].as_string(), "/s/a");
  EXPECT_EQ(found.as_array()[0]["since"].as_string().substr(0, 4), "2026");
  EXPECT_EQ(found.as_array()[1]["subject"].as_string(), "c");
  for (const Json& source : get("/v1/sources")["sources"].as_array())
    EXPECT_EQ(source["name"].as_string().find("Name of"), std::string::npos);
}

TEST_F(Conditions, AnAlertAsksForThemByItsQuery) {
  const auto made = subscribe("system:quiet OR system:disk");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(json_of(made)["query"].as_string(), "system:quiet OR system:disk");
  const auto wrong = subscribe("system:disk chips");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(json_of(wrong)["code"].as_string(), "bad_query");
  EXPECT_EQ(json_of(wrong)["position"].as_integer(), 12);
  const auto preview =
      call("POST", "/v1/subscriptions/preview", {}, Json::object({{"query", "system:*"}}));
  ASSERT_EQ(preview.status, 200) << preview.body;
  EXPECT_NE(json_of(preview)["estimate"]["text"].as_string().find("when it ends"),
            std::string::npos);
}

}  // namespace
}  // namespace vigie::indexer::api
