#include "extractor/metadata/json_ld_nodes.h"

#include <algorithm>
#include <array>
#include <set>

#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostNodes = 20'000;  // values looked at
constexpr std::size_t kMostDepth = 32;
constexpr std::size_t kMostTitles = 8;
constexpr std::size_t kMostTitleBytes = 1000;
constexpr std::size_t kMostCrumbs = 16;
constexpr std::size_t kNearRoot = 2;   // levels that say what the page is
constexpr std::size_t kMostUrls = 16;  // of one node
// of the end of a path that means one page, whatever host and query
constexpr int kHyphensOfSlug = 2;
constexpr int kDigitsOfNumber = 6;
constexpr double kSameHeadline = 0.75;  // share of words in common
constexpr double kSimilarHeadline = 0.4;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool is_article_type(std::string_view type) {
  static constexpr std::array kTypes = std::to_array<std::string_view>(
      {"NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle", "AnalysisNewsArticle",
       "OpinionNewsArticle", "BackgroundNewsArticle", "LiveBlogPosting", "Report",
       "ScholarlyArticle", "TechArticle", "SatiricalArticle", "ReviewNewsArticle",
       "AskPublicNewsArticle", "SocialMediaPosting", "Review", "CreativeWork",
       "AdvertiserContentArticle"});
  const std::size_t slash = type.find_last_of("/:");
  const std::string_view name = slash == std::string_view::npos ? type : type.substr(slash + 1);
  return std::find(kTypes.begin(), kTypes.end(), name) != kTypes.end();
}

bool is_weak_type(std::string_view type) { return type == "CreativeWork" || type == "Review"; }

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Members whose values are other works than the one that has them.
constexpr std::array kOtherWorks = std::to_array<std::string_view>(
    {"itemListElement", "liveBlogUpdate", "isBasedOn", "isBasedOnUrl", "citation", "mentions",
     "relatedLink", "significantLink", "comment", "review", "reviews", "isRelatedTo", "workExample",
     "exampleOfWork", "hasPart", "subjectOf"});
// Members that say of a container what it is about.
constexpr std::array kSameWork =
    std::to_array<std::string_view>({"mainEntity", "mainEntityOfPage", "@graph"});

// Words as runs of letters and digits; a character of a script without spaces is one by itself.
std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> out;
  std::string word;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = text::next_code_point(text, at);
    const bool mark = c < 0x80
                          ? !((c >= '0' && c <= '9') || ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'z'))
                          : c < 0xC0 || (c >= 0x2000 && c < 0x2C00) ||
                                (c >= 0x3000 && c < 0x3040) || (c >= 0xFF00 && c < 0xFF10);
    const bool alone = c >= 0x0E00 && text::is_unspaced_script(c);
    if ((mark || alone) && !word.empty()) {
      out.insert(word);
      word.clear();
    }
    if (alone) out.insert(std::string(text.substr(begin, at - begin)));
    if (!mark && !alone) word += text::ascii_lower(text.substr(begin, at - begin));
  }
  if (!word.empty()) out.insert(word);
  return out;
}

// Share of the words of the shorter that stand in the other.
double in_common(const std::set<std::string>& a, const std::set<std::string>& b) {
  if (a.empty() || b.empty()) return 0;
  const auto both =
      std::count_if(a.begin(), a.end(), [&](const std::string& word) { return b.count(word) > 0; });
  return static_cast<double>(both) / static_cast<double>(std::min(a.size(), b.size()));
}

struct UrlParts {
  std::string host;
  std::string path;
  std::string query;
  bool means_one_page() const { return !path.empty() || !query.empty(); }
};

void drop_end(std::string& text, std::string_view end) {
  if (text.size() > end.size() && text.ends_with(end)) text.resize(text.size() - end.size());
}

