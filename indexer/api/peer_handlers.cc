#include <algorithm>

#include "indexer/api/handlers.h"
#include "indexer/api/routes.h"
#include "indexer/search/peers.h"
#include "proto/log_topics.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kDaysShown = 7;    // of the sparkline beside a subscription
constexpr int kMaxCountedIds = 200'000;  // as many as there can be subscriptions
/// Set on what came from another indexer: it is answered from what is here, or not at all.
constexpr std::string_view kFromPeer = "x-vigie-peer";

using Handler = http::Response (Handlers::*)(const http::Request&);

/// What one indexer may ask another to answer for it.
Handler handler_of(std::string_view operation) {
  for (const Route& route : routes()) {
    const bool forwarded = operation == "matches" || operation == "feed" ||
                           operation == "deliveries" || operation == "replayMatch" ||
                           operation == "testSubscription";
    if (forwarded && route.operation == operation) return route.handler;
  }
  return nullptr;
}

void add_pair(google::protobuf::RepeatedPtrField<v1::PeerPair>& to, std::string_view name,
              std::string_view value) {
  v1::PeerPair& pair = *to.Add();
  pair.set_name(std::string(name));
  pair.set_value(std::string(value));
}

Json numbers(const std::vector<std::int32_t>& partitions) {
  Json out = Json::array();
  for (const std::int32_t partition : partitions) out.push(static_cast<std::int64_t>(partition));
  return out;
}

}  // namespace

void set_coverage(Json& out, const search::Coverage& coverage) {
  out.set("partial", coverage.partial());
  out.set("shards", Json::object({{"total", static_cast<std::int64_t>(coverage.shards)},
                                  {"missing", numbers(coverage.missing)},
                                  {"restoring", numbers(coverage.restoring)}}));
}

std::optional<http::Response> missing_shard(const search::Coverage& coverage) {
  if (!coverage.partial()) return std::nullopt;
  const bool gone = !coverage.missing.empty();
  http::Response response =
      http::Response::problem(503, gone ? "shard_missing" : "shard_restoring",
                              "The part of the index that would hold this article " +
                                  std::string(gone ? "is not there" : "is being restored") +
                                  " at the moment; try again in a while.");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

bool Handlers::has_alerts_of(const std::string& subscription_id) const {
  if (dependencies_.alerter == nullptr) return false;
  if (dependencies_.peers == nullptr) return true;
  const auto partitions = dependencies_.log.partitions(proto::Topic::kMatches);
  if (!partitions) return false;
  const std::vector<std::int32_t> owned = dependencies_.alerter->owned();
  return std::find(owned.begin(), owned.end(), proto::partition_of(subscription_id, *partitions)) !=
         owned.end();
}

std::optional<http::Response> Handlers::elsewhere(const http::Request& request,
                                                  std::string_view operation) const {
  const std::string& subscription = request.captures[0];
  if (has_alerts_of(subscription)) return std::nullopt;
  const auto partitions = dependencies_.log.partitions(proto::Topic::kMatches);
  if (!partitions) return problem_of(partitions.error());
  const bool may_ask = dependencies_.peers != nullptr && request.header(kFromPeer).empty();
  const auto owner =
      may_ask ? dependencies_.peers->alerter_of(proto::partition_of(subscription, *partitions))
              : std::nullopt;
  if (!owner) {
    if (dependencies_.alerter == nullptr) {
      return http::Response::problem(503, "no_alerter",
                                     "This process delivers no alerts (alerts.deliver is false), "
                                     "and knows of none that does; ask one that does.");
    }
    http::Response response =
        http::Response::problem(503, "alerts_moving",
                                "The alerts of this subscription are being taken over by another "
                                "process; try again in a few seconds.");
    response.headers.emplace_back("Retry-After", "5");
    return response;
  }
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_REQUEST);
  v1::PeerRequest& asked = *question.mutable_request();
  asked.set_operation(std::string(operation));
  for (const std::string& capture : request.captures) asked.add_captures(capture);
  for (const auto& [name, value] : request.query) add_pair(*asked.mutable_query(), name, value);
  for (const std::string_view name : {"if-none-match"}) {
    if (const std::string value = request.header(name); !value.empty())
      add_pair(*asked.mutable_headers(), name, value);
  }
  auto answer = dependencies_.peers->ask_and_wait(*owner, question);
  if (!answer) return problem_of(answer.error());
  if (!answer->has_response())
    return http::Response::problem(
        503, "peer_failed",
        "The indexer that delivers these alerts did not understand the question.");
  http::Response response;
  response.status = answer->response().status();
  for (const v1::PeerPair& header : answer->response().headers())
    response.headers.emplace_back(header.name(), header.value());
  response.body = std::move(*answer->mutable_response()->mutable_body());
  return response;
}

