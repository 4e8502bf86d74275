#include <algorithm>
#include <exception>

#include "platform/http/http.h"
#include "platform/http/reason.h"
#include "platform/logging/logging.h"

namespace vigie::http {
namespace {

constexpr std::string_view kRestMark = "*}";
// of a route that takes no body: room for "{}", with spaces
constexpr std::size_t kSpareBodyBytes = 64;

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

bool is_capture(std::string_view part) { return part.starts_with('{') && part.ends_with('}'); }
bool is_rest(std::string_view part) { return part.starts_with('{') && part.ends_with(kRestMark); }

/// The captures if the path is of the pattern. A {name} takes one part that is not empty; {rest*}
/// takes all that is left, also nothing.
std::optional<std::vector<std::string>> match(const std::vector<std::string>& pattern,
                                              const std::vector<std::string>& path) {
  std::vector<std::string> captures;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_rest(pattern[i])) {
      std::string rest;
      for (std::size_t j = i; j < path.size(); ++j) rest += (j > i ? "/" : "") + path[j];
      captures.push_back(std::move(rest));
      return captures;
    }
    if (i >= path.size()) return std::nullopt;
    if (is_capture(pattern[i])) {
      if (path[i].empty()) return std::nullopt;
      captures.push_back(path[i]);
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  if (path.size() != pattern.size()) return std::nullopt;
  return captures;
}

bool serves(const std::string& route_method, const std::string& method) {
  return route_method == method || (method == "HEAD" && route_method == "GET");
}

}  // namespace

std::optional<std::string> Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string Request::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

Response Response::json(const Json& value, int status) {
  return text(value.dump(), "application/json", status);
}

Response Response::problem(int status, std::string_view code, std::string_view detail) {
  const Json body = Json::object({{"type", "about:blank"},
                                  {"title", reason_phrase(status)},
                                  {"status", status},
                                  {"detail", detail},
                                  {"code", code}});
  Response response = text(body.dump(), "application/problem+json", status);
  // Of one request of one caller, and for no page of another site.
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

Response Response::later() {
  Response response;
  response.is_later = true;
  return response;
}

Response Response::text(std::string body, std::string_view content_type, int status) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

void Router::add(std::string method, std::string pattern, Handler handler, std::size_t body_bytes) {
  std::vector<std::string> parts = split_path(pattern);
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) VIGIE_INVARIANT(!is_rest(parts[i]));
  routes_.push_back(Route{std::move(method), std::move(pattern), std::move(parts),
                          std::move(handler), std::max(body_bytes, kSpareBodyBytes)});
}

void Router::guard(Check check) { guards_.push_back(std::move(check)); }

void Router::first(Check check) { first_ = std::move(check); }

void Router::last(Finish finish) { last_ = std::move(finish); }

void Router::observe(Observer observer, const Clock& clock) {
  observer_ = std::move(observer);
  clock_ = &clock;
}

Router::Choice Router::choose(const std::string& method, const std::string& path) const {
  const std::vector<std::string> parts = split_path(path);
  Choice out;
  for (const Route& route : routes_) {
    // A path that a route knows for other methods is not one of those that {rest*} is left with.
    if (!out.allowed.empty() && is_rest(route.parts.back())) continue;
    auto captures = match(route.parts, parts);
    if (!captures) continue;
    if (serves(route.method, method)) {
      out.route = &route;
      out.captures = std::move(*captures);
      return out;
    }
    out.allowed.push_back(route.method);
    if (route.method == "GET") out.allowed.emplace_back("HEAD");
  }
  return out;
}

Response Router::no_route(const Choice& choice) {
  if (choice.allowed.empty())
    return Response::problem(
        404, "not_found", "There is nothing at this path; GET /openapi.json lists what there is.");
  std::vector<std::string> allowed = choice.allowed;
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  std::string allow;
  for (const std::string& method : allowed) allow += (allow.empty() ? "" : ", ") + method;
  Response response =
      Response::problem(405, "method_not_allowed", "This path takes " + allow + " only.");
  response.headers.emplace_back("Allow", allow);
  return response;
}

std::optional<Response> Router::run_first(Request& request) const {
  return first_ ? first_(request) : std::nullopt;
}

std::optional<Response> Router::run_guards(Request& request, const Route& route) const {
  request.admitted = true;
  request.route = route.pattern;
  for (const auto& check : guards_) {
    if (auto refused = check(request)) return refused;
  }
  return std::nullopt;
}

Router::Admission Router::admit(Request& request) const {
  Admission out;
  const Choice choice = choose(request.method, request.path);
  out.refused = run_first(request);
  if (!out.refused && choice.route == nullptr) {
    out.refused = no_route(choice);
  } else if (!out.refused) {
    out.body_bytes = choice.route->body_bytes;
    out.refused = run_guards(request, *choice.route);
  }
  if (out.refused && last_) last_(request, *out.refused);
  if (out.refused && observer_)
    observer_(choice.route == nullptr ? "other" : choice.route->pattern, out.refused->status,
              std::chrono::duration<double>::zero());
  return out;
}

Response Router::handle(Request request) const {
  std::string pattern = "other";
  if (!observer_) return answer(request, pattern);
  const std::chrono::nanoseconds begin = clock_->since_boot_ns();
  Response response = answer(request, pattern);
  if (response.is_later) return response;  // it is not answered yet
  observer_(pattern, response.status, clock_->since_boot_ns() - begin);
  return response;
}

Response Router::answer(Request& request, std::string& route_pattern) const {
  Response response = routed(request, route_pattern);
  if (last_ && !response.is_later) last_(request, response);
  return response;
}

Response Router::routed(Request& request, std::string& route_pattern) const {
  if (!request.admitted) {
    if (auto answered = run_first(request)) return std::move(*answered);
  }
  Choice choice = choose(request.method, request.path);
  if (choice.route == nullptr) return no_route(choice);
  const Route& route = *choice.route;
  request.captures = std::move(choice.captures);
  route_pattern = route.pattern;
  try {
    if (!request.admitted) {
      if (auto refused = run_guards(request, route)) return std::move(*refused);
    }
    return route.handler(request);
  } catch (const std::exception& exception) {
    logging::error(
        "http handler failed",
        {{"method", request.method}, {"route", route.pattern}, {"exception", exception.what()}});
  } catch (...) {
    logging::error("http handler failed", {{"method", request.method}, {"route", route.pattern}});
  }
  return Response::problem(500, "internal",
                           "This request failed inside the server; its log says why.");
}

std::string Router::route_of(const std::string& method, const std::string& path) const {
  const Choice choice = choose(method, path);
  return choice.route == nullptr ? "other" : choice.route->pattern;
}

}  // namespace vigie::http
