#include <algorithm>

#include "indexer/api/handlers.h"
#include "indexer/api/views.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kPreviewExamples = 10;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::string_view kPreviewWithin = "30d";

Result<subscriptions::Draft> draft_of(const Json& body) {
  subscriptions::Draft draft;
  for (const std::string_view member : {"name", "query"}) {
    if (!body[member].is_string())
      return bad_parameter("\"" + std::string(member) + "\" must be a text");
  }
  draft.name = body["name"].as_string();
  draft.query = body["query"].as_string();
  const Json& channels = body["channels"];
  if (!channels.is_null() && !channels.is_array())
    return bad_parameter("\"channels\" must be a list");
  for (const Json& given : channels.as_array()) {
    if (!given.is_object() || !given["type"].is_string())
      return bad_parameter("each channel must be an object with a \"type\"");
    v1::Channel& channel = draft.channels.emplace_back();
    channel.set_id(given["id"].as_string());
    channel.set_type(given["type"].as_string());
    channel.set_url(given["url"].as_string());
    channel.set_secret(given["secret"].as_string());
    channel.set_address(given["address"].as_string());
    channel.set_disabled(given["disabled"].as_bool());
  }
  return draft;
}

/// The problem of a draft: a bad query gives its position.
http::Response problem_of_draft(const Error& error, const std::string& query_text) {
  if (error.code != "bad_query") return problem_of(error);
  std::size_t offset = 0;
  const auto parsed = query::parse(query_text, query::Use::kSubscription, {}, &offset);
  return parsed ? problem_of(error) : bad_query_problem(query_text, parsed.error(), offset);
}

http::Response attempts_json(const std::vector<alerting::TestResult>& results) {
  Json out = Json::array();
  for (const alerting::TestResult& result : results) {
    out.push(Json::object(
        {{"channel", result.channel_id},
         {"delivered", result.attempt.outcome == delivery::Outcome::kDelivered},
         {"status", result.attempt.status == 0 ? Json() : Json(result.attempt.status)},
         {"error", result.attempt.error.empty() ? Json() : Json(result.attempt.error)}}));
  }
  return http::Response::json(Json::object({{"results", std::move(out)}}));
}

}  // namespace

namespace {

Json counted(const v1::SubscriptionRecord& subscription,
             const std::map<std::string, v1::PeerAlertCounts>& all) {
  Json out = subscription_json(subscription, false);
  Json days = Json::array();
  Json last;
  if (const auto known = all.find(subscription.id()); known != all.end()) {
    for (const v1::PeerBin& day : known->second.days()) {
      days.push(Json::object({{"begin", rfc3339(day.begin_unix_ms())},
                              {"count", static_cast<std::int64_t>(day.count())}}));
    }
    if (known->second.last_matched_at_unix_ms() != 0)
      last = time_json(known->second.last_matched_at_unix_ms());
  }
  out.set("last_match", std::move(last));
  out.set("alerts_per_day", std::move(days));
  return out;
}

}  // namespace

Json Handlers::subscription_with_counts(const v1::SubscriptionRecord& subscription) const {
  bool partial = false;
  return counted(subscription, alert_counts({subscription.id()}, partial));
}

http::Response Handlers::list_subscriptions(const http::Request&) {
  const std::vector<v1::SubscriptionRecord> all = dependencies_.subscriptions.list();
  std::vector<std::string> ids;
  for (const v1::SubscriptionRecord& subscription : all) ids.push_back(subscription.id());
  bool partial = false;
  const auto counts = alert_counts(ids, partial);
  Json out = Json::array();
  for (const v1::SubscriptionRecord& subscription : all) out.push(counted(subscription, counts));
  return http::Response::json(
      Json::object({{"subscriptions", std::move(out)}, {"partial", partial}}));
}

http::Response Handlers::create_subscription(const http::Request& request) {
  const auto body = object_body(request);
  if (!body) return problem_of(body.error());
  const auto draft = draft_of(*body);
  if (!draft) return problem_of(draft.error());
  const auto created = dependencies_.subscriptions.create(*draft);
  if (!created) return problem_of_draft(created.error(), draft->query);
  http::Response response = http::Response::json(subscription_json(*created, true), 201);
  response.headers.emplace_back("Location", "/v1/subscriptions/" + created->id());
  return response;
}

http::Response Handlers::subscription(const http::Request& request) {
  const auto found = dependencies_.subscriptions.find(request.captures[0]);
  if (!found)
    return http::Response::problem(
        404, "not_found",
        "There is no subscription " + request.captures[0] + "; GET /v1/subscriptions lists them.");
  return http::Response::json(subscription_with_counts(*found));
}

