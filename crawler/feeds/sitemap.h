#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/dates/loose_date.h"
#include "platform/result/result.h"

namespace vigie::crawler::feeds {

/// Bounds of reading one sitemap, as sitemaps.org sets them.
struct SitemapLimits {
  std::size_t bytes = 50ULL << 20;
  std::size_t entries = 50'000;
};

struct SitemapEntry {
  std::string url;  // absolute http(s)
  std::optional<dates::LooseDate> last_modified;
  bool news = false;                          // it has the news tags of Google
  std::string title;                          // news:title
  std::optional<dates::LooseDate> published;  // news:publication_date
  std::string language;                       // news:language
  std::vector<std::string> keywords;          // news:keywords
};

struct Sitemap {
  bool index = false;  // its entries are sitemaps
  bool malformed = false;
  bool entries_cut = false;
  std::vector<SitemapEntry> entries;  // in the order of the file
};

/// Reads a sitemap, a sitemap index, a news sitemap, or a text sitemap (one URL a line). Plain
/// bytes: the caller has undone gzip. Errors: kQuarantine not_sitemap, bad_xml, too_large. Threads:
/// pure.    Source: sitemaps.org; Google's news extension.
Result<Sitemap> parse_sitemap(std::string_view bytes, std::string_view http_charset = {},
                              const SitemapLimits& limits = {});

}  // namespace vigie::crawler::feeds
