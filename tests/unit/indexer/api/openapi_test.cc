#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "indexer/api/document.h"
#include "indexer/api/operation.h"
#include "indexer/api/problems.h"
#include "proto/quarantine.pb.h"
#include "proto/status.pb.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

/// The part of JSON Schema 2020-12 that the document uses: type, enum, properties, required,
/// additionalProperties, items, allOf, anyOf, $ref. Stricter than the document in one thing: an
/// object may have no member that its schema does not name.
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
  /// What an object may hold, with the parts of allOf joined.
  struct Members {
    std::map<std::string, const Json*> known;
    const Json* others = nullptr;  // the schema of members that are not known
    bool open = false;
  };

  static bool is_type(const Json& value, const std::string& type) {
    if (type == "null") return value.is_null();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_bool();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
  }

  const Json& resolved(const Json& given) const {
    const std::string& reference = given["$ref"].as_string();
    return reference.empty() ? given : schemas_[reference.substr(reference.rfind('/') + 1)];
  }

  void visit(const Json& value, const Json& given, const std::string& at) {
    if (given.find("anyOf") != nullptr) return visit_any(value, given["anyOf"], at);
    Members members;
    collect(value, given, at, members);
    if (!value.is_object()) return;
    for (const auto& [name, member] : value.as_object()) {
      const auto known = members.known.find(name);
      if (known != members.known.end()) visit(member, *known->second, at + "." + name);
      else if (members.others != nullptr) visit(member, *members.others, at + "." + name);
      else if (!members.open) complain(at, "has " + name + ", which the document does not name");
    }
  }

  void visit_any(const Json& value, const Json& choices, const std::string& at) {
    for (const Json& choice : choices.as_array()) {
      if (Validator(schemas_).check(value, choice).empty()) return;
    }
    complain(at, "is " + value.dump().substr(0, 60) + ", which fits none of " + choices.dump());
  }

  /// Checks what a schema says of the value itself, and gathers what it says of its members.
  void collect(const Json& value, const Json& given, const std::string& at, Members& members) {
    const Json& schema = resolved(given);
    if (!schema.is_object()) return complain(at, "has no schema " + given.dump());
    for (const Json& part : schema["allOf"].as_array()) collect(value, part, at, members);
    if (const Json* type = schema.find("type")) {
      bool fits = type->is_string() && is_type(value, type->as_string());
      for (const Json& one : type->as_array()) fits = fits || is_type(value, one.as_string());
      if (!fits) return complain(at, "is " + value.dump().substr(0, 60) + ", not " + type->dump());
    } else if (schema.find("allOf") == nullptr) {
      return complain(at, "has a schema without a type");
    }
    if (const auto& choices = schema["enum"].as_array();
        !choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end())
      complain(at, "is none of " + schema["enum"].dump());
    if (value.is_array()) {
      for (const Json& item : value.as_array()) visit(item, schema["items"], at + "[]");
    }
    if (!value.is_object()) return;
    for (const Json& name : schema["required"].as_array()) {
      if (value.find(name.as_string()) == nullptr) complain(at, "lacks " + name.as_string());
    }
    for (const auto& [name, described] : schema["properties"].as_object())
      members.known.emplace(name, &described);
    const Json& others = schema["additionalProperties"];
    members.open = members.open || others.as_bool();
    if (others.is_object()) members.others = &others;
  }

  void complain(const std::string& at, const std::string& what) {
    problems_.push_back(at + " " + what);
  }

  const Json& schemas_;
  std::vector<std::string> problems_;
};

