#include "indexer/api/guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "indexer/api/problems.h"
#include "indexer/api/views.h"
#include "platform/logging/logging.h"
#include "platform/secrets/key_file.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMinKeyBytes = 16;
constexpr std::string_view kCookie = "vigie_session";
constexpr std::string_view kBearer = "bearer ";

/// Whatever the answer, the same time.
bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |=
        static_cast<unsigned char>(a[i]) ^ static_cast<unsigned>(static_cast<unsigned char>(b[i]));
  return difference == 0;
}

bool is_one_of(std::string_view path, std::initializer_list<std::string_view> paths) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

/// Whether "host" or "host:port" names this machine's loopback. Anything that is not exactly that,
/// such as user information, is no such name.
bool is_loopback_name(std::string_view authority) {
  std::string host = text::ascii::lower(authority);
  const std::size_t colon = host.starts_with('[') ? host.find(':', host.find(']')) : host.find(':');
  if (colon != std::string::npos) {
    const std::string port = host.substr(colon + 1);
    if (port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string::npos)
      return false;
    host.resize(colon);
  }
  in_addr number{};
  if (inet_pton(AF_INET, host.c_str(), &number) == 1) return (ntohl(number.s_addr) >> 24U) == 127;
  return host == "localhost" || host == "[::1]";
}

/// A proxy passes on what somebody else asked, from wherever. Each kind of proxy tells so by one of
/// these at least: RFC 7239, RFC 9110 §7.6.3, nginx, Envoy, and what networks of delivery add.
bool is_passed_on(const http::Request& request) {
  return std::ranges::any_of(request.headers, [](const auto& header) {
    const std::string_view name = header.first;
    return name.starts_with("x-forwarded-") || name.starts_with("x-original-") ||
           name.starts_with("x-envoy-") ||
           is_one_of(name, {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip",
                            "true-client-ip", "cf-connecting-ip", "fastly-client-ip",
                            "fly-client-ip", "x-forwarded", "cdn-loop"});
  });
}

bool is_api(std::string_view path) { return path.starts_with("/v1/") || path == "/mcp"; }

/// A browser says that a page of another site asks, for more than to be shown a page.
bool is_cross_site(const http::Request& request) {
  const std::string site = text::ascii::lower(request.header("sec-fetch-site"));
  if (site != "cross-site" && site != "same-site") return false;
  const bool shows_page = request.method == "GET" && !is_api(request.path) &&
                          text::ascii::lower(request.header("sec-fetch-mode")) == "navigate";
  return !shows_page;
}

/// A page of another site must not drive this server by the browser of somebody who may.
bool origin_is_own(const http::Request& request) {
  const std::string origin = text::ascii::lower(request.header("origin"));
  if (origin.empty()) return true;
  const std::string host = text::ascii::lower(request.header("host"));
  return origin == "http://" + host || origin == "https://" + host;
}

}  // namespace

std::string session_token(const http::Request& request) {
  const std::string all = request.header("cookie");
  std::string_view rest = all;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view pair = text::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == kCookie)
      return std::string(pair.substr(equals + 1));
  }
  return {};
}

