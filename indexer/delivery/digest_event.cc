#include "indexer/delivery/digest_event.h"

#include <algorithm>

#include "indexer/analysis/analysis.h"
#include "indexer/delivery/parts.h"
#include "platform/dates/dates.h"
#include "platform/json/json.h"

namespace vigie::indexer::delivery {
namespace {

// RFC 3339 in UTC, milliseconds dropped; null for 0, which means unknown.
Json utc(std::int64_t unix_ms) {
  return unix_ms <= 0 ? Json() : Json(dates::rfc3339_seconds(unix_ms));
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::int64_t first_of(const v1::ArticleSummary& article) {
  return analysis::first_time_unix_ms(article.published_unix_ms(), article.published(),
                                      article.discovered_at_unix_ms());
}

Json others_of(const v1::DigestEntry& entry) {
  Json out = Json::array();
  for (const v1::DigestArticle& other : entry.others()) {
    out.push(Json::object({{"alert", other.alert_id()},
                           {"id", other.article_id()},
                           {"url", other.url()},
                           {"title", other.title()},
                           {"language", text_or_null(other.language())},
                           {"source", text_or_null(other.source())},
                           {"time", utc(other.time_unix_ms())}}));
  }
  return out;
}

Json entry_of(const v1::DigestEntry& entry) {
  const v1::ArticleSummary& article = entry.article();
  Json alerts = Json::array();
  for (const std::string& id : entry.alert_ids()) alerts.push(id);
  const v1::Source& source = article.source();
  return Json::object(
      {{"article",
        Json::object({{"id", article.article_id()},
                      {"url", article.url()},
                      {"title", article.title()},
                      {"language", text_or_null(article.language())},
                      {"time", utc(first_of(article))},
                      {"source", Json::object({{"id", source.id()}, {"name", source.name()}})}})},
       {"sentence", text_or_null(entry.sentence())},
       {"event", text_or_null(entry.event_id())},
       {"reported", reported_json(entry.reach())},
       {"spike", entry.has_spike() ? spike_json(entry.spike()) : Json()},
       {"articles", static_cast<std::int64_t>(entry.articles())},
       {"alerts", std::move(alerts)},
       {"others", others_of(entry)}});
}

}  // namespace

Notice notice_of_digest(const v1::Digest& digest, const std::string& subscription_id,
                        const std::string& subscription_name, const std::string& query) {
  Notice out;
  out.kind = Notice::Kind::kDigest;
  out.subscription_id = subscription_id;
  out.subscription_name = subscription_name;
  out.why = query;
  out.further = digest.further();
  out.begin_unix_ms = digest.since_unix_ms();
  out.end_unix_ms = digest.due_unix_ms();
  out.time_zone = digest.time_zone() == "UTC" ? "" : digest.time_zone();
  for (const v1::DigestEntry& entry : digest.entries()) {
    const v1::ArticleSummary& article = entry.article();
    NoticeItem item;
    item.headline = article.title();
    item.url = article.url();
    item.source = article.source().name();
    item.language = article.language();
    item.sentence = entry.sentence();
    item.first_unix_ms = first_of(article);
    item.also = std::max<std::uint64_t>(1, entry.articles()) - 1;
    item.article_id = article.article_id();
    if (entry.has_spike()) {
      if (!item.headline.empty()) item.sentence = "Newest: " + item.headline;
      item.headline = entry.spike().sentence();
    }
    if (entry.has_reach()) tell_reach(entry.reach(), item);
    out.items.push_back(std::move(item));
  }
  return out;
}

std::string digest_event(const Message& message) {
  const v1::Digest& digest = *message.digest;
  Json entries = Json::array();
  for (const v1::DigestEntry& entry : digest.entries()) entries.push(entry_of(entry));
  Json data = Json::object({{"subscription", Json::object({{"id", message.subscription_id},
                                                           {"name", message.subscription_name},
                                                           {"query", message.subscription_query}})},
                            {"slot", digest.slot()},
                            {"begin", utc(digest.since_unix_ms())},
                            {"end", utc(digest.due_unix_ms())},
                            {"time_zone", digest.time_zone()},
                            {"alerts", static_cast<std::int64_t>(digest.alerts())},
                            {"articles", static_cast<std::int64_t>(digest.articles())},
                            {"entries", std::move(entries)},
                            {"further", static_cast<std::int64_t>(digest.further())}});
  return Json::object({{"specversion", "1.0"},
                       {"type", "vigie.digest.v1"},
                       {"id", message.delivery_id},
                       {"source", "/v1/subscriptions/" + message.subscription_id},
                       {"time", utc(digest.due_unix_ms())},
                       {"datacontenttype", "application/json"},
                       {"data", std::move(data)}})
      .dump();
}

}  // namespace vigie::indexer::delivery
