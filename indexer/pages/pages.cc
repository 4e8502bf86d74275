#include "indexer/pages/pages.h"

#include <array>
#include <string_view>

#include "indexer/pages/assets.h"
#include "platform/http/conditional.h"

namespace vigie::indexer::pages {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'";

bool is_view(std::string_view path) {
  for (const std::string_view view :
       {"/", "/alerts", "/c", "/ingestion", "/sessions", "/audit", "/searches"}) {
    if (path == view) return true;
  }
  if (path.starts_with("/alerts/")) return true;
  for (const std::string_view prefix : {"/a/", "/c/", "/s/", "/t/", "/w/"}) {
    if (path.starts_with(prefix) && path.size() > prefix.size() &&
        path.find('/', prefix.size()) == std::string_view::npos)
      return true;
  }
  return false;
}

/// A browser that opens an address names this type; programs and scripts of a page do not.
bool wants_html(const http::Request& request) {
  return request.header("accept").find("text/html") != std::string::npos &&
         !request.path.starts_with("/assets/");
}

const Asset* find(std::string_view name) {
  for (const Asset& asset : assets()) {
    if (asset.name == name) return &asset;
  }
  return nullptr;
}

}  // namespace

std::optional<http::Response> page(const http::Request& request) {
  constexpr std::string_view kAssets = "/assets/";
  const std::string_view path = request.path;
  const Asset* asset = nullptr;
  if (is_view(path)) asset = find("index.html");
  else if (path == "/favicon.ico") asset = find("icon.svg");
  else if (path == "/docs") asset = find("docs.html");
  else if (path == "/runbooks" || path.starts_with("/runbooks/"))
    asset = find(std::string(path.substr(1)) + ".html");
  else if (path.starts_with(kAssets)) asset = find(path.substr(kAssets.size()));
  http::Response response;
  if (asset == nullptr) {
    // Whoever types an address is told in words; a program gets the problem of the API.
    if (!wants_html(request)) return std::nullopt;
    asset = find("index.html");
    response.status = 404;
  }
  response.headers = {{"content-type", std::string(asset->type)},
                      {"etag", std::string(asset->etag)},
                      {"cache-control", "no-cache"},
                      {"vary", "accept-encoding"},
                      {"content-security-policy", std::string(kPolicy)},
                      {"referrer-policy", "no-referrer"},
                      {"cross-origin-opener-policy", "same-origin"}};
  if (response.status != 404 && http::matches_tag(request.header("if-none-match"), asset->etag)) {
    response.status = 304;
    return response;
  }
  if (request.header("accept-encoding").find("gzip") != std::string::npos) {
    response.headers.emplace_back("content-encoding", "gzip");
    response.body = std::string(asset->gzip);
  } else {
    response.body = std::string(asset->plain);
  }
  return response;
}

}  // namespace vigie::indexer::pages
