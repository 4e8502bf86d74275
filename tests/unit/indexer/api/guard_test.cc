#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "indexer/api/api.h"
#include "platform/log/pausing_log.h"
#include "proto/identity.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

// ops/spec/http_api.md, "Who may call".
class Guarded : public Api {
 protected:
  using Headers = std::map<std::string, std::string, std::less<>>;
  int status(std::string path, Headers headers, bool loopback = true, std::string method = "GET",
             std::string body = {}) {
    http::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.peer = loopback ? "127.0.0.1" : "192.0.2.1";
    request.peer_is_loopback = loopback;
    last_ = router_->handle(std::move(request));
    return last_.status;
  }
  http::Response last_;
};

TEST_F(Guarded, WithoutKeysAnswersLoopbackWithALoopbackHostAndItsOwnOrigin) {
  EXPECT_EQ(status("/v1/search", {{"host", "127.0.0.1:8080"}}), 200);
  EXPECT_EQ(status("/v1/search", {{"host", "localhost"}, {"origin", "http://localhost"}}), 200);
  EXPECT_EQ(status("/v1/search", {{"host", "[::1]:8080"}}), 200);
  EXPECT_EQ(status("/v1/search", {{"host", "rebound.example"}}), 421);
  EXPECT_EQ(status("/v1/search", {{"host", "127.0.0.1.example"}}), 421);
  EXPECT_EQ(status("/", {{"host", "rebound.example"}}), 421);
  EXPECT_EQ(status("/v1/search", {}), 421);
  EXPECT_EQ(status("/v1/search", {{"host", "localhost"}, {"origin", "https://evil.example"}}), 403);
  EXPECT_EQ(status("/v1/search", {{"host", "localhost:8080"}, {"origin", "http://localhost:9"}}),
            403);
  EXPECT_EQ(status("/v1/search", {{"host", "localhost"}}, false), 403);
  for (const char* path : {"/metrics", "/healthz", "/readyz"})
    EXPECT_EQ(status(path, {{"host", "prometheus"}}, false), 200) << path;
}

// Not what handlers answer alone: also what is refused before any is asked.
TEST_F(Guarded, RefusalsAreKeptOutOfCachesToo) {
  struct Row {
    const char* path;
    Headers headers;
    const char* method;
    int status;
  };
  const Row rows[] = {
      {"/v1/search", {{"host", "rebound.example"}}, "GET", 421},
      {"/v1/search", {{"host", "localhost"}, {"via", "1.1 proxy"}}, "GET", 403},
      {"/v1/nothing", {{"host", "localhost"}}, "GET", 404},
      {"/v1/search", {{"host", "localhost"}}, "DELETE", 405},
      {"/v1/search", {{"host", "localhost"}}, "GET", 200},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(status(row.path, row.headers, true, row.method), row.status) << row.path;
    std::multimap<std::string, std::string> headers(last_.headers.begin(), last_.headers.end());
    for (const char* name : {"Cache-Control", "Cross-Origin-Resource-Policy"})
      EXPECT_EQ(headers.count(name), 1U) << row.path << ' ' << name;
    EXPECT_EQ(headers.find("Cache-Control")->second, "no-store") << row.path;
  }
}