http::Response Handlers::replace_subscription(const http::Request& request) {
  const auto body = object_body(request);
  if (!body) return problem_of(body.error());
  const auto draft = draft_of(*body);
  if (!draft) return problem_of(draft.error());
  std::optional<std::uint64_t> revision;
  if ((*body)["revision"].is_integer())
    revision = static_cast<std::uint64_t>((*body)["revision"].as_integer());
  const auto changed = dependencies_.subscriptions.replace(request.captures[0], *draft, revision);
  if (!changed) return problem_of_draft(changed.error(), draft->query);
  Json out = subscription_with_counts(*changed);
  // A secret made just now is told now, or never.
  Json channels = subscription_json(*changed, true)["channels"];
  for (Json& channel : channels.mutable_array()) {
    const bool given =
        std::any_of(draft->channels.begin(), draft->channels.end(),
                    [&](const v1::Channel& old) { return old.id() == channel["id"].as_string(); });
    if (given) channel.set("secret", std::string(subscriptions::kMaskedSecret));
  }
  out.set("channels", std::move(channels));
  return http::Response::json(out);
}

http::Response Handlers::delete_subscription(const http::Request& request) {
  if (const auto removed = dependencies_.subscriptions.remove(request.captures[0]); !removed)
    return problem_of(removed.error());
  http::Response response;
  response.status = 204;
  return response;
}

http::Response Handlers::replay_match(const http::Request& request) {
  const auto found = dependencies_.subscriptions.find(request.captures[0]);
  if (!found)
    return http::Response::problem(
        404, "not_found",
        "There is no subscription " + request.captures[0] + "; GET /v1/subscriptions lists them.");
  if (auto other = elsewhere(request, "replayMatch")) return std::move(*other);
  const auto sent = dependencies_.alerter->send_again(*found, request.captures[1]);
  return sent ? attempts_json(*sent) : problem_of(sent.error());
}

http::Response Handlers::test_subscription(const http::Request& request) {
  const auto found = dependencies_.subscriptions.find(request.captures[0]);
  if (!found)
    return http::Response::problem(
        404, "not_found",
        "There is no subscription " + request.captures[0] + "; GET /v1/subscriptions lists them.");
  // A sample needs no state, so that whoever can deliver sends it.
  if (dependencies_.alerter == nullptr) return std::move(*elsewhere(request, "testSubscription"));
  return attempts_json(dependencies_.alerter->send_test(*found));
}

http::Response Handlers::preview_subscription(const http::Request& request) {
  const auto body = object_body(request);
  if (!body) return problem_of(body.error());
  if (!(*body)["query"].is_string())
    return problem_of(bad_parameter("\"query\" must be a text").value());
  const std::string& text = (*body)["query"].as_string();
  std::size_t offset = 0;
  const auto subscribed = query::parse(text, query::Use::kSubscription, {}, &offset);
  if (!subscribed) return bad_query_problem(text, subscribed.error(), offset);
  const std::string within =
      (*body)["within"].is_string() ? (*body)["within"].as_string() : std::string(kPreviewWithin);
  const auto period = query::parse("within:" + within);
  if (!period || period->nodes.size() != 1)
    return problem_of(
        bad_parameter("\"within\" must be a length of time such as 24h or 30d").value());
  query::QueryLimits limits;
  limits.bytes *= 4;  // canonical spelling may be longer
  limits.nodes += 2;
  limits.depth += 1;
  const auto searched = query::parse("(" + subscribed->canonical() + ") within:" + within,
                                     query::Use::kSearch, limits);
  if (!searched) return problem_of(searched.error());

  search::SearchRequest wanted;
  wanted.parsed = &*searched;
  wanted.sort = Sort::kNewest;
  wanted.limit = kPreviewExamples;
  const auto page = dependencies_.index.search(wanted);
  if (!page) return problem_of(page.error());
  search::Coverage coverage;
  const auto bins = dependencies_.index.timeline(*searched, kDayMs, std::nullopt, 0, &coverage);
  if (!bins) return problem_of(bins.error());
  Json days = Json::array();
  for (const TimelineBin& bin : *bins)
    days.push(Json::object(
        {{"begin", rfc3339(bin.begin_unix_ms)}, {"count", static_cast<std::int64_t>(bin.count)}}));
  Json examples = Json::array();
  for (const search::Hit& hit : page->hits) {
    Json example = hit_json(hit.article);
    Json highlights = Json::array();
    for (const auto& [begin, length] : hit.highlights)
      highlights.push(Json::object({{"offset", begin}, {"length", length}}));
    example.set("highlights", std::move(highlights));
    examples.push(std::move(example));
  }
  Json out = Json::object(
      {{"query", subscribed->canonical()},
       {"within", within},
       {"total",
        Json::object({{"value", static_cast<std::int64_t>(page->total)}, {"exact", page->exact}})},
       {"per_day", std::move(days)},
       {"examples", std::move(examples)}});
  set_coverage(out, coverage.partial() ? coverage : page->coverage);
  return http::Response::json(out);
}

}  // namespace vigie::indexer::api
