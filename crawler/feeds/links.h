#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::crawler::feeds {

/// An anchor of a page.
struct PageLink {
  std::string url;   // absolute http(s)
  std::string text;  // plain, one line, at most 512 bytes
};

/// A feed that a page names in its head.
struct NamedFeed {
  std::string url;
  std::string title;
  std::string type;  // application/rss+xml, …
};

/// What a crawler needs of an HTML page that is no article.
struct PageOutline {
  std::string title;
  std::string site_name;  // og:site_name
  std::string language;   // html lang
  std::vector<PageLink> links;
  std::vector<NamedFeed> feeds;
};

/// Most links that are taken of one page.
inline constexpr std::size_t kMaxPageLinks = 2000;

/// Reads anchors, feed links, title and language by a light scan of tags; no tree is built. In:
/// bytes taken as UTF-8; `base_url` absolute. Linear, total.
PageOutline outline_page(std::string_view html, std::string_view base_url);

/// Whether a link of a section page is likely to be an article of the same site: same registrable
/// domain, no file that is not a page, and a path or an anchor text as articles have them (a slug
/// of three words, a long number, a date, a headline).
bool looks_like_article(const PageLink& link, std::string_view section_url);

}  // namespace vigie::crawler::feeds
