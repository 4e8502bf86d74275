#include "crawler/fetch/requests.h"

namespace vigie::crawler::fetch {
namespace {

constexpr const char* kAcceptPage = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5";
constexpr const char* kAcceptFeed =
    "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,"
    "text/xml;q=0.9,*/*;q=0.5";
constexpr const char* kAcceptRobots = "text/plain,*/*;q=0.5";
/// One fetch of a page in so many, and one poll in so many, goes without validators.
constexpr std::uint32_t kUnconditionalPage = 2;
constexpr std::uint32_t kUnconditionalPoll = 10;

}  // namespace

const std::string& fetch_url(const v1::UrlState& state) {
  return state.fetch_url().empty() ? state.url() : state.fetch_url();
}

const std::string& validators_url(const v1::UrlState& state) {
  return state.validators_url().empty() ? fetch_url(state) : state.validators_url();
}

bool is_conditional(const v1::UrlState& state) {
  if (state.etag().empty() && state.last_modified().empty()) return false;
  return state.kind() == v1::URL_KIND_ARTICLE
             ? state.fetches() % kUnconditionalPage == 0
             : state.fetches() % kUnconditionalPoll != kUnconditionalPoll - 1;
}

net::HttpRequest make_request(const v1::UrlState& state, const std::string& url, bool conditional,
                              std::size_t max_bytes, const std::string& cookie) {
  net::HttpRequest request;
  request.url = url;
  request.limits.decoded_bytes = max_bytes;
  const bool page = state.kind() == v1::URL_KIND_ARTICLE || state.kind() == v1::URL_KIND_SECTION;
  request.headers.emplace_back("Accept", page ? kAcceptPage : kAcceptFeed);
  if (conditional && !state.etag().empty())
    request.headers.emplace_back("If-None-Match", state.etag());
  if (conditional && !state.last_modified().empty())
    request.headers.emplace_back("If-Modified-Since", state.last_modified());
  if (!cookie.empty()) request.headers.emplace_back("Cookie", cookie);
  return request;
}

net::HttpRequest make_robots_request(const std::string& url, std::size_t max_bytes) {
  net::HttpRequest request;
  request.url = url;
  request.limits.decoded_bytes = max_bytes;
  request.headers.emplace_back("Accept", kAcceptRobots);
  return request;
}

}  // namespace vigie::crawler::fetch