UrlParts parts_of(std::string_view url) {
  UrlParts out;
  url = text::trim(url.substr(0, url.find('#')));
  if (const std::size_t scheme = url.find("//"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 2);
  const std::size_t query = url.find('?');
  if (query != std::string_view::npos) out.query = url.substr(query + 1);
  url = url.substr(0, query);
  const std::size_t slash = std::min(url.find('/'), url.size());
  out.host = text::ascii_lower(url.substr(0, slash));
  for (const std::string_view prefix : {"www.", "m.", "mobile.", "amp."}) {
    if (out.host.starts_with(prefix)) out.host.erase(0, prefix.size());
  }
  out.path = url.substr(slash);
  while (out.path.ends_with('/')) out.path.pop_back();
  for (const std::string_view end : {"/index.html", "/index.htm", "/index.php", "/amp", ".amp"})
    drop_end(out.path, end);
  if (out.path.starts_with("/amp/")) out.path.erase(0, 4);
  return out;
}

bool is_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("//");
}

bool same(const UrlParts& a, const UrlParts& b) {
  if (a.path != b.path || !a.means_one_page() || !b.means_one_page()) return false;
  const std::string_view last = std::string_view(a.path).substr(a.path.rfind('/') + 1);
  const auto count = [last](auto wanted) {
    return std::count_if(last.begin(), last.end(), wanted);
  };
  const bool is_slug = count([](char c) { return c == '-' || c == '_'; }) >= kHyphensOfSlug ||
                       count([](char c) { return c >= '0' && c <= '9'; }) >= kDigitsOfNumber;
  if (a.host != b.host) return is_slug && a.query == b.query;
  return a.query == b.query || a.query.empty() || b.query.empty() || is_slug;
}

void add_urls(const Json& value, std::vector<std::string>& out) {
  if (out.size() >= kMostUrls) return;
  if (value.is_string()) {
    if (is_url(value.as_string())) out.push_back(value.as_string());
  } else if (value.is_object()) {
    add_urls(value["@id"], out);
    add_urls(value["url"], out);
  } else {
    for (const Json& one : value.as_array()) {
      if (!one.is_array()) add_urls(one, out);
    }
  }
}

std::vector<std::string> urls_of(const Json& node) {
  std::vector<std::string> out;
  for (const std::string_view name : {"mainEntityOfPage", "url", "@id"}) add_urls(node[name], out);
  return out;
}

// How much says that a node is about this page.
// A part has the page's URL with a fragment, as the updates of a live blog have.
enum class About { kOtherPage, kUnknown, kPartOfPage, kThisPage };

class Chooser {
 public:
  explicit Chooser(const PageIdentity& page) {
    for (const std::string& url : page.urls) urls_.push_back(parts_of(url));
    for (const std::string& title : page.titles) titles_.push_back(words_of(title));
  }

  // Values are looked at in the order of the page; what stands inside of an article knows it.
  void collect(const Json& root) {
    std::vector<Place> open{{&root, 0, kNone, false}};
    while (!open.empty() && looked_ < kMostNodes) {
      const Place place = open.back();
      open.pop_back();
      ++looked_;
      if (place.depth > kMostDepth) continue;
      if (place.node->is_object()) {
        collect_object(place, open);
        continue;
      }
      const Json::Array& items = place.node->as_array();
      for (auto item = items.rbegin(); item != items.rend(); ++item)
        open.push_back({&*item, place.depth + 1, place.owner, place.is_other});
    }
  }

  PageNodes choose() {
    const Candidate* best = nullptr;
    for (Candidate& one : articles_) {
      weigh(one);
      if (one.is_left_out) continue;
      if (best == nullptr || one.about > best->about ||
          (one.about == best->about && one.richness > best->richness))
        best = &one;
    }
    if (best != nullptr) {
      out_.article = best->place.node;
      const std::set<std::string> headline =
          words_of(text::prefix((*out_.article)["headline"].as_string(), kMostTitleBytes));
      for (const Candidate& one : articles_) {
        if (&one == best || one.is_left_out || one.about != About::kThisPage ||
            best->about != About::kThisPage)
          continue;
        const std::set<std::string> other =
            words_of(text::prefix((*one.place.node)["headline"].as_string(), kMostTitleBytes));
        if (other.empty() || headline.empty() || other == headline)
          out_.same_article.push_back(one.place.node);
      }
    }
    for (const Place& page : pages_) {
      const bool is_inside_other =
          page.owner != kNone && articles_[page.owner].place.node != out_.article;
      if (!page.is_other && !is_inside_other && about(*page.node) != About::kOtherPage)
        out_.pages.push_back(page.node);
    }
    out_.reviews_claim = std::any_of(reviews_.begin(), reviews_.end(), [&](std::size_t owner) {
      return owner == kNone || articles_[owner].place.node == out_.article;
    });
    out_.page_type = live_                     ? "live_blog"
                     : gallery_                ? "gallery"
                     : out_.article != nullptr ? "article"
                     : video_                  ? "video"
                     : listing_                ? "listing"
                                               : "";
    return std::move(out_);
  }

