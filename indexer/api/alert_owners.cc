#include "indexer/api/alert_owners.h"

#include <algorithm>
#include <set>
#include <utility>

#include "indexer/alerting/alerts.h"
#include "indexer/api/problems.h"
#include "indexer/search/peers.h"
#include "platform/log/log.h"
#include "proto/delivery.pb.h"
#include "proto/log_topics.h"
#include "proto/peer.pb.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kDaysShown = 7;  // of the sparkline beside a subscription
// Host and the proxy's word on the scheme are for the links of feeds.
constexpr std::string_view kForwardedHeaders[] = {"host", "if-none-match", "x-forwarded-proto"};

void add_pair(google::protobuf::RepeatedPtrField<v1::PeerPair>& to, std::string_view name,
              std::string_view value) {
  v1::PeerPair& pair = *to.Add();
  pair.set_name(std::string(name));
  pair.set_value(std::string(value));
}

http::Response nobody(bool delivers_here) {
  if (!delivers_here) {
    return problem("no_alerter",
                   "This process delivers no alerts (alerts.deliver is false), and knows of none "
                   "that does; ask one that does.");
  }
  http::Response response =
      problem("alerts_moving",
              "The alerts of this subscription are being taken over by another process; try again "
              "in a few seconds.");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

v1::LeafRequest question_of(const Call& call) {
  v1::LeafRequest question;
  question.set_kind(v1::LeafRequest::KIND_REQUEST);
  v1::PeerRequest& asked = *question.mutable_request();
  asked.set_operation(call.operation.id);
  for (const std::string& capture : call.request.captures) asked.add_captures(capture);
  for (const auto& [name, value] : call.request.query)
    add_pair(*asked.mutable_query(), name, value);
  for (const std::string_view name : kForwardedHeaders) {
    if (const std::string value = call.request.header(name); !value.empty())
      add_pair(*asked.mutable_headers(), name, value);
  }
  return question;
}

}  // namespace

bool AlertOwners::is_here(const std::string& subscription_id) const {
  if (alerter_ == nullptr) return false;
  if (peers_ == nullptr) return true;
  const auto partitions = log_.partitions(proto::Topic::kMatches);
  if (!partitions) return false;
  const std::vector<std::int32_t> owned = alerter_->owned();
  return std::find(owned.begin(), owned.end(), proto::partition_of(subscription_id, *partitions)) !=
         owned.end();
}

std::optional<std::string> AlertOwners::owner_of(std::int32_t partition) const {
  return peers_ != nullptr ? peers_->alerter_of(partition) : std::nullopt;
}

std::optional<http::Response> AlertOwners::elsewhere(const Call& call) const {
  const std::string& subscription = call.capture(0);
  if (is_here(subscription)) return std::nullopt;
  const auto partitions = log_.partitions(proto::Topic::kMatches);
  if (!partitions) return problem_of(partitions.error());
  const bool may_ask = call.request.header(kFromPeer).empty();
  const auto owner =
      may_ask ? owner_of(proto::partition_of(subscription, *partitions)) : std::nullopt;
  if (!owner) return nobody(delivers_here());
  auto answered = peers_->ask_and_wait(*owner, question_of(call));
  if (!answered) return problem_of(answered.error());
  if (!answered->has_response())
    return problem("peer_failed",
                   "The indexer that delivers these alerts did not understand the question.");
  http::Response response;
  response.status = answered->response().status();
  for (const v1::PeerPair& header : answered->response().headers())
    response.headers.emplace_back(header.name(), header.value());
  response.body = std::move(*answered->mutable_response()->mutable_body());
  return response;
}

namespace {

constexpr std::size_t kNewestDeliveries = 100;  // that are looked at for those that do not arrive

/// What was tried and not taken since the last delivery that arrived, by channel: one receiver that
/// works does not hide another that does not. `newest` stands first.
void count_undelivered(const std::vector<v1::DeliveryRecord>& newest, v1::PeerAlertCounts& out) {
  std::set<std::string> arrived;
  for (const v1::DeliveryRecord& delivery : newest) {
    if (delivery.state() == v1::DELIVERY_STATE_DELIVERED) arrived.insert(delivery.channel_id());
    const bool untried = delivery.state() == v1::DELIVERY_STATE_PENDING && delivery.attempts() == 0;
    if (untried || arrived.contains(delivery.channel_id())) continue;
    out.set_undelivered(out.undelivered() + 1);
    out.set_undelivered_since_unix_ms(delivery.created_at_unix_ms());
  }
}

}  // namespace

v1::PeerAlertCounts AlertOwners::own_counts(const std::string& subscription_id, std::size_t days,
                                            const dates::TimeZone& zone) const {
  v1::PeerAlertCounts out;
  out.set_subscription_id(subscription_id);
  if (const auto counts = alerter_->counts_per_day(subscription_id, days, zone)) {
    for (const alerting::DayCount& day : *counts) {
      v1::PeerBin& bin = *out.add_days();
      bin.set_begin_unix_ms(day.begin_unix_ms);
      bin.set_count(day.alerts);
    }
  }
  if (const auto left_out = alerter_->left_out(subscription_id)) {
    out.set_left_out_hour_unix_ms(left_out->hour_unix_ms);
    out.set_left_out(left_out->matches);
  }
  if (const auto deliveries = alerter_->deliveries(subscription_id, kNewestDeliveries))
    count_undelivered(*deliveries, out);
  const auto newest = alerter_->alerts(subscription_id, 1);
  if (newest && !newest->empty())
    out.set_last_matched_at_unix_ms(std::max(newest->front().first_matched_at_unix_ms(),
                                             newest->front().last_matched_at_unix_ms()));
  return out;
}

AlertOwners::Counts AlertOwners::counts(const std::vector<std::string>& subscription_ids,
                                        const dates::TimeZone& zone, bool& partial) const {
  Counts out;
  std::map<std::string, v1::LeafRequest> questions;  // by peer
  const auto partitions = log_.partitions(proto::Topic::kMatches);
  for (const std::string& id : subscription_ids) {
    if (is_here(id)) {
      out.emplace(id, own_counts(id, kDaysShown, zone));
      continue;
    }
    const auto owner = partitions ? owner_of(proto::partition_of(id, *partitions)) : std::nullopt;
    if (owner) questions[*owner].add_ids(id);
    else partial = true;
  }
  for (auto& [peer, question] : questions) {
    question.set_kind(v1::LeafRequest::KIND_ALERT_COUNTS);
    question.set_days(kDaysShown);
    question.set_tz(zone.name());
    auto answered = peers_->ask_and_wait(peer, question);
    if (!answered || answered->alert_counts_size() < question.ids_size()) partial = true;
    if (!answered) continue;
    for (v1::PeerAlertCounts& counts : *answered->mutable_alert_counts()) {
      std::string id = counts.subscription_id();
      out.insert_or_assign(std::move(id), std::move(counts));
    }
  }
  return out;
}

}  // namespace vigie::indexer::api