class OpenApi : public Api {
 protected:
  /// Somebody who is signed in, has a feed and a key.
  void fill_people() {
    const sessions::SessionStore::Person ana{
        proto::sha256("a key"), {}, "Ana", "192.0.2.1", "Firefox"};
    session_ = sessions_->begin(ana)->session.id();
    feed_ = sessions_->begin(ana, "search/chips")->session.id();
    key_ = keys_
               ->make("Ana", keys::Role::kReader, 0, "root",
                      [](const v1::KeyRecord&) { return std::vector<log::NewRecord>(); })
               ->record.id();
  }
  /// Fills every kind of thing that a response may hold.
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
      one.set_genre("opinion");
      one.set_genre_evidence("Kommentar");
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
    fill_collection();
    fill_search();
    fill_people();
    fill_source();
    v1::AlertGroup& group = alerter_.groups.emplace_back();
    group.set_delivery_id("d1");
    group.set_subscription_id(subscription_);
    group.set_first_matched_at_unix_ms(clock_.now_unix_ms());
    *group.mutable_article() = matching::summarize(
        article("https://example.org/1", "Chips", "", clock_.now_unix_ms()), "snippet", "story1");
    group.add_evidence()->set_text("chips");
    alerter_.rows.emplace_back().set_delivery_id("d1");
    fill_log();
  }

  void fill_log() {
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

  void fill_source() {
    const Json draft = source_draft("https://a.example/");
    source_ = json_of(call("POST", "/v1/sources", {}, draft))["id"].as_string();
  }

  void fill_search() {
    const Json draft = Json::object({{"name", "S"}, {"query", "chips"}});
    search_ = json_of(call("POST", "/v1/searches", {}, draft))["id"].as_string();
  }

  /// A collection with a story, and a link to it.
  void fill_collection() {
    const Json made = json_of(call("POST", "/v1/collections", {}, Json::object({{"name", "C"}})));
    collection_ = made["id"].as_string();
    const Json body = Json::object({{"article", article_},
                                    {"note", "n"},
                                    {"quotation", Json::object({{"text", "export of chips"}})}});
    ASSERT_EQ(call("POST", "/v1/collections/" + collection_ + "/items", {}, body).status, 201);
    const Json share = json_of(call("POST", "/v1/collections/" + collection_ + "/share"));
    token_ = share["path"].as_string().substr(3);
  }

  std::string version_of(const std::string& article) const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    const std::string id = shard_->versions(article).value()[0].version_id;
    for (const char c : id) {
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return out;
  }

  std::string filled_in(std::string path) const {
    const std::string id = path.starts_with("/v1/articles")        ? article_
                           : path.starts_with("/v1/subscriptions") ? subscription_
                           : path.starts_with("/v1/quarantine")    ? "q1"
                           : path.starts_with("/v1/topics")        ? "export-controls"
                           : path.starts_with("/v1/sessions")      ? session_
                           : path.starts_with("/v1/collections")   ? collection_
                           : path.starts_with("/v1/searches")      ? search_
                           : path.starts_with("/v1/feeds")         ? feed_
                           : path.starts_with("/v1/keys")          ? key_
                           : path.starts_with("/v1/sources")       ? source_
                                                                   : "org:nvidia";
    const std::vector<std::pair<std::string, std::string>> values{
        {"{id}", id},
        {"{topic}", "status"},
        {"{match}", "d1"},
        {"{token}", token_},
        {"{version}", version_of(article_)}};
    for (const auto& [name, value] : values) {
      if (const std::size_t at = path.find(name); at != std::string::npos)
        path.replace(at, name.size(), value);
    }
    return path;
  }

  /// A request that fits what the document says of a call.
  http::Request request_of(const std::string& method, const std::string& path,
                           const Json& operation) const {
    http::Request out;
    out.method = method;
    out.path = filled_in(path);
    for (const Json& given : operation["parameters"].as_array()) {
      const std::string& reference = given["$ref"].as_string();
      const std::string& name = given["name"].as_string();
      if (reference.ends_with("/q") || name == "q") out.query.emplace_back("q", "chips");
      if (name == "ids") out.query.emplace_back("ids", article_);
      if (name == "split") out.query.emplace_back("split", "language");
      if (name == "to") out.query.emplace_back("to", "fr");
    }
    if (operation.find("requestBody") == nullptr) return out;
    if (path == "/v1/control") out.body = R"({"action":"pause","target":"daily"})";
    else if (path == "/v1/subscriptions/preview") out.body = R"({"query":"chips"})";
    else if (path == "/v1/session") out.body = R"({"key":"x"})";
    else if (path == "/v1/keys") out.body = R"({"name":"Bo","role":"reader"})";
    else if (path == "/v1/feeds") out.body = R"({"query":"chips"})";
    else if (path == "/v1/sources") out.body = source_draft("https://b.example/").dump();
    else if (path == "/v1/sources/opml") out.body = kList;
    else if (path.starts_with("/v1/sources/")) out.body = R"({"country":"GB"})";
    else if (path.starts_with("/v1/subscriptions")) out.body = kDraft;
    else if (path == "/v1/searches") out.body = R"({"name":"Another","query":"chips"})";
    else if (path == "/v1/searches/{id}") out.body = R"({"name":"S","query":"chips lang:en"})";
    else if (path == "/v1/seen")
      out.body = Json::object({{"ids", Json(Json::Array{Json(article_)})}}).dump();
    else if (path == "/v1/collections") out.body = R"({"name":"Another"})";
    else if (path.ends_with("/items")) out.body = Json::object({{"article", article_}}).dump();
    else if (path.starts_with("/v1/collections"))
      out.body = Json::object({{"name", "C"},
                               {"revision", collections_->find(collection_)->revision()},
                               {"items", Json::array()}})
                     .dump();
    return out;
  }

  static Json source_draft(const std::string& homepage) {
    return Json::object({{"name", "Of people"},
                         {"homepage", homepage},
                         {"feeds", Json(Json::Array{Json(homepage + "feed.xml")})}});
  }

  /// These need more than a request: a crawler that looks, the token of a mail. Tried in
  /// sources_test.cc and in tests/end_to_end/channels_test.py.
  static bool is_elsewhere(const std::string& path) {
    return path == "/v1/sources/discover" || path == "/unsubscribe";
  }

  static constexpr const char* kList =
      R"(<opml version="2.0"><body><outline text="C" xmlUrl="https://c.example/f"/></body></opml>)";
  static constexpr const char* kDraft =
      R"({"name":"C","query":"chips","channels":[{"type":"webhook","url":"https://a.example/"}]})";
  std::string article_ = proto::article_id("https://example.org/1");
  std::string subscription_;
  std::string session_;
  std::string source_;
  std::string collection_;
  std::string search_;
  std::string token_;
  std::string feed_;
  std::string key_;
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
  // what is deleted is asked for before, and what is in it is deleted first
  const auto deletes = std::stable_partition(
      calls.begin(), calls.end(), [](const auto& call) { return call.first != "delete"; });
  std::sort(deletes, calls.end(), [](const auto& one, const auto& other) {
    return one.second.size() > other.second.size();
  });
  for (const auto& [method, path] : calls) {
    if (is_elsewhere(path)) continue;
    const Json& operation = document["paths"][path][method];
    std::string upper = method;
    for (char& c : upper) c = static_cast<char>(c - 32);
    const http::Response response = router_->handle(request_of(upper, path, operation));
    const std::string what = upper + " " + path + ": " + std::to_string(response.status) + " " +
                             response.body.substr(0, 300);
    const Json* described = operation["responses"].find(std::to_string(response.status));
    ASSERT_NE(described, nullptr) << what;
    const Json& content = (*described)["content"];
    if (const Json* json = content.find("application/json")) {
      const auto parsed = parse_json(response.body);
      ASSERT_TRUE(parsed) << what;
      for (const std::string& trouble : validator.check(*parsed, (*json)["schema"]))
        ADD_FAILURE() << upper << " " << path << ": " << trouble;
    } else if (!content.as_object().empty()) {
      const std::string& type = content.as_object()[0].first;
      bool same = false;
      for (const auto& [name, value] : response.headers)
        same = same || (name == "Content-Type" && value.starts_with(type));
      EXPECT_TRUE(same) << what;
    }
  }
}

