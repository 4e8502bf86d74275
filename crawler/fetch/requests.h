#pragma once

#include <cstddef>
#include <string>

#include "platform/net/http_client.h"
#include "proto/frontier.pb.h"

/// The requests that the crawler makes. Pure functions.
namespace vigie::crawler::fetch {

/// Decoded bytes of a response that are read, by the kind of URL.
struct BodyLimits {
  std::size_t page = 8ULL << 20;      // extract.max_page_bytes
  std::size_t feed = 8ULL << 20;      // a section page, too
  std::size_t sitemap = 50ULL << 20;  // sitemaps.org
  std::size_t of(v1::UrlKind kind) const {
    return kind == v1::URL_KIND_ARTICLE ? page : kind == v1::URL_KIND_SITEMAP ? sitemap : feed;
  }
};

/// What is asked for: the URL as it was published.
const std::string& fetch_url(const v1::UrlState& state);
/// The URL whose response gave the validators of a state.
const std::string& validators_url(const v1::UrlState& state);

/// Whether validators are sent. Validators lie, so a first fetch, every tenth poll and every other
/// revisit go without them.
bool is_conditional(const v1::UrlState& state);

/// The request for one hop. `conditional`: with the validators of the state. `cookie`: "" for none.
net::HttpRequest make_request(const v1::UrlState& state, const std::string& url, bool conditional,
                              std::size_t max_bytes, const std::string& cookie = {});

/// The request for a robots.txt of which `max_bytes` are read.
net::HttpRequest make_robots_request(const std::string& url, std::size_t max_bytes);

}  // namespace vigie::crawler::fetch
