#include "extractor/metadata/json_ld.h"

#include <algorithm>
#include <array>
#include <map>

#include "platform/json/json.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostBytes = 1ULL << 20;  // of all blocks of a page
constexpr std::size_t kMostNodes = 20'000;      // values looked at
constexpr std::size_t kMostDepth = 32;

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

bool is_page_type(std::string_view type) {
  return type == "WebPage" || type == "NewsMediaOrganization" || type == "VideoObject";
}

std::string type_of(const Json& node) {
  const Json& type = node["@type"];
  if (type.is_string()) return type.as_string();
  for (const Json& one : type.as_array()) {
    if (is_article_type(one.as_string())) return one.as_string();
  }
  return type.as_array().empty() ? std::string{} : type.as_array().front().as_string();
}

std::string plain(const Json& value) {
  if (value.is_string())
    return text::collapse_spaces(dom::decoded(dom::decoded(value.as_string())));
  if (value.is_array() && !value.as_array().empty()) return plain(value.as_array().front());
  if (value.is_object()) {
    for (const std::string_view name : {"name", "@value", "url", "@id"}) {
      if (value[name].is_string()) return plain(value[name]);
    }
  }
  return {};
}

void add_text(std::vector<std::string>& out, const std::string& text) {
  if (!text.empty() && out.size() < 100 && std::find(out.begin(), out.end(), text) == out.end())
    out.push_back(text);
}

class Reader {
 public:
  void collect(const Json& root) {
    std::vector<std::pair<const Json*, std::size_t>> open{{&root, 0}};
    while (!open.empty() && looked_ < kMostNodes) {
      const auto [node, depth] = open.back();
      open.pop_back();
      ++looked_;
      if (depth > kMostDepth) continue;
      if (node->is_object()) {
        if (node->find("@id") != nullptr && node->find("@type") != nullptr)
          by_id_.emplace((*node)["@id"].as_string(), node);
        const std::string type = type_of(*node);
        if (is_article_type(type)) articles_.push_back(node);
        if (is_page_type(type)) pages_.push_back(node);
        note_type(type, depth);
        for (auto member = node->as_object().rbegin(); member != node->as_object().rend();
             ++member) {
          if (member->second.is_object() || member->second.is_array())
            open.emplace_back(&member->second, depth + 1);
        }
      } else {
        for (auto item = node->as_array().rbegin(); item != node->as_array().rend(); ++item)
          open.emplace_back(&*item, depth + 1);
      }
    }
  }

