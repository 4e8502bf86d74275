#include "indexer/api/feeds.h"

#include <algorithm>

#include "indexer/api/views.h"
#include "platform/http/conditional.h"
#include "platform/json/json.h"
#include "platform/text/ascii.h"
#include "platform/text/utf8.h"
#include "platform/text/xml.h"
#include "proto/article.pb.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

using text::xml;

std::string shown_title(const FeedEntry& entry) {
  return entry.title.empty() ? entry.url : entry.title;
}

std::string entry_xml(const FeedEntry& entry) {
  const std::string language =
      entry.language.empty() ? "" : " xml:lang=\"" + xml(entry.language) + "\"";
  std::string out = "  <entry>\n    <id>" + xml(entry.id) + "</id>\n    <title" + language + ">" +
                    xml(shown_title(entry)) + "</title>\n";
  out += "    <link rel=\"alternate\" href=\"" + xml(entry.url) + "\"/>\n";
  out += "    <updated>" + rfc3339(entry.updated_unix_ms) + "</updated>\n";
  if (entry.published_unix_ms != 0)
    out += "    <published>" + rfc3339(entry.published_unix_ms) + "</published>\n";
  out += "    <author><name>" + xml(entry.author) + "</name></author>\n";
  for (const std::string& topic : entry.topics)
    out += "    <category term=\"" + xml(topic) + "\"/>\n";
  if (!entry.summary.empty())
    out += "    <summary" + language + ">" + xml(entry.summary) + "</summary>\n";
  return out + "  </entry>\n";
}

/// Source: RFC 4287.
std::string atom(const Feed& feed) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n";
  out += "  <id>" + xml(feed.id) + "</id>\n  <title>" + xml(feed.title) + "</title>\n";
  if (!feed.subtitle.empty()) out += "  <subtitle>" + xml(feed.subtitle) + "</subtitle>\n";
  out += "  <updated>" + rfc3339(feed.updated_unix_ms) + "</updated>\n";
  out += "  <author><name>vigie</name></author>\n  <generator>vigie</generator>\n";
  out += "  <link rel=\"self\" type=\"application/atom+xml\" href=\"" + xml(feed.self) + "\"/>\n";
  out += "  <link rel=\"alternate\" type=\"text/html\" href=\"" + xml(feed.alternate) + "\"/>\n";
  for (const FeedEntry& entry : feed.entries) out += entry_xml(entry);
  return out + "</feed>\n";
}

Json text_json(const std::string& text) { return text::to_valid_utf8(text); }

/// Source: JSON Feed 1.1, jsonfeed.org/version/1.1.
std::string json_feed(const Feed& feed) {
  Json items = Json::array();
  for (const FeedEntry& entry : feed.entries) {
    Json item = Json::object({{"id", text_json(entry.id)},
                              {"url", text_json(entry.url)},
                              {"title", text_json(shown_title(entry))},
                              {"content_text", text_json(entry.summary)},
                              {"date_modified", rfc3339(entry.updated_unix_ms)}});
    if (entry.published_unix_ms != 0) item.set("date_published", rfc3339(entry.published_unix_ms));
    if (!entry.language.empty()) item.set("language", text_json(entry.language));
    Json tags = Json::array();
    for (const std::string& topic : entry.topics) tags.push(text_json(topic));
    item.set("tags", std::move(tags));
    Json authors = Json::array();
    authors.push(Json::object({{"name", text_json(entry.author)}}));
    item.set("authors", std::move(authors));
    items.push(std::move(item));
  }
  Json out = Json::object({{"version", "https://jsonfeed.org/version/1.1"},
                           {"title", text_json(feed.title)},
                           {"home_page_url", text_json(feed.alternate)},
                           {"feed_url", text_json(feed.self)}});
  if (!feed.subtitle.empty()) out.set("description", text_json(feed.subtitle));
  out.set("items", std::move(items));
  return out.dump();
}

}  // namespace

FeedEntry entry_of(const v1::ArticleSummary& article) {
  FeedEntry out;
  out.url = article.url();
  out.title = article.title();
  out.summary = article.snippet();
  out.language = article.language();
  out.author = article.source().name().empty() ? "unknown" : article.source().name();
  for (const v1::Tag& topic : article.topics()) out.topics.push_back(topic.id());
  out.published_unix_ms = article.published_unix_ms();
  return out;
}

std::string base_url(const http::Request& request, const std::string& public_url) {
  std::string out = public_url;
  if (out.empty()) {
    const bool https = text::ascii::iequals(request.header("x-forwarded-proto"), "https");
    const std::string host = request.header("host");
    out = (https ? "https://" : "http://") + (host.empty() ? "localhost" : host);
  }
  while (out.ends_with('/')) out.pop_back();
  return out;
}

http::Response feed_response(const http::Request& request, const Feed& feed, FeedForm form) {
  std::string body = form == FeedForm::kAtom ? atom(feed) : json_feed(feed);
  const std::string tag = "\"" + proto::base32(proto::to_bytes(proto::digest128(body))) + "\"";
  http::Response response;
  if (http::matches_tag(request.header("if-none-match"), tag)) {
    response.status = 304;
  } else {
    response = http::Response::text(std::move(body), form == FeedForm::kAtom
                                                         ? "application/atom+xml; charset=utf-8"
                                                         : "application/feed+json; charset=utf-8");
  }
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", "private, no-cache");
  return response;
}

}  // namespace vigie::indexer::api
