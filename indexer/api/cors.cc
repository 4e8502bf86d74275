#include "indexer/api/cors.h"

#include <algorithm>

#include "platform/text/ascii.h"

namespace vigie::indexer::api {
namespace {

constexpr std::string_view kMethods = "GET, HEAD, POST, PUT, DELETE";
constexpr std::string_view kRequestHeaders =
    "Authorization, Content-Type, If-None-Match, Last-Event-ID";
constexpr std::string_view kResponseHeaders =
    "Content-Disposition, ETag, Link, Location, Retry-After";
constexpr std::string_view kMaxAge = "600";

/// As browsers write it: scheme://host[:port], nothing behind.
bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    return !rest.empty() && rest.find_first_of("/?#@*, \t") == std::string_view::npos &&
           !rest.starts_with(':') && !rest.ends_with(':');
  }
  return false;
}

bool is_api(std::string_view path) { return path.starts_with("/v1/") || path == "/openapi.json"; }

}  // namespace

Result<Cors> Cors::open(const std::vector<std::string>& origins) {
  Cors out;
  for (const std::string& given : origins) {
    std::string origin = text::ascii::lower(given);
    if (!is_origin(origin))
      return failure(
          Disposition::kStop, "bad_setting",
          "an origin is https://HOST[:PORT] without a path, and each one is named: " + given,
          "api.cors_origins");
    out.origins_.push_back(std::move(origin));
  }
  return out;
}

bool Cors::allows(std::string_view origin) const {
  return !origins_.empty() &&
         std::ranges::find(origins_, text::ascii::lower(origin)) != origins_.end();
}

std::optional<http::Response> Cors::preflight(const http::Request& request) const {
  if (request.method != "OPTIONS" || !is_api(request.path) ||
      request.header("access-control-request-method").empty() || !allows(request.header("origin")))
    return std::nullopt;
  http::Response response;
  response.status = 204;
  response.headers = {{"Access-Control-Allow-Methods", std::string(kMethods)},
                      {"Access-Control-Allow-Headers", std::string(kRequestHeaders)},
                      {"Access-Control-Max-Age", std::string(kMaxAge)}};
  finish(request, response);
  return response;
}

void Cors::finish(const http::Request& request, http::Response& response) const {
  if (origins_.empty() || !is_api(request.path)) return;
  const bool done = std::ranges::any_of(response.headers, [](const auto& header) {
    return header.first == "Access-Control-Allow-Origin";
  });
  if (done) return;
  response.headers.emplace_back("Vary", "Origin");
  const std::string origin = request.header("origin");
  if (!allows(origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", std::string(kResponseHeaders));
}

}  // namespace vigie::indexer::api