 private:
  struct Place {
    const Json* node = nullptr;
    std::size_t depth = 0;
    std::size_t owner = kNone;  // the article that it stands in
    bool is_other = false;      // another work, by the member that it is the value of
  };
  struct Candidate {
    Place place;
    std::string type;
    About about = About::kUnknown;
    int richness = 0;
    bool is_left_out = false;
  };

  void collect_object(const Place& place, std::vector<Place>& open) {
    const Json& node = *place.node;
    const std::string type = json_ld_type(node);
    if (node.find("@id") != nullptr) {
      if (!type.empty()) out_.by_id.emplace(node["@id"].as_string(), &node);
      else if (place.is_other) other_ids_.insert(node["@id"].as_string());
    }
    std::size_t owner = place.owner;
    if (is_article_type(type)) {
      owner = articles_.size();
      articles_.push_back({place, type, About::kUnknown, 0, false});
    }
    if (type == "WebPage") pages_.push_back(place);
    note_type(type, place.depth);
    if (place.depth <= kNearRoot) note_path(node, type);
    if (type == "ClaimReview" && (place.depth <= kNearRoot || place.owner != kNone))
      reviews_.push_back(place.owner);
    const Json::Object& members = node.as_object();
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
      if (!member->second.is_object() && !member->second.is_array()) continue;
      const bool is_same = is_one_of(member->first, kSameWork);
      open.push_back({&member->second, place.depth + 1, is_same ? place.owner : owner,
                      place.is_other || is_one_of(member->first, kOtherWorks)});
    }
  }

  // Types that say what kind of page it is; near the root only, since articles hold videos and
  // lists of others.
  void note_type(std::string_view type, std::size_t depth) {
    if (depth > kNearRoot) return;
    if (type == "LiveBlogPosting") live_ = true;
    if (type == "ImageGallery" || type == "MediaGallery") gallery_ = true;
    if (type == "VideoObject") video_ = true;
    if (type == "CollectionPage" || type == "SearchResultsPage") listing_ = true;
  }

  // The names of a path of sections.
  void note_path(const Json& node, std::string_view type) {
    if (type != "BreadcrumbList") return;
    for (const Json& item : node["itemListElement"].as_array()) {
      if (out_.crumbs.size() >= kMostCrumbs) return;
      const Json& name = item["name"].is_string() || !item["item"].is_object()
                             ? item["name"]
                             : item["item"]["name"];
      if (name.is_string()) out_.crumbs.push_back(name.as_string());
    }
  }

  static int richness(const Json& node, std::string_view type) {
    int points = 0;
    for (const std::string_view name : {"headline", "datePublished", "author", "articleBody",
                                        "mainEntityOfPage", "publisher", "image", "dateModified"}) {
      if (node.find(name) != nullptr) ++points;
    }
    return is_weak_type(type) ? points - 4 : points;
  }

  About about(const Json& node) const {
    bool names_other = false;
    bool names_part = false;
    for (const std::string& url : urls_of(node)) {
      const UrlParts parts = parts_of(url);
      if (!parts.means_one_page()) continue;
      for (const UrlParts& own : urls_) {
        if (!same(parts, own)) continue;
        if (url.find('#') == std::string::npos) return About::kThisPage;
        names_part = true;
      }
      names_other = true;
    }
    const std::set<std::string> headline =
        words_of(text::prefix(node["headline"].as_string(), kMostTitleBytes));
    double likest = 0;
    for (const std::set<std::string>& title : titles_)
      likest = std::max(likest, in_common(headline, title));
    if (likest >= kSameHeadline) return About::kThisPage;
    if (names_part) return About::kPartOfPage;
    if (!names_other || urls_.empty()) return About::kUnknown;
    if (titles_.empty() || likest >= kSimilarHeadline) return About::kUnknown;
    return About::kOtherPage;
  }

  void weigh(Candidate& one) const {
    const Json& node = *one.place.node;
    one.about = about(node);
    one.richness = richness(node, one.type);
    const bool is_other = one.place.is_other || other_ids_.count(node["@id"].as_string()) > 0;
    if (one.place.owner != kNone)
      one.is_left_out = is_other || !is_weak_type(articles_[one.place.owner].type);
    else if (is_other) one.is_left_out = one.about < About::kPartOfPage;
    if (one.about == About::kOtherPage) one.is_left_out = true;
  }

  std::vector<UrlParts> urls_;
  std::vector<std::set<std::string>> titles_;
  std::vector<Candidate> articles_;
  std::vector<Place> pages_;
  std::vector<std::size_t> reviews_;  // owners of reviews of claims
  std::set<std::string, std::less<>> other_ids_;
  PageNodes out_;
  std::size_t looked_ = 0;
  bool live_ = false;
  bool gallery_ = false;
  bool video_ = false;
  bool listing_ = false;
};

