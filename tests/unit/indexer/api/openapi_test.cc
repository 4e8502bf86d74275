#include <gtest/gtest.h>

#include <set>

#include "proto/quarantine.pb.h"
#include "proto/status.pb.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

/// The part of JSON Schema 2020-12 that the document uses: type, enum, properties, required,
/// additionalProperties, items, $ref.
class Validator {
 public:
  explicit Validator(const Json& schemas) : schemas_(schemas) {}

  std::vector<std::string> check(const Json& value, const Json& schema,
                                 const std::string& at = "$") {
    problems_.clear();
    visit(value, schema, at);
    return problems_;
  }

 private:
  static bool is_type(const Json& value, const std::string& type) {
    if (type == "null") return value.is_null();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_bool();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
  }

  void visit(const Json& value, const Json& given, const std::string& at) {
    const std::string& ref = given["$ref"].as_string();
    const Json& schema = ref.empty() ? given : schemas_[ref.substr(ref.rfind('/') + 1)];
    if (!schema.is_object()) return complain(at, "has no schema " + ref);
    const Json& type = schema["type"];
    bool fits = type.is_string() && is_type(value, type.as_string());
    for (const Json& one : type.as_array()) fits = fits || is_type(value, one.as_string());
    if (!fits) return complain(at, "is " + value.dump().substr(0, 60) + ", not " + type.dump());
    if (const auto& choices = schema["enum"].as_array();
        !choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
      complain(at, "is none of " + schema["enum"].dump());
    }
    if (value.is_array()) {
      for (const Json& item : value.as_array()) visit(item, schema["items"], at + "[]");
    }
    if (!value.is_object()) return;
    for (const Json& name : schema["required"].as_array()) {
      if (value.find(name.as_string()) == nullptr) complain(at, "lacks " + name.as_string());
    }
    for (const auto& [name, member] : value.as_object()) {
      if (const Json* known = schema["properties"].find(name))
        visit(member, *known, at + "." + name);
      else if (!schema["additionalProperties"].as_bool())
        complain(at, "has " + name + ", which the document does not name");
    }
  }

  void complain(const std::string& at, const std::string& what) {
    problems_.push_back(at + " " + what);
  }

  const Json& schemas_;
  std::vector<std::string> problems_;
};

class OpenApi : public Api {
 protected:
  /// Fills every kind of thing that an answer may hold.
  void fill() {
    for (int i = 0; i < 3; ++i) {
      auto one = article("https://example.org/" + std::to_string(i), "Chips and more",
                         "The export of chips. More text.", clock_.now_unix_ms() - i * 1000);
      one.mutable_published()->set_text("2025-12-31T10:00:00+02:00");
      one.mutable_published()->set_precision(v1::DATE_PRECISION_SECOND);
      one.mutable_image()->set_url("https://example.org/i.png");
      one.mutable_carriers()->set_image("meta:og:image");
      *one.add_images() = one.image();
      v1::Alternate& alternate = *one.add_alternates();
      alternate.set_language("fr");
      alternate.set_url("https://example.org/fr");
      one.set_page_type("article");
      v1::TextBlock& heading = *one.add_blocks();
      heading.set_kind(v1::BLOCK_KIND_HEADING);
      heading.set_level(2);
      v1::TextBlock& cell = *one.add_blocks();
      cell.set_kind(v1::BLOCK_KIND_TABLE_CELL);
      cell.set_row(1);
      one.add_links()->set_url("https://example.org/");
      one.add_authors("Somebody");
      shard_->put(one, "story1");
    }
    const Json draft =
        Json::object({{"name", "Chips"},
                      {"query", "chips"},
                      {"channels", Json(Json::Array{Json::object(
                                       {{"type", "webhook"}, {"url", "https://example.org/"}})})}});
    subscription_ = json_of(call("POST", "/v1/subscriptions", {}, draft))["id"].as_string();
    v1::AlertGroup& group = alerter_.groups.emplace_back();
    group.set_delivery_id("d1");
    group.set_subscription_id(subscription_);
    group.set_first_matched_at_unix_ms(clock_.now_unix_ms());
    *group.mutable_article() = matching::summarize(
        article("https://example.org/1", "Chips", "", clock_.now_unix_ms()), "snippet", "story1");
    group.add_evidence()->set_text("chips");
    alerter_.rows.emplace_back().set_delivery_id("d1");
    v1::QuarantineRecord failed;
    failed.set_id("q1");
    failed.set_stage("extract");
    failed.set_topic("vigie.pages.v1");
    failed.set_key("k");
    failed.set_value("v");
    v1::StatusRecord service;
    service.mutable_service()->set_service("crawler");
    service.mutable_service()->add_rates()->set_name("pages");
    service.mutable_service()->add_lags()->set_topic("pages");
    v1::StatusRecord source;
    source.mutable_source()->set_source_id("daily");
    source.mutable_source()->add_errors()->set_reason("timeout");
    ASSERT_TRUE(
        log::append(*log_, {{proto::Topic::kQuarantine, "k", failed.SerializeAsString()},
                            {proto::Topic::kStatus, "service/1", service.SerializeAsString()},
                            {proto::Topic::kStatus, "source/daily", source.SerializeAsString()}}));
  }

