#include <gtest/gtest.h>

#include <stdexcept>
#include <tuple>

#include "platform/http/http.h"
#include "platform/http/wire.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::http {
namespace {

Router make_router() {
  Router router;
  router.add("GET", "/v1/articles/{id}", [](const Request& request) {
    return Response::text("article " + request.captures.at(0), "text/plain");
  });
  router.add("PUT", "/v1/articles/{id}",
             [](const Request&) { return Response::text("put", "text/plain"); });
  router.add("GET", "/files/{rest*}", [](const Request& request) {
    return Response::text("file " + request.captures.at(0), "text/plain");
  });
  router.add("GET", "/throws", [](const Request&) -> Response { throw std::runtime_error("no"); });
  return router;
}

Response ask(const Router& router, std::string method, std::string path) {
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  return router.handle(std::move(request));
}

TEST(Router, GivesThePartsOfThePathToTheHandler) {
  const Router router = make_router();
  EXPECT_EQ(ask(router, "GET", "/v1/articles/a b").body, "article a b");
  EXPECT_EQ(ask(router, "GET", "/files/a/b/c").body, "file a/b/c");
  EXPECT_EQ(ask(router, "GET", "/files/").body, "file ");
  EXPECT_EQ(ask(router, "HEAD", "/v1/articles/x").status, 200);
}

TEST(Router, RunsFirstAndLastOnEverything) {
  Router router = make_router();
  router.first([](const Request& request) -> std::optional<Response> {
    if (request.method != "OPTIONS") return std::nullopt;
    return Response::text("preflight", "text/plain");
  });
  router.guard([](const Request& request) -> std::optional<Response> {
    if (request.route != "/throws") return std::nullopt;
    return Response::text("guarded", "text/plain", 403);
  });
  router.last(
      [](const Request&, Response& response) { response.headers.emplace_back("X-Last", "1"); });
  for (const auto& [method, path, status] :
       {std::tuple("OPTIONS", "/v1/articles/x", 200), std::tuple("OPTIONS", "/nothing", 200),
        std::tuple("GET", "/v1/articles/x", 200), std::tuple("GET", "/nothing", 404),
        std::tuple("DELETE", "/v1/articles/x", 405), std::tuple("GET", "/throws", 403)}) {
    const Response response = ask(router, method, path);
    EXPECT_EQ(response.status, status) << path;
    EXPECT_EQ(response.headers.back().first, "X-Last") << path;
    Request request;
    request.method = method;
    request.path = path;
    const auto admitted = router.admit(request);
    EXPECT_EQ(admitted.refused.has_value(),
              std::string_view(path) != "/v1/articles/x" || std::string_view(method) != "GET");
    if (admitted.refused) {
      EXPECT_EQ(admitted.refused->headers.back().first, "X-Last") << path;
    }
  }
}

// RFC 9457; RFC 9110 §15.5.6
TEST(Router, AnswersWithProblemDetails) {
  const Router router = make_router();
  const Response missing = ask(router, "GET", "/v1/articles/");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.headers.at(0).second, "application/problem+json");
  const auto body = parse_json(missing.body);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ((*body)["status"].as_integer(), 404);
  EXPECT_EQ((*body)["code"].as_string(), "not_found");
  EXPECT_EQ((*body)["title"].as_string(), "Not Found");

  const Response method = ask(router, "DELETE", "/v1/articles/x");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.headers.back(),
            (std::pair<std::string, std::string>("Allow", "GET, HEAD, PUT")));
  EXPECT_EQ(ask(router, "GET", "/throws").status, 500);
}

// RFC 9110 §15.5.6: what takes everything that is left does not turn a wrong method into a path
// that is not there.
TEST(Router, NamesTheMethodsOfAKnownPathBeforeWhatTakesTheRest) {
  Router router = make_router();
  router.add("POST", "/v1/ingest",
             [](const Request&) { return Response::text("taken", "text/plain"); });
  router.add("GET", "/{rest*}",
             [](const Request&) { return Response::problem(404, "not_found", "Nothing."); });
  const Response method = ask(router, "GET", "/v1/ingest");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.headers.back(), (std::pair<std::string, std::string>("Allow", "POST")));
  EXPECT_EQ(ask(router, "POST", "/v1/ingest").status, 200);
  EXPECT_EQ(ask(router, "GET", "/other").status, 404);
}

