#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "crawler/frontier/partition_owner.h"
#include "crawler/politeness/host_health.h"
#include "crawler/politeness/request_gate.h"
#include "crawler/politeness/resolver.h"
#include "crawler/queue/domain_queues.h"
#include "crawler/robots/robots_cache.h"
#include "crawler/service/fetches_in_hand.h"
#include "crawler/service/metrics.h"
#include "crawler/service/options.h"
#include "crawler/service/outbox.h"
#include "crawler/service/report.h"
#include "crawler/service/responses.h"
#include "crawler/sources/source_states.h"
#include "platform/clock/clock.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// Sends the requests that are due: takes the next URL of a domain, sees to its robots.txt,
/// reserves its host, and hands the request to the client once the reservation is durable. It asks
/// queues, gate and robots cache, which only answer. One thread. Errors, of all: of the log and the
/// store.
class Dispatch {
 public:
  /// All must outlive it. `resolver` null: hosts are contacted without knowing their addresses.
  struct Seams {
    net::HttpClient& http;
    politeness::Resolver* resolver;
    frontier::PartitionOwner& owner;
    queue::DomainQueues& queues;
    FetchesInHand& fetches;
    politeness::RequestGate& gate;
    sources::SourceStates& sources;
    Responses& responses;
    Outbox& outbox;
    CrawlerMetrics& metrics;
    Report& report;
    const Clock& clock;
    Random& random;
  };
  Dispatch(const CrawlerOptions& options, Seams seams);

  /// Starts what is due.
  Result<void> start_due();
  /// When something may be started next.
  std::optional<std::chrono::milliseconds> next_start() const;
  /// The reservation of a fetch is durable. `may_send`: false gives it up, and the fetch waits
  /// again. `may_tell`: the log is told so.
  Result<void> on_reserved(FetchInHand& fetch, bool may_send, bool may_tell);
  /// The response to robots.txt for which the fetch waits.
  Result<Next> on_robots_response(FetchInHand& fetch, const Result<net::HttpResponse>& response);
  Result<void> on_resolved(const std::string& host, std::vector<std::string> addresses);

  /// The fetch waits for its next request.
  Result<void> make_ready(const FetchInHand& fetch);
  /// Finds out when a domain is to be looked at next.
  Result<void> schedule(const std::string& domain);
  /// Of the domains that were touched and are owned.
  Result<void> schedule_touched();
  /// When politeness allows the next request to the host of a fetch; 0: that is not known yet.
  std::int64_t free_at_unix_ms(const FetchInHand& fetch) const;
  /// A request to a host has ended. `error` null: it answered.
  void host_answered(const std::string& host, const Error* error) { health_.answered(host, error); }
  void prune_robots() { robots_.prune(); }
  /// Whether the addresses of a host are known, or are waited for no longer; else they are asked
  /// for.
  bool addresses_known(const std::string& host);

 private:
  Result<void> start_domain(const std::string& domain);
  Result<bool> take_next(const std::string& domain);
  Result<bool> pass_robots(FetchInHand& fetch);
  Result<void> refuse(FetchInHand& fetch, const robots::RobotsEntry& entry,
                      const robots::RobotsVerdict& verdict);
  Result<void> reserve(FetchInHand& fetch, politeness::PolitenessKeys keys);
  void send_request(FetchInHand& fetch);
  bool is_busy(std::string_view url) const;
  bool others_are_full() const;
  /// Whether a URL is not to be taken now; `until` is brought forward to when its host may be
  /// asked.
  bool is_held(std::string_view url, std::optional<std::chrono::milliseconds>& until) const;
  Result<void> fail_held(FetchInHand& fetch, std::chrono::milliseconds until);

  Seams seams_;
  fetch::BodyLimits body_limits_;
  std::size_t max_in_flight_;
  std::chrono::milliseconds ip_gap_;
  robots::RobotsCache robots_;
  politeness::HostHealth health_;
};

}  // namespace vigie::crawler::service