namespace {

/// The page says by its origin whether it came by https, and a proxy that ends TLS says it too.
bool came_by_https(const http::Request& request) {
  return text::ascii::lower(request.header("origin")).starts_with("https:") ||
         text::ascii::iequals(request.header("x-forwarded-proto"), "https");
}

http::Response cookie_response(const std::string& token, std::string_view more) {
  http::Response response;
  response.status = 204;
  response.headers.emplace_back("Set-Cookie", std::string(kCookie) + "=" + token +
                                                  "; Path=/; HttpOnly; SameSite=Strict" +
                                                  std::string(more));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

Result<std::vector<std::string>> Guard::read_keys(const std::string& path) {
  VIGIE_ASSIGN(const std::vector<secrets::KeyLine> lines,
               secrets::read_key_file(path, "api.keys_file"));
  std::vector<std::string> keys;
  for (const secrets::KeyLine& line : lines) {
    if (line.key.size() < kMinKeyBytes || line.key.find_first_of(" \t") != std::string::npos)
      return failure(
          Disposition::kStop, "bad_keys_file",
          "a key has at least 16 characters and no spaces; make one with `openssl rand -hex 32`",
          line.where);
    keys.push_back(line.key);
  }
  return keys;
}

Guard::Guard(const GuardSeams& seams)
    : seams_(seams), metrics_(seams.metrics), attempts_(std::make_shared<Attempts>(seams.clock)) {}

Result<Guard> Guard::open(const std::string& path, const GuardSeams& seams) {
  Guard guard(seams);
  if (path.empty()) return guard;
  VIGIE_ASSIGN(const std::vector<std::string> keys, read_keys(path));
  for (const std::string& key : keys) guard.key_digests_.push_back(proto::sha256(key));
  guard.keyed_ = true;
  return guard;
}

Result<std::string> Guard::first_key(const std::string& path) {
  if (path.empty()) return std::string();
  VIGIE_ASSIGN(std::vector<std::string> keys, read_keys(path));
  return std::move(keys[0]);
}

std::optional<std::size_t> Guard::find_key(std::string_view key) const {
  const std::string digest = proto::sha256(key);
  std::optional<std::size_t> known;
  for (std::size_t i = 0; i < key_digests_.size(); ++i) {
    if (same(key_digests_[i], digest)) known = i;
  }
  return known;
}

http::Response Guard::refused(ProblemCode code, std::string_view detail) const {
  metrics_.refused.of(code.code().text()).add();
  return problem(code, detail);
}

std::optional<http::Response> Guard::check_keyless(const http::Request& request) const {
  if (!request.peer_is_loopback)
    return refused(
        "loopback_only",
        "Without api.keys_file this server answers on loopback only; set it to let others in.");
  if (is_passed_on(request))
    return refused("loopback_only",
                   "Without api.keys_file this server answers no proxy, which may let anybody in; "
                   "set it, and let the proxy's callers show a key.");
  if (!is_loopback_name(request.header("host")))
    return refused("bad_host",
                   "Without api.keys_file the Host must be localhost, 127.0.0.1 or [::1].");
  return std::nullopt;
}

http::Response Guard::too_many(std::chrono::milliseconds wait) const {
  http::Response response = refused(
      "too_many_attempts",
      "Too many wrong keys came from this address; wait a minute, then show the right one.");
  response.headers.emplace_back("Retry-After", std::to_string(wait.count() / 1000 + 1));
  return response;
}

void Guard::count_failure(const http::Request& request) const {
  if (attempts_->failed(request.peer))
    logging::warn("too many wrong keys; the address must wait",
                  {{"address", request.peer}, {"wrong", std::to_string(Attempts::kMost)}});
}

std::optional<http::Response> Guard::check_key(http::Request& request) const {
  const std::string authorization = request.header("authorization");
  const bool bearer =
      authorization.size() > kBearer.size() &&
      text::ascii::iequals(std::string_view(authorization).substr(0, kBearer.size()), kBearer);
  const std::string shown =
      bearer ? std::string(text::trim(std::string_view(authorization).substr(kBearer.size())))
             : session_token(request);
  if (!shown.empty()) {
    const std::string digest = proto::sha256(shown);
    if (const auto wait = attempts_->wait(request.peer, digest); wait.count() > 0)
      return too_many(wait);
    std::optional<std::size_t> key;
    if (bearer) key = find_key(shown);
    else if (const auto session = seams_.sessions.use(shown, key_digests_)) key = session->key;
    if (key) {
      attempts_->succeeded(request.peer, digest);
      request.caller = "key " + std::to_string(*key + 1);
      return std::nullopt;
    }
    // A session that has ended is no attempt to guess one.
    if (bearer) count_failure(request);
  }
  http::Response response =
      refused("key_needed",
              "Give a key of api.keys_file as Authorization: Bearer KEY, or sign in on the page.");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"vigie\"");
  return response;
}

std::optional<http::Response> Guard::judge(http::Request& request) const {
  if (is_one_of(request.path, {"/metrics", "/healthz", "/readyz"})) {
    // Probes and scrapes come by the address of a container or the name of a service. On loopback
    // nobody has such names but a page that made one up for this address (DNS rebinding).
    if (!keyed_ && request.peer_is_loopback && request.path == "/metrics" &&
        !is_loopback_name(request.header("host")))
      return refused("bad_host",
                     "On loopback, without api.keys_file, the Host must be localhost, 127.0.0.1 or "
                     "[::1].");
    return std::nullopt;
  }
  if (!keyed_) {
    if (auto response = check_keyless(request)) return response;
  }
  if (!origin_is_own(request) || is_cross_site(request))
    return refused("bad_origin", "Requests from pages of another origin are refused.");
  // pages hold no data; they ask for the key
  if (!keyed_ || !is_api(request.path) || request.path == "/v1/session") return std::nullopt;
  return check_key(request);
}

std::optional<http::Response> Guard::check(http::Request& request) const {
  if (request.peer.empty()) return std::nullopt;
  return judge(request);
}

Routes Guard::routes() const {
  const auto row = [this](std::string_view method, std::string_view pattern,
                          std::string_view operation,
                          http::Response (Guard::*handler)(const Call&) const) {
    return Route{method, pattern, operation,
                 [this, handler](const Call& call) { return (this->*handler)(call); }};
  };
  return {
      row("POST", "/v1/session", "startSession", &Guard::start_session),
      row("DELETE", "/v1/session", "endSession", &Guard::end_session),
      row("GET", "/v1/sessions", "sessions", &Guard::list_sessions),
      row("DELETE", "/v1/sessions/{id}", "endSessionById", &Guard::end_session_by_id),
  };
}

http::Response Guard::start_session(const Call& call) const {
  if (!keyed_) return cookie_response("", "");  // nothing to prove here
  const std::string key = call.member("key");
  const std::string digest = proto::sha256(key);
  if (const auto wait = attempts_->wait(call.request.peer, digest); wait.count() > 0)
    return too_many(wait);
  if (!find_key(key)) {
    count_failure(call.request);
    return refused("bad_key", "This key is not in api.keys_file.");
  }
  attempts_->succeeded(call.request.peer, digest);
  const auto begun =
      seams_.sessions.begin(digest, call.request.peer, call.request.header("user-agent"));
  if (!begun) return problem_of(begun.error());
  logging::info("signed in", {{"session", begun->session.id()}, {"address", call.request.peer}});
  // Whoever asked may be answered by another indexer next.
  if (seams_.has_peers) seams_.clock.sleep_for(sessions::kSpreads, call.request.gone);
  return cookie_response(begun->token, came_by_https(call.request) ? "; Max-Age=31536000; Secure"
                                                                   : "; Max-Age=31536000");
}

http::Response Guard::end_session(const Call& call) const {
  const std::string token = session_token(call.request);
  if (const auto session = seams_.sessions.use(token, key_digests_)) {
    if (const auto ended = seams_.sessions.end(session->id); !ended)
      return problem_of(ended.error());
    logging::info("signed out", {{"session", session->id}, {"address", call.request.peer}});
  }
  return cookie_response("", "; Max-Age=0");
}

http::Response Guard::list_sessions(const Call& call) const {
  const auto own = seams_.sessions.use(session_token(call.request), key_digests_);
  Json out = Json::array();
  for (const sessions::Session& session : seams_.sessions.list()) {
    out.push(Json::object({{"id", session.record.id()},
                           {"created", time_json(session.record.created_at_unix_ms())},
                           {"last_used", time_json(session.used_at_unix_ms)},
                           {"ends", time_json(session.ends_at_unix_ms())},
                           {"address", session.record.address()},
                           {"user_agent", session.record.user_agent()},
                           {"current", own && own->id == session.record.id()}}));
  }
  return http::Response::json(Json::object({{"sessions", std::move(out)}}));
}

http::Response Guard::end_session_by_id(const Call& call) const {
  const auto ended = seams_.sessions.end(call.capture(0));
  if (!ended) return problem_of(ended.error());
  if (!*ended)
    return problem("not_found",
                   "There is no such session, or it has ended; GET /v1/sessions lists them.");
  logging::info("session ended", {{"session", call.capture(0)}, {"address", call.request.peer}});
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace vigie::indexer::api