TEST_F(OpenApi, EventsOfAStreamAreOfTheirSchemas) {
  fill();
  const Json document = get("/openapi.json");
  Validator validator(document["components"]["schemas"]);
  http::Request request;
  request.path = "/v1/stream";
  request.headers["last-event-id"] = "A0.0.0M0.0.0";
  v1::MatchRecord match;
  match.set_match_id("m1");
  match.add_evidence()->set_text("chips");
  const auto one = article("https://example.org/9", "Chips", "", clock_.now_unix_ms());
  ASSERT_TRUE(log::append(*log_, {{proto::Topic::kArticles, "a", one.SerializeAsString()},
                                  {proto::Topic::kMatches, "s", match.SerializeAsString()}}));
  const auto response = router_->handle(request);
  ASSERT_NE(response.stream, nullptr) << response.body;
  std::string events;
  for (int i = 0; i < 50 && (events.find("event: article") == std::string::npos ||
                             events.find("event: alert") == std::string::npos);
       ++i)
    events += told(*response.stream);
  std::istringstream lines(events);
  std::map<std::string, int> seen;
  std::string event;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("event: ")) event = line.substr(7);
    if (!line.starts_with("data: ")) continue;
    ++seen[event];
    const Json schema = Json::object(
        {{"$ref", event == "alert" ? "#/components/schemas/Match" : "#/components/schemas/Hit"}});
    for (const std::string& trouble : validator.check(*parse_json(line.substr(6)), schema))
      ADD_FAILURE() << event << ": " << trouble;
  }
  EXPECT_EQ(seen, (std::map<std::string, int>{{"alert", 1}, {"article", 1}}));
}

