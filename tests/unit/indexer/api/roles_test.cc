#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "indexer/api/api.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

using keys::Role;

/// Who may call each operation: a stranger without a key (-), reader, analyst, operator, admin,
/// peer, metrics, by their first letters. Written by hand, so that a change of the product's table
/// (operation_roles.cc) is a change here too.
const std::map<std::string, std::string> kWhoMay{
    {"openapi", "-raoapm"},
    {"metrics", "-raoapm"},
    {"healthz", "-raoapm"},
    {"readyz", "-raoapm"},
    {"startSession", "-raoapm"},
    {"endSession", "-raoapm"},

    {"askUnsubscribe", "-raoapm"},
    {"unsubscribe", "-raoapm"},
    {"sharedBrief", "-raoapm"},

    {"feed", " raoa  "},
    {"feedJson", " raoa  "},
    {"searchFeed", " raoa  "},
    {"searchFeedJson", " raoa  "},
    {"session", " raoa  "},
    {"sessions", " raoa  "},
    {"endSessionById", " raoa  "},
    {"feeds", " raoa  "},
    {"createFeed", " raoa  "},
    {"deleteFeed", " raoa  "},
    {"search", " raoa  "},
    {"export", " raoa  "},
    {"article", " raoa  "},
    {"articleVersion", " raoa  "},
    {"timeline", " raoa  "},
    {"facets", " raoa  "},
    {"trend", " raoa  "},
    {"reading", " raoa  "},
    {"stream", " raoa  "},
    {"topics", " raoa  "},
    {"topic", " raoa  "},
    {"actors", " raoa  "},
    {"actor", " raoa  "},
    {"suggest", " raoa  "},
    {"subscriptions", " raoa  "},
    {"subscription", " raoa  "},
    {"subscriptionHistory", " raoa  "},
    {"matches", " raoa  "},
    {"deliveries", " raoa  "},
    {"sources", " raoa  "},
    {"pipeline", " raoa  "},
    {"conditions", " raoa  "},
    {"control", " raoa  "},
    {"quarantine", " raoa  "},
    {"source", " raoa  "},
    {"exportSources", " raoa  "},
    {"collections", " raoa  "},
    {"collection", " raoa  "},
    {"brief", " raoa  "},
    {"savedSearches", " raoa  "},
    {"saveSearch", " raoa  "},
    {"replaceSavedSearch", " raoa  "},
    {"deleteSavedSearch", " raoa  "},
    {"seeSavedSearch", " raoa  "},
    {"unreadCounts", " raoa  "},
    {"seen", " raoa  "},
    {"markSeen", " raoa  "},

    {"previewSubscription", "  aoa  "},
    {"createSubscription", "  aoa  "},
    {"replaceSubscription", "  aoa  "},
    {"deleteSubscription", "  aoa  "},
    {"testSubscription", "  aoa  "},
    {"replayMatch", "  aoa  "},
    {"createCollection", "  aoa  "},
    {"replaceCollection", "  aoa  "},
    {"addToCollection", "  aoa  "},
    {"deleteCollection", "  aoa  "},
    {"shareCollection", "  aoa  "},
    {"unshareCollection", "  aoa  "},

    {"command", "   oa  "},
    {"ingest", "   oa  "},
    {"addSource", "   oa  "},
    {"importSources", "   oa  "},
    {"changeSource", "   oa  "},
    {"removeSource", "   oa  "},
    {"pollSource", "   oa  "},
    {"discoverSource", "   oa  "},
    {"freeze", "   oa  "},
    {"thaw", "   oa  "},
    {"quarantineRecord", "   oa  "},
    {"quarantineReplay", "   oa  "},
    {"logTopics", "   oa  "},

    {"log", "    a  "},
    {"keys", "    a  "},
    {"createKey", "    a  "},
    {"revokeKey", "    a  "},
    {"audit", "    a  "},

    {"peer", "    ap "},
};

/// The API with a key of each role.
class Roles : public Api {
 protected:
  void SetUp() override {
    Api::SetUp();
    const auto file = dir_ / "keys";
    std::ofstream(file) << "0123456789abcdef0123\n";
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    settings_.values["api.keys_file"] = {Json(file.string()), "--set"};
    make();
    for (std::size_t i = 0; i < keys::kRoleNames.size(); ++i) {
      auto made = keys_->make(keys::kRoleNames[i], static_cast<Role>(i), 0, "test",
                              [](const auto&) { return std::vector<log::NewRecord>(); });
      ASSERT_TRUE(made) << made.error().to_string();
      keys_of_.push_back(made->key);
    }
  }

