#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::feeds {

/// A URL that a listing names.
struct ListedItem {
  std::string url;
  v1::UrlKind kind = v1::URL_KIND_ARTICLE;
  std::optional<v1::FeedItem> item;
  bool maybe = false;  // of a section: an article, unless it stands on every page of its site
};

/// What a feed, sitemap or section names.
struct Listing {
  std::vector<ListedItem> items;
  // usual time between two items of a feed, in seconds; 0: it does not tell
  std::optional<double> item_interval_s;
  std::map<std::string, std::uint64_t> dropped;  // reason → what is not followed
  std::vector<std::string> links;                // of a section: all of its page
  std::string hub = {};                          // of a feed, as Feed has it
  std::string self = {};                         // the same
};

/// The response to be read.
struct ListingContext {
  v1::UrlKind kind = v1::URL_KIND_FEED;
  std::string url;          // of the listing, as its items name it
  std::string base_url;     // where it was fetched from in the end
  std::string charset;      // of the Content-Type, may be empty
  std::string country;      // of the source, ISO 3166-1 alpha-2, may be empty
  std::uint32_t depth = 0;  // hops from the entry of the source
  std::int64_t now_unix_ms = 0;
};

/// Taken of one sitemap; a news sitemap has no more.
inline constexpr std::size_t kMaxSitemapItems = 1'000;
/// Taken of one sitemap index.
inline constexpr std::size_t kMaxSubSitemaps = 20;
inline constexpr std::uint32_t kMaxSitemapDepth = 2;

/// Reads the body of a feed, a sitemap (plain or gzip) or a section page. Of a section it takes the
/// links that look like articles, of a sitemap what is news, newest first.
/// In: `max_bytes`, of an unpacked sitemap.
/// Errors: kQuarantine, of parse_feed, parse_sitemap and gunzip.    Threads: pure.
Result<Listing> read_listing(std::string_view body, const ListingContext& context,
                             std::size_t max_bytes);

/// The links of a page, normalised. Pure.
std::vector<std::string> links_of(std::string_view html, std::string_view base_url);

}  // namespace vigie::crawler::feeds
