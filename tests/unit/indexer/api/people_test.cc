#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "indexer/api/api.h"
#include "tests/unit/indexer/api/people_fixture.h"

namespace vigie::indexer::api {
namespace {

TEST_F(People, HaveKeysThatAreToldOnceAndEndAtOnce) {
  use_keys(root_ + "\n");
  make();
  const std::string ana = key_of("Ana", "analyst");
  EXPECT_EQ(status("GET", "/v1/session", bearer(ana)), 200);
  const Json me = json_of(last_);
  EXPECT_EQ(me["name"].as_string(), "Ana");
  EXPECT_EQ(me["role"].as_string(), "analyst");
  EXPECT_EQ(me["by"].as_string(), "key");
  EXPECT_EQ(status("GET", "/v1/keys", bearer(ana)), 403);
  EXPECT_EQ(status("GET", "/v1/keys", bearer(root_)), 200);
  EXPECT_EQ(last_.body.find(ana.substr(30)), std::string::npos);
  const Json keys = json_of(last_)["keys"];
  ASSERT_EQ(keys.as_array().size(), 2U);
  EXPECT_EQ(keys.as_array()[0]["name"].as_string(), "key 1") << "of the file";
  EXPECT_TRUE(keys.as_array()[0]["id"].is_null());
  EXPECT_TRUE(keys.as_array()[1]["last_used"].is_string());
  EXPECT_EQ(keys.as_array()[1]["made_by"].as_string(), "key 1");
  ASSERT_EQ(status("POST", "/v1/session", {}, "{\"key\":\"" + ana + "\"}"), 204);
  const std::string cookie = header("Set-Cookie").substr(0, header("Set-Cookie").find(';'));
  EXPECT_EQ(status("GET", "/v1/session", {{"cookie", cookie}}), 200);
  EXPECT_EQ(json_of(last_)["by"].as_string(), "session");
  EXPECT_EQ(status("DELETE", "/v1/keys/" + ids_["Ana"], bearer(root_)), 204);
  EXPECT_EQ(status("GET", "/v1/session", bearer(ana)), 401);
  EXPECT_EQ(status("GET", "/v1/session", {{"cookie", cookie}}), 401) << "it ends with its key";
}

TEST_F(People, KeysExpire) {
  use_keys(root_ + "\n");
  make();
  EXPECT_EQ(status("POST", "/v1/keys", bearer(root_),
                   R"({"name":"G","role":"reader","expires":"1999-01-01T00:00:00Z"})"),
            400);
  EXPECT_EQ(
      status("POST", "/v1/keys", bearer(root_), R"({"name":"G","role":"reader","expires":"soon"})"),
      400);
  EXPECT_EQ(status("POST", "/v1/keys", bearer(root_),
                   R"({"name":"G","role":"reader","expires":"2999-01-01T00:00:00Z"})"),
            201);
  const std::string key = json_of(last_)["key"].as_string();
  EXPECT_EQ(status("GET", "/v1/search", bearer(key)), 200);
  clock_.advance(std::chrono::hours(24 * 366 * 1000));
  EXPECT_EQ(status("GET", "/v1/search", bearer(key)), 401);
}

TEST_F(People, SeeTheirOwnSessionsAndAnAdminAll) {
  use_keys(root_ + "\n");
  make();
  const std::string ana = key_of("Ana", "reader");
  const std::string bo = key_of("Bo", "operator");
  ASSERT_EQ(status("POST", "/v1/session", {}, "{\"key\":\"" + ana + "\"}"), 204);
  EXPECT_EQ(status("GET", "/v1/sessions", bearer(bo)), 200);
  EXPECT_TRUE(json_of(last_)["sessions"].as_array().empty());
  EXPECT_EQ(status("GET", "/v1/sessions", bearer(root_)), 200);
  ASSERT_EQ(json_of(last_)["sessions"].as_array().size(), 1U);
  const Json session = json_of(last_)["sessions"].as_array()[0];
  EXPECT_EQ(session["name"].as_string(), "Ana");
  EXPECT_EQ(status("DELETE", "/v1/sessions/" + session["id"].as_string(), bearer(bo)), 404);
  EXPECT_EQ(status("DELETE", "/v1/sessions/" + session["id"].as_string(), bearer(ana)), 204);
}

TEST_F(People, HashedLinesOfTheFileOpenWithTheirRole) {
  use_keys(
      "sha256:" + std::string("bcd9b2c4b60ed4ae1bf2ce3fd5ae4bb5ab0e2d0e0b5f6d4e1f8b1f6f0c9f8e7d") +
      " reader Nobody\n" + root_ + "\n");
  make();
  EXPECT_EQ(status("GET", "/v1/keys", bearer(root_)), 200);
  EXPECT_EQ(json_of(last_)["keys"].as_array()[0]["role"].as_string(), "reader");
  std::string digits;
  for (const unsigned char byte : proto::sha256("vigie_file_secret-of-the-desk")) {
    digits += "0123456789abcdef"[byte >> 4U];
    digits += "0123456789abcdef"[byte & 15U];
  }
  use_keys("sha256:" + digits + " operator The desk\n");
  make();
  EXPECT_EQ(status("GET", "/v1/session", bearer("vigie_file_secret-of-the-desk")), 200);
  EXPECT_EQ(json_of(last_)["name"].as_string(), "The desk");
  EXPECT_EQ(json_of(last_)["role"].as_string(), "operator");
  EXPECT_EQ(status("GET", "/v1/session", bearer("sha256:" + digits)), 401);
  const auto shown = key_for_peers(settings_);
  ASSERT_FALSE(shown) << "a digest cannot be shown to a peer";
  EXPECT_NE(shown.error().detail.find("indexer.peer_key_file"), std::string::npos);
  for (const std::string line : {"sha256:abc reader X", "sha256:", "sha256: reader X",
                                 "sha256:@ emperor X", "sha256:@ reader", "sha256:@ reader "}) {
    const std::size_t place = line.find('@');
    use_keys((place == std::string::npos ? line : std::string(line).replace(place, 1, digits)) +
             "\n");
    EXPECT_FALSE(starts()) << line;
  }
  use_keys("sha256:" + digits + " reader X\n");
  EXPECT_TRUE(starts());
}

TEST_F(People, PeersHaveAKeyOfTheirOwn) {
  use_keys(root_ + "\n");
  const auto file = dir_ / "peers";
  std::ofstream(file) << "fedcba9876543210fedc\n";
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  EXPECT_EQ(*key_for_peers(settings_), root_) << "as it was";
  set("indexer.peer_key_file", file.string());
  make();
  EXPECT_EQ(*key_for_peers(settings_), "fedcba9876543210fedc");
  EXPECT_EQ(status("POST", "/v1/peer", bearer("fedcba9876543210fedc")), 200);
  EXPECT_EQ(status("GET", "/v1/search", bearer("fedcba9876543210fedc")), 403);
}

/// Behind a proxy at 10.0.0.9 that signs people in.
class BehindAProxy : public People {
 protected:
  void SetUp() override {
    People::SetUp();
    use_keys(root_ + "\n");
    set("api.trusted_proxies", list({"10.0.0.0/24"}));
    set("api.proxy_user_header", "Remote-User");
    set("api.proxy_groups_header", "Remote-Groups");
    set("api.proxy_roles", list({"newsroom=analyst", "ops=operator"}));
    make();
  }
  int ask(Headers headers, const std::string& peer = "10.0.0.9") {
    return status("GET", "/v1/session", std::move(headers), {}, peer);
  }
};

TEST_F(BehindAProxy, PeopleHaveTheHighestRoleOfTheirGroups) {
  EXPECT_EQ(ask({{"remote-user", "ana@news.example"}, {"remote-groups", "all, newsroom"}}), 200);
  EXPECT_EQ(json_of(last_)["name"].as_string(), "user:ana@news.example");
  EXPECT_EQ(json_of(last_)["role"].as_string(), "analyst");
  EXPECT_EQ(json_of(last_)["by"].as_string(), "proxy");
  EXPECT_EQ(ask({{"remote-user", "bo"}, {"remote-groups", "ops,newsroom"}}), 200);
  EXPECT_EQ(json_of(last_)["role"].as_string(), "operator");
  EXPECT_EQ(ask({{"remote-user", "eve"}, {"remote-groups", "guests"}}), 403);
  EXPECT_NE(last_.body.find("user:eve"), std::string::npos);
  EXPECT_EQ(ask({{"remote-user", "eve"}}), 403);
  EXPECT_EQ(ask({{"remote-groups", "ops"}}), 401) << "a group alone is nobody";
  EXPECT_EQ(ask({{"remote-user", "ana, root"}, {"remote-groups", "ops"}}), 401)
      << "a header that came twice: the client's own beside the proxy's";
  EXPECT_EQ(ask(bearer(root_)), 200) << "programs show keys";
  EXPECT_EQ(json_of(last_)["role"].as_string(), "admin");
}

TEST_F(BehindAProxy, HeadersOfOthersAreIgnoredAndCounted) {
  const Headers claim{{"remote-user", "root"}, {"remote-groups", "ops"}};
  EXPECT_EQ(ask(claim, "10.0.1.9"), 401);
  EXPECT_EQ(ask(claim, "192.0.2.1"), 401);
  Headers lying = claim;
  lying["x-forwarded-for"] = "10.0.0.9";
  EXPECT_EQ(ask(lying, "192.0.2.1"), 401);
  EXPECT_NE(metrics_->expose().find("vigie_api_ignored_people_total 3"), std::string::npos);
  Headers foreign = claim;
  foreign["origin"] = "https://evil.example";
  EXPECT_EQ(ask(foreign), 403) << "a page of another site has the proxy's cookie too";
}

TEST_F(BehindAProxy, TheAddressIsThatOfTheClient) {
  const std::string ana = key_of("Ana", "admin");
  Headers headers = bearer(ana);
  headers["x-forwarded-for"] = "203.0.113.1, 198.51.100.7:4711, 10.0.0.3";
  ASSERT_EQ(
      status("POST", "/v1/subscriptions", headers, R"({"name":"n","query":"chips"})", "10.0.0.9"),
      201);
  EXPECT_EQ(status("GET", "/v1/audit", bearer(root_)), 200);
  EXPECT_EQ(json_of(last_)["entries"].as_array()[0]["address"].as_string(), "198.51.100.7")
      << "what stands before it, the client may have made up";
  ASSERT_EQ(
      status("POST", "/v1/subscriptions", headers, R"({"name":"n","query":"chips"})", "192.0.2.5"),
      201);
  EXPECT_EQ(status("GET", "/v1/audit", bearer(root_)), 200);
  EXPECT_EQ(json_of(last_)["entries"].as_array()[0]["address"].as_string(), "192.0.2.5");
}

TEST_F(BehindAProxy, SettingsThatLetNobodyOrEverybodyInStopTheStart) {
  const auto stops = [this](const std::string& key, Json value) {
    const auto before = settings_.values[key];
    set(key, std::move(value));
    const bool stopped = !starts();
    settings_.values[key] = before;
    return stopped;
  };
  EXPECT_TRUE(stops("api.trusted_proxies", list({})));
  EXPECT_TRUE(stops("api.trusted_proxies", list({"proxy.example"})));
  EXPECT_TRUE(stops("api.proxy_roles", list({})));
  EXPECT_TRUE(stops("api.proxy_roles", list({"all=peer"})));
  EXPECT_TRUE(stops("api.proxy_roles", list({"all=king"})));
  EXPECT_TRUE(stops("api.proxy_roles", list({"=reader"})));
  EXPECT_TRUE(stops("api.keys_file", Json()));
  EXPECT_TRUE(stops("api.cors_origins", list({"*"})));
  EXPECT_TRUE(stops("api.cors_origins", list({"null"})));
  EXPECT_TRUE(stops("api.cors_origins", list({"https://a.example/"})));
  EXPECT_FALSE(stops("api.proxy_roles", list({"*=reader"})));
}

// The Fetch standard, "CORS protocol".
TEST_F(People, PagesOfNamedOriginsMayCallWithAKey) {
  use_keys(root_ + "\n");
  set("api.cors_origins", list({"https://desk.example"}));
  make();
  const Headers preflight{{"origin", "https://desk.example"},
                          {"access-control-request-method", "PUT"},
                          {"access-control-request-headers", "authorization, content-type"}};
  EXPECT_EQ(status("OPTIONS", "/v1/subscriptions/x", preflight), 204);
  EXPECT_EQ(header("Access-Control-Allow-Origin"), "https://desk.example");
  EXPECT_NE(header("Access-Control-Allow-Methods").find("PUT"), std::string::npos);
  EXPECT_NE(header("Access-Control-Allow-Headers").find("Authorization"), std::string::npos);
  EXPECT_EQ(header("Vary"), "Origin");
  EXPECT_EQ(header("Access-Control-Allow-Credentials"), "");
  Headers call = bearer(root_);
  call["origin"] = "https://desk.example";
  call["sec-fetch-site"] = "cross-site";
  EXPECT_EQ(status("GET", "/v1/search", call), 200);
  EXPECT_EQ(header("Access-Control-Allow-Origin"), "https://desk.example");
  EXPECT_EQ(status("GET", "/v1/articles/none", call), 404);
  EXPECT_EQ(header("Access-Control-Allow-Origin"), "https://desk.example") << "also of a problem";
  EXPECT_EQ(status("GET", "/v1/search", {{"origin", "https://desk.example"}}), 401);
  EXPECT_EQ(header("Access-Control-Allow-Origin"), "https://desk.example");
  ASSERT_EQ(status("POST", "/v1/session", {}, "{\"key\":\"" + root_ + "\"}"), 204);
  const std::string cookie = header("Set-Cookie").substr(0, header("Set-Cookie").find(';'));
  EXPECT_EQ(status("GET", "/v1/search", {{"origin", "https://desk.example"}, {"cookie", cookie}}),
            401)
      << "a cookie is for pages of this server alone";
  for (const char* other : {"https://desk.example.evil.example", "http://desk.example",
                            "https://desk.example:444", "null"}) {
    Headers foreign = bearer(root_);
    foreign["origin"] = other;
    EXPECT_EQ(status("GET", "/v1/search", foreign), 403) << other;
    EXPECT_EQ(header("Access-Control-Allow-Origin"), "") << other;
    EXPECT_EQ(header("Vary"), "Origin") << other;
    Headers asked = preflight;
    asked["origin"] = other;
    EXPECT_EQ(status("OPTIONS", "/v1/search", asked), 405) << other;
  }
}

}  // namespace
}  // namespace vigie::indexer::api
