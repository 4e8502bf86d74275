#include "indexer/api/guard.h"

#include <algorithm>
#include <array>

#include "indexer/api/problems.h"
#include "indexer/api/views.h"
#include "platform/process/process.h"
#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMinKeyBytes = 16;
constexpr std::size_t kMaxFileBytes = 1 << 20;
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

/// The host of "host:port", lower case, brackets of IPv6 away.
std::string host_of(std::string_view authority) {
  std::string host = text::ascii_lower(authority);
  if (host.starts_with('['))
    return host.substr(
        1, host.find(']') == std::string::npos ? std::string::npos : host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool is_loopback_name(std::string_view authority) {
  const std::string host = host_of(authority);
  if (host == "localhost" || host == "::1") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos &&
         std::count(host.begin(), host.end(), '.') == 3;
}

/// A page of another site must not drive this server by the browser of somebody who may.
bool origin_is_own(const http::Request& request) {
  const std::string origin = text::ascii_lower(request.header("origin"));
  if (origin.empty()) return true;
  const std::string host = text::ascii_lower(request.header("host"));
  return origin == "http://" + host || origin == "https://" + host;
}

std::string cookie_of(const http::Request& request) {
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
  std::vector<std::string> keys;
  const auto content = process::read_file(path, kMaxFileBytes);
  if (!content)
    return failure(Disposition::kStop, "bad_keys_file",
                   "api.keys_file cannot be read: " + content.error().detail, path);
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < content->size();) {
    const std::size_t end = std::min(content->find('\n', begin), content->size());
    const std::string_view line = text::trim(std::string_view(*content).substr(begin, end - begin));
    begin = end + 1;
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (line.size() < kMinKeyBytes || line.find_first_of(" \t") != std::string_view::npos) {
      return failure(
          Disposition::kStop, "bad_keys_file",
          "a key has at least 16 characters and no spaces; make one with `openssl rand -hex 32`",
          path + ":" + std::to_string(number));
    }
    keys.emplace_back(line);
  }
  if (keys.empty())
    return failure(Disposition::kStop, "bad_keys_file",
                   "api.keys_file holds no key; make one with `openssl rand -hex 32`", path);
  return keys;
}

Result<Guard> Guard::open(const std::string& path) {
  Guard guard;
  if (path.empty()) return guard;
  VIGIE_ASSIGN(const std::vector<std::string> keys, read_keys(path));
  for (const std::string& key : keys) {
    guard.key_digests_.push_back(proto::sha256(key));
    guard.session_tokens_.push_back(hex(proto::sha256("vigie session of " + key)));
  }
  guard.keyed_ = true;
  return guard;
}

Result<std::string> Guard::first_key(const std::string& path) {
  if (path.empty()) return std::string();
  VIGIE_ASSIGN(std::vector<std::string> keys, read_keys(path));
  return std::move(keys[0]);
}

bool Guard::knows_key(std::string_view key) const {
  const std::string digest = proto::sha256(key);
  bool known = false;
  for (const std::string& one : key_digests_) known = same(one, digest) || known;
  return known;
}

bool Guard::knows_session(std::string_view token) const {
  bool known = false;
  for (const std::string& one : session_tokens_) known = same(one, token) || known;
  return known;
}

std::optional<http::Response> Guard::check_loopback(const http::Request& request) const {
  if (!request.peer_is_loopback)
    return problem(
        "loopback_only",
        "Without api.keys_file this server answers on loopback only; set it to let others in.");
  if (!is_loopback_name(request.header("host")))
    return problem("bad_host",
                   "Without api.keys_file the Host must be localhost, 127.0.0.1 or [::1].");
  return std::nullopt;
}

bool Guard::knows(const http::Request& request) const {
  const std::string authorization = request.header("authorization");
  if (authorization.size() > kBearer.size() &&
      text::ascii_iequals(std::string_view(authorization).substr(0, kBearer.size()), kBearer))
    return knows_key(text::trim(std::string_view(authorization).substr(kBearer.size())));
  return knows_session(cookie_of(request));
}

std::optional<http::Response> Guard::check(const http::Request& request) const {
  if (request.peer.empty() || is_one_of(request.path, {"/metrics", "/healthz", "/readyz"}))
    return std::nullopt;
  if (!keyed_) {
    if (auto refused = check_loopback(request)) return refused;
  }
  if (!origin_is_own(request))
    return problem("bad_origin", "Requests from pages of another origin are refused.");
  const bool api = request.path.starts_with("/v1/") && request.path != "/v1/session";
  // pages hold no data; they ask for the key
  if (!keyed_ || !api || knows(request)) return std::nullopt;
  http::Response response =
      problem("key_needed",
              "Give a key of api.keys_file as Authorization: Bearer KEY, or sign in on the page.");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"vigie\"");
  return response;
}

Routes Guard::routes() const {
  return {
      {"POST", "/v1/session", "startSession",
       [this](const Call& call) { return start_session(call); }},
      {"DELETE", "/v1/session", "endSession",
       [this](const Call& call) { return end_session(call); }},
  };
}

http::Response Guard::start_session(const Call& call) const {
  if (!keyed_) return cookie_response("", "");  // nothing to prove here
  const std::string key = call.member("key");
  if (!knows_key(key)) return problem("bad_key", "This key is not in api.keys_file.");
  return cookie_response(hex(proto::sha256("vigie session of " + key)), "; Max-Age=31536000");
}

http::Response Guard::end_session(const Call&) const { return cookie_response("", "; Max-Age=0"); }

}  // namespace vigie::indexer::api
