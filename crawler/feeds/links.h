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
  // it stands in a nav, or in the header, footer or side of the page itself
  bool in_frame = false;
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

/// How likely a link of a section page is an article.
enum class Likeness {
  kNo,
  kMaybe,  // as long as it does not stand on every page of its site
  kYes,
};

/// Judges a link by its URL and its words: an article is on the same registrable domain, is no
/// file that is not a page, and has a date or a long number in path or query, or the words of a
/// headline in its last part or its text. Pure.
Likeness article_likeness(const PageLink& link, std::string_view section_url);

}  // namespace vigie::crawler::feeds
