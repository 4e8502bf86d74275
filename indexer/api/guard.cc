#include "indexer/api/guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "indexer/api/operation.h"
#include "indexer/api/problems.h"
#include "platform/config/settings.h"
#include "platform/logging/logging.h"
#include "platform/text/ascii.h"
#include "platform/text/base64.h"
#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::string_view kCookie = "vigie_session";
constexpr std::string_view kBearer = "bearer ";
constexpr std::string_view kBasic = "basic ";

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

constexpr std::string_view kMcpPath = "/mcp";
/// It is no operation of the document; its tools read what a reader may, past this guard.
constexpr Access kMcp{"mcp", Access::Needs::kRole, keys::Role::kReader};

bool is_api(std::string_view path) { return path.starts_with("/v1/") || path == kMcpPath; }

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

std::string feed_of(const http::Request& request) {
  constexpr std::string_view kOfAlert = "/v1/subscriptions/";
  if (request.path == "/v1/feed.atom" || request.path == "/v1/feed.json")
    return "search/" + request.parameter("q").value_or("");
  if (!request.path.starts_with(kOfAlert)) return {};
  const std::string_view rest = std::string_view(request.path).substr(kOfAlert.size());
  const std::size_t slash = rest.find('/');
  const std::string_view name = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (name != "feed.atom" && name != "feed.json") return {};
  return "alert/" + std::string(rest.substr(0, slash));
}

namespace {

/// What stands behind the scheme of an Authorization header; "" for another scheme.
std::string credentials(const http::Request& request, std::string_view scheme) {
  const std::string all = request.header("authorization");
  if (all.size() <= scheme.size() ||
      !text::ascii::iequals(std::string_view(all).substr(0, scheme.size()), scheme))
    return {};
  return std::string(text::trim(std::string_view(all).substr(scheme.size())));
}

/// HTTP Basic (RFC 7617) as feed readers send it: the key is the password, or the name where there
/// is no password.
std::string basic_key(const http::Request& request) {
  const auto pair = text::base64_decode(credentials(request, kBasic));
  if (!pair) return {};
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return {};
  return colon + 1 < pair->size() ? pair->substr(colon + 1) : pair->substr(0, colon);
}

std::string role_text(const Access& access) { return std::string(keys::name_of(access.role)); }

}  // namespace

Guard::Guard(const GuardSeams& seams, KeyRing ring, Proxies proxies, Cors cors)
    : seams_(seams),
      ring_(std::move(ring)),
      proxies_(std::move(proxies)),
      cors_(std::move(cors)),
      metrics_(seams.metrics),
      attempts_(std::make_shared<Attempts>(seams.clock)) {}

