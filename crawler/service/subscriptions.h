#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "crawler/frontier/due_clock.h"
#include "crawler/frontier/partition_owner.h"
#include "crawler/politeness/request_gate.h"
#include "crawler/queue/domain_queues.h"
#include "crawler/service/dispatch.h"
#include "crawler/service/fetches_in_hand.h"
#include "crawler/service/intake.h"
#include "crawler/service/outbox.h"
#include "crawler/service/report.h"
#include "crawler/sources/source_states.h"
#include "crawler/websub/hubs.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// Subscribes to feeds at their hubs (WebSub) and takes what these push. A request to a hub goes
/// through the gate of all requests, at the usual gaps; a hub is asked by whoever reads the feed,
/// also where its domain is another crawler's: then its reservation stays within this process. Does
/// nothing where no callback URL is set. One thread. Errors, of all: of the log and the store.
class Subscriptions {
 public:
  static constexpr std::size_t kAtOnce = 4;
  /// Pushes that wait because their feed is being polled.
  static constexpr std::size_t kMostPushes = 256;
  /// A hub that is to stop is asked so often, and known for so long.
  static constexpr int kLeaveTries = 3;
  static constexpr std::chrono::milliseconds kLeaveTime{3'600'000};
  /// Requests to hubs have numbers of their own, beside those of fetches and discoveries.
  static constexpr std::uint64_t kFirstId = 1ULL << 62;
  static bool is_number(std::uint64_t id) { return (id >> 62) == 1; }

  /// All must outlive it.
  struct Seams {
    net::HttpClient& http;
    frontier::PartitionOwner& owner;
    politeness::RequestGate& gate;
    sources::SourceStates& sources;
    queue::DomainQueues& queues;
    FetchesInHand& fetches;
    Dispatch& dispatch;
    Intake& intake;
    websub::Hubs& hubs;
    Outbox& outbox;
    Report& report;
    CrawlerMetrics& metrics;
    const frontier::DueClock& clock;
  };
  explicit Subscriptions(const Seams& seams);

  /// Asks hubs what is due. `may_start`: false asks nothing.
  Result<void> work(bool may_start);
  /// A hub told something.
  Result<void> on_call(websub::HubCall call);
  /// Works on the pushes whose feeds are in no hand: each becomes a fetch without a request.
  Result<void> take_pushes();
  /// What a push named is durable.
  Result<void> finish(FetchInHand& fetch);
  std::size_t pushes() const { return pushes_.size(); }

  Result<void> on_reserved(std::uint64_t id, bool may_send, bool may_tell);
  /// The request has ended; the gate knows.
  Result<void> on_response(std::uint64_t id, const Result<net::HttpResponse>& response);
  /// The source files are others: subscriptions of feeds that are listed no longer end.
  Result<void> drop_unlisted();
  void abandon_all();

 private:
  struct Job {
    std::string feed;
    std::string id;    // of the callback
    std::string asks;  // URL, after redirects
    std::string topic;
    bool subscribes = true;
    int hops = 0;
    std::uint64_t number = 0;     // 0: not reserved yet
    std::size_t records_out = 0;  // reservations that must be durable before it is sent
    bool sent = false;
  };
  /// A hub that is to stop.
  struct Leaving {
    std::string feed;
    std::string id;
    v1::HubSubscription subscription;
    int tries = 0;
    std::chrono::milliseconds next{0};
    std::chrono::milliseconds until{0};
  };
  void take_begun();
  void take_left();
  Result<void> begin_jobs();
  void begin_leaving();
  void begin_job(const std::string& feed, const std::string& id,
                 const v1::HubSubscription& subscription, bool subscribes);
  Result<void> reserve(Job& job);
  net::HttpRequest request_of(const Job& job) const;
  Result<void> ended(Job job, const Result<net::HttpResponse>& response);
  Result<void> save(const std::string& feed);
  Result<void> take_push(const websub::HubCall& call);
  Result<void> read_push(FetchInHand& fetch, const websub::HubCall& call);
  Result<void> poll_now(const std::string& feed, std::string_view why);
  Job* job_of(std::uint64_t number);
  bool has_job(const std::string& id) const { return jobs_.contains(id); }

  Seams seams_;
  std::map<std::string, Job> jobs_;         // by id of the callback
  std::map<std::string, Leaving> leaving_;  // by id of the callback
  std::deque<websub::HubCall> pushes_;
  std::uint64_t last_number_ = 0;
  std::chrono::milliseconds next_look_{0};
};

}  // namespace vigie::crawler::service
