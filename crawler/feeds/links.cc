#include "crawler/feeds/links.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "platform/text/ascii.h"
#include "platform/text/html_tag.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/xml/plain_text.h"

namespace vigie::crawler::feeds {
namespace {

/// A tag that is longer is no tag; bounds the work for a '<' that is never closed.
constexpr std::size_t kMaxTagBytes = 16 << 10;
constexpr std::size_t kAnchorTextBytes = 512;
constexpr std::size_t kMaxNamedFeeds = 64;

using text::ascii::is_letter;

/// The value of an attribute as plain text; "" where there is none.
std::string value_of(const text::HtmlTag& tag, std::string_view name) {
  const auto written = tag.attribute(name);
  return written ? xml::html_to_text(*written) : std::string();
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
      const auto tag = text::read_html_tag(html_, at);
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

  /// Where on the page we are: within its text, a header is that of the text.
  void note_frame(const text::HtmlTag& tag) {
    const int step = tag.closing ? -1 : 1;
    const auto move = [&](int& depth) { depth = std::max(0, depth + step); };
    if (tag.name == "article" || tag.name == "main") move(text_depth_);
    if (tag.name == "nav") move(nav_depth_);
    const bool side = tag.name == "header" || tag.name == "footer" || tag.name == "aside";
    if (side && (text_depth_ == 0 || tag.closing)) move(side_depth_);
  }

  void visit(const text::HtmlTag& tag, std::size_t at) {
    note_frame(tag);
    if (tag.name == "a") {
      close_anchor(at);
      if (tag.closing || outline_.links.size() >= kMaxPageLinks) return;
      anchor_url_ = resolve(value_of(tag, "href"));
      anchor_begin_ = tag.end;
      anchor_in_frame_ = nav_depth_ > 0 || side_depth_ > 0;
    } else if (tag.closing) {
      if (tag.name == "title" && title_begin_ != 0 && outline_.title.empty())
        outline_.title = text::ellipsize(
            xml::html_to_text(text::to_valid_utf8(html_.substr(title_begin_, at - title_begin_))),
            1024);
    } else if (tag.name == "html") {
      if (outline_.language.empty()) outline_.language = text::ellipsize(value_of(tag, "lang"), 35);
    } else if (tag.name == "title") {
      if (title_begin_ == 0) title_begin_ = tag.end;
    } else if (tag.name == "base") {
      if (!base_seen_ && !value_of(tag, "href").empty()) {
        base_seen_ = true;
        if (auto parsed = url::parse(value_of(tag, "href"), base_ ? &*base_ : nullptr))
          base_ = std::move(*parsed);
      }
    } else if (tag.name == "meta") {
      if (value_of(tag, "property") == "og:site_name")
        outline_.site_name = text::ellipsize(value_of(tag, "content"), 256);
    } else if (tag.name == "link") {
      if (!text::ascii_iequals(value_of(tag, "rel"), "alternate") ||
          !is_feed_type(text::ascii_lower(value_of(tag, "type"))) ||
          outline_.feeds.size() >= kMaxNamedFeeds)
        return;
      std::string url = resolve(value_of(tag, "href"));
      if (!url.empty())
        outline_.feeds.push_back({std::move(url), text::ellipsize(value_of(tag, "title"), 256),
                                  text::ascii_lower(value_of(tag, "type"))});
    }
  }

  void close_anchor(std::size_t end) {
    if (!anchor_url_.empty()) {
      const std::string_view inner =
          html_.substr(anchor_begin_, std::min(end - anchor_begin_, kMaxTagBytes));
      outline_.links.push_back(
          {std::move(anchor_url_),
           text::ellipsize(xml::html_to_text(text::to_valid_utf8(inner)), kAnchorTextBytes),
           anchor_in_frame_});
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
  bool anchor_in_frame_ = false;
  int nav_depth_ = 0;
  int side_depth_ = 0;
  int text_depth_ = 0;
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

/// First parts of paths that lead to lists and to accounts. Everything else that is furniture
/// stands on every page, and is told by that.
bool is_hub(std::string_view segment) {
  static const std::unordered_set<std::string_view> kHubs{
      "tag",    "tags",  "category", "categories", "author",    "authors", "topic",
      "topics", "login", "signin",   "register",   "subscribe", "search",  "account",
      "page",   "rss",   "feed",     "feeds",      "sitemap"};
  return kHubs.count(segment) != 0;
}

/// Names of parameters that turn the pages of a list, or choose what is shown of it.
bool turns_pages(std::string_view name) {
  static const std::unordered_set<std::string_view> kNames{
      "page",  "paged",  "pagenum", "pg",   "offset", "start", "skip",  "limit", "per_page",
      "size",  "sort",   "order",   "year", "month",  "date",  "day",   "cat",   "tag",
      "width", "height", "w",       "h",    "v",      "ver",   "count", "cpage", "replytocom"};
  return kNames.count(name) != 0;
}

std::size_t longest_number_in(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::size_t words_in(std::string_view segment) {
  return 1 + static_cast<std::size_t>(std::count_if(segment.begin(), segment.end(),
                                                    [](char c) { return c == '-' || c == '_'; }));
}

/// A headline: some five words, or eight characters of a script that needs fewer.
bool is_headline(const std::string& text) {
  const std::size_t characters = text::count_code_points(text);
  const bool dense = text.size() >= characters * 2;
  return characters >= (dense ? 8U : 25U);
}

/// Whether a query names one of many pages: a number that is no page of a list, or a slug.
bool query_names_article(std::string_view query) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    const std::size_t equals = one.find('=');
    // A number alone, as in "read.php?1423".
    const std::string_view value = equals == std::string_view::npos ? one : one.substr(equals + 1);
    const std::string name =
        equals == std::string_view::npos ? "" : text::ascii_lower(one.substr(0, equals));
    if (turns_pages(name)) continue;
    if (longest_number_in(value) >= 3 || words_in(value) >= 4) return true;
  }
  return false;
}

/// What the path of a link tells.
struct PathShape {
  bool hub = false;
  std::size_t longest_number = 0;
  std::size_t words = 0;  // of the last part
  std::size_t parts = 0;
  bool page = true;           // its ending is that of a page
  bool short_number = false;  // the last part is one of a day or a month
};

PathShape shape_of(std::string_view path) {
  PathShape shape;
  if (path.ends_with('/')) path.remove_suffix(1);
  std::string_view last;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    last = path.substr(begin, end - begin);
    shape.hub = shape.hub || is_hub(text::ascii_lower(last));
    shape.longest_number = std::max(shape.longest_number, longest_number_in(last));
    ++shape.parts;
    begin = end + 1;
  }
  shape.words = words_in(last);
  shape.page = has_page_ending(last);
  shape.short_number = !last.empty() && last.size() <= 2 &&
                       last.find_first_not_of("0123456789") == std::string_view::npos;
  return shape;
}

}  // namespace

PageOutline outline_page(std::string_view html, std::string_view base_url) {
  return Outliner(html, base_url).run();
}

Likeness article_likeness(const PageLink& link, std::string_view section_url) {
  const auto page = url::parse(link.url);
  const auto section = url::parse(section_url);
  if (!page || !section || !page->is_http() || !page->host || !section->host) return Likeness::kNo;
  if (url::registrable_domain(*page->host) != url::registrable_domain(*section->host))
    return Likeness::kNo;
  const bool queried = page->query && query_names_article(*page->query);
  if (page->path == section->path && page->query == section->query) return Likeness::kNo;
  const PathShape shape = shape_of(page->path);
  const bool root = page->path.size() < 2;
  if (!shape.page || ((root || page->path == section->path) && !queried)) return Likeness::kNo;
  const bool headline = is_headline(link.text);
  // What ends in a day or a month is what was published then, and calendars have no end.
  if (shape.short_number && !queried && !headline) return Likeness::kNo;
  // A number of a story, or a date: even below a word that stands for lists elsewhere.
  const bool numbered = shape.longest_number >= 4 && (!shape.hub || (shape.words >= 3 && headline));
  if (shape.hub && !numbered) return Likeness::kNo;
  if ((numbered && !root) || (queried && headline))
    return link.in_frame && !headline && shape.words < 3 ? Likeness::kMaybe : Likeness::kYes;
  if (link.in_frame) return Likeness::kNo;
  if (shape.words >= 3) return Likeness::kMaybe;
  return headline && shape.parts >= 2 ? Likeness::kMaybe : Likeness::kNo;
}

}  // namespace vigie::crawler::feeds
