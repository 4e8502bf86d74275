#include "crawler/feeds/json_feed.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

#include "crawler/feeds/aggregator_link.h"
#include "platform/dates/written_date.h"
#include "platform/json/json.h"
#include "platform/json/salvage.h"
#include "platform/text/invisible.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/xml/plain_text.h"

namespace vigie::crawler::feeds {
namespace {

constexpr std::size_t kMostSalvaged = 1'000'000;  // values of a broken feed

std::string line(const Json& value, std::size_t bytes) {
  return text::ellipsize(
      text::collapse_spaces(text::without_invisible(text::to_valid_utf8(value.as_string()))),
      bytes);
}

std::string link(const Json& value, std::string_view base) {
  if (value.as_string().empty()) return {};
  std::optional<url::Url> base_url;
  if (auto parsed = url::parse(base)) base_url = std::move(*parsed);
  const auto parsed = url::parse(text::trim(value.as_string()), base_url ? &*base_url : nullptr);
  return parsed && parsed->is_http() ? parsed->href() : std::string();
}

void take_authors(const Json& value, const FeedLimits& limits, int depth,
                  std::vector<std::string>& out) {
  if (value.is_array()) {
    if (depth == 0) return;
    for (const Json& one : value.as_array()) take_authors(one, limits, depth - 1, out);
    return;
  }
  // an address is no name
  std::string name = line(value.is_string() ? value : value["name"], limits.field_bytes);
  const bool is_new = std::find(out.begin(), out.end(), name) == out.end();
  if (!name.empty() && is_new && out.size() < limits.list_entries) out.push_back(std::move(name));
}

/// `authors` of 1.1, else `author` of 1.0: a list, an object or a text, whatever the version says.
std::vector<std::string> authors(const Json& object, const FeedLimits& limits) {
  constexpr int kListsInLists = 3;
  std::vector<std::string> out;
  take_authors(object["authors"], limits, kListsInLists, out);
  if (out.empty()) take_authors(object["author"], limits, kListsInLists, out);
  return out;
}

/// Whose zones and order of day and month the dates have.
struct Place {
  std::string language;
  std::string country;
};

Place place_of(const Feed& feed, const FeedOrigin& origin) {
  Place out{feed.language, {}};
  for (const std::string& address : {feed.url, std::string(origin.base_url)}) {
    const auto parsed = url::parse(address);
    if (out.country.empty() && parsed && parsed->host)
      out.country = dates::country_of_host(*parsed->host);
  }
  if (out.country.empty()) out.country = origin.country;
  if (out.country.empty()) out.country = dates::country_of_language(feed.language);
  return out;
}

/// A date as text; some write the seconds, or milliseconds, since 1970 as a number.
std::optional<dates::LooseDate> date_of(const Json& value, const Place& place) {
  if (!value.is_number())
    return dates::read_loose(value.as_string(), {place.language, place.country});
  constexpr double kLeastMilliseconds = 1e11;  // as seconds these are past the year 5000
  const double number = value.as_double();
  if (number <= 0 || number >= kLeastMilliseconds * 1000) return std::nullopt;
  const auto seconds =
      static_cast<std::int64_t>(number >= kLeastMilliseconds ? number / 1000 : number);
  const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(moment - day);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return dates::read_loose(text.data());
}

FeedEntry read_item(const Json& item, const Feed& feed, std::string_view base, const Place& place,
                    const FeedLimits& limits) {
  FeedEntry entry;
  // "id" must be a string; numbers are met and are to be taken as strings.
  entry.id = item["id"].is_string()   ? line(item["id"], limits.field_bytes)
             : item["id"].is_number() ? item["id"].dump()
                                      : std::string();
  entry.url = link(item["url"], base);
  if (entry.url.empty()) entry.url = link(item["external_url"], base);
  if (entry.url.empty() && entry.id.substr(0, 4) == "http") entry.url = link(item["id"], base);
  const std::string publisher = publisher_of_aggregator_link(entry.url);
  if (!publisher.empty()) entry.url = link(Json(publisher), {});
  // JSON Feed 1.1: plain text is plain, and content_html alone is HTML
  entry.title = line(item["title"], limits.title_bytes);
  for (const char* name : {"summary", "content_text"}) {
    if (entry.summary.empty()) entry.summary = line(item[name], limits.summary_bytes);
  }
  if (entry.summary.empty())
    entry.summary =
        text::ellipsize(xml::html_to_text(text::to_valid_utf8(item["content_html"].as_string())),
                        limits.summary_bytes);
  entry.authors = authors(item, limits);
  if (entry.authors.empty()) entry.authors = feed.authors;
  for (const Json& tag : item["tags"].as_array()) {
    if (entry.categories.size() < limits.list_entries && tag.is_string())
      entry.categories.push_back(line(tag, limits.field_bytes));
  }
  entry.published = date_of(item["date_published"], place);
  entry.updated = date_of(item["date_modified"], place);
  entry.language = line(item["language"], 35);
  if (entry.language.empty()) entry.language = feed.language;
  return entry;
}

/// Which items of a feed of more than `most` are read: from the first to before the second.
std::pair<std::size_t, std::size_t> kept_of(const Json::Array& items, const Place& place,
                                            std::size_t most) {
  if (items.size() <= most) return {0, items.size()};
  const auto first = date_of(items.front()["date_published"], place);
  const auto last = date_of(items.back()["date_published"], place);
  // of a feed that lists the oldest first the last ones are the news
  const bool is_rising = first && last && first->unix_ms < last->unix_ms;
  if (is_rising) return {items.size() - most, items.size()};
  return {0, most};
}

}  // namespace

Result<Feed> parse_json_feed(std::string_view utf8, const FeedOrigin& origin,
                             const FeedLimits& limits) {
  JsonLimits json_limits;
  json_limits.tolerant = true;
  Result<Json> parsed = parse_json(utf8, json_limits);
  const bool is_broken = !parsed;
  if (is_broken) {
    SalvageLimits salvage_limits;
    salvage_limits.max_bytes = limits.bytes * 4;  // of UTF-8
    salvage_limits.max_values = kMostSalvaged;
    std::vector<Json> whole = salvage_json(utf8, salvage_limits);
    const auto feed_of = std::find_if(whole.begin(), whole.end(),
                                      [](const Json& one) { return one["items"].is_array(); });
    if (feed_of == whole.end()) return tl::unexpected(parsed.error());
    parsed = std::move(*feed_of);
  }
  const Json& root = *parsed;
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
  feed.malformed = is_broken;
  // npos + 1 is 0: all of it
  feed.version = line(Json(version.substr(version.rfind('/') + 1)), 16);
  feed.title = line(root["title"], limits.title_bytes);
  feed.url = link(root["home_page_url"], origin.base_url);
  feed.description = line(root["description"], limits.summary_bytes);
  feed.language = line(root["language"], 35);
  feed.authors = authors(root, limits);
  feed.self = link(root["feed_url"], origin.base_url);
  for (const Json& hub : root["hubs"].as_array()) {
    if (feed.hub.empty() && hub["type"].as_string() == "WebSub")
      feed.hub = link(hub["url"], origin.base_url);
  }
  const std::string base = origin.base_url.empty() ? feed.url : std::string(origin.base_url);
  const Place place = place_of(feed, origin);
  const Json::Array& items = root["items"].as_array();
  const auto [begin, end] = kept_of(items, place, limits.entries);
  feed.entries_left_out = items.size() - (end - begin);
  feed.entries_cut = feed.entries_left_out > 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (items[i].is_object())
      feed.entries.push_back(read_item(items[i], feed, base, place, limits));
  }
  return feed;
}

}  // namespace vigie::crawler::feeds