// A browser on this machine can be made to ask for anything by any page, and a proxy by anybody.
TEST_F(Guarded, WithoutKeysRefusesWhatOthersMakeAskForIt) {
  struct Row {
    const char* path;
    std::map<std::string, std::string, std::less<>> headers;
    int status;
  };
  const Row rows[] = {
      {"/metrics", {{"host", "rebound.example"}}, 421},
      {"/metrics", {{"host", "localhost:8080"}}, 200},
      {"/healthz", {{"host", "10.0.0.7:8080"}}, 200},
      {"/v1/search", {{"host", "localhost:80@evil.example"}}, 421},
      {"/v1/search", {{"host", "127.999.0.1"}}, 421},
      {"/v1/search", {{"host", "127.1"}}, 421},
      {"/v1/search", {{"host", "127.0.0.2:99999999"}}, 421},
      {"/v1/search", {{"host", "localhost:"}}, 421},
      {"/v1/search", {{"host", "[::1]evil.example"}}, 421},
      {"/v1/search", {{"host", "LOCALHOST:8080"}}, 200},
      {"/v1/search", {{"host", "127.0.0.2:8080"}}, 200},
      {"/v1/search", {{"host", "localhost"}, {"x-forwarded-for", "203.0.113.5"}}, 403},
      {"/v1/search", {{"host", "localhost"}, {"forwarded", "for=203.0.113.5"}}, 403},
      {"/v1/search", {{"host", "localhost"}, {"via", "1.1 proxy"}}, 403},
      {"/", {{"host", "localhost"}, {"x-real-ip", "127.0.0.1"}}, 403},
      {"/v1/search", {{"host", "localhost"}, {"cf-connecting-ip", "203.0.113.5"}}, 403},
      {"/v1/search", {{"host", "localhost"}, {"x-envoy-external-address", "203.0.113.5"}}, 403},
      {"/v1/search", {{"host", "localhost"}, {"true-client-ip", "203.0.113.5"}}, 403},
      {"/v1/search", {{"host", "localhost"}, {"cdn-loop", "cdn"}}, 403},
      {"/v1/search", {{"host", "localhost"}, {"sec-fetch-site", "cross-site"}}, 403},
      {"/v1/search", {{"host", "localhost"}, {"sec-fetch-site", "same-site"}}, 403},
      {"/v1/search",
       {{"host", "localhost"}, {"sec-fetch-site", "cross-site"}, {"sec-fetch-mode", "navigate"}},
       403},
      {"/v1/search", {{"host", "localhost"}, {"sec-fetch-site", "same-origin"}}, 200},
      {"/v1/search", {{"host", "localhost"}, {"sec-fetch-site", "none"}}, 200},
      {"/",
       {{"host", "localhost"}, {"sec-fetch-site", "cross-site"}, {"sec-fetch-mode", "navigate"}},
       200},
      {"/",
       {{"host", "localhost"}, {"sec-fetch-site", "cross-site"}, {"sec-fetch-mode", "no-cors"}},
       403},
  };
  for (const Row& row : rows)
    EXPECT_EQ(status(row.path, row.headers), row.status)
        << row.path << ' ' << row.headers.at("host");
}

TEST_F(Guarded, AnAddressThatShowsManyWrongKeysMustWait) {
  const auto file = dir_ / "keys";
  std::ofstream(file) << "0123456789abcdef0123\n";
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  settings_.values["api.keys_file"] = {Json(file.string()), "--set"};
  make();
  const std::map<std::string, std::string, std::less<>> host = {{"host", "news.example"}};
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(status("/v1/session", host, false, "POST", "{\"key\":\"nope\"}"), 401);
  EXPECT_EQ(status("/v1/session", host, false, "POST", "{\"key\":\"0123456789abcdef0123\"}"), 429);
  EXPECT_NE(
      std::ranges::find(last_.headers, "Retry-After", &std::pair<std::string, std::string>::first),
      last_.headers.end());
  EXPECT_EQ(
      status("/v1/search",
             {{"host", "news.example"}, {"authorization", "Bearer 0123456789abcdef0123"}}, false),
      429);
  EXPECT_EQ(status("/", host, false), 200);
  EXPECT_NE(metrics_->expose().find("vigie_api_refused_total{reason=\"bad_key\"} 10"),
            std::string::npos);
}

TEST_F(Guarded, KeysThatOthersCanReadStopTheStart) {
  const auto file = dir_ / "keys";
  std::ofstream(file) << "0123456789abcdef0123\n";
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  settings_.values["api.keys_file"] = {Json(file.string()), "--set"};
  const auto first = key_for_peers(settings_);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode("bad_keys_file"));
  EXPECT_NE(first.error().detail.find("chmod o-rwx"), std::string::npos);
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  EXPECT_TRUE(key_for_peers(settings_));
  std::filesystem::permissions(file, std::filesystem::perms(0602));
  EXPECT_FALSE(key_for_peers(settings_)) << "who writes it lets himself in";
}