  http::Response ask(const std::string& method, std::string path) {
    const auto fill_in = [&](const std::string& name, const std::string& value) {
      if (const std::size_t at = path.find(name); at != std::string::npos)
        path.replace(at, name.size(), value);
    };
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string version;
    const std::string version_id = shard_->versions(article_).value()[0].version_id;
    for (const char c : version_id) {
      version += kDigits[static_cast<unsigned char>(c) >> 4];
      version += kDigits[static_cast<unsigned char>(c) & 15];
    }
    fill_in("{version}", version);
    fill_in("{topic}", "status");
    fill_in("{match}", "d1");
    fill_in("{id}", path.starts_with("/v1/articles")        ? article_
                    : path.starts_with("/v1/subscriptions") ? subscription_
                    : path.starts_with("/v1/quarantine")    ? "q1"
                    : path.starts_with("/v1/topics")        ? "export-controls"
                                                            : "org:nvidia");
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = {{"q", "chips"}, {"split", "language"}};
    if (path == "/v1/subscriptions/preview") request.body = "{\"query\":\"chips\"}";
    else if (path.starts_with("/v1/subscriptions"))
      request.body =
          "{\"name\":\"Chips\",\"query\":\"chips\",\"channels\":[{\"type\":\"webhook\",\"url\":"
          "\"https://example.org/\"}]}";
    if (path == "/v1/control") request.body = "{\"action\":\"pause\",\"target\":\"daily\"}";
    return router_->handle(std::move(request));
  }

  std::string article_ = proto::article_id("https://example.org/1");
  std::string subscription_;
};

TEST_F(OpenApi, EveryCallAnswersAsTheDocumentSays) {
  fill();
  const Json document = get("/openapi.json");
  EXPECT_EQ(document["openapi"].as_string(), "3.1.0");
  Validator validator(document["components"]["schemas"]);
  std::vector<std::pair<std::string, std::string>> calls;
  std::set<std::string> operations;
  for (const auto& [path, methods] : document["paths"].as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      EXPECT_TRUE(operations.insert(operation["operationId"].as_string()).second) << path;
      calls.emplace_back(method, path);
    }
  }
  EXPECT_GE(calls.size(), 35U);
  // what is deleted is asked for before
  std::stable_partition(calls.begin(), calls.end(),
                        [](const auto& call) { return call.first != "delete"; });
  for (const auto& [method, path] : calls) {
    const Json& operation = document["paths"][path][method];
    std::string upper = method;
    for (char& c : upper) c = static_cast<char>(c - 32);
    const http::Response response = ask(upper, path);
    const std::string what = upper + " " + path + ": " + std::to_string(response.status) + " " +
                             response.body.substr(0, 300);
    // Without wait=1 an ingest answers that it accepted.
    const Json* answer =
        operation["responses"].find(std::to_string(path == "/v1/ingest" ? 200 : response.status));
    ASSERT_NE(answer, nullptr) << what;
    const Json& content = (*answer)["content"];
    if (const Json* json = content.find("application/json");
        json != nullptr && json->find("schema") != nullptr) {
      const auto parsed = parse_json(response.body);
      ASSERT_TRUE(parsed) << what;
      for (const std::string& problem : validator.check(*parsed, (*json)["schema"]))
        ADD_FAILURE() << upper << " " << path << ": " << problem;
    } else if (!content.as_object().empty()) {
      const std::string& type = content.as_object()[0].first;
      bool same = false;
      for (const auto& [name, value] : response.headers)
        same = same || (name == "Content-Type" && value.starts_with(type));
      EXPECT_TRUE(same) << what;
    }
  }
}

TEST_F(OpenApi, ProblemsAreOfTheirSchema) {
  const Json document = get("/openapi.json");
  Validator validator(document["components"]["schemas"]);
  for (const auto& response :
       {call("GET", "/v1/search", {{"q", "("}}), call("GET", "/v1/articles/x"),
        call("GET", "/v1/search", {{"limit", "x"}})}) {
    EXPECT_GE(response.status, 400);
    for (const std::string& problem :
         validator.check(*parse_json(response.body), document["components"]["schemas"]["Problem"]))
      ADD_FAILURE() << problem;
  }
}

}  // namespace
}  // namespace vigie::indexer::api
