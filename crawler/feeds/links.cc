#include "crawler/feeds/links.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "crawler/feeds/plain_text.h"
#include "crawler/feeds/xml.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::feeds {
namespace {

/// A tag that is longer is no tag; bounds the work for a '<' that is never closed.
constexpr std::size_t kMaxTagBytes = 16 << 10;
constexpr std::size_t kAnchorTextBytes = 512;
constexpr std::size_t kMaxNamedFeeds = 64;

using text::ascii::is_letter;
bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

struct Tag {
  std::string name;
  bool closing = false;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::size_t end = 0;  // behind '>'

  std::string_view attribute(std::string_view wanted) const {
    for (const auto& [name_of, value] : attributes) {
      if (name_of == wanted) return value;
    }
    return {};
  }
};

/// Reads the tag that begins at `at` ('<'); nothing if it is none.
std::optional<Tag> read_tag(std::string_view html, std::size_t at) {
  const std::string_view window = html.substr(at, kMaxTagBytes);
  std::size_t i = 1;
  Tag tag;
  if (i < window.size() && window[i] == '/') {
    tag.closing = true;
    ++i;
  }
  if (i >= window.size() || !is_letter(window[i])) return std::nullopt;
  const std::size_t name_begin = i;
  while (i < window.size() && !is_white(window[i]) && window[i] != '>' && window[i] != '/') ++i;
  tag.name =
      text::ascii_lower(window.substr(name_begin, std::min<std::size_t>(i - name_begin, 32)));
  while (i < window.size() && window[i] != '>') {
    if (is_white(window[i]) || window[i] == '/') {
      ++i;
      continue;
    }
    const std::size_t attribute_begin = i;
    while (i < window.size() && !is_white(window[i]) && window[i] != '=' && window[i] != '>' &&
           window[i] != '/')
      ++i;
    const std::string_view name = window.substr(attribute_begin, i - attribute_begin);
    while (i < window.size() && is_white(window[i])) ++i;
    std::string_view value;
    if (i < window.size() && window[i] == '=') {
      ++i;
      while (i < window.size() && is_white(window[i])) ++i;
      if (i < window.size() && (window[i] == '"' || window[i] == '\'')) {
        const std::size_t close = window.find(window[i], i + 1);
        if (close == std::string_view::npos) return std::nullopt;
        value = window.substr(i + 1, close - i - 1);
        i = close + 1;
      } else {
        const std::size_t value_begin = i;
        while (i < window.size() && !is_white(window[i]) && window[i] != '>') ++i;
        value = window.substr(value_begin, i - value_begin);
      }
    } else if (name.empty()) {
      ++i;
      continue;
    }
    if (tag.attributes.size() < 64)
      tag.attributes.emplace_back(text::ascii_lower(name.substr(0, 64)), html_to_text(value));
  }
  if (i >= window.size()) return std::nullopt;
  tag.end = at + i + 1;
  return tag;
}

bool is_feed_type(std::string_view type) {
  return type == "application/rss+xml" || type == "application/atom+xml" ||
         type == "application/feed+json" || type == "application/rdf+xml" || type == "text/xml+rss";
}

/// Walks over the tags of a page.
class Outliner {
 public:
  Outliner(std::string_view html, std::string_view base_url) : html_(html) {
    if (auto parsed = url::parse(base_url)) base_ = std::move(*parsed);
  }

  PageOutline run() {
    std::size_t at = 0;
    while ((at = html_.find('<', at)) != std::string_view::npos) {
      if (html_.substr(at, 4) == "<!--") {
        const std::size_t end = html_.find("-->", at + 4);
        if (end == std::string_view::npos) break;
        at = end + 3;
        continue;
      }
      const auto tag = read_tag(html_, at);
      if (!tag) {
        ++at;
        continue;
      }
      visit(*tag, at);
      at = tag->end;
      if (!tag->closing && (tag->name == "script" || tag->name == "style")) {
        at = html_.find("</", at);
        while (at != std::string_view::npos &&
               !text::ascii_iequals(html_.substr(at + 2, tag->name.size()), tag->name))
          at = html_.find("</", at + 2);
        if (at == std::string_view::npos) break;
      }
    }
    close_anchor(html_.size());
    return std::move(outline_);
  }

 private:
  std::string resolve(std::string_view written) const {
    written = text::trim(written);
    if (written.empty() || written.front() == '#') return {};
    const auto parsed = url::parse(written, base_ ? &*base_ : nullptr);
    return parsed && parsed->is_http() ? parsed->href() : std::string();
  }

