#include "indexer/delivery/delivery.h"
#include "platform/dates/dates.h"
#include "platform/json/json.h"

namespace vigie::indexer::delivery {
namespace {

// RFC 3339 in UTC, milliseconds dropped; null for 0, which means unknown.
Json utc(std::int64_t unix_ms) {
  if (unix_ms <= 0) return {};
  return Json(dates::rfc3339_seconds(unix_ms));
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

template <class Tags>
Json tags_of(const Tags& tags) {
  Json out = Json::array();
  for (const v1::Tag& tag : tags) {
    out.push(Json::object({{"id", tag.id()},
                           {"level", tag.level() == v1::TAG_LEVEL_ABOUT ? "about" : "mention"},
                           {"score", tag.score()}}));
  }
  return out;
}

Json source_of(const v1::Source& source) {
  return Json::object({{"id", source.id()},
                       {"name", source.name()},
                       {"homepage", source.homepage()},
                       {"country", text_or_null(source.country())},
                       {"kind", text_or_null(source.kind())},
                       {"affiliation", text_or_null(source.affiliation())}});
}

Json article_of(const v1::ArticleSummary& article) {
  return Json::object({{"id", article.article_id()},
                       {"url", article.url()},
                       {"title", article.title()},
                       {"snippet", article.snippet()},
                       {"language", text_or_null(article.language())},
                       {"genre", text_or_null(article.genre())},
                       {"source", source_of(article.source())},
                       {"published", article.published().empty() ? utc(article.published_unix_ms())
                                                                 : Json(article.published())},
                       {"discovered", utc(article.discovered_at_unix_ms())},
                       {"topics", tags_of(article.topics())},
                       {"actors", tags_of(article.actors())}});
}

Json evidence_of(const v1::MatchRecord& match) {
  Json out = Json::array();
  for (const v1::Evidence& evidence : match.evidence()) {
    out.push(Json::object({{"field", evidence.span().field()},
                           {"offset", evidence.span().offset()},
                           {"length", evidence.span().length()},
                           {"text", evidence.text()},
                           {"sentence", evidence.sentence()},
                           {"clause", evidence.clause()}}));
  }
  return out;
}

Json item_of(const NoticeItem& item) {
  return Json::object({{"id", text_or_null(item.article_id)},
                       {"url", text_or_null(item.url)},
                       {"title", item.headline},
                       {"sentence", text_or_null(item.sentence)},
                       {"language", text_or_null(item.language)},
                       {"source", text_or_null(item.source)},
                       {"first", utc(item.first_unix_ms)},
                       {"also", static_cast<std::int64_t>(item.also)}});
}

/// A digest: every item of the notice, and how many there are beyond.
Json digest_of(const Notice& notice) {
  Json items = Json::array();
  for (const NoticeItem& item : notice.items) items.push(item_of(item));
  return Json::object({{"begin", utc(notice.begin_unix_ms)},
                       {"end", utc(notice.end_unix_ms)},
                       {"items", std::move(items)},
                       {"further", static_cast<std::int64_t>(notice.further)}});
}

Json event_of(const Message& message, std::string_view type, std::int64_t at, Json data) {
  return Json::object({{"specversion", "1.0"},
                       {"type", type},
                       {"id", message.delivery_id},
                       {"source", "/v1/subscriptions/" + message.subscription_id},
                       {"time", utc(at)},
                       {"datacontenttype", "application/json"},
                       {"data", std::move(data)}});
}

}  // namespace

std::string cloud_event(const Message& message) {
  const Json subscription =
      Json::object({{"id", message.subscription_id}, {"name", message.subscription_name}});
  if (message.notice) {
    const bool sample = message.notice->kind == Notice::Kind::kSample;
    Json data = Json::object({{"subscription", subscription}});
    data.set("digest", digest_of(*message.notice));
    return event_of(message, sample ? "vigie.test.v1" : "vigie.digest.v1",
                    message.notice->at_unix_ms, std::move(data))
        .dump();
  }
  Json data = Json::object({{"subscription", subscription},
                            {"article", article_of(message.match.article())},
                            {"evidence", evidence_of(message.match)},
                            {"story", text_or_null(message.match.article().story_id())}});
  return event_of(message, message.sample ? "vigie.test.v1" : "vigie.alert.v1",
                  message.match.matched_at_unix_ms(), std::move(data))
      .dump();
}

}  // namespace vigie::indexer::delivery