TEST_F(Guarded, WithKeysAsksForOneAndKeepsItInACookie) {
  const auto file = dir_ / "keys";
  std::ofstream(file) << "# keys\n0123456789abcdef0123\n";
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  settings_.values["api.keys_file"] = {Json(file.string()), "--set"};
  make();
  EXPECT_EQ(status("/v1/search", {{"host", "news.example"}}, false), 401);
  EXPECT_EQ(
      status("/v1/search",
             {{"host", "news.example"}, {"authorization", "Bearer 0123456789abcdef0123"}}, false),
      200);
  EXPECT_EQ(status("/v1/search",
                   {{"host", "news.example"}, {"authorization", "Bearer wrong-wrong-wrong-wrong"}},
                   false),
            401);
  EXPECT_EQ(status("/", {{"host", "news.example"}}, false), 200);
  EXPECT_EQ(status("/v1/session", {{"host", "news.example"}}, false, "POST", "{\"key\":\"nope\"}"),
            401);
  ASSERT_EQ(status("/v1/session", {{"host", "news.example"}}, false, "POST",
                   "{\"key\":\"0123456789abcdef0123\"}"),
            204);
  std::string cookie;
  for (const auto& [name, value] : last_.headers) {
    if (name == "Set-Cookie") cookie = value;
  }
  EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("SameSite=Strict"), std::string::npos);
  EXPECT_EQ(cookie.find("0123456789abcdef0123"), std::string::npos)
      << "the key itself is not kept in the browser";
  const std::string pair = cookie.substr(0, cookie.find(';'));
  EXPECT_EQ(status("/v1/search", {{"host", "news.example"}, {"cookie", "a=b; " + pair}}, false),
            200);
  EXPECT_EQ(status("/v1/search",
                   {{"host", "news.example"}, {"cookie", pair}, {"origin", "https://evil.example"}},
                   false),
            403);
  EXPECT_EQ(status("/v1/search", {{"host", "news.example"}, {"cookie", "vigie_session="}}, false),
            401);
  EXPECT_EQ(status("/healthz", {}, false), 200);
}

/// With one key, and people who sign in with it.
class SignedIn : public Guarded {
 protected:
  void use_keys(const std::string& keys) {
    const auto file = dir_ / "keys";
    std::ofstream(file) << keys;
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    settings_.values["api.keys_file"] = {Json(file.string()), "--set"};
    make();
  }
  /// The attributes of the cookie that the last response set, its value first.
  std::string cookie() const {
    for (const auto& [name, value] : last_.headers) {
      if (name == "Set-Cookie") return value;
    }
    return {};
  }
  std::string sign_in(Headers more = {}) {
    more.insert({{"host", "news.example"}, {"user-agent", "Firefox/130"}});
    EXPECT_EQ(status("/v1/session", more, false, "POST", "{\"key\":\"" + key_ + "\"}"), 204);
    return cookie().substr(0, cookie().find(';'));
  }
  int search_with(const std::string& session) {
    return status("/v1/search", {{"host", "news.example"}, {"cookie", session}}, false);
  }
  Json sessions(const std::string& session) {
    EXPECT_EQ(status("/v1/sessions", {{"host", "news.example"}, {"cookie", session}}, false), 200);
    return json_of(last_)["sessions"];
  }
  std::string key_ = "0123456789abcdef0123";
};

