#include "indexer/api/routes.h"

namespace vigie::indexer::api {
namespace {

const Parameter kQuery{"q", "query", "string", "a query in vigie's query language; empty: every article"};
const Parameter kLimit{"limit", "query", "integer", "how many at most"};
const Parameter kCursor{"cursor", "query", "string", "the cursor of the page before"};
const Parameter kArticleId{"id", "path", "string", "article id"};
const Parameter kSubscriptionId{"id", "path", "string", "subscription id"};
const Parameter kQuarantineId{"id", "path", "string", "quarantine id"};

}  // namespace

const std::vector<Route>& routes() {
  using H = Handlers;
  static const std::vector<Route> table{
      {"GET", "/v1/search", "search", "Articles that answer a query.",
       {kQuery, {"sort", "query", "string", "relevance or newest; by default relevance where the query has words"}, kLimit, kCursor,
        {"group", "query", "string", "story: one hit a story"}},
       "", 200, "SearchPage", &H::search},
      {"GET", "/v1/articles/{id}", "article", "The whole article with evidence, versions and copies.",
       {kArticleId, {"q", "query", "string", "a query whose evidence is shown"}}, "", 200, "ArticlePage", &H::article},
      {"GET", "/v1/articles/{id}/versions/{version}", "articleVersion", "One version of an article.",
       {kArticleId, {"version", "path", "string", "version id"}}, "", 200, "Article", &H::article_version},
      {"GET", "/v1/timeline", "timeline", "Articles by hour or day of their time (UTC).",
       {kQuery, {"interval", "query", "string", "hour or day"}, {"split", "query", "string", "a facet by which each count is split"}}, "", 200, "Timeline", &H::timeline},
      {"GET", "/v1/facets", "facets", "Counts of articles by topic, actor, language, country, source, kind or affiliation.",
       {kQuery, {"field", "query", "string", "one or several fields, comma separated; by default all"}, {"limit", "query", "integer", "values of each field"}},
       "", 200, "Facets", &H::facets},
      {"GET", "/v1/topics", "topics", "The topics that the packs declare.", {}, "", 200, "Topics", &H::topics},
      {"GET", "/v1/topics/{id}", "topic", "One topic.", {{"id", "path", "string", "topic id"}}, "", 200, "CatalogueEntry", &H::topic},
      {"GET", "/v1/actors", "actors", "The actors that the packs declare.", {}, "", 200, "Actors", &H::actors},
      {"GET", "/v1/actors/{id}", "actor", "One actor.", {{"id", "path", "string", "actor id, such as org:nvidia"}}, "", 200, "CatalogueEntry", &H::actor},
      {"GET", "/v1/suggest", "suggest", "Completions of the last word of a query.", {{"q", "query", "string", "what was typed so far"}}, "", 200, "Suggestions", &H::suggest},
      {"GET", "/v1/subscriptions", "subscriptions", "Every subscription.", {}, "", 200, "Subscriptions", &H::list_subscriptions},
      {"POST", "/v1/subscriptions", "createSubscription", "Creates a subscription; answers once it is durable. The secrets are told here alone.", {}, "Draft", 201,
       "Subscription", &H::create_subscription},
      {"POST", "/v1/subscriptions/preview", "previewSubscription", "What a subscription would have matched.", {}, "PreviewRequest", 200, "Preview",
       &H::preview_subscription},
      {"GET", "/v1/subscriptions/{id}", "subscription", "One subscription.", {kSubscriptionId}, "", 200, "SubscriptionWithCounts", &H::subscription},
      {"PUT", "/v1/subscriptions/{id}", "replaceSubscription", "Changes a subscription.", {kSubscriptionId}, "Draft", 200, "SubscriptionWithCounts",
       &H::replace_subscription},
      {"DELETE", "/v1/subscriptions/{id}", "deleteSubscription", "Deletes a subscription.", {kSubscriptionId}, "", 204, "", &H::delete_subscription},
      {"POST", "/v1/subscriptions/{id}/test", "testSubscription", "Sends a sample to every channel, now.", {kSubscriptionId}, "", 200, "TestResults",
       &H::test_subscription},
      {"GET", "/v1/subscriptions/{id}/matches", "matches", "Alerts of a subscription, newest first; copies of one story are one.", {kSubscriptionId, kLimit, kCursor}, "",
       200, "Matches", &H::matches},
      {"GET", "/v1/subscriptions/{id}/feed.atom", "feed", "The same as an Atom feed.", {kSubscriptionId}, "", 200, "application/atom+xml", &H::feed},
      {"GET", "/v1/subscriptions/{id}/deliveries", "deliveries", "Deliveries of a subscription, newest first.", {kSubscriptionId, kLimit}, "", 200, "Deliveries",
       &H::deliveries},
      {"GET", "/v1/stream", "stream", "New articles and alerts as Server-Sent Events: article (Hit), alert (Match).",
       {kQuery, {"subscription", "query", "string", "alerts of this subscription alone"}, {"last_event_id", "query", "string", "where to go on, as the Last-Event-ID header"},
        {"Last-Event-ID", "header", "string", "the id of the last event seen"}},
       "", 200, "text/event-stream", &H::stream},
      {"GET", "/v1/sources", "sources", "How each source does.", {}, "", 200, "Sources", &H::sources},
      {"GET", "/v1/pipeline", "pipeline", "How the services do: rates, lags, freshness, failures, memory, disk.", {}, "", 200, "Pipeline", &H::pipeline},
      {"GET", "/v1/control", "control", "Commands in force.", {}, "", 200, "Commands", &H::control},
      {"POST", "/v1/control", "command", "Pauses or resumes a source or all crawling, or takes an article down.", {}, "CommandRequest", 202, "Command", &H::command},
      {"GET", "/v1/quarantine", "quarantine", "Records that failed, newest first.",
       {{"stage", "query", "string", "of this stage alone"}, {"reason", "query", "string", "for this reason alone"},
        {"resolved", "query", "string", "1: also those replayed since"}, kLimit, kCursor},
       "", 200, "Quarantine", &H::quarantine},
      {"GET", "/v1/quarantine/{id}", "quarantineRecord", "One of them, with the record itself.", {kQuarantineId}, "", 200, "QuarantinedWithValue", &H::quarantine_record},
      {"POST", "/v1/quarantine/{id}/replay", "quarantineReplay", "Sends the record back to its topic.", {kQuarantineId}, "", 202, "Quarantined", &H::quarantine_replay},
      {"POST", "/v1/ingest", "ingest", "Pages as lines {\"id\",\"url\",\"html\"} or as WARC (application/warc).",
       {{"wait", "query", "string", "1: answers when they are searchable"}, {"alerts", "query", "string", "1: they may raise alerts"}}, "application/x-ndjson", 200,
       "IngestSummary", &H::ingest},
      {"GET", "/v1/log", "logTopics", "The topics of the log: how they are kept, what they hold, and what differs from what they should be.", {}, "", 200, "LogTopics", &H::log_topics},
      {"GET", "/v1/log/{topic}", "log", "Records of a topic of the log, one JSON object a line.",
       {{"topic", "path", "string", "pages, articles, matches …"}, {"partition", "query", "integer", "from 0"}, {"from", "query", "integer", "offset"}, kLimit}, "", 200,
       "application/x-ndjson", &H::log_records},
      {"POST", "/v1/session", "startSession", "Takes a key once and keeps the caller signed in by a cookie.", {}, "Session", 204, "", nullptr},
      {"DELETE", "/v1/session", "endSession", "Signs out.", {}, "", 204, "", nullptr},
      {"GET", "/openapi.json", "openapi", "This document.", {}, "", 200, "application/json", &H::openapi},
      {"GET", "/metrics", "metrics", "Metrics in the text exposition format.", {}, "", 200, "text/plain", &H::metrics},
      {"GET", "/healthz", "healthz", "200 while the process lives.", {}, "", 200, "text/plain", &H::healthz},
      {"GET", "/readyz", "readyz", "200 once everything has caught up.", {}, "", 200, "text/plain", &H::readyz},
  };
  return table;
}

}  // namespace vigie::indexer::api
