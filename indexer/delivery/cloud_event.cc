#include "indexer/conditions/note.h"
#include "indexer/delivery/delivery.h"
#include "indexer/delivery/digest_event.h"
#include "indexer/delivery/parts.h"
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

Json condition_of(const conditions::Note& note) {
  return Json::object({{"kind", note.kind},
                       {"phase", note.phase},
                       {"subject", note.subject},
                       {"name", note.name},
                       {"detail", note.detail},
                       {"since", utc(note.since_unix_ms)},
                       {"at", utc(note.at_unix_ms)}});
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

const std::string& event_of(const v1::MatchRecord& match) {
  return match.has_reach() ? match.reach().event_id() : match.article().event_id();
}

std::string_view type_of(const Message& message, bool of_system) {
  if (message.sample) return "vigie.test.v1";
  if (of_system) return "vigie.system.v1";
  return message.match.has_spike() ? "vigie.spike.v1" : "vigie.alert.v1";
}

}  // namespace

std::string cloud_event(const Message& message) {
  if (message.digest) return digest_event(message);
  Json data = Json::object({{"subscription", Json::object({{"id", message.subscription_id},
                                                           {"name", message.subscription_name}})},
                            {"article", article_of(message.match.article())},
                            {"evidence", evidence_of(message.match)},
                            {"story", text_or_null(message.match.article().story_id())},
                            {"event", text_or_null(event_of(message.match))},
                            {"reported", reported_json(message.match.reach())}});
  if (message.match.has_spike()) data.set("spike", spike_json(message.match.spike()));
  const auto note = conditions::note_of(message.match);
  if (note) data.set("condition", condition_of(*note));
  return Json::object({{"specversion", "1.0"},
                       {"type", type_of(message, note.has_value())},
                       {"id", message.delivery_id},
                       {"source", "/v1/subscriptions/" + message.subscription_id},
                       {"time", utc(message.match.matched_at_unix_ms())},
                       {"datacontenttype", "application/json"},
                       {"data", std::move(data)}})
      .dump();
}

}  // namespace vigie::indexer::delivery
