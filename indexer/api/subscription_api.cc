#include "indexer/api/subscription_api.h"

#include <algorithm>
#include <optional>
#include <set>

#include "indexer/api/alert_owners.h"
#include "indexer/api/problems.h"
#include "indexer/api/query_names.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/search_views.h"
#include "indexer/api/views.h"
#include "indexer/query/query.h"
#include "indexer/search/index.h"
#include "indexer/subscriptions/store.h"
#include "proto/peer.pb.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kPreviewExamples = 10;
constexpr std::int64_t kDayMs = 86'400'000;

/// Of a body that fits its schema.
subscriptions::Draft draft_of(const Json& body) {
  subscriptions::Draft draft;
  draft.name = body["name"].as_string();
  draft.query = body["query"].as_string();
  for (const Json& given : body["channels"].as_array()) {
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

/// The query of a draft as it is kept, with ids instead of aliases; where it cannot be read or
/// names what does not exist, `refused` is the problem with its position.
std::optional<query::Query> checked(const QueryNames& names, subscriptions::Draft& draft,
                                    std::optional<http::Response>& refused) {
  std::size_t offset = 0;
  auto parsed = names.parse(draft.query, query::Use::kSubscription, &offset);
  if (!parsed) {
    refused = bad_query_problem(draft.query, parsed.error(), offset);
    return std::nullopt;
  }
  draft.query = names.vocabulary()->with_ids(draft.query);
  return std::move(*parsed);
}

Json counted(const v1::SubscriptionRecord& subscription, const AlertOwners::Counts& all) {
  Json out = subscription_json(subscription, false);
  Json days = Json::array();
  Json last;
  Json left_out;
  Json undelivered;
  if (const auto known = all.find(subscription.id()); known != all.end()) {
    for (const v1::PeerBin& day : known->second.days()) {
      days.push(Json::object({{"begin", rfc3339(day.begin_unix_ms())},
                              {"count", static_cast<std::int64_t>(day.count())}}));
    }
    if (known->second.last_matched_at_unix_ms() != 0)
      last = time_json(known->second.last_matched_at_unix_ms());
    if (known->second.left_out() != 0)
      left_out = Json::object({{"hour", rfc3339(known->second.left_out_hour_unix_ms())},
                               {"count", static_cast<std::int64_t>(known->second.left_out())}});
    if (known->second.undelivered() != 0)
      undelivered = Json::object({{"count", static_cast<std::int64_t>(known->second.undelivered())},
                                  {"since", rfc3339(known->second.undelivered_since_unix_ms())}});
  }
  out.set("last_match", std::move(last));
  out.set("alerts_per_day", std::move(days));
  out.set("left_out", std::move(left_out));
  out.set("undelivered", std::move(undelivered));
  return out;
}

Json counted(const v1::SubscriptionRecord& subscription, const AlertOwners& owners) {
  bool partial = false;
  return counted(subscription, owners.counts({subscription.id()}, partial));
}

/// The channels after a change. A secret that the change made is told now, or never; one that was
/// there before, or that its sender knows, is not told again.
Json changed_channels(const v1::SubscriptionRecord& changed, const subscriptions::Draft& draft,
                      const std::set<std::string>& told) {
  Json channels = subscription_json(changed, true)["channels"];
  for (Json& channel : channels.mutable_array()) {
    const bool sent =
        std::any_of(draft.channels.begin(), draft.channels.end(), [&](const v1::Channel& given) {
          return given.id() == channel["id"].as_string() && !given.secret().empty() &&
                 given.secret() != subscriptions::kMaskedSecret;
        });
    if (sent || told.contains(channel["secret"].as_string()))
      channel.set("secret", std::string(subscriptions::kMaskedSecret));
  }
  return channels;
}

/// The articles of `within` before now that a subscription would have told. Errors: bad_parameter.
Result<query::Query> looking_back(const query::Query& subscribed, const std::string& within) {
  const auto period = query::parse("within:" + within);
  if (!period || period->nodes.size() != 1)
    return bad_parameter("\"within\" must be a length of time such as 24h or 30d");
  query::QueryLimits limits;
  limits.bytes *= 4;  // canonical spelling may be longer
  limits.nodes += 2;
  limits.depth += 1;
  return query::parse("(" + subscribed.canonical() + ") within:" + within, query::Use::kSearch,
                      limits);
}

}  // namespace

http::Response no_subscription(const std::string& id) {
  return problem("not_found",
                 "There is no subscription " + id + "; GET /v1/subscriptions lists them.");
}

Routes SubscriptionApi::routes() {
  return {
      route("GET", "/v1/subscriptions", "subscriptions", this, &SubscriptionApi::list),
      route("POST", "/v1/subscriptions", "createSubscription", this, &SubscriptionApi::create),
      route("POST", "/v1/subscriptions/preview", "previewSubscription", this,
            &SubscriptionApi::preview),
      route("GET", "/v1/subscriptions/{id}", "subscription", this, &SubscriptionApi::show),
      route("PUT", "/v1/subscriptions/{id}", "replaceSubscription", this,
            &SubscriptionApi::replace),
      route("DELETE", "/v1/subscriptions/{id}", "deleteSubscription", this,
            &SubscriptionApi::remove),
  };
}

http::Response SubscriptionApi::list(const Call&) {
  const std::vector<v1::SubscriptionRecord> all = store_.list();
  std::vector<std::string> ids;
  for (const v1::SubscriptionRecord& subscription : all) ids.push_back(subscription.id());
  bool partial = false;
  const auto counts = owners_.counts(ids, partial);
  Json out = Json::array();
  for (const v1::SubscriptionRecord& subscription : all) out.push(counted(subscription, counts));
  return http::Response::json(
      Json::object({{"subscriptions", std::move(out)}, {"partial", partial}}));
}

http::Response SubscriptionApi::create(const Call& call) {
  subscriptions::Draft draft = draft_of(call.body);
  draft.made_by = call.request.caller;
  std::optional<http::Response> refused;
  const auto parsed = checked(names_, draft, refused);
  if (!parsed) return std::move(*refused);
  const auto created = store_.create(draft);
  if (!created) return problem_of(created.error());
  Json out = subscription_json(*created, true);
  out.set("hints", names_.hints(*parsed, true));
  http::Response response = http::Response::json(out, 201);
  response.headers.emplace_back("Location", "/v1/subscriptions/" + created->id());
  return response;
}

http::Response SubscriptionApi::show(const Call& call) {
  const auto found = store_.find(call.capture(0));
  if (!found) return no_subscription(call.capture(0));
  return http::Response::json(counted(*found, owners_));
}

http::Response SubscriptionApi::replace(const Call& call) {
  subscriptions::Draft draft = draft_of(call.body);
  std::optional<http::Response> refused;
  const auto parsed = checked(names_, draft, refused);
  if (!parsed) return std::move(*refused);
  std::optional<std::uint64_t> revision;
  if (call.body["revision"].is_number())
    revision = static_cast<std::uint64_t>(call.body["revision"].as_integer());
  std::set<std::string> told;
  if (const auto before = store_.find(call.capture(0))) {
    for (const v1::Channel& channel : before->channels()) told.insert(channel.secret());
  }
  const auto changed = store_.replace(call.capture(0), draft, revision);
  if (!changed) return problem_of(changed.error());
  Json out = counted(*changed, owners_);
  out.set("channels", changed_channels(*changed, draft, told));
  out.set("hints", names_.hints(*parsed, true));
  return http::Response::json(out);
}

http::Response SubscriptionApi::remove(const Call& call) {
  if (const auto removed = store_.remove(call.capture(0)); !removed)
    return problem_of(removed.error());
  http::Response response;
  response.status = 204;
  return response;
}

http::Response SubscriptionApi::preview(const Call& call) {
  const std::string& text = call.body["query"].as_string();
  std::size_t offset = 0;
  auto subscribed = names_.parse(text, query::Use::kSubscription, &offset);
  if (!subscribed) return bad_query_problem(text, subscribed.error(), offset);
  const std::string within = call.member("within");
  auto searched = looking_back(*subscribed, within);
  if (!searched) return problem_of(searched.error());
  const auto budget = index_.budget(call.request.gone, call.request.may_take_long);
  searched->budget = budget.get();
  subscribed->budget = budget.get();

  search::SearchRequest wanted;
  wanted.parsed = &*searched;
  wanted.sort = Sort::kNewest;
  wanted.limit = kPreviewExamples;
  const auto page = index_.search(wanted);
  if (!page) return problem_of(page.error());
  search::Coverage coverage;
  const auto bins = index_.timeline(*searched, kDayMs, std::nullopt, 0, &coverage);
  if (!bins) return problem_of(bins.error());
  Json examples = Json::array();
  for (const search::Hit& hit : page->hits) examples.push(example_json(hit));
  Json out = Json::object(
      {{"query", subscribed->canonical()},
       {"within", within},
       {"total", total_json(*page)},
       {"per_day", bins_json(*bins, false)},
       {"examples", std::move(examples)},
       {"hints", names_.hints(*subscribed, page->total > 0 || page->coverage.partial())}});
  if (is_put_off(call.request, *budget)) return http::Response::later();
  set_coverage(out, coverage.partial() ? coverage : page->coverage);
  return http::Response::json(out);
}

}  // namespace vigie::indexer::api
