#include "crawler/feeds/json_feed.h"

#include <optional>

#include "crawler/feeds/xml.h"
#include "platform/json/json.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"

namespace vigie::crawler::feeds {
namespace {

std::string line(const Json& value, std::size_t bytes) {
  return text::ellipsize(text::collapse_spaces(text::to_valid_utf8(value.as_string())), bytes);
}

std::string link(const Json& value, std::string_view base) {
  if (value.as_string().empty()) return {};
  std::optional<url::Url> base_url;
  if (auto parsed = url::parse(base)) base_url = std::move(*parsed);
  const auto parsed = url::parse(text::trim(value.as_string()), base_url ? &*base_url : nullptr);
  return parsed && parsed->is_http() ? parsed->href() : std::string();
}

/// `authors` of 1.1, else `author` of 1.0.
std::vector<std::string> authors(const Json& object, const FeedLimits& limits) {
  std::vector<std::string> out;
  const auto take = [&](const Json& author) {
    std::string name = line(author["name"], limits.field_bytes);
    if (name.empty()) name = line(author["url"], limits.field_bytes);
    if (!name.empty() && out.size() < limits.list_entries) out.push_back(std::move(name));
  };
  for (const Json& author : object["authors"].as_array()) take(author);
  if (out.empty()) take(object["author"]);
  return out;
}

FeedEntry read_item(const Json& item, const Feed& feed, std::string_view base,
                    const FeedLimits& limits) {
  FeedEntry entry;
  // "id" must be a string; numbers are met and are to be taken as strings.
  entry.id = item["id"].is_string()   ? line(item["id"], limits.field_bytes)
             : item["id"].is_number() ? item["id"].dump()
                                      : std::string();
  entry.url = link(item["url"], base);
  if (entry.url.empty()) entry.url = link(item["external_url"], base);
  if (entry.url.empty() && entry.id.substr(0, 4) == "http") entry.url = link(item["id"], base);
  entry.title = html_to_text(line(item["title"], limits.title_bytes));
  for (const char* name : {"summary", "content_text", "content_html"}) {
    if (entry.summary.empty())
      entry.summary = text::ellipsize(html_to_text(text::to_valid_utf8(item[name].as_string())),
                                      limits.summary_bytes);
  }
  entry.authors = authors(item, limits);
  if (entry.authors.empty()) entry.authors = feed.authors;
  for (const Json& tag : item["tags"].as_array()) {
    if (entry.categories.size() < limits.list_entries && tag.is_string())
      entry.categories.push_back(line(tag, limits.field_bytes));
  }
  entry.published = dates::read_loose(item["date_published"].as_string());
  entry.updated = dates::read_loose(item["date_modified"].as_string());
  entry.language = line(item["language"], 35);
  if (entry.language.empty()) entry.language = feed.language;
  return entry;
}

}  // namespace

Result<Feed> parse_json_feed(std::string_view utf8, std::string_view base_url,
                             const FeedLimits& limits) {
  JsonLimits json_limits;
  json_limits.tolerant = true;
  VIGIE_ASSIGN(const Json root, parse_json(utf8, json_limits));
  const std::string& version = root["version"].as_string();
  // Versions are written as a URL of jsonfeed.org, and by some as a bare number.
  if (!root["items"].is_array() ||
      (version.find("jsonfeed.org/version/") == std::string::npos && version.substr(0, 1) != "1")) {
    return failure(
        Disposition::kQuarantine, "not_feed",
        "this is JSON but no JSON Feed: it lacks `items`, or a `version` of jsonfeed.org");
  }
  Feed feed;
  feed.format = "json";
  // npos + 1 is 0: all of it
  feed.version = line(Json(version.substr(version.rfind('/') + 1)), 16);
  feed.title = html_to_text(line(root["title"], limits.title_bytes));
  feed.url = link(root["home_page_url"], base_url);
  feed.description = html_to_text(line(root["description"], limits.summary_bytes));
  feed.language = line(root["language"], 35);
  feed.authors = authors(root, limits);
  for (const Json& hub : root["hubs"].as_array()) {
    if (feed.hub.empty() && hub["type"].as_string() == "WebSub")
      feed.hub = link(hub["url"], base_url);
  }
  const std::string base = base_url.empty() ? feed.url : std::string(base_url);
  for (const Json& item : root["items"].as_array()) {
    if (feed.entries.size() >= limits.entries) {
      feed.entries_cut = true;
      break;
    }
    if (item.is_object()) feed.entries.push_back(read_item(item, feed, base, limits));
  }
  return feed;
}

}  // namespace vigie::crawler::feeds