  void visit(const Tag& tag, std::size_t at) {
    if (tag.name == "a") {
      close_anchor(at);
      if (tag.closing || outline_.links.size() >= kMaxPageLinks) return;
      anchor_url_ = resolve(tag.attribute("href"));
      anchor_begin_ = tag.end;
    } else if (tag.closing) {
      if (tag.name == "title" && title_begin_ != 0 && outline_.title.empty())
        outline_.title = text::ellipsize(
            html_to_text(text::to_valid_utf8(html_.substr(title_begin_, at - title_begin_))), 1024);
    } else if (tag.name == "html") {
      if (outline_.language.empty())
        outline_.language = text::ellipsize(std::string(tag.attribute("lang")), 35);
    } else if (tag.name == "title") {
      if (title_begin_ == 0) title_begin_ = tag.end;
    } else if (tag.name == "base") {
      if (!base_seen_ && !tag.attribute("href").empty()) {
        base_seen_ = true;
        if (auto parsed = url::parse(tag.attribute("href"), base_ ? &*base_ : nullptr))
          base_ = std::move(*parsed);
      }
    } else if (tag.name == "meta") {
      if (tag.attribute("property") == "og:site_name")
        outline_.site_name = text::ellipsize(std::string(tag.attribute("content")), 256);
    } else if (tag.name == "link") {
      if (!text::ascii_iequals(tag.attribute("rel"), "alternate") ||
          !is_feed_type(text::ascii_lower(tag.attribute("type"))) ||
          outline_.feeds.size() >= kMaxNamedFeeds)
        return;
      std::string url = resolve(tag.attribute("href"));
      if (!url.empty())
        outline_.feeds.push_back({std::move(url),
                                  text::ellipsize(std::string(tag.attribute("title")), 256),
                                  text::ascii_lower(tag.attribute("type"))});
    }
  }

  void close_anchor(std::size_t end) {
    if (!anchor_url_.empty()) {
      const std::string_view inner =
          html_.substr(anchor_begin_, std::min(end - anchor_begin_, kMaxTagBytes));
      outline_.links.push_back(
          {std::move(anchor_url_),
           text::ellipsize(html_to_text(text::to_valid_utf8(inner)), kAnchorTextBytes)});
    }
    anchor_url_.clear();
  }

  std::string_view html_;
  std::optional<url::Url> base_;
  PageOutline outline_;
  std::string anchor_url_;
  std::size_t anchor_begin_ = 0;
  std::size_t title_begin_ = 0;
  bool base_seen_ = false;
};

bool has_page_ending(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot > 6) return true;
  static constexpr std::array<std::string_view, 10> kPages{
      "html", "htm", "shtml", "xhtml", "php", "asp", "aspx", "jsp", "do", "page"};
  const std::string ending = text::ascii_lower(name.substr(dot + 1));
  if (ending.empty() || !std::all_of(ending.begin(), ending.end(), is_letter)) return true;
  return std::find(kPages.begin(), kPages.end(), ending) != kPages.end();
}

/// Parts of a path that no article has.
bool is_furniture(std::string_view segment) {
  static const std::unordered_set<std::string_view> kFurniture{
      "tag",          "tags",    "category",  "categories", "author",  "authors",    "topic",
      "topics",       "about",   "contact",   "login",      "signin",  "register",   "subscribe",
      "subscription", "privacy", "terms",     "search",     "account", "newsletter", "newsletters",
      "rss",          "feed",    "feeds",     "sitemap",    "archive", "archives",   "page",
      "cookies",      "imprint", "impressum", "advertise",  "jobs",    "help",       "faq"};
  return kFurniture.count(segment) != 0;
}

}  // namespace

PageOutline outline_page(std::string_view html, std::string_view base_url) {
  return Outliner(html, base_url).run();
}

bool looks_like_article(const PageLink& link, std::string_view section_url) {
  const auto page = url::parse(link.url);
  const auto section = url::parse(section_url);
  if (!page || !section || !page->is_http() || !page->host || !section->host) return false;
  if (url::registrable_domain(*page->host) != url::registrable_domain(*section->host)) return false;
  if (page->path == section->path || page->path.size() < 2) return false;
  std::string_view path = page->path;
  if (path.back() == '/') path.remove_suffix(1);
  std::size_t longest_number = 0;
  std::size_t words = 0;
  std::string_view last;
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (is_furniture(text::ascii_lower(segment))) return false;
    std::size_t run = 0;
    for (const char c : segment) {
      run = c >= '0' && c <= '9' ? run + 1 : 0;
      longest_number = std::max(longest_number, run);
    }
    last = segment;
    begin = end + 1;
  }
  if (!has_page_ending(last)) return false;
  words = 1 + static_cast<std::size_t>(std::count_if(last.begin(), last.end(),
                                                     [](char c) { return c == '-' || c == '_'; }));
  if (words >= 3 || longest_number >= 4) return true;
  // A headline: some five words, or eight characters of a script that needs fewer.
  const std::size_t characters = text::count_code_points(link.text);
  const bool dense = link.text.size() >= characters * 2;
  return characters >= (dense ? 8U : 25U) && path.find('/', 1) != std::string_view::npos;
}

}  // namespace vigie::crawler::feeds