TEST_F(SignedIn, SessionsAreRandomAndSigningOutEndsOne) {
  use_keys(key_ + "\n");
  const std::string one = sign_in();
  const std::string two = sign_in();
  EXPECT_NE(one, two);
  EXPECT_EQ(search_with(one), 200);
  EXPECT_EQ(status("/v1/session", {{"host", "news.example"}, {"cookie", one}}, false, "DELETE"),
            204);
  EXPECT_NE(cookie().find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(search_with(one), 401) << "the cookie may still be somewhere";
  EXPECT_EQ(search_with(two), 200);
  make();
  EXPECT_EQ(search_with(two), 200) << "the log knows it";
}

TEST_F(SignedIn, WhoSignsOutWhereTheSessionIsNotKnownYetIsOutEverywhere) {
  use_keys(key_ + "\n");
  const auto there = sessions::SessionStore::open(*log_, clock_, random_, {});
  ASSERT_TRUE(there);
  const auto begun = (*there)->begin({proto::sha256(key_), {}, "key 1", "192.0.2.1", "Firefox"});
  ASSERT_TRUE(begun);
  const std::string cookie = "vigie_session=" + begun->token;
  EXPECT_EQ(status("/v1/session", {{"host", "news.example"}, {"cookie", cookie}}, false, "DELETE"),
            204);
  ASSERT_TRUE((*there)->catch_up({}));
  EXPECT_TRUE((*there)->list().empty());
  EXPECT_EQ(status("/v1/session",
                   {{"host", "news.example"}, {"cookie", "vigie_session=" + std::string(64, '0')}},
                   false, "DELETE"),
            204)
      << "a cookie of nobody is taken away, too";
}

TEST_F(SignedIn, WhoseKeyIsGoneCanStillBeSignedOut) {
  use_keys(key_ + "\n");
  const auto there = sessions::SessionStore::open(*log_, clock_, random_, {});
  ASSERT_TRUE(there);
  const auto begun = (*there)->begin(
      {proto::sha256("a key that was revoked"), {}, "key 2", "192.0.2.1", "Firefox"});
  ASSERT_TRUE(begun);
  const std::string cookie = "vigie_session=" + begun->token;
  EXPECT_EQ(search_with(cookie), 401) << "it opens nothing";
  EXPECT_EQ(status("/v1/session", {{"host", "news.example"}, {"cookie", cookie}}, false, "DELETE"),
            204);
  ASSERT_TRUE((*there)->catch_up({}));
  EXPECT_TRUE((*there)->list().empty()) << "and is in no list any more";
}

TEST_F(SignedIn, AreListedAndEndedOneByOne) {
  use_keys(key_ + "\n");
  const std::string one = sign_in();
  const std::string two = sign_in();
  const Json listed = sessions(one);
  ASSERT_EQ(listed.as_array().size(), 2U);
  std::string other;
  for (const Json& session : listed.as_array()) {
    EXPECT_EQ(session["address"].as_string(), "192.0.2.1");
    EXPECT_EQ(session["user_agent"].as_string(), "Firefox/130");
    if (!session["current"].as_bool()) other = session["id"].as_string();
  }
  ASSERT_FALSE(other.empty());
  EXPECT_EQ(last_.body.find(two.substr(two.find('=') + 1)), std::string::npos);
  const Headers headers{{"host", "news.example"}, {"cookie", one}};
  EXPECT_EQ(status("/v1/sessions/" + other, {{"host", "news.example"}}, false, "DELETE"), 401);
  EXPECT_EQ(status("/v1/sessions/" + other, headers, false, "DELETE"), 204);
  EXPECT_EQ(status("/v1/sessions/" + other, headers, false, "DELETE"), 404);
  EXPECT_EQ(search_with(two), 401);
  EXPECT_EQ(search_with(one), 200);
  EXPECT_EQ(sessions(one).as_array().size(), 1U);
}

TEST_F(SignedIn, EndWithTheirKeyAndByTime) {
  use_keys(key_ + "\n");
  const std::string session = sign_in();
  use_keys("another-key-of-the-file\n" + key_ + "\n");
  EXPECT_EQ(search_with(session), 200) << "its key is still there, at another place";
  use_keys("another-key-of-the-file\n");
  EXPECT_EQ(search_with(session), 401);
  use_keys(key_ + "\n");
  EXPECT_EQ(search_with(session), 200);
  clock_.advance(std::chrono::hours(24 * 31));
  EXPECT_EQ(search_with(session), 401) << "nobody used it for a month";
}

TEST_F(SignedIn, CookiesAreSecureWhereThePageCameByHttps) {
  use_keys(key_ + "\n");
  sign_in();
  EXPECT_EQ(cookie().find("Secure"), std::string::npos) << "or no browser would send it";
  sign_in({{"origin", "https://news.example"}});
  EXPECT_NE(cookie().find("; Secure"), std::string::npos);
  sign_in({{"x-forwarded-proto", "https"}});
  EXPECT_NE(cookie().find("; Secure"), std::string::npos);
}

TEST_F(SignedIn, CanSignInWhileTheDiskIsNearlyFull) {
  std::atomic<bool> room{false};
  log_ = log::make_pausing(std::move(log_), [&room] { return room.load(); });
  auto reopened = sessions::SessionStore::open(*log_, clock_, random_, {});
  ASSERT_TRUE(reopened);
  sessions_ = std::move(*reopened);
  use_keys(key_ + "\n");
  EXPECT_EQ(search_with(sign_in()), 200);
  router_.reset();
}

TEST_F(Guarded, AKeysFileWithoutAKeyStopsTheStart) {
  settings_.values["api.keys_file"] = {Json((dir_ / "missing").string()), "--set"};
  ApiDependencies dependencies{.settings = settings_,
                               .log = *log_,
                               .index = *index_,
                               .subscriptions = *store_,
                               .sessions = *sessions_,
                               .keys = *keys_,
                               .collections = *collections_,
                               .saved = *saved_,
                               .clock = clock_,
                               .random = random_,
                               .metrics = *metrics_,
                               .data_dir = dir_};
  const auto router = make_router(std::move(dependencies));
  ASSERT_FALSE(router);
  EXPECT_EQ(router.error().code, ErrorCode("bad_keys_file"));
  EXPECT_EQ(router.error().disposition, Disposition::kStop);
}

}  // namespace
}  // namespace vigie::indexer::api