TEST(Router, TellsAnObserverTheRouteTheStatusAndHowLongTheHandlerTook) {
  FakeClock clock;
  Router router;
  router.add("GET", "/v1/articles/{id}", [&](const Request&) {
    clock.advance(std::chrono::milliseconds(250));
    return Response::text("late", "text/plain", 203);
  });
  std::vector<std::string> seen;
  router.observe(
      [&](const std::string& route, int status, std::chrono::duration<double> took) {
        seen.push_back(route + " " + std::to_string(status) + " " + std::to_string(took.count()));
      },
      clock);
  ask(router, "GET", "/v1/articles/x");
  ask(router, "GET", "/nothing");
  EXPECT_EQ(seen,
            (std::vector<std::string>{"/v1/articles/{id} 203 0.250000", "other 404 0.000000"}));
}

TEST(Router, LetsAGuardAnswerFirst) {
  Router router = make_router();
  router.guard([](const Request& request) -> std::optional<Response> {
    if (request.header("authorization").empty())
      return Response::problem(401, "unauthorized", "Send the token.");
    return std::nullopt;
  });
  EXPECT_EQ(ask(router, "GET", "/v1/articles/x").status, 401);
  Request request;
  request.path = "/v1/articles/x";
  request.headers["authorization"] = "Bearer x";
  EXPECT_EQ(router.handle(std::move(request)).status, 200);
}

TEST(Router, NamesTheRouteForMetrics) {
  const Router router = make_router();
  EXPECT_EQ(router.route_of("GET", "/v1/articles/x"), "/v1/articles/{id}");
  EXPECT_EQ(router.route_of("HEAD", "/files/a"), "/files/{rest*}");
  EXPECT_EQ(router.route_of("DELETE", "/v1/articles/x"), "other");
}

TEST(Percent, DecodesAndEncodes) {
  EXPECT_EQ(percent_decode("a%20b+c%zz%4", false), "a b+c%zz%4");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
  EXPECT_EQ(percent_encode("a b/\xC3\xA9~"), "a%20b%2F%C3%A9~");
}

// RFC 9112 §3.2
TEST(Target, ReadsOriginAndAbsoluteForm) {
  Request request;
  ASSERT_TRUE(read_target("/a%20b?x=1&y&x=%C3%A9+z", request));
  EXPECT_EQ(request.path, "/a b");
  ASSERT_EQ(request.query.size(), 3U);
  EXPECT_EQ(request.parameter("x"), "1");
  EXPECT_EQ(request.query[2].second, "\xC3\xA9 z");
  ASSERT_TRUE(read_target("http://host:80/p?q", request));
  EXPECT_EQ(request.path, "/p");
  ASSERT_TRUE(read_target("HTTPS://host", request));
  EXPECT_EQ(request.path, "/");
  EXPECT_FALSE(read_target("*", request));
  EXPECT_FALSE(read_target("", request));
  EXPECT_FALSE(read_target("/a%00", request));
  EXPECT_FALSE(read_target("/a#b", request));
  EXPECT_FALSE(read_target("http:///p", request));
  EXPECT_FALSE(read_target("http://user@host/p", request));
}

// RFC 9110 §7.2, RFC 3986 §3.2.2
TEST(Target, KnowsAnAuthority) {
  for (const char* good :
       {"", "a", "vigie_indexer:8080", "127.0.0.1", "[::1]", "[::ffff:1.2.3.4]:80",
        "a:", "xn--bcher-kva.example:65535", "a%20b", "localhost."})
    EXPECT_TRUE(is_authority(good)) << good;
  for (const char* bad :
       {"a, b", "a b", "a\tb", "u@a", "u:p@a", "a/", "a?", "a#", "a:8x", "a:123456", "[::1",
        "[::1]x", "[a]b:1", "::1", "b\xC3\xBC", "a\\b", "<a>", "[fe80::1%25lo]"})
    EXPECT_FALSE(is_authority(bad)) << bad;
}

// RFC 9110 §12.5.3
TEST(Compression, IsAsTheClientAccepts) {
  EXPECT_TRUE(accepts_gzip("gzip"));
  EXPECT_TRUE(accepts_gzip("br;q=1.0, GZIP;q=0.001"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_FALSE(accepts_gzip("gzip;q=0, *"));
  EXPECT_FALSE(accepts_gzip("gzip; q=0.000"));
  EXPECT_FALSE(accepts_gzip("identity, br"));
}

TEST(Compression, LeavesSmallAndBinaryBodiesAlone) {
  Response small = Response::text(std::string(999, 'x'), "text/plain");
  compress_if_accepted("gzip", small);
  EXPECT_EQ(small.body.size(), 999U);
  Response image = Response::text(std::string(9999, 'x'), "image/png");
  compress_if_accepted("gzip", image);
  EXPECT_EQ(image.body.size(), 9999U);
  Response json = Response::text(std::string(9999, 'x'), "application/problem+json; charset=utf-8");
  compress_if_accepted("gzip", json);
  EXPECT_LT(json.body.size(), 999U);
}

// RFC 9110 §5.6.7
}  // namespace
}  // namespace vigie::http