Result<Guard> Guard::open(const config::Settings& settings, const GuardSeams& seams) {
  const std::string file = settings.text("api.keys_file");
  VIGIE_ASSIGN(KeyRing ring,
               KeyRing::open({file, settings.text("indexer.peer_key_file")}, seams.keys));
  VIGIE_ASSIGN(Proxies proxies, Proxies::open(settings));
  VIGIE_ASSIGN(Cors cors, Cors::open(settings.list("api.cors_origins")));
  Guard guard(seams, std::move(ring), std::move(proxies), std::move(cors));
  guard.keyed_ = !file.empty();
  guard.metrics_keyed_ = guard.keyed_ && settings.boolean("api.metrics_key");
  if (guard.ring_.has_plain_keys())
    logging::warn(
        "api.keys_file holds keys in plain, whose role is admin; `vigie keys add` makes "
        "keys with a name and a role, of which digests alone are kept",
        {{"file", file}});
  return guard;
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

std::optional<sessions::SessionStore::Found> Guard::session(const std::string& token) const {
  if (token.empty()) return std::nullopt;
  auto found = seams_.sessions.use(
      token, [this](const std::string& key_id) { return ring_.digests(key_id); });
  if (found && found->feed.empty()) return found;
  return std::nullopt;
}

Guard::Shown Guard::shown_by(const http::Request& request, bool opens_feed,
                             bool by_key_alone) const {
  using Kind = Shown::Kind;
  if (std::string key = credentials(request, kBearer); !key.empty())
    return {Kind::kKey, std::move(key)};
  if (opens_feed) {
    if (std::string key = basic_key(request); !key.empty()) return {Kind::kKey, std::move(key)};
    if (auto token = request.parameter("token"); token && !token->empty())
      return {Kind::kFeed, std::move(*token)};
  }
  std::string token = by_key_alone ? std::string() : session_token(request);
  if (!token.empty()) return {Kind::kSession, std::move(token)};
  return {};
}

std::optional<Caller> Guard::known(const Shown& shown, const http::Request& request) const {
  if (shown.kind == Shown::Kind::kNothing) return std::nullopt;
  if (shown.kind == Shown::Kind::kKey) return ring_.find(shown.text);
  const auto found = seams_.sessions.use(
      shown.text, [this](const std::string& key_id) { return ring_.digests(key_id); });
  const bool is_feed = shown.kind == Shown::Kind::kFeed;
  if (!found || found->feed != (is_feed ? feed_of(request) : std::string())) return std::nullopt;
  if (found->key_id == kProxyKeyId)
    return Caller{found->caller, keys::Role::kReader, found->key_id, {}};
  return ring_.of_digest(found->key_id, found->key_digest);
}

std::optional<Caller> Guard::caller_of(const http::Request& request) const {
  if (request.caller.empty()) return std::nullopt;
  auto caller = known(shown_by(request, false, false), request);
  if (caller) return caller;
  const auto role = keys::role_of(request.caller_role);
  return Caller{request.caller, role.value_or(keys::Role::kReader), std::string(kProxyKeyId), {}};
}

std::optional<Caller> Guard::sign_in(const http::Request& request, const std::string& key,
                                     http::Response& refusal) const {
  const std::string digest = proto::sha256(key);
  if (const auto wait = attempts_->wait(request.peer, digest); wait.count() > 0) {
    refusal = too_many(wait);
    return std::nullopt;
  }
  auto caller = ring_.find(key);
  if (!caller) {
    count_failure(request);
    refusal = refused("bad_key",
                      "This key is not known here. It may be mistyped, or have expired or been "
                      "revoked; ask who runs this vigie for one.");
    return std::nullopt;
  }
  attempts_->succeeded(request.peer, digest);
  return caller;
}

http::Response Guard::key_needed(const Access& access) const {
  const bool feed = access.needs == Access::Needs::kFeed;
  http::Response response = refused(
      "key_needed", feed ? "Give a key by HTTP Basic as the password, or use the URL of this feed "
                           "with a token (POST /v1/feeds)."
                         : "Give a key as Authorization: Bearer KEY, or sign in on the page.");
  response.headers.emplace_back("WWW-Authenticate", feed
                                                        ? "Basic realm=\"vigie\", charset=\"UTF-8\""
                                                        : "Bearer realm=\"vigie\"");
  return response;
}

std::optional<http::Response> Guard::check_role(http::Request& request, const Access& access,
                                                const Caller& caller) const {
  if (!keys::covers(caller.role, access.role))
    return refused("not_authorized", "This call needs the role " + role_text(access) + "; " +
                                         caller.name + " has the role " +
                                         std::string(keys::name_of(caller.role)) + ".");
  request.caller = caller.name;
  request.caller_role = std::string(keys::name_of(caller.role));
  return std::nullopt;
}

std::optional<http::Response> Guard::check_caller(http::Request& request, const Access& access,
                                                  bool from_proxy) const {
  const bool foreign = !origin_is_own(request);  // an origin that cors_ lets in
  const Shown shown = shown_by(request, access.needs == Access::Needs::kFeed, foreign);
  if (shown.kind != Shown::Kind::kNothing) {
    const std::string digest = proto::sha256(shown.text);
    if (const auto wait = attempts_->wait(request.peer, digest); wait.count() > 0)
      return too_many(wait);
    if (const auto caller = known(shown, request)) {
      attempts_->succeeded(request.peer, digest);
      // A token opens its feed, whatever the role of who has it.
      if (shown.kind == Shown::Kind::kFeed)
        return check_role(request, access, {caller->name, keys::Role::kReader, {}, {}});
      return check_role(request, access, *caller);
    }
    // A session or a token that has ended is no attempt to guess one.
    if (shown.kind == Shown::Kind::kKey) count_failure(request);
  }
  if (from_proxy && !foreign && shown.kind != Shown::Kind::kKey) {
    if (const auto person = proxies_.person(request)) {
      if (!person->role)
        return refused("not_authorized", "This call needs the role " + role_text(access) +
                                             "; no group of " + person->name +
                                             " has a role (api.proxy_roles).");
      return check_role(request, access, {person->name, *person->role, {}, {}});
    }
  }
  return key_needed(access);
}

bool Guard::take_address(http::Request& request) const {
  if (!proxies_.trusts(request.peer)) {
    if (proxies_.names_somebody(request)) metrics_.ignored_people.add();
    return false;
  }
  request.peer = proxies_.client_of(request);
  return true;
}

std::optional<http::Response> Guard::check_probe(http::Request& request,
                                                 const Access* access) const {
  // Probes and scrapes come by the address of a container or the name of a service. On loopback
  // nobody has such names but a page that made one up for this address (DNS rebinding).
  if (!keyed_ && request.peer_is_loopback && request.path == "/metrics" &&
      !is_loopback_name(request.header("host")))
    return refused("bad_host",
                   "On loopback, without api.keys_file, the Host must be localhost, 127.0.0.1 or "
                   "[::1].");
  if (!metrics_keyed_ || request.path != "/metrics") return std::nullopt;
  return check_caller(request, *access, false);
}

std::optional<http::Response> Guard::refusal_of(http::Request& request) const {
  const Operation* operation = find_operation(request.method, request.route);
  const Access* access = operation != nullptr       ? operation->access
                         : request.path == kMcpPath ? &kMcp
                                                    : nullptr;
  if (is_one_of(request.path, {"/metrics", "/healthz", "/readyz"}))
    return check_probe(request, access);
  if (!keyed_) {
    if (auto response = check_keyless(request)) return response;
  }
  const bool from_proxy = keyed_ && take_address(request);
  const bool let_in = cors_.allows(request.header("origin"));
  if (!let_in && (!origin_is_own(request) || is_cross_site(request)))
    return refused("bad_origin",
                   "Requests from pages of another origin are refused, but for those of "
                   "api.cors_origins.");
  // pages hold no data; they ask for the key
  if (!keyed_ || access == nullptr || access->needs == Access::Needs::kNothing) return std::nullopt;
  return check_caller(request, *access, from_proxy);
}

std::optional<http::Response> Guard::check(http::Request& request) const {
  if (request.peer.empty()) return std::nullopt;
  return refusal_of(request);
}

}  // namespace vigie::indexer::api
