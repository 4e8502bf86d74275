#include "indexer/api/subscription_api.h"

#include <optional>
#include <set>

#include "indexer/api/alert_owners.h"
#include "indexer/api/channel_json.h"
#include "indexer/api/local_time.h"
#include "indexer/api/problems.h"
#include "indexer/api/query_names.h"
#include "indexer/api/query_parameter.h"
#include "indexer/api/rhythm_members.h"
#include "indexer/api/search_views.h"
#include "indexer/api/views.h"
#include "indexer/conditions/kinds.h"
#include "indexer/delivery/parts.h"
#include "indexer/query/query.h"
#include "indexer/rhythm/rule.h"
#include "indexer/search/index.h"
#include "indexer/spikes/judging.h"
#include "indexer/subscriptions/kind.h"
#include "indexer/subscriptions/store.h"
#include "proto/identity.h"
#include "proto/peer.pb.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kPreviewExamples = 10;
constexpr std::size_t kSample = 100;  // articles whose stories are counted for the estimate

/// Of a body that fits its schema. Errors: those of when_of and read_channel.
Result<subscriptions::Draft> draft_of(const Json& body) {
  subscriptions::Draft draft;
  VIGIE_ASSIGN(draft.when, when_of(body));
  draft.name = body["name"].as_string();
  draft.query = body["query"].as_string();
  draft.owner = body["owner"].as_string();
  for (const Json& given : body["channels"].as_array()) {
    const std::size_t place = draft.channels.size();
    VIGIE_ASSIGN(v1::Channel channel, read_channel(given, place));
    if (given["rotate_secret"].as_bool()) draft.new_secrets.insert(place);
    draft.channels.push_back(std::move(channel));
  }
  return draft;
}