  /// The path of an operation with something in the place of each {name}.
  static std::string filled(const std::string& pattern) {
    std::string out;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
      if (pattern[at] != '{') {
        out += pattern[at];
        continue;
      }
      out += "audit";
      at = pattern.find('}', at);
    }
    return out;
  }

  http::Response ask(const std::string& method, const std::string& path, const std::string& key) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.peer = "192.0.2.7";
    request.peer_is_loopback = false;
    request.headers["host"] = "news.example";
    if (!key.empty()) request.headers["authorization"] = "Bearer " + key;
    return router_->handle(std::move(request));
  }

  std::vector<std::string> keys_of_;  // by role
};

TEST_F(Roles, EveryRouteIsOpenToItsRolesAndToNobodyElse) {
  std::size_t calls = 0;
  std::size_t operations = 0;
  const Json document = openapi_document();
  for (const auto& [pattern, methods] : document["paths"].as_object()) {
    for (const auto& [method, described] : methods.as_object()) {
      const std::string operation = described["operationId"].as_string();
      ++operations;
      const auto expected = kWhoMay.find(operation);
      ASSERT_NE(expected, kWhoMay.end())
          << operation << ": say in this table, and in operation_roles.cc, who may call it";
      std::string verb = method;
      for (char& c : verb) c = static_cast<char>(c - 'a' + 'A');
      for (std::size_t who = 0; who <= keys_of_.size(); ++who) {
        const http::Response response =
            ask(verb, filled(pattern), who == 0 ? std::string() : keys_of_[who - 1]);
        ++calls;
        const std::string code =
            response.status < 400 || response.body.empty() || response.body[0] != '{'
                ? std::string()
                : json_of(response)["code"].as_string();
        const bool let_in = code != "not_authorized" && code != "key_needed";
        EXPECT_EQ(let_in, expected->second[who] != ' ')
            << verb << ' ' << pattern << " as "
            << (who == 0 ? "a stranger" : keys::kRoleNames[who - 1]) << ": " << response.body;
        if (let_in) continue;
        EXPECT_EQ(response.status, who == 0 ? 401 : 403) << operation;
        if (who > 0) {
          EXPECT_NE(response.body.find("needs the role"), std::string::npos) << response.body;
        }
      }
    }
  }
  EXPECT_EQ(operations, kWhoMay.size()) << "the table here names what there is no more";
  EXPECT_EQ(calls, operations * 7);
}

/// It is no call of the document, and its tools ask past the guard.
TEST_F(Roles, ToolsOfMcpAreForReaders) {
  EXPECT_EQ(ask("POST", "/mcp", "").status, 401);
  EXPECT_EQ(ask("POST", "/mcp", "a key that nobody has").status, 401);
  for (const Role role : {Role::kReader, Role::kAnalyst, Role::kOperator, Role::kAdmin})
    EXPECT_EQ(ask("POST", "/mcp", keys_of_[static_cast<std::size_t>(role)]).status, 400)
        << "an empty body is no message";
  for (const Role role : {Role::kPeer, Role::kMetrics})
    EXPECT_EQ(ask("POST", "/mcp", keys_of_[static_cast<std::size_t>(role)]).status, 403);
}

TEST_F(Roles, HeadIsJudgedAsGet) {
  EXPECT_EQ(ask("HEAD", "/v1/audit", keys_of_[0]).status, 403);
  EXPECT_EQ(ask("HEAD", "/v1/audit", keys_of_[3]).status, 200);
}

TEST_F(Roles, MetricsAskForAKeyWhereItIsSet) {
  EXPECT_EQ(ask("GET", "/metrics", "").status, 200);
  settings_.values["api.metrics_key"] = {Json(true), "--set"};
  make();
  EXPECT_EQ(ask("GET", "/metrics", "").status, 401);
  EXPECT_EQ(ask("GET", "/metrics", keys_of_[0]).status, 403);
  EXPECT_EQ(ask("GET", "/metrics", keys_of_[4]).status, 403);
  for (const Role role : {Role::kMetrics, Role::kOperator, Role::kAdmin})
    EXPECT_EQ(ask("GET", "/metrics", keys_of_[static_cast<std::size_t>(role)]).status, 200);
  EXPECT_EQ(ask("GET", "/healthz", "").status, 200);
}

TEST(RoleSteps, CoverTheLowerOnes) {
  EXPECT_TRUE(keys::covers(Role::kAnalyst, Role::kReader));
  EXPECT_FALSE(keys::covers(Role::kReader, Role::kAnalyst));
  EXPECT_FALSE(keys::covers(Role::kPeer, Role::kReader));
  EXPECT_FALSE(keys::covers(Role::kMetrics, Role::kReader));
  EXPECT_FALSE(keys::covers(Role::kOperator, Role::kPeer));
  EXPECT_TRUE(keys::covers(Role::kAdmin, Role::kPeer));
}

}  // namespace
}  // namespace vigie::indexer::api