v1::PeerAlertCounts Handlers::own_alert_counts(const std::string& subscription_id,
                                               std::size_t days) const {
  v1::PeerAlertCounts out;
  out.set_subscription_id(subscription_id);
  if (const auto counts = dependencies_.alerter->counts_per_day(subscription_id, days)) {
    for (const alerting::DayCount& day : *counts) {
      v1::PeerBin& bin = *out.add_days();
      bin.set_begin_unix_ms(day.begin_unix_ms);
      bin.set_count(day.alerts);
    }
  }
  const auto newest = dependencies_.alerter->alerts(subscription_id, 1);
  if (newest && !newest->empty())
    out.set_last_matched_at_unix_ms(newest->front().first_matched_at_unix_ms());
  return out;
}

std::map<std::string, v1::PeerAlertCounts> Handlers::alert_counts(
    const std::vector<std::string>& subscription_ids, bool& partial) const {
  std::map<std::string, v1::PeerAlertCounts> out;
  std::map<std::string, v1::LeafRequest> questions;  // by peer
  const auto partitions = dependencies_.log.partitions(proto::Topic::kMatches);
  for (const std::string& id : subscription_ids) {
    if (has_alerts_of(id)) {
      out.emplace(id, own_alert_counts(id, kDaysShown));
      continue;
    }
    const auto owner = dependencies_.peers != nullptr && partitions
                           ? dependencies_.peers->alerter_of(proto::partition_of(id, *partitions))
                           : std::nullopt;
    if (owner) questions[*owner].add_ids(id);
    else partial = true;
  }
  for (auto& [peer, question] : questions) {
    question.set_kind(v1::LeafRequest::KIND_ALERT_COUNTS);
    question.set_days(kDaysShown);
    auto answer = dependencies_.peers->ask_and_wait(peer, question);
    if (!answer || answer->alert_counts_size() < question.ids_size()) partial = true;
    if (!answer) continue;
    for (v1::PeerAlertCounts& counts : *answer->mutable_alert_counts()) {
      std::string id = counts.subscription_id();
      out.insert_or_assign(std::move(id), std::move(counts));
    }
  }
  return out;
}

http::Response Handlers::peer(const http::Request& request) {
  v1::LeafRequest question;
  if (!question.ParseFromString(request.body))
    return http::Response::problem(400, "bad_question", "The body is no LeafRequest.");
  v1::LeafResponse answer;
  if (question.kind() == v1::LeafRequest::KIND_REQUEST) {
    http::Request asked;
    for (const std::string& capture : question.request().captures())
      asked.captures.push_back(capture);
    for (const v1::PeerPair& pair : question.request().query())
      asked.query.emplace_back(pair.name(), pair.value());
    for (const v1::PeerPair& pair : question.request().headers())
      asked.headers.insert_or_assign(pair.name(), pair.value());
    asked.headers.insert_or_assign(std::string(kFromPeer), "1");
    const Handler handler = handler_of(question.request().operation());
    if (handler == nullptr ||
        asked.captures.size() < (question.request().operation() == "replayMatch" ? 2U : 1U)) {
      return http::Response::problem(400, "bad_question",
                                     "This operation is not asked for between indexers.");
    }
    http::Response response = (this->*handler)(asked);
    answer.mutable_response()->set_status(response.status);
    for (const auto& [name, value] : response.headers)
      add_pair(*answer.mutable_response()->mutable_headers(), name, value);
    answer.mutable_response()->set_body(std::move(response.body));
  } else if (question.kind() == v1::LeafRequest::KIND_ALERT_COUNTS) {
    if (question.ids_size() > kMaxCountedIds)
      return http::Response::problem(400, "bad_question",
                                     "Too many subscriptions in one question.");
    for (const std::string& id : question.ids()) {
      if (has_alerts_of(id))
        *answer.add_alert_counts() =
            own_alert_counts(id, std::clamp<std::size_t>(question.days(), 1, 31));
    }
  } else {
    answer = dependencies_.index.answer(question);
    if (question.kind() == v1::LeafRequest::KIND_CLAIMS) {
      answer.mutable_claims()->set_instance(dependencies_.instance);
      answer.mutable_claims()->set_group(dependencies_.settings.text("log.group"));
      if (dependencies_.alerter != nullptr) {
        for (const std::int32_t partition : dependencies_.alerter->owned())
          answer.mutable_claims()->add_alert_partitions(partition);
      }
    }
  }
  return http::Response::text(answer.SerializeAsString(), "application/x-protobuf");
}

}  // namespace vigie::indexer::api
