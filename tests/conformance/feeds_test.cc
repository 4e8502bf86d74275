// libs: crawler/feeds platform/json platform/text platform/url
// Feeds against the parses that mmcdole/gofeed expects (../shared/conformance/feeds): links,
// titles, identifiers, dates, authors, categories, language.
//
// Deliberate differences, all of them judged here and nowhere hidden:
//  - Text is plain in vigie. gofeed keeps the markup of titles; what is compared is its text
//  (html_to_text of the expected value).
//  - A link is absolute http(s) or absent; gofeed gives whatever stands there. Where an RSS item
//  has several links, gofeed takes the last and vigie the first.
//  - An author is a name, else an address; gofeed's authors with a URI alone are none. "address
//  (Name)" is "Name".
//  - An Atom entry without authors has those of its source or feed (RFC 4287 §4.2.1); gofeed leaves
//  it without.
//  - A date is compared as an instant.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "crawler/feeds/feed.h"
#include "platform/json/json.h"
#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/xml/plain_text.h"
#include "platform/xml/xml.h"

namespace vigie::crawler::feeds {
namespace {

const std::filesystem::path kRoot = "../shared/conformance/feeds";

/// Files in which vigie differs on purpose, with the field and the reason.
const std::map<std::string, std::string> kDifferent = {
    {"atom10_feed_entry_category_scheme", "a category with neither label nor term is no category"},
    {"entry_id_xml_base",
     "atom:id is compared character by character and never resolved (RFC 4287 §4.2.6.1)"},
};

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

std::string href(const std::string& written) {
  const auto parsed = url::parse(text::trim(written));
  return parsed && parsed->is_http() ? parsed->href() : std::string();
}

std::string plain(const Json& value) { return xml::html_to_text(value.as_string()); }

std::int64_t instant(const Json& value) {
  const auto date = dates::read_loose(value.as_string());
  return date ? date->unix_ms : -1;
}

std::int64_t instant(const std::optional<dates::LooseDate>& date) {
  return date ? date->unix_ms : -1;
}

/// Names. A person of whom a feed gives the mail address alone has none: it is no name.
std::vector<std::string> expected_people(const Json& people) {
  std::vector<std::string> out;
  for (const Json& person : people.as_array()) {
    const std::string name = plain(person["name"]);
    if (!name.empty() && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

std::string alternate(const Json& links) {
  for (const Json& link : links.as_array()) {
    const std::string& rel = link["rel"].as_string();
    if (rel.empty() || rel == "alternate") return href(link["href"].as_string());
  }
  return {};
}

void compare_rss(const Feed& feed, const Json& expected) {
  if (!expected["title"].as_string().empty()) EXPECT_EQ(feed.title, plain(expected["title"]));
  if (!expected["language"].as_string().empty())
    EXPECT_EQ(feed.language, expected["language"].as_string());
  const Json::Array& items = expected["items"].as_array();
  ASSERT_EQ(feed.entries.size(), items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Json& item = items[i];
    const FeedEntry& entry = feed.entries[i];
    EXPECT_EQ(entry.title, item["title"].is_null() ? entry.title : plain(item["title"]));
    std::set<std::string> links;
    for (const Json& link : item["links"].as_array()) links.insert(href(link.as_string()));
    if (!item["link"].as_string().empty()) links.insert(href(item["link"].as_string()));
    if (!links.empty()) EXPECT_EQ(links.count(entry.url), 1U) << entry.url;
    if (item["guid"].is_object()) EXPECT_EQ(entry.id, plain(item["guid"]["value"]));
    if (!item["pubDateParsed"].is_null())
      EXPECT_EQ(instant(entry.published), instant(item["pubDateParsed"]));
    if (!item["author"].as_string().empty()) {
      ASSERT_FALSE(entry.authors.empty());
      EXPECT_NE(plain(item["author"]).find(entry.authors[0]), std::string::npos)
          << entry.authors[0];
    }
    std::vector<std::string> categories;
    for (const Json& category : item["categories"].as_array())
      categories.push_back(plain(category["value"]));
    if (!categories.empty()) EXPECT_EQ(entry.categories, categories);
  }
}

void compare_atom(const Feed& feed, const Json& expected) {
  if (!expected["title"].as_string().empty()) EXPECT_EQ(feed.title, plain(expected["title"]));
  if (!expected["language"].as_string().empty())
    EXPECT_EQ(feed.language, expected["language"].as_string());
  if (const auto people = expected_people(expected["authors"]); !people.empty())
    EXPECT_EQ(feed.authors, people);
  if (!expected["updatedParsed"].is_null())
    EXPECT_EQ(instant(feed.updated), instant(expected["updatedParsed"]));
  const Json::Array& entries = expected["entries"].as_array();
  ASSERT_EQ(feed.entries.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Json& item = entries[i];
    const FeedEntry& entry = feed.entries[i];
    if (!item["title"].is_null()) EXPECT_EQ(entry.title, plain(item["title"]));
    if (!item["id"].is_null()) EXPECT_EQ(entry.id, plain(item["id"]));
    if (const std::string link = alternate(item["links"]); !link.empty())
      EXPECT_EQ(entry.url, link);
    if (!item["publishedParsed"].is_null())
      EXPECT_EQ(instant(entry.published), instant(item["publishedParsed"]));
    if (!item["updatedParsed"].is_null())
      EXPECT_EQ(instant(entry.updated), instant(item["updatedParsed"]));
    if (const auto people = expected_people(item["authors"]); !people.empty())
      EXPECT_EQ(entry.authors, people);
    std::vector<std::string> categories;
    for (const Json& category : item["categories"].as_array())
      categories.push_back(
          plain(category["label"].as_string().empty() ? category["term"] : category["label"]));
    if (!categories.empty()) EXPECT_EQ(entry.categories, categories);
  }
}

std::size_t compare_folder(const std::string& folder, void (*compare)(const Feed&, const Json&)) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot / folder)) {
    if (entry.path().extension() == ".xml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::size_t compared = 0;
  for (const auto& file : files) {
    std::filesystem::path expectation = file;
    expectation.replace_extension(".json");
    if (!std::filesystem::exists(expectation)) continue;
    const std::string name = file.stem().string();
    if (kDifferent.count(name) != 0) continue;
    SCOPED_TRACE(file.string());
    const auto expected = parse_json(read(expectation));
    if (!expected) {
      ADD_FAILURE() << "the expectation cannot be read: " << expected.error().to_string();
      continue;
    }
    const auto feed = parse_feed(read(file));
    if (!feed) {
      ADD_FAILURE() << feed.error().to_string();
      continue;
    }
    compare(*feed, *expected);
    ++compared;
  }
  return compared;
}

class FeedConformance : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kRoot)) GTEST_SKIP() << kRoot << " is not beside the checkout";
  }
};

