#include "extractor/metadata/json_ld.h"

#include <algorithm>
#include <map>
#include <optional>

#include "extractor/metadata/json_ld_nodes.h"
#include "extractor/metadata/paywall.h"
#include "platform/json/json.h"
#include "platform/json/salvage.h"
#include "platform/text/utf8.h"

namespace vigie::extractor::metadata {
namespace {

constexpr std::size_t kMostBytes = 1ULL << 20;  // of all blocks of a page
constexpr std::size_t kBytesOfDay = 10;         // 2024-03-05
constexpr std::size_t kMostParts = 100;         // of an article
constexpr std::size_t kMostEncodings = 3;       // of a block, one within the other

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
  explicit Reader(const PageNodes& nodes) : by_id_(nodes.by_id) {}

  JsonLd read(const PageNodes& nodes) const {
    JsonLd out;
    if (nodes.article != nullptr) fill(*nodes.article, true, out);
    for (const Json* node : nodes.same_article) fill(*node, true, out);
    for (const Json* node : nodes.pages) fill(*node, false, out);
    out.page_type = nodes.page_type;
    out.reviews_claim = nodes.reviews_claim;
    for (const std::string& name : nodes.crumbs)
      out.crumbs.push_back(text::collapse_spaces(dom::decoded(name)));
    return out;
  }

 private:
  const Json& resolved(const Json& value) const {
    if (!value.is_object() || value.find("name") != nullptr) return value;
    const auto found = by_id_.find(value["@id"].as_string());
    return found == by_id_.end() ? value : *found->second;
  }

  // `in_list`: of an ordered list ({"@list": […]}), which holds no other
  void read_authors(const Json& value, std::vector<std::string>& out,
                    std::vector<std::string>& organisations, bool in_list = false) const {
    if (value.is_array()) {
      for (const Json& one : value.as_array()) {
        // lists in lists are written, deeper ones are none
        if (one.is_array()) {
          for (const Json& inner : one.as_array()) {
            if (!inner.is_array()) read_authors(inner, out, organisations, in_list);
          }
          continue;
        }
        read_authors(one, out, organisations, in_list);
      }
      return;
    }
    if (const Json& list = value["@list"]; list.is_array()) {
      if (!in_list) read_authors(list, out, organisations, true);
      return;
    }
    const Json& author = resolved(value);
    if (author.is_object()) {
      const std::string type = json_ld_type(author);
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

  static void read_sort(const Json& node, JsonLd& out) {
    for (const std::string& type : json_ld_types(node)) add_text(out.types, type);
    const auto read = [](const Json& value, std::vector<std::string>& to) {
      if (value.is_string()) add_text(to, plain(value));
      for (const Json& one : value.as_array()) add_text(to, plain(one));
    };
    read(node["genre"], out.genres);
    read(node["articleSection"], out.sections);
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
      read_sort(node, out);
      for (const std::string_view name : {"articleBody", "text"}) {
        if (out.body.empty() && node[name].is_string())
          out.body = dom::decoded(node[name].as_string());
      }
      if (out.keywords.empty()) read_keywords(node["keywords"], out.keywords);
      set(out.site_name, plain(resolved(node["publisher"])["name"]));
    }
    set(out.published, plain(node["datePublished"]));
    // a day, and elsewhere the time of that day
    if (const std::string moment = plain(node["datePublished"]);
        out.published.size() == kBytesOfDay && moment.starts_with(out.published))
      out.published = moment;
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
    read_access(node, out);
  }

  // "false", false, 0, "No", "https://schema.org/False", and lists and objects of these.
  static std::optional<bool> truth_of(const Json& value) {
    if (value.is_bool()) return value.as_bool();
    if (value.is_number()) return value.as_double() != 0;
    if (value.is_array())
      return value.as_array().size() == 1 ? truth_of_text(value.as_array().front()) : std::nullopt;
    return truth_of_text(value);
  }

  static std::optional<bool> truth_of_text(const Json& value) {
    if (value.is_bool()) return value.as_bool();
    if (value.is_number()) return value.as_double() != 0;
    if (value["@value"].is_bool()) return value["@value"].as_bool();
    return truth_of_word(plain(value));
  }

  static std::optional<bool> access_of(const Json& node) {
    for (const Json::Member& member : node.as_object()) {
      if (text::ascii_iequals(member.first, "isAccessibleForFree")) return truth_of(member.second);
    }
    for (const std::string_view name : {"requiresSubscription", "requiresLogin"}) {
      if (truth_of(node[name]).value_or(false)) return false;
    }
    return std::nullopt;
  }

  // The node's own word; where it has none, a part that is locked (Google's form of it).
  void read_access(const Json& node, JsonLd& out) const {
    if (out.has_access) return;
    if (const std::optional<bool> access = access_of(node)) {
      out.has_access = true;
      out.accessible = *access;
      return;
    }
    const Json& parts = node["hasPart"];
    const auto look_at = [&](const Json& part) {
      if (resolved_part(part).is_object() && access_of(resolved_part(part)) == false)
        out.has_access = true;
    };
    if (parts.is_object()) look_at(parts);
    for (std::size_t i = 0; i < std::min(parts.as_array().size(), kMostParts); ++i)
      look_at(parts.as_array()[i]);
    if (out.has_access) out.accessible = false;
  }

  const Json& resolved_part(const Json& part) const {
    if (!part.is_object() || part.as_object().size() > 1) return part;
    const auto found = by_id_.find(part["@id"].as_string());
    return found == by_id_.end() ? part : *found->second;
  }

  const std::map<std::string, const Json*, std::less<>>& by_id_;
};

// The structure itself stands as character references: {&quot;@type&quot; …
bool is_encoded(std::string_view block) {
  if (block.starts_with('&')) return true;
  const std::size_t next = block.find_first_not_of("{[ \n\r\t");
  return next != std::string_view::npos && next > 0 && block[next] == '&';
}

// The values of a block: as they stand, else what is whole of them.
void read_block(std::string_view block, std::vector<Json>& roots) {
  JsonLimits limits;
  limits.tolerant = true;
  limits.max_bytes = kMostBytes;
  block = text::trim(block);
  if (Result<Json> parsed = parse_json(block, limits)) {
    roots.push_back(std::move(*parsed));
    return;
  }
  std::string decoded;
  for (std::size_t round = 0; round < kMostEncodings && is_encoded(block); ++round) {
    decoded = dom::decoded(block);
    if (decoded == block) break;
    block = text::trim(decoded);
    if (Result<Json> parsed = parse_json(block, limits)) {
      roots.push_back(std::move(*parsed));
      return;
    }
  }
  for (Json& root : salvage_json(block)) roots.push_back(std::move(root));
}

}  // namespace

JsonLd read_json_ld(const dom::Document& document, std::string_view url) {
  std::vector<Json> roots;
  std::size_t bytes = 0;
  for (const dom::Script& script : document.scripts) {
    if (text::ascii_lower(script.type).find("ld+json") == std::string::npos) continue;
    bytes += script.content.size();
    if (bytes > kMostBytes) break;
    read_block(script.content, roots);
  }
  if (roots.empty()) return {};
  const PageNodes nodes = choose_nodes(roots, identity_of(document, url));
  return Reader(nodes).read(nodes);
}

}  // namespace vigie::extractor::metadata