  JsonLd read() const {
    JsonLd out;
    // The article with most to say comes first; teasers of lists say little.
    std::vector<const Json*> ranked = articles_;
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const Json* a, const Json* b) { return richness(*a) > richness(*b); });
    if (ranked.size() > 1) ranked.resize(1);
    for (const Json* page : pages_) {
      if (type_of(*page) == "WebPage") ranked.push_back(page);
    }
    for (const Json* node : ranked) fill(*node, node == ranked.front() && !articles_.empty(), out);
    out.page_type = live_                ? "live_blog"
                    : gallery_           ? "gallery"
                    : !articles_.empty() ? "article"
                    : video_             ? "video"
                    : listing_           ? "listing"
                                         : "";
    return out;
  }

 private:
  // Types that say what kind of page it is; near the root only, since articles hold videos and
  // lists of others.
  void note_type(const std::string& type, std::size_t depth) {
    constexpr std::size_t kNearRoot = 2;
    if (depth > kNearRoot) return;
    if (type == "LiveBlogPosting") live_ = true;
    if (type == "ImageGallery" || type == "MediaGallery") gallery_ = true;
    if (type == "VideoObject") video_ = true;
    if (type == "CollectionPage" || type == "SearchResultsPage") listing_ = true;
  }

  static int richness(const Json& node) {
    int points = 0;
    for (const std::string_view name : {"headline", "datePublished", "author", "articleBody",
                                        "mainEntityOfPage", "publisher", "image", "dateModified"}) {
      if (node.find(name) != nullptr) ++points;
    }
    const std::string type = type_of(node);
    if (type == "CreativeWork" || type == "Review") points -= 4;
    return points;
  }

  const Json& resolved(const Json& value) const {
    if (!value.is_object() || value.find("name") != nullptr) return value;
    const auto found = by_id_.find(value["@id"].as_string());
    return found == by_id_.end() ? value : *found->second;
  }

  void read_authors(const Json& value, std::vector<std::string>& out,
                    std::vector<std::string>& organisations) const {
    if (value.is_array()) {
      for (const Json& one : value.as_array()) {
        // lists in lists are written, deeper ones are none
        if (one.is_array()) {
          for (const Json& inner : one.as_array()) {
            if (!inner.is_array()) read_authors(inner, out, organisations);
          }
          continue;
        }
        read_authors(one, out, organisations);
      }
      return;
    }
    const Json& author = resolved(value);
    if (author.is_object()) {
      const std::string type = type_of(author);
      if (type == "Organization" || type == "NewsMediaOrganization" || type == "Corporation") {
        add_text(organisations, plain(author["name"]));
        return;
      }
      if (author.find("name") == nullptr) {
        add_text(out, text::collapse_spaces(plain(author["givenName"]) + " " +
                                            plain(author["familyName"])));
        return;
      }
      if (author["name"].is_array()) {
        for (const Json& name : author["name"].as_array()) add_text(out, plain(name));
        return;
      }
      add_text(out, plain(author["name"]));
    } else if (author.is_string() && author.as_string().find("://") == std::string::npos) {
      add_text(out, plain(author));
    }
  }

  static void read_keywords(const Json& value, std::vector<std::string>& out) {
    if (value.is_string()) {
      std::string_view rest = value.as_string();
      while (!rest.empty()) {
        const std::size_t comma = rest.find_first_of(",;");
        add_text(out, text::collapse_spaces(dom::decoded(rest.substr(0, comma))));
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
      }
      return;
    }
    for (const Json& one : value.as_array()) add_text(out, plain(one));
  }

  static void set(std::string& field, std::string value) {
    if (field.empty()) field = std::move(value);
  }

  void fill(const Json& node, bool is_article, JsonLd& out) const {
    if (is_article) {
      set(out.headline, plain(node["headline"]));
      set(out.headline, plain(node["name"]));
      if (out.authors.empty()) read_authors(node["author"], out.authors, out.organisations);
      if (out.authors.empty()) read_authors(node["creator"], out.authors, out.organisations);
      set(out.section, plain(node["articleSection"]));
      if (node["articleBody"].is_string())
        set(out.body, dom::decoded(node["articleBody"].as_string()));
      if (node["text"].is_string()) set(out.body, dom::decoded(node["text"].as_string()));
      read_keywords(node["keywords"], out.keywords);
      set(out.site_name, plain(resolved(node["publisher"])["name"]));
    }
    set(out.published, plain(node["datePublished"]));
    set(out.published, plain(node["dateCreated"]));
    set(out.modified, plain(node["dateModified"]));
    set(out.description, plain(node["description"]));
    set(out.language, plain(node["inLanguage"]));
    set(out.url, plain(node["url"]));
    set(out.licence, plain(node["license"]));
    const Json* image = &resolved(node["image"]);
    if (image->is_array() && !image->as_array().empty())
      image = &resolved(image->as_array().front());
    if (image->is_string()) {
      set(out.image_url, plain(*image));
    } else {
      set(out.image_url, plain((*image)["url"]));
      set(out.image_url, plain((*image)["contentUrl"]));
      set(out.image_caption, plain((*image)["caption"]));
    }
    if (const Json* free = node.find("isAccessibleForFree"); free != nullptr && !out.has_access) {
      out.has_access = true;
      out.accessible =
          free->is_bool() ? free->as_bool() : text::ascii_lower(free->as_string()) != "false";
    }
  }

  std::vector<const Json*> articles_;
  std::vector<const Json*> pages_;
  std::map<std::string, const Json*, std::less<>> by_id_;
  std::size_t looked_ = 0;
  bool live_ = false;
  bool gallery_ = false;
  bool video_ = false;
  bool listing_ = false;
};

}  // namespace

JsonLd read_json_ld(const dom::Document& document) {
  std::vector<Json> roots;
  std::size_t bytes = 0;
  JsonLimits limits;
  limits.tolerant = true;
  limits.max_bytes = kMostBytes;
  for (const dom::Script& script : document.scripts) {
    if (text::ascii_lower(script.type).find("ld+json") == std::string::npos) continue;
    bytes += script.content.size();
    if (bytes > kMostBytes) break;
    if (Result<Json> parsed = parse_json(text::trim(script.content), limits))
      roots.push_back(std::move(*parsed));
  }
  Reader reader;
  for (const Json& root : roots) reader.collect(root);
  return reader.read();
}

}  // namespace vigie::extractor::metadata