TEST_F(FeedConformance, ReadsRssAndRdfAsExpected) {
  EXPECT_GE(compare_folder("rss", &compare_rss), 150U);
}
TEST_F(FeedConformance, ReadsAtomAsExpected) {
  EXPECT_GE(compare_folder("atom", &compare_atom), 240U);
}

TEST_F(FeedConformance, ReadsJsonFeedAsExpected) {
  for (const char* name :
       {"version_json_10", "version_json_11", "version_json_11_deprecated_author"}) {
    SCOPED_TRACE(name);
    const auto expected = parse_json(read(kRoot / "json" / (std::string(name) + "_expected.json")));
    const auto feed = parse_feed(read(kRoot / "json" / (std::string(name) + ".json")));
    ASSERT_TRUE(expected && feed);
    EXPECT_EQ(feed->version, (*expected)["version"].as_string());
    EXPECT_EQ(feed->title, (*expected)["title"].as_string());
    EXPECT_EQ(feed->url, href((*expected)["home_page_url"].as_string()));
    const Json::Array& items = (*expected)["items"].as_array();
    ASSERT_EQ(feed->entries.size(), items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      EXPECT_EQ(feed->entries[i].id, items[i]["id"].as_string());
      EXPECT_EQ(feed->entries[i].url, href(items[i]["url"].as_string()));
      EXPECT_EQ(feed->entries[i].title, items[i]["title"].as_string());
      EXPECT_EQ(instant(feed->entries[i].published), instant(items[i]["date_published"]));
      EXPECT_EQ(instant(feed->entries[i].updated), instant(items[i]["date_modified"]));
      EXPECT_EQ(feed->entries[i].categories.size(), items[i]["tags"].as_array().size());
      ASSERT_EQ(feed->entries[i].authors.size(), 1U);
      EXPECT_EQ(feed->entries[i].authors[0], "author_name");
    }
  }
}

TEST_F(FeedConformance, TellsFeedsFromWhatIsNone) {
  const std::map<std::string, std::string> kFormats = {
      {"atom03_feed.xml", "atom"},  {"atom10_feed.xml", "atom"},
      {"rdf_feed.xml", "rdf"},      {"rss_feed.xml", "rss"},
      {"rss_feed_bom.xml", "rss"},  {"rss_feed_leading_spaces.xml", "rss"},
      {"json10_feed.json", "json"}, {"json11_feed.json", "json"}};
  for (const auto& [file, format] : kFormats) {
    const auto feed = parse_feed(read(kRoot / "universal" / file));
    ASSERT_TRUE(feed) << file << ": " << feed.error().to_string();
    EXPECT_EQ(feed->format, format) << file;
  }
  for (const char* file : {"empty_feed.xml", "unknown_feed.xml", "invalid.json"})
    EXPECT_FALSE(parse_feed(read(kRoot / "universal" / file))) << file;
}

}  // namespace
}  // namespace vigie::crawler::feeds
