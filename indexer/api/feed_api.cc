#include "indexer/api/feed_api.h"

#include <algorithm>
#include <optional>

#include "indexer/api/guard.h"
#include "indexer/api/problems.h"
#include "indexer/api/query_names.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/session_api.h"
#include "indexer/api/views.h"
#include "indexer/query/query.h"
#include "indexer/search/index.h"
#include "indexer/sessions/store.h"
#include "indexer/subscriptions/store.h"

namespace vigie::indexer::api {
namespace {

constexpr std::string_view kAlert = "alert/";
constexpr std::string_view kSearch = "search/";

/// A feed's path and its query, without the token: "/v1/feed.atom?q=chips".
std::string path_of(std::string_view feed, std::string_view document) {
  if (feed.starts_with(kAlert))
    return "/v1/subscriptions/" + std::string(feed.substr(kAlert.size())) + "/" +
           std::string(document);
  return "/v1/" + std::string(document) + "?q=" + http::percent_encode(feed.substr(kSearch.size()));
}

std::string with_token(std::string url, const std::string& token) {
  if (token.empty()) return url;
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url + "token=" + token;
}

void set_feed(Json& out, std::string_view feed) {
  const bool of_alert = feed.starts_with(kAlert);
  out.set("subscription", of_alert ? Json(std::string(feed.substr(kAlert.size()))) : Json());
  out.set("query", of_alert ? Json() : Json(std::string(feed.substr(kSearch.size()))));
}

/// With the URLs of the feed; they are told when it is made, and never again.
http::Response made(const std::string& feed, const std::string& base, const std::string& token,
                    Json id) {
  Json out = Json::object({{"id", std::move(id)}});
  set_feed(out, feed);
  out.set("atom", with_token(base + path_of(feed, "feed.atom"), token));
  out.set("json", with_token(base + path_of(feed, "feed.json"), token));
  return http::Response::json(out, 201);
}

Feed search_feed(const search::SearchPage& page, const std::string& query, const std::string& base,
                 std::string_view document) {
  Feed out;
  out.id = "urn:vigie:search:" + http::percent_encode(query);
  out.title = query.empty() ? "Every article" : query;
  out.self = base + path_of(std::string(kSearch) + query, document);
  out.alternate = base + "/" + (query.empty() ? "" : "?q=" + http::percent_encode(query));
  for (const search::Hit& hit : page.hits) {
    FeedEntry& entry = out.entries.emplace_back(entry_of(hit.article));
    entry.id = "urn:vigie:article:" + hit.article.article_id();
    entry.updated_unix_ms = hit.time_unix_ms;
    out.updated_unix_ms = std::max(out.updated_unix_ms, hit.time_unix_ms);
  }
  return out;
}

}  // namespace

Routes FeedApi::routes() {
  return {
      route("GET", "/v1/feed.atom", "searchFeed", this, &FeedApi::feed),
      route("GET", "/v1/feed.json", "searchFeedJson", this, &FeedApi::feed),
      route("GET", "/v1/feeds", "feeds", this, &FeedApi::list),
      route("POST", "/v1/feeds", "createFeed", this, &FeedApi::create),
      route("DELETE", "/v1/feeds/{id}", "deleteFeed", this, &FeedApi::remove),
  };
}

http::Response FeedApi::feed(const Call& call) {
  std::optional<http::Response> refused;
  auto parsed = query_parameter(call, seams_.names, refused);
  if (!parsed) return std::move(*refused);
  const auto budget = seams_.index.budget(call.request.gone, call.request.may_take_long);
  parsed->budget = budget.get();
  search::SearchRequest wanted;
  wanted.parsed = &*parsed;
  wanted.sort = Sort::kNewest;
  wanted.limit = static_cast<std::size_t>(call.integer("limit"));
  const auto page = seams_.index.search(wanted);
  if (!page) return problem_of(page.error());
  if (is_put_off(call.request, *budget)) return http::Response::later();
  // A reader that took a part for the whole would miss what the rest holds.
  if (page->coverage.partial()) {
    http::Response response = problem(
        "shard_missing", "A part of the index is not there at the moment; try again in a while.");
    response.headers.emplace_back("Retry-After", "60");
    return response;
  }
  const bool json = call.operation.id == "searchFeedJson";
  const Feed out = search_feed(*page, call.text("q"), base_url(call.request, public_url_),
                               json ? "feed.json" : "feed.atom");
  return feed_response(call.request, out, json ? FeedForm::kJson : FeedForm::kAtom);
}

http::Response FeedApi::list(const Call& call) {
  const bool all = is_admin(call.request);
  Json out = Json::array();
  for (const sessions::Session& session : seams_.sessions.list()) {
    const v1::SessionRecord& record = session.record;
    if (record.feed().empty() || (!all && record.caller() != call.request.caller)) continue;
    Json row = Json::object({{"id", record.id()}});
    set_feed(row, record.feed());
    row.set("who", record.caller());
    row.set("created", time_json(record.created_at_unix_ms()));
    row.set("last_used", time_json(session.used_at_unix_ms));
    out.push(std::move(row));
  }
  return http::Response::json(Json::object({{"feeds", std::move(out)}}));
}

Result<std::string> FeedApi::wanted(const Call& call) const {
  const Json& subscription = call.body["subscription"];
  const Json& query = call.body["query"];
  if (subscription.is_string() == query.is_string())
    return bad_parameter("a feed is of a subscription or of a query: give one of the two");
  if (subscription.is_string()) {
    if (!seams_.subscriptions.find(subscription.as_string()))
      return refuse("not_found", "there is no subscription " + subscription.as_string());
    return std::string(kAlert) + subscription.as_string();
  }
  VIGIE_TRY(seams_.names.parse(query.as_string(), query::Use::kSearch, nullptr));
  return std::string(kSearch) + query.as_string();
}

http::Response FeedApi::create(const Call& call) {
  const auto feed = wanted(call);
  if (!feed) return problem_of(feed.error());
  const std::string base = base_url(call.request, public_url_);
  const auto caller = seams_.guard.caller_of(call.request);
  if (!caller) {  // without keys the feed is open as it is
    call.trail.silence();
    return made(*feed, base, {}, {});
  }
  const auto begun = seams_.sessions.begin({caller->key_digest, caller->key_id, caller->name,
                                            call.request.peer, call.request.header("user-agent")},
                                           *feed);
  if (!begun) return problem_of(begun.error());
  call.trail.note({.object = begun->session.id(), .name = *feed});
  return made(*feed, base, begun->token, begun->session.id());
}

http::Response FeedApi::remove(const Call& call) {
  const std::vector<sessions::Session> known = seams_.sessions.list();
  const auto found = std::ranges::find(
      known, call.capture(0), [](const sessions::Session& one) { return one.record.id(); });
  if (found == known.end() || found->record.feed().empty() ||
      (!is_admin(call.request) && found->record.caller() != call.request.caller))
    return problem("not_found", "There is no such feed of yours; GET /v1/feeds lists them.");
  if (const auto ended = seams_.sessions.end(call.capture(0)); !ended)
    return problem_of(ended.error());
  call.trail.note({.object = call.capture(0), .name = found->record.feed()});
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace vigie::indexer::api
