#include "crawler/feeds/listing.h"

#include <algorithm>

#include "crawler/feeds/feed.h"
#include "crawler/feeds/links.h"
#include "crawler/feeds/sitemap.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/warc/gzip.h"

namespace vigie::crawler::feeds {
namespace {

/// A sitemap's page or a sub-sitemap that changed longer ago is no news.
constexpr std::int64_t kNewsAgeMs = 3LL * 24 * 3600 * 1000;
/// Items whose times tell a feed's rhythm, and how many of them at least.
constexpr std::size_t kIntervalItems = 20;
constexpr std::size_t kLeastIntervals = 3;

/// Median time between the newest items of a feed, in seconds; 0 if they do not tell.
double item_interval_of(const Feed& feed) {
  std::vector<std::int64_t> times;
  for (const FeedEntry& entry : feed.entries) {
    if (entry.published && !entry.published->day_only) times.push_back(entry.published->unix_ms);
  }
  std::sort(times.begin(), times.end(), std::greater<>());
  if (times.size() > kIntervalItems) times.resize(kIntervalItems);
  std::vector<std::int64_t> intervals;
  for (std::size_t i = 1; i < times.size(); ++i) intervals.push_back(times[i - 1] - times[i]);
  if (intervals.size() < kLeastIntervals) return 0;
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return static_cast<double>(*middle) / 1000;
}

std::optional<dates::LooseDate> date_of(const SitemapEntry& entry) {
  return entry.published ? entry.published : entry.last_modified;
}

bool is_recent(const SitemapEntry& entry, std::int64_t now_unix_ms) {
  const auto date = date_of(entry);
  return date && date->unix_ms > now_unix_ms - kNewsAgeMs;
}

v1::FeedItem item_of(const SitemapEntry& entry, const std::string& sitemap_url) {
  v1::FeedItem item;
  item.set_feed_url(sitemap_url);
  item.set_title(entry.title);
  if (entry.published) item.set_published(entry.published->text);
  if (entry.last_modified) item.set_updated(entry.last_modified->text);
  item.set_language(entry.language);
  for (const std::string& keyword : entry.keywords) item.add_categories(keyword);
  return item;
}

Result<Listing> read_feed(std::string_view body, const ListingContext& context) {
  Listing out;
  VIGIE_ASSIGN(const Feed feed,
               parse_feed(body, context.charset, FeedOrigin(context.base_url, context.country)));
  if (feed.entries_cut) out.dropped["entries_cut"] += feed.entries_left_out;
  for (const FeedEntry& entry : feed.entries) {
    if (entry.url.empty()) {
      ++out.dropped["no_link"];
    } else {
      out.items.push_back(
          {entry.url, v1::URL_KIND_ARTICLE, to_feed_item(entry, context.url), false});
    }
  }
  out.item_interval_s = item_interval_of(feed);
  out.hub = feed.hub;
  out.self = feed.self;
  return out;
}

std::vector<std::string> normalised_links(const PageOutline& outline) {
  std::vector<std::string> out;
  for (const PageLink& link : outline.links) {
    if (auto normalised = url::normalise(link.url)) out.push_back(std::move(*normalised));
  }
  return out;
}

Listing read_section(std::string_view body, const ListingContext& context) {
  Listing out;
  const PageOutline outline = outline_page(text::to_valid_utf8(body), context.base_url);
  for (const PageLink& link : outline.links) {
    const Likeness likeness = article_likeness(link, context.base_url);
    if (likeness == Likeness::kNo) continue;
    out.items.push_back(
        {link.url, v1::URL_KIND_ARTICLE, std::nullopt, likeness == Likeness::kMaybe});
  }
  out.links = normalised_links(outline);
  return out;
}

void take_sub_sitemap(const SitemapEntry& entry, const ListingContext& context, Listing& out) {
  const bool news = text::ascii_lower(entry.url).find("news") != std::string::npos;
  if (context.depth + 1 > kMaxSitemapDepth || out.items.size() >= kMaxSubSitemaps ||
      !(news || is_recent(entry, context.now_unix_ms))) {
    ++out.dropped["sitemap_not_followed"];
  } else {
    out.items.push_back({entry.url, v1::URL_KIND_SITEMAP, std::nullopt, false});
  }
}

void take_page(const SitemapEntry& entry, const ListingContext& context, Listing& out) {
  if (out.items.size() >= kMaxSitemapItems ||
      !(entry.news || is_recent(entry, context.now_unix_ms))) {
    ++out.dropped["not_news"];
  } else {
    out.items.push_back({entry.url, v1::URL_KIND_ARTICLE, item_of(entry, context.url), false});
  }
}

Result<Listing> read_sitemap(std::string_view body, const ListingContext& context,
                             std::size_t max_bytes) {
  std::string plain;
  if (warc::is_gzip(body)) {
    VIGIE_ASSIGN(plain, warc::gunzip(body, max_bytes));
  }
  VIGIE_ASSIGN(Sitemap sitemap,
               parse_sitemap(plain.empty() ? body : std::string_view(plain), context.charset));
  std::stable_sort(sitemap.entries.begin(), sitemap.entries.end(),
                   [](const SitemapEntry& a, const SitemapEntry& b) {
                     const auto time = [](const SitemapEntry& entry) {
                       const auto date = date_of(entry);
                       return date ? date->unix_ms : 0;
                     };
                     return time(a) > time(b);
                   });
  Listing out;
  for (const SitemapEntry& entry : sitemap.entries) {
    if (sitemap.index) {
      take_sub_sitemap(entry, context, out);
    } else {
      take_page(entry, context, out);
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> links_of(std::string_view html, std::string_view base_url) {
  return normalised_links(outline_page(text::to_valid_utf8(html), base_url));
}

Result<Listing> read_listing(std::string_view body, const ListingContext& context,
                             std::size_t max_bytes) {
  if (context.kind == v1::URL_KIND_FEED) return read_feed(body, context);
  if (context.kind == v1::URL_KIND_SECTION) return read_section(body, context);
  return read_sitemap(body, context, max_bytes);
}

}  // namespace vigie::crawler::feeds
