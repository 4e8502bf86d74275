#include "indexer/api/peer_api.h"

#include <algorithm>

#include "indexer/alerting/alerts.h"
#include "indexer/api/alert_owners.h"
#include "indexer/api/problems.h"
#include "indexer/search/index.h"
#include "proto/peer.pb.h"

namespace vigie::indexer::api {
namespace {

constexpr int kMaxCountedIds = 200'000;  // as many as there can be subscriptions
constexpr std::size_t kMaxDays = 31;

http::Request request_of(const v1::PeerRequest& asked) {
  http::Request out;
  for (const std::string& capture : asked.captures()) out.captures.push_back(capture);
  for (const v1::PeerPair& pair : asked.query()) out.query.emplace_back(pair.name(), pair.value());
  for (const v1::PeerPair& pair : asked.headers())
    out.headers.insert_or_assign(pair.name(), pair.value());
  out.headers.insert_or_assign(std::string(kFromPeer), std::string(1, '1'));
  return out;
}

}  // namespace

Routes PeerApi::routes() { return {route("POST", "/v1/peer", "peer", this, &PeerApi::peer)}; }

Result<v1::LeafResponse> PeerApi::forwarded(const v1::LeafRequest& question) const {
  const v1::PeerRequest& asked = question.request();
  const auto row = std::find_if(forwarded_.begin(), forwarded_.end(), [&](const Route& one) {
    return one.operation == asked.operation();
  });
  if (row == forwarded_.end() ||
      asked.captures_size() < std::count(row->pattern.begin(), row->pattern.end(), '{'))
    return refuse("bad_question", "This operation is not asked for between indexers.");
  http::Response response = answer(*row, request_of(asked), nullptr);
  v1::LeafResponse out;
  v1::PeerResponse& told = *out.mutable_response();
  told.set_status(response.status);
  for (const auto& [name, value] : response.headers) {
    v1::PeerPair& pair = *told.add_headers();
    pair.set_name(name);
    pair.set_value(value);
  }
  told.set_body(std::move(response.body));
  return out;
}

Result<v1::LeafResponse> PeerApi::alert_counts(const v1::LeafRequest& question) const {
  if (question.ids_size() > kMaxCountedIds)
    return refuse("bad_question", "Too many subscriptions in one question.");
  const dates::TimeZone zone = dates::TimeZone::named(question.tz()).value_or(dates::TimeZone());
  v1::LeafResponse out;
  for (const std::string& id : question.ids()) {
    if (owners_.is_here(id))
      *out.add_alert_counts() =
          owners_.own_counts(id, std::clamp<std::size_t>(question.days(), 1, kMaxDays), zone);
  }
  return out;
}

Result<v1::LeafResponse> PeerApi::answer_to(const v1::LeafRequest& question,
                                            const http::Request& asker) const {
  if (question.kind() == v1::LeafRequest::KIND_REQUEST) return forwarded(question);
  if (question.kind() == v1::LeafRequest::KIND_ALERT_COUNTS) return alert_counts(question);
  v1::LeafResponse out = index_.answer(question, asker.gone, asker.may_take_long);
  if (question.kind() != v1::LeafRequest::KIND_CLAIMS) return out;
  out.mutable_claims()->set_instance(identity_.instance);
  out.mutable_claims()->set_group(identity_.group);
  if (alerter_ == nullptr) return out;
  for (const std::int32_t partition : alerter_->owned())
    out.mutable_claims()->add_alert_partitions(partition);
  return out;
}

http::Response PeerApi::peer(const Call& call) {
  v1::LeafRequest question;
  if (!question.ParseFromString(call.request.body))
    return problem("bad_question", "The body is no LeafRequest.");
  const auto told = answer_to(question, call.request);
  if (!told) return problem_of(told.error());
  if (told->error().code() == ErrorCode("takes_long").text()) return http::Response::later();
  return http::Response::text(told->SerializeAsString(), "application/x-protobuf");
}

}  // namespace vigie::indexer::api
