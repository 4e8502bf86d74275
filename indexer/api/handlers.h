#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/alerting/alerts.h"
#include "indexer/api/api.h"
#include "indexer/api/topic_views.h"
#include "indexer/query/query.h"
#include "indexer/search/index.h"
#include "proto/peer.pb.h"

/// The handlers of the API, one for each row of the table in routes.cc. Private to indexer/api.
namespace vigie::indexer::api {

/// Problem details (RFC 9457) of an error: the status follows from its code and disposition.
http::Response problem_of(const Error& error);
/// For a query: with `position` (code points from 0) and `offset` (bytes).
http::Response bad_query_problem(std::string_view text, const Error& error, std::size_t offset);

/// Thread-safe.
class Handlers {
 public:
  explicit Handlers(ApiDependencies dependencies);

  // search_handlers.cc
  http::Response search(const http::Request& request);
  http::Response article(const http::Request& request);
  http::Response article_version(const http::Request& request);
  http::Response timeline(const http::Request& request);
  http::Response facets(const http::Request& request);
  // catalogue_handlers.cc
  http::Response topics(const http::Request& request);
  http::Response topic(const http::Request& request);
  http::Response actors(const http::Request& request);
  http::Response actor(const http::Request& request);
  http::Response suggest(const http::Request& request);
  // subscription_handlers.cc
  http::Response list_subscriptions(const http::Request& request);
  http::Response create_subscription(const http::Request& request);
  http::Response preview_subscription(const http::Request& request);
  http::Response subscription(const http::Request& request);
  http::Response replace_subscription(const http::Request& request);
  http::Response delete_subscription(const http::Request& request);
  http::Response test_subscription(const http::Request& request);
  http::Response replay_match(const http::Request& request);
  // alert_handlers.cc
  http::Response matches(const http::Request& request);
  http::Response feed(const http::Request& request);
  http::Response deliveries(const http::Request& request);
  // peer_handlers.cc
  http::Response peer(const http::Request& request);
  // stream.cc
  http::Response stream(const http::Request& request);
  // operation_handlers.cc
  http::Response sources(const http::Request& request);
  http::Response pipeline(const http::Request& request);
  http::Response control(const http::Request& request);
  http::Response command(const http::Request& request);
  http::Response quarantine(const http::Request& request);
  http::Response quarantine_record(const http::Request& request);
  http::Response quarantine_replay(const http::Request& request);
  // ingest.cc
  http::Response ingest(const http::Request& request);
  // log_handlers.cc
  http::Response log_topics(const http::Request& request);
  http::Response log_records(const http::Request& request);
  // health_handlers.cc
  http::Response openapi(const http::Request& request);
  http::Response metrics(const http::Request& request);
  http::Response healthz(const http::Request& request);
  http::Response readyz(const http::Request& request);

  const ApiDependencies& dependencies() const { return dependencies_; }

 private:
  std::shared_ptr<const Catalogue> catalogue() const;
  Json subscription_with_counts(const v1::SubscriptionRecord& subscription) const;
  /// Alerts of subscriptions, by subscription id, from whoever delivers them; `partial` is set
  /// where somebody did not answer.
  std::map<std::string, v1::PeerAlertCounts> alert_counts(
      const std::vector<std::string>& subscription_ids, bool& partial) const;
  v1::PeerAlertCounts own_alert_counts(const std::string& subscription_id, std::size_t days) const;
  /// Whether this process is to answer for the alerts of a subscription.
  bool has_alerts_of(const std::string& subscription_id) const;
  /// The answer of the process that delivers the alerts of the subscription in captures[0], or why
  /// there is none; nothing where that is this one.
  std::optional<http::Response> elsewhere(const http::Request& request,
                                          std::string_view operation) const;
  Json topic_figures();
  std::string facet_value_name(Facet facet, const std::string& value) const;

  ApiDependencies dependencies_;
  StatusView status_;
  ControlView control_;
  QuarantineView quarantine_;
  MatchView matches_;
  std::atomic<int> ingests_{0};
};

/// Adds "partial" and "shards" to an answer.
void set_coverage(Json& out, const search::Coverage& coverage);
/// The problem of an article that is not found while a shard is missing.
std::optional<http::Response> missing_shard(const search::Coverage& coverage);
/// A number parameter. Errors: bad_parameter naming it and its range.
Result<std::int64_t> number_parameter(const http::Request& request, std::string_view name,
                                      std::int64_t fallback, std::int64_t least, std::int64_t most);
/// The `q` parameter parsed. On failure `refused` holds the answer.
std::optional<query::Query> query_parameter(const http::Request& request, query::Use use,
                                            std::optional<http::Response>& refused);
tl::unexpected<Error> bad_parameter(std::string detail);
/// The JSON object of a request body, at most 1 MiB. Errors: bad_json, bad_parameter.
Result<Json> object_body(const http::Request& request);

}  // namespace vigie::indexer::api