/// The query of a draft as it is kept, with ids instead of aliases; where it cannot be read or
/// names what does not exist, `refused` is the problem with its position.
/// One for conditions of vigie itself has no hints, and comes out empty.
std::optional<query::Query> checked(const QueryNames& names, subscriptions::Draft& draft,
                                    std::optional<http::Response>& refused) {
  std::size_t offset = 0;
  if (conditions::asks_for_conditions(draft.query)) {
    const auto kinds = conditions::kinds_asked(draft.query, &offset);
    if (kinds) return query::Query();
    refused = bad_query_problem(draft.query, kinds.error(), offset);
    return std::nullopt;
  }
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

Json counted(const v1::SubscriptionRecord& subscription, const AlertOwners& owners,
             const dates::TimeZone& zone = {}) {
  bool partial = false;
  return counted(subscription, owners.counts({subscription.id()}, zone, partial));
}

/// The channels after a change. A secret that the change made is told now, or never.
Json changed_channels(const v1::SubscriptionRecord& changed, const std::set<std::string>& made) {
  Json out = Json::array();
  for (const v1::Channel& channel : changed.channels())
    out.push(channel_json(channel, made.contains(channel.id())));
  return out;
}

std::string digest_of(const v1::SubscriptionRecord* record) {
  return record == nullptr ? std::string()
                           : proto::sha256(subscriptions::masked(*record).SerializeAsString());
}

subscriptions::By by(const Call& call) { return audited(call, call.request.caller); }

/// How many stories there are for each article, in a sample; 1 where there is none.
double stories_of_articles(const std::vector<search::Hit>& sample) {
  if (sample.empty()) return 1;
  std::set<std::string> stories;
  for (const search::Hit& hit : sample)
    stories.insert(hit.article.story_id().empty() ? hit.article.article_id()
                                                  : hit.article.story_id());
  return static_cast<double>(stories.size()) / static_cast<double>(sample.size());
}

/// Of a length that looking_back took.
std::int64_t length_of(const std::string& within) {
  const auto period = query::parse("within:" + within);
  return period && !period->nodes.empty() ? period->nodes[0].value_ms : 0;
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

/// Of what checked() gave.
Json hints_of(const QueryNames& names, const query::Query& parsed) {
  return parsed.nodes.empty() ? Json::array() : names.hints(parsed, true);
}

/// Of conditions there is nothing to look back at: what was wrong is no article.
http::Response preview_of_conditions(const std::string& text, const std::string& within,
                                     const rhythm::Rule& rule, std::int64_t now_unix_ms) {
  std::size_t offset = 0;
  const auto kinds = conditions::kinds_asked(text, &offset);
  if (!kinds) return bad_query_problem(text, kinds.error(), offset);
  Json estimate = estimate_json(rule, {}, 1, true, now_unix_ms - length_of(within), now_unix_ms);
  estimate.set("text", "one message when something begins, and one when it ends");
  Json out = Json::object({{"query", text},
                           {"within", within},
                           {"total", Json::object({{"value", 0}, {"exact", true}})},
                           {"per_day", Json::array()},
                           {"estimate", std::move(estimate)},
                           {"examples", Json::array()},
                           {"hints", Json::array()}});
  set_coverage(out, search::Coverage());
  return http::Response::json(out);
}

}  // namespace

subscriptions::By audited(const Call& call, const std::string& who) {
  const auto audit = [&call, who](const v1::SubscriptionRecord* before,
                                  const v1::SubscriptionRecord* after) {
    static const std::vector<std::string_view> kOfEveryChange = {
        "revision", "updated_at_unix_ms", "changed_by", "changed_at_unix_ms"};
    Change change;
    change.object = (after != nullptr ? after : before)->id();
    change.name = (after != nullptr ? after : before)->name();
    change.before_sha256 = digest_of(before);
    change.after_sha256 = digest_of(after);
    change.who = who;
    if (before != nullptr && after != nullptr)
      change.changed = differing_fields(*before, *after, kOfEveryChange);
    return call.trail.with(change);
  };
  return {who, audit};
}

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

http::Response SubscriptionApi::list(const Call& call) {
  const auto zone = dates::TimeZone::named(call.text("tz"));
  if (!zone) return problem_of(zone.error());
  const std::vector<v1::SubscriptionRecord> all = store_.list();
  std::vector<std::string> ids;
  for (const v1::SubscriptionRecord& subscription : all) ids.push_back(subscription.id());
  bool partial = false;
  const auto counts = owners_.counts(ids, *zone, partial);
  Json out = Json::array();
  for (const v1::SubscriptionRecord& subscription : all) out.push(counted(subscription, counts));
  return http::Response::json(
      Json::object({{"subscriptions", std::move(out)}, {"partial", partial}}));
}

http::Response SubscriptionApi::create(const Call& call) {
  auto draft = draft_of(call.body);
  if (!draft) return problem_of(draft.error());
  draft->made_by = call.request.caller;
  std::optional<http::Response> refused;
  const auto parsed = checked(names_, *draft, refused);
  if (!parsed) return std::move(*refused);
  const auto created = store_.create(*draft, by(call));
  if (!created) return problem_of(created.error());
  Json out = subscription_json(*created, true);
  out.set("hints", hints_of(names_, *parsed));
  http::Response response = http::Response::json(out, 201);
  response.headers.emplace_back("Location", "/v1/subscriptions/" + created->id());
  return response;
}

http::Response SubscriptionApi::show(const Call& call) {
  const auto zone = dates::TimeZone::named(call.text("tz"));
  if (!zone) return problem_of(zone.error());
  const auto found = store_.find(call.capture(0));
  if (!found) return no_subscription(call.capture(0));
  return http::Response::json(counted(*found, owners_, *zone));
}

http::Response SubscriptionApi::replace(const Call& call) {
  auto draft = draft_of(call.body);
  if (!draft) return problem_of(draft.error());
  std::optional<http::Response> refused;
  const auto parsed = checked(names_, *draft, refused);
  if (!parsed) return std::move(*refused);
  std::optional<std::uint64_t> revision;
  if (call.body["revision"].is_number())
    revision = static_cast<std::uint64_t>(call.body["revision"].as_integer());
  std::set<std::string> made;
  const auto changed = store_.replace(call.capture(0), *draft, revision, by(call), &made);
  if (!changed) return problem_of(changed.error());
  Json out = counted(*changed, owners_);
  out.set("channels", changed_channels(*changed, made));
  out.set("hints", hints_of(names_, *parsed));
  return http::Response::json(out);
}

http::Response SubscriptionApi::remove(const Call& call) {
  if (const auto removed = store_.remove(call.capture(0), by(call)); !removed)
    return problem_of(removed.error());
  http::Response response;
  response.status = 204;
  return response;
}

http::Response SubscriptionApi::preview(const Call& call) {
  auto when = when_of(call.body);
  if (!when) return problem_of(when.error());
  if (const auto kind = subscriptions::settle_kind(*when, nullptr); !kind)
    return problem_of(kind.error());
  const auto rule = rhythm::settle(*when, clock_.now_unix_ms());
  if (!rule) return problem_of(rule.error());
  const auto zone = dates::TimeZone::named(call.member("tz"));
  return zone ? preview(call, *when, *rule, *zone) : problem_of(zone.error());
}

/// What stands beside the counts of articles: how often it would have told, and of a spike of which
/// days.
Result<Json> SubscriptionApi::told(const v1::SubscriptionRecord& when, const rhythm::Rule& rule,
                                   const query::Query& subscribed, const Told& found,
                                   search::Coverage& coverage) const {
  Json out = Json::object({});
  if (when.kind() != subscriptions::kSpike) {
    const std::vector<search::Hit>& sample = found.page->hits;
    out.set("estimate", estimate_json(rule, hours_of(*found.bins), stories_of_articles(sample),
                                      found.page->exact && found.page->total <= sample.size(),
                                      found.begin_unix_ms, found.end_unix_ms));
    out.set("spikes", Json());
    return out;
  }
  VIGIE_ASSIGN(const std::vector<v1::Spike> spikes,
               spikes::would_have_told(index_, subscribed, when, found.begin_unix_ms,
                                       found.end_unix_ms, coverage));
  Json days = Json::array();
  for (const v1::Spike& spike : spikes) days.push(delivery::spike_json(spike));
  out.set("estimate", spike_estimate_json(spikes.size(), found.page->total, found.begin_unix_ms,
                                          found.end_unix_ms));
  out.set("spikes", std::move(days));
  return out;
}

http::Response SubscriptionApi::preview(const Call& call, const v1::SubscriptionRecord& when,
                                        const rhythm::Rule& rule, const dates::TimeZone& zone) {
  const std::string& text = call.body["query"].as_string();
  const std::string within = call.member("within");
  if (conditions::asks_for_conditions(text))
    return preview_of_conditions(text, within, rule, clock_.now_unix_ms());
  std::size_t offset = 0;
  auto subscribed = names_.parse(text, query::Use::kSubscription, &offset);
  if (!subscribed) return bad_query_problem(text, subscribed.error(), offset);
  auto searched = looking_back(*subscribed, within);
  if (!searched) return problem_of(searched.error());
  const auto budget = index_.budget(call.request.gone, call.request.may_take_long);
  searched->budget = budget.get();
  subscribed->budget = budget.get();

  search::SearchRequest wanted;
  wanted.parsed = &*searched;
  wanted.sort = Sort::kNewest;
  wanted.limit = kSample;
  const auto page = index_.search(wanted);
  if (!page) return problem_of(page.error());
  search::Coverage coverage;
  const auto bins = index_.timeline(*searched, asked_interval_ms(Interval::kHour, zone),
                                    std::nullopt, 0, &coverage);
  if (!bins) return problem_of(bins.error());
  const std::int64_t now = clock_.now_unix_ms();
  auto telling =
      told(when, rule, *subscribed, {&*page, &*bins, now - length_of(within), now}, coverage);
  if (!telling) return problem_of(telling.error());
  Json examples = Json::array();
  const auto shown = std::min(page->hits.size(), kPreviewExamples);
  for (std::size_t i = 0; i < shown; ++i) examples.push(example_json(page->hits[i]));
  Json out = Json::object(
      {{"query", subscribed->canonical()},
       {"within", within},
       {"total", total_json(*page)},
       {"per_day", bins_json(days_of(*bins, zone), false)},
       {"tz", zone.name()},
       {"estimate", (*telling)["estimate"]},
       {"spikes", (*telling)["spikes"]},
       {"examples", std::move(examples)},
       {"hints", names_.hints(*subscribed, page->total > 0 || page->coverage.partial())}});
  if (is_put_off(call.request, *budget)) return http::Response::later();
  set_coverage(out, coverage.partial() ? coverage : page->coverage);
  return http::Response::json(out);
}

}  // namespace vigie::indexer::api
