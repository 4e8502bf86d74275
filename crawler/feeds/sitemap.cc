#include "crawler/feeds/sitemap.h"

#include <algorithm>

#include "platform/text/utf8.h"
#include "platform/url/url.h"
#include "platform/xml/plain_text.h"
#include "platform/xml/xml.h"

namespace vigie::crawler::feeds {
namespace {

/// Longest title and number of keywords that are kept of a news sitemap.
constexpr std::size_t kTitleBytes = 1024;
constexpr std::size_t kKeywords = 32;

std::string absolute(std::string_view written) {
  const auto parsed = url::parse(text::trim(written));
  return parsed && parsed->is_http() ? parsed->href() : std::string();
}

std::string child_text(const xml::XmlDocument& document, std::int32_t node, std::string_view name) {
  const std::int32_t child = document.child(node, name);
  return child < 0 ? std::string() : text::collapse_spaces(document.text(child));
}

SitemapEntry read_entry(const xml::XmlDocument& document, std::int32_t node) {
  SitemapEntry entry;
  entry.url = absolute(child_text(document, node, "loc"));
  entry.last_modified = dates::read_loose(child_text(document, node, "lastmod"));
  const std::int32_t news = document.child(node, "news:news");
  if (news < 0) return entry;
  entry.news = true;
  entry.title =
      text::ellipsize(xml::html_to_text(child_text(document, news, "news:title")), kTitleBytes);
  entry.published = dates::read_loose(child_text(document, news, "news:publication_date"));
  if (const std::int32_t publication = document.child(news, "news:publication"); publication >= 0)
    entry.language = text::ellipsize(child_text(document, publication, "news:language"), 35);
  std::string keywords = child_text(document, news, "news:keywords");
  std::size_t begin = 0;
  while (begin <= keywords.size() && entry.keywords.size() < kKeywords) {
    const std::size_t end = std::min(keywords.find(',', begin), keywords.size());
    std::string keyword = text::collapse_spaces(keywords.substr(begin, end - begin));
    if (!keyword.empty()) entry.keywords.push_back(text::ellipsize(keyword, 256));
    begin = end + 1;
  }
  return entry;
}

Result<Sitemap> read_text(std::string_view utf8, const SitemapLimits& limits) {
  Sitemap sitemap;
  std::size_t begin = 0;
  while (begin < utf8.size()) {
    const std::size_t end = std::min(utf8.find('\n', begin), utf8.size());
    const std::string_view line = text::trim(utf8.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty()) continue;
    SitemapEntry entry;
    entry.url = absolute(line);
    if (entry.url.empty())
      return failure(Disposition::kQuarantine, "not_sitemap",
                     "this is neither XML nor a list of URLs");
    if (sitemap.entries.size() >= limits.entries) {
      sitemap.entries_cut = true;
      break;
    }
    sitemap.entries.push_back(std::move(entry));
  }
  if (sitemap.entries.empty())
    return failure(Disposition::kQuarantine, "not_sitemap", "there is no URL in it");
  return sitemap;
}

}  // namespace

Result<Sitemap> parse_sitemap(std::string_view bytes, std::string_view http_charset,
                              const SitemapLimits& limits) {
  if (bytes.size() > limits.bytes)
    return failure(Disposition::kQuarantine, "too_large",
                   "the sitemap is larger than " + std::to_string(limits.bytes) + " bytes");
  const std::string utf8 = xml::xml_to_utf8(bytes, http_charset);
  const std::string_view trimmed = text::trim(utf8);
  if (trimmed.empty() || trimmed.front() != '<') return read_text(utf8, limits);
  xml::XmlLimits xml_limits;
  xml_limits.bytes = limits.bytes * 4;
  VIGIE_ASSIGN(const xml::XmlDocument document, xml::parse_xml(utf8, xml_limits));
  const std::string& root = document.root().name;
  Sitemap sitemap;
  sitemap.malformed = document.malformed;
  sitemap.index = root == "sitemapindex";
  if (!sitemap.index && root != "urlset") {
    return failure(
        Disposition::kQuarantine, "not_sitemap",
        "its first element is <" + text::ellipsize(root, 40) + ">, not <urlset> or <sitemapindex>");
  }
  for (std::size_t i = 0; i < document.nodes.size(); ++i) {
    if (document.nodes[i].name != (sitemap.index ? "sitemap" : "url")) continue;
    SitemapEntry entry = read_entry(document, static_cast<std::int32_t>(i));
    if (entry.url.empty()) continue;
    if (sitemap.entries.size() >= limits.entries) {
      sitemap.entries_cut = true;
      break;
    }
    sitemap.entries.push_back(std::move(entry));
  }
  return sitemap;
}

}  // namespace vigie::crawler::feeds