void add_title(std::string_view raw, bool in_attribute, std::vector<std::string>& out) {
  std::string title =
      text::collapse_spaces(dom::decoded(text::prefix(raw, kMostTitleBytes), in_attribute));
  if (!title.empty() && out.size() < kMostTitles) out.push_back(std::move(title));
}

}  // namespace

std::string json_ld_type(const Json& node) {
  const Json& type = node["@type"];
  if (type.is_string()) return type.as_string();
  for (const Json& one : type.as_array()) {
    if (is_article_type(one.as_string())) return one.as_string();
  }
  return type.as_array().empty() ? std::string{} : type.as_array().front().as_string();
}

std::vector<std::string> json_ld_types(const Json& node) {
  constexpr std::size_t kMostTypes = 8;
  std::vector<std::string> out;
  const auto add = [&out](const Json& type) {
    if (!type.is_string() || out.size() >= kMostTypes) return;
    const std::string& name = type.as_string();
    out.push_back(name.substr(name.find_last_of("/:") + 1));
  };
  add(node["@type"]);
  for (const Json& one : node["@type"].as_array()) add(one);
  return out;
}

bool same_page(std::string_view a, std::string_view b) { return same(parts_of(a), parts_of(b)); }

PageIdentity identity_of(const dom::Document& document, std::string_view url) {
  PageIdentity out;
  if (!url.empty()) out.urls.emplace_back(url);
  for (const dom::SourceTag& link : document.links) {
    const auto rel = dom::find_attribute(link, "rel");
    if (!rel || !text::ascii_iequals(text::trim(*rel), "canonical")) continue;
    std::string href =
        dom::decoded(dom::find_attribute(link, "href").value_or(std::string_view{}), true);
    if (is_url(href)) out.urls.push_back(std::move(href));
    break;
  }
  for (const dom::SourceTag& meta : document.metas) {
    const auto property = dom::find_attribute(meta, "property");
    if (!property || property->size() < 6 || !property->starts_with("og:")) continue;
    const std::string_view content =
        dom::find_attribute(meta, "content").value_or(std::string_view{});
    if (*property == "og:title") add_title(content, true, out.titles);
    if (*property == "og:url" && is_url(content)) out.urls.push_back(dom::decoded(content, true));
  }
  if (!document.titles.empty()) add_title(document.titles.front(), false, out.titles);
  for (std::uint32_t i = 0; i < document.nodes.size() && out.titles.size() < kMostTitles; ++i) {
    if (document.nodes[i].tag != dom::Tag::kH1) continue;
    std::string heading = text::collapse_spaces(document.text_of(i, kMostTitleBytes));
    if (!heading.empty()) out.titles.push_back(std::move(heading));
  }
  return out;
}

PageNodes choose_nodes(const std::vector<Json>& roots, const PageIdentity& page) {
  Chooser chooser(page);
  for (const Json& root : roots) chooser.collect(root);
  return chooser.choose();
}

}  // namespace vigie::extractor::metadata
