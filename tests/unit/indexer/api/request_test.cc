#include <gtest/gtest.h>

#include "indexer/api/document.h"
#include "indexer/api/operation.h"
#include "tests/unit/indexer/api/api_fixture.h"

// What a caller says and nobody understands is refused, whatever the call.
namespace vigie::indexer::api {
namespace {

/// A member of a body that a caller may set.
struct Place {
  std::string path;  // channels[0].url
  const Json* schema;
};

class Requests : public Api {
 protected:
  /// The problem of a request to an operation; status 0 where it let the request through.
  static Json problem_of(const Operation& operation, const http::Request& request) {
    const auto checked = check_request(operation, request);
    if (checked) return Json::object({{"code", "none"}});
    return Json::object(
        {{"code", checked.error().code.text()}, {"detail", checked.error().detail}});
  }
  static Json problem_of(const Operation& operation, const Json& body) {
    http::Request request;
    request.body = body.dump();
    return problem_of(operation, request);
  }
  static void expect(const Json& problem, const std::string& code, const std::string& words,
                     const std::string& what) {
    EXPECT_EQ(problem["code"].as_string(), code) << what << problem.dump();
    EXPECT_NE(problem["detail"].as_string().find(words), std::string::npos)
        << what << problem.dump();
  }
  static bool is_a(const Json& schema, const std::string& type) {
    if (schema["type"].as_string() == type) return true;
    for (const Json& one : schema["type"].as_array()) {
      if (one.as_string() == type) return true;
    }
    return false;
  }
  /// A body that fits a schema and has every member that may be set, one item in each list.
  static Json full(const Json& schema) {
    if (const auto& choices = schema["enum"].as_array(); !choices.empty()) return choices[0];
    if (is_a(schema, "string")) return "text";
    if (is_a(schema, "integer")) return 7;
    if (is_a(schema, "boolean")) return true;
    if (is_a(schema, "array")) return Json(Json::Array{full(resolved(schema["items"]))});
    Json out = Json::object();
    for (const auto& [name, member] : schema["properties"].as_object()) {
      if (!member["readOnly"].as_bool()) out.set(name, full(resolved(member)));
    }
    return out;
  }
  /// Every object of that body, by its path: "" and "channels[0]".
  static void objects_of(const Json& schema, const std::string& path, std::vector<Place>& out) {
    if (is_a(schema, "array")) return objects_of(resolved(schema["items"]), path + "[0]", out);
    if (!is_a(schema, "object")) return;
    out.push_back({path, &schema});
    for (const auto& [name, member] : schema["properties"].as_object()) {
      if (!member["readOnly"].as_bool())
        objects_of(resolved(member), path + (path.empty() ? "" : ".") + name, out);
    }
  }
  /// The body with a member of the object at `path` set.
  static Json with(const Json& body, const std::string& path, const std::string& name, Json value) {
    Json out = body;
    if (path.empty()) return out.set(name, std::move(value));
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    const std::string first = path.substr(0, end);
    const bool is_list = path.substr(end).starts_with("[0]");
    const std::string rest = path.substr(std::min(path.size(), end + (is_list ? 4 : 1)));
    const Json& inner = is_list ? body[first].as_array()[0] : body[first];
    Json changed = with(inner, rest, name, std::move(value));
    return out.set(first, is_list ? Json(Json::Array{std::move(changed)}) : std::move(changed));
  }
  static std::vector<Json> of_other_types(const Json& schema) {
    std::vector<Json> out;
    if (!is_a(schema, "string")) out.push_back("text");
    if (!is_a(schema, "integer")) out.push_back(12345);
    if (!is_a(schema, "number")) out.push_back(1.5);
    if (!is_a(schema, "boolean")) out.push_back(true);
    if (!is_a(schema, "array")) out.push_back(Json::array());
    if (!is_a(schema, "object")) out.push_back(Json::object());
    if (!is_a(schema, "null")) out.push_back(nullptr);
    return out;
  }
};

TEST_F(Requests, UnknownParametersOfEveryCallNameTheNearest) {
  for (const Operation& operation : operations()) {
    http::Request request;
    request.body = operation.body_schema != nullptr ? full(*operation.body_schema).dump() : "";
    expect(problem_of(operation, request), "none", "", operation.id);
    for (const Parameter& parameter : operation.query) {
      request.query = {{parameter.name + "x", "1"}};
      expect(problem_of(operation, request), "unknown_parameter",
             "'" + parameter.name + "x'; did you mean '" + parameter.name + "'?", operation.id);
    }
    request.query = {{"zzz", ""}};
    expect(problem_of(operation, request), "unknown_parameter", "'zzz'", operation.id);
  }
}

TEST_F(Requests, ParametersGivenTwiceAreRefusedWhereOneCounts) {
  for (const Operation& operation : operations()) {
    for (const Parameter& parameter : operation.query) {
      http::Request request;
      const std::string value = !parameter.choices.empty() ? parameter.choices[0] : "1";
      request.body = operation.body_schema != nullptr ? full(*operation.body_schema).dump() : "";
      request.query = {{parameter.name, value}};
      expect(problem_of(operation, request), "none", "", operation.id + " " + parameter.name);
      request.query.emplace_back(parameter.name, value);
      if (parameter.may_repeat) expect(problem_of(operation, request), "none", "", operation.id);
      else expect(problem_of(operation, request), "bad_parameter", "twice", operation.id);
    }
  }
  EXPECT_EQ(
      get("/v1/facets", {{"field", "topic"}, {"field", "language"}})["fields"].as_array().size(),
      2U);
}

TEST_F(Requests, AMemberThatIsThereTwiceIsRefusedWhateverTheCall) {
  std::size_t tried = 0;
  for (const Operation& operation : operations()) {
    if (operation.body_schema == nullptr) continue;
    const Json body = full(*operation.body_schema);
    for (const auto& [name, value] : body.as_object()) {
      const std::string member = Json(name).dump() + ":" + value.dump();
      http::Request request;
      request.body = "{" + member + "," + member + "}";
      expect(problem_of(operation, request), "bad_json", "'" + name + "' is there twice",
             operation.id);
      ++tried;
    }
  }
  EXPECT_GT(tried, 20U);
}

TEST_F(Requests, UnknownMembersOfEveryBodyNameTheNearestAtTheirPath) {
  std::size_t tried = 0;
  for (const Operation& operation : operations()) {
    if (operation.body_schema == nullptr) continue;
    const Json body = full(*operation.body_schema);
    expect(problem_of(operation, body), "none", "", operation.id);
    std::vector<Place> objects;
    objects_of(*operation.body_schema, "", objects);
    for (const Place& object : objects) {
      const std::string parent = object.path.empty() ? "" : object.path + ".";
      for (const auto& [name, member] : (*object.schema)["properties"].as_object()) {
        ++tried;
        if (member["readOnly"].as_bool()) {  // the server's: there or not, whatever its value
          for (const Json& any : {Json(), Json(5), Json("x"), Json::array()})
            expect(problem_of(operation, with(body, object.path, name, any)), "none", "", name);
          continue;
        }
        expect(problem_of(operation, with(body, object.path, name + "l", 1)), "unknown_member",
               "'" + parent + name + "l'; did you mean '" + parent + name + "'?", operation.id);
      }
    }
  }
  EXPECT_GT(tried, 20U);
}

TEST_F(Requests, MembersOfAWrongTypeAreNamedWithTheirPath) {
  for (const Operation& operation : operations()) {
    if (operation.body_schema == nullptr) continue;
    const Json body = full(*operation.body_schema);
    std::vector<Place> objects;
    objects_of(*operation.body_schema, "", objects);
    for (const Place& object : objects) {
      const std::string parent = object.path.empty() ? "" : object.path + ".";
      for (const auto& [name, given] : (*object.schema)["properties"].as_object()) {
        if (given["readOnly"].as_bool()) continue;
        const Json& member = resolved(given);
        for (const Json& wrong : of_other_types(member))
          expect(problem_of(operation, with(body, object.path, name, wrong)), "wrong_type",
                 "\"" + parent + name + "\" must be ", wrong.dump());
        if (member["enum"].is_array())
          expect(problem_of(operation, with(body, object.path, name, "explode")), "bad_parameter",
                 "\"" + parent + name + "\" must be ", "a choice");
        if (is_a(member, "array")) {
          const Json list(Json::Array{full(resolved(member["items"])), 12345});
          expect(problem_of(operation, with(body, object.path, name, list)), "wrong_type",
                 "\"" + parent + name + "[1]\" must be ", "an item");
        }
      }
    }
  }
}

TEST_F(Requests, MissingMembersAreNamed) {
  const Operation& create = *find_operation("createSubscription");
  expect(problem_of(create, Json::object({{"query", "chips"}})), "bad_parameter",
         "\"name\" must be a text", "");
  expect(problem_of(create, *parse_json(R"({"name":"a","query":"b","channels":[{}]})")),
         "bad_parameter", "\"channels[0].type\" must be a text", "");
  expect(problem_of(*find_operation("command"), Json::object({{"action", "pause"}})),
         "bad_parameter", "\"target\" must be the id of a source", "");
}

TEST_F(Requests, ANumberWithoutAFractionIsWhole) {  // JSON Schema 2020-12 §6.1.1
  const Operation& replace = *find_operation("replaceSubscription");
  expect(problem_of(replace, *parse_json(R"({"name":"a","query":"b","revision":3.0})")), "none", "",
         "");
  expect(problem_of(replace, *parse_json(R"({"name":"a","query":"b","revision":3.5})")),
         "wrong_type", "whole number", "");
}

TEST_F(Requests, ABodyWhereNoneIsTakenIsRefused) {
  for (const Operation& operation : operations()) {
    if (operation.body != Operation::Body::kNone) continue;
    http::Request request;
    request.body = R"({"channel":"one"})";
    expect(problem_of(operation, request), "unexpected_body", "takes no body", operation.id);
    for (const char* nothing : {"", "{}", " \r\n"}) {
      request.body = nothing;
      expect(problem_of(operation, request), "none", "", operation.id);
    }
  }
}

TEST_F(Requests, ANameOfAStrangerIsToldShortAndAsText) {
  http::Request request;
  request.query = {{"\xff" + std::string(1'000'000, 'x'), ""}};
  const std::string detail = problem_of(*find_operation("search"), request)["detail"].as_string();
  EXPECT_LT(detail.size(), 300U);
  EXPECT_TRUE(detail.starts_with("there is no parameter '\xEF\xBF\xBDxxx")) << detail;
  const Json body = Json::object({{std::string(900'000, 'y'), 1}});
  EXPECT_LT(problem_of(*find_operation("command"), body)["detail"].as_string().size(), 300U);
}

TEST_F(Requests, ManifestLinesKeepTheirOtherMembers) {
  http::Request request;
  request.method = "POST";
  request.path = "/v1/ingest";
  request.body = R"({"id":"1","url":"https://example.org/1","html":"<p>one","gold":{"title":5}})";
  EXPECT_EQ(router_->handle(request).status, 202);
  request.query = {{"waite", "1"}};
  EXPECT_EQ(router_->handle(request).status, 400);
}

TEST_F(Requests, WhatGetGaveMayBePutBack) {
  const Json draft = *parse_json(
      R"({"name":"C","query":"chips","channels":[{"type":"webhook","url":"https://a.example/"}]})");
  const Json created = json_of(call("POST", "/v1/subscriptions", {}, draft));
  const std::string path = "/v1/subscriptions/" + created["id"].as_string();
  const auto put = call("PUT", path, {}, get(path));
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.body.find(created["channels"].as_array()[0]["secret"].as_string()),
            std::string::npos);
  const auto kept = store_->find(created["id"].as_string());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->channels(0).secret(), created["channels"].as_array()[0]["secret"].as_string());
  EXPECT_EQ(kept->channels(0).id(), created["channels"].as_array()[0]["id"].as_string());
  EXPECT_EQ(call("PUT", path, {}, created).status, 409) << "of before that change";
}

// A secret is told once: MeetOnMemory#615.
TEST_F(Requests, ASecretThatWasToldIsNotToldAgain) {
  const Json draft = *parse_json(
      R"({"name":"C","query":"chips","channels":[{"type":"webhook","url":"https://a.example/"}]})");
  const Json created = json_of(call("POST", "/v1/subscriptions", {}, draft));
  const std::string secret = created["channels"].as_array()[0]["secret"].as_string();
  const std::string path = "/v1/subscriptions/" + created["id"].as_string();
  EXPECT_EQ(call("PUT", path, {}, draft).body.find(secret), std::string::npos);
  Json more = draft;
  more.set("channels",
           Json(Json::Array{
               draft["channels"].as_array()[0],
               *parse_json(R"({"type":"webhook","url":"https://b.example/","id":"mine"})")}));
  const Json changed = json_of(call("PUT", path, {}, more));
  EXPECT_FALSE(changed["channels"].as_array()[0]["secret"].as_string() == secret);
  const std::string made = changed["channels"].as_array()[1]["secret"].as_string();
  EXPECT_EQ(made, store_->find(created["id"].as_string())->channels(1).secret())
      << "made just now: told now, or never";
}

}  // namespace
}  // namespace vigie::indexer::api