TEST_F(OpenApi, ProblemsAreOfTheirSchemaAndTheirCodesAreNamed) {
  const Json document = get("/openapi.json");
  const Json& schema = document["components"]["schemas"]["Problem"];
  Validator validator(document["components"]["schemas"]);
  for (const auto& response :
       {call("GET", "/v1/search", {{"q", "("}}), call("GET", "/v1/articles/x"),
        call("GET", "/v1/search", {{"limit", "x"}}), call("GET", "/v1/search", {{"query", "x"}})}) {
    EXPECT_GE(response.status, 400);
    for (const std::string& trouble : validator.check(*parse_json(response.body), schema))
      ADD_FAILURE() << trouble;
  }
  std::vector<std::string> named;
  for (const Json& code : schema["properties"]["code"]["examples"].as_array())
    named.push_back(code.as_string());
  std::vector<std::string> known;
  for (const CodeStatus& one : kCodeStatuses) known.emplace_back(one.code.text());
  EXPECT_EQ(named, known);
}

/// What members.cc understands of a schema; a request schema may say nothing else.
TEST_F(OpenApi, BodiesAreDescribedInWordsThatAreChecked) {
  static const std::set<std::string> kChecked{
      "type",  "properties", "required", "additionalProperties",
      "items", "enum",       "readOnly", "title"};
  static const std::set<std::string> kSaidOnly{"description", "default", "format"};
  std::vector<const Json*> open;
  std::size_t looked_at = 0;
  for (const Operation& operation : operations()) {
    if (operation.body_schema != nullptr) open.push_back(operation.body_schema);
  }
  while (!open.empty()) {
    const Json& schema = *open.back();
    open.pop_back();
    ++looked_at;
    for (const auto& [word, value] : schema.as_object())
      EXPECT_TRUE(kChecked.contains(word) || kSaidOnly.contains(word)) << word;
    if (schema["properties"].is_object()) {
      EXPECT_TRUE(schema["additionalProperties"].is_bool()) << schema.dump();
    }
    for (const auto& [name, member] : schema["properties"].as_object()) {
      if (!member["readOnly"].as_bool()) open.push_back(&resolved(member));
    }
    if (const Json* items = schema.find("items")) open.push_back(&resolved(*items));
  }
  EXPECT_GT(looked_at, 15U);
}

}  // namespace
}  // namespace vigie::indexer::api
