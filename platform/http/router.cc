#include <algorithm>
#include <exception>

#include "platform/http/http.h"
#include "platform/http/reason.h"
#include "platform/logging/logging.h"

namespace vigie::http {
namespace {

constexpr std::string_view kRestMark = "*}";

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
  return text(body.dump(), "application/problem+json", status);
}

Response Response::text(std::string body, std::string_view content_type, int status) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

void Router::add(std::string method, std::string pattern, Handler handler) {
  std::vector<std::string> parts = split_path(pattern);
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) VIGIE_INVARIANT(!is_rest(parts[i]));
  routes_.push_back(
      Route{std::move(method), std::move(pattern), std::move(parts), std::move(handler)});
}

void Router::guard(std::function<std::optional<Response>(const Request&)> check) {
  guards_.push_back(std::move(check));
}

void Router::observe(Observer observer, const Clock& clock) {
  observer_ = std::move(observer);
  clock_ = &clock;
}

Response Router::handle(Request request) const {
  std::string pattern = "other";
  if (!observer_) return answer(std::move(request), pattern);
  const std::chrono::nanoseconds begin = clock_->since_boot_ns();
  Response response = answer(std::move(request), pattern);
  observer_(pattern, response.status, clock_->since_boot_ns() - begin);
  return response;
}

Response Router::answer(Request request, std::string& route_pattern) const {
  const std::vector<std::string> path = split_path(request.path);
  std::vector<std::string> allowed;
  for (const Route& route : routes_) {
    // A path that a route knows for other methods is not one of those that {rest*} is left with.
    if (!allowed.empty() && is_rest(route.parts.back())) continue;
    auto captures = match(route.parts, path);
    if (!captures) continue;
    if (!serves(route.method, request.method)) {
      allowed.push_back(route.method);
      if (route.method == "GET") allowed.push_back("HEAD");
      continue;
    }
    request.captures = std::move(*captures);
    route_pattern = route.pattern;
    try {
      for (const auto& check : guards_) {
        if (auto refused = check(request)) return std::move(*refused);
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
  if (allowed.empty())
    return Response::problem(
        404, "not_found", "There is nothing at this path; GET /openapi.json lists what there is.");
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  std::string allow;
  for (const std::string& method : allowed) allow += (allow.empty() ? "" : ", ") + method;
  Response response =
      Response::problem(405, "method_not_allowed", "This path takes " + allow + " only.");
  response.headers.emplace_back("Allow", allow);
  return response;
}

std::string Router::route_of(const std::string& method, const std::string& path) const {
  const std::vector<std::string> parts = split_path(path);
  for (const Route& route : routes_) {
    if (serves(route.method, method) && match(route.parts, parts)) return route.pattern;
  }
  return "other";
}

}  // namespace vigie::http
