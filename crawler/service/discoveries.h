#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crawler/discovery/discovery.h"
#include "crawler/frontier/partition_owner.h"
#include "crawler/politeness/request_gate.h"
#include "crawler/service/dispatch.h"
#include "crawler/service/outbox.h"
#include "crawler/service/report.h"
#include "crawler/sources/edits.h"
#include "platform/clock/clock.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// Answers what people ask of URLs ("which feeds are there?"): the crawler that owns the
/// domain asks, through the same gate as for its own fetches, so that the gaps hold and the
/// addresses of private networks stay refused. One thread. Errors, of all: of the log.
class Discoveries {
 public:
  static constexpr std::size_t kAtOnce = 4;
  /// After this a response says what is known by then.
  static constexpr std::chrono::milliseconds kTime{40'000};
  /// Responses stay in the log for so long where nobody takes them.
  static constexpr std::int64_t kResponseKeptMs = 600'000;
  /// Requests of discoveries have numbers of their own beside those of fetches.
  static constexpr std::uint64_t kFirstId = 1ULL << 63;
  static bool is_number(std::uint64_t id) { return (id & kFirstId) != 0; }

  /// All must outlive it.
  struct Seams {
    net::HttpClient& http;
    frontier::PartitionOwner& owner;
    politeness::RequestGate& gate;
    Dispatch& dispatch;
    Outbox& outbox;
    Report& report;
    const Clock& clock;
  };
  explicit Discoveries(Seams seams) : seams_(seams) {}

  /// What came, and what is gone.
  void take(std::vector<sources::EditReader::Discovery> discoveries);
  /// Begins what is this crawler's, and reserves what may be asked now. `may_start`: false begins
  /// and asks nothing.
  Result<void> work(bool may_start);
  /// The reservation of a request is durable.
  Result<void> on_reserved(std::uint64_t id, bool may_send, bool may_tell);
  /// The request has ended; the gate knows.
  void on_response(std::uint64_t id, const Result<net::HttpResponse>& response);
  /// The partitions have gone: what is under way begins anew where it belongs then.
  void abandon_all() { jobs_.clear(); }
  /// Removes answers that nobody waits for.
  Result<void> forget_responses(const std::map<std::string, v1::DiscoveryResponse>& responses);

  bool any() const { return !jobs_.empty() || !requests_.empty(); }

 private:
  struct Job {
    discovery::Discovery discovery;
    std::chrono::milliseconds deadline{0};
    std::uint64_t number = 0;           // of the request that is reserved or out; 0: none is
    std::size_t records_out = 0;        // reservations that must be durable before it is sent
    std::optional<url::Url> asks = {};  // what it waits to ask
    bool robots = false;
  };
  void begin();
  Result<void> go_on(const std::string& id, Job& job, bool may_start, bool& over);
  Job* job_of(std::uint64_t number);

  Seams seams_;
  std::map<std::string, v1::DiscoveryRequest> requests_;  // not answered, by id
  std::map<std::string, Job> jobs_;                       // by id of the request
  std::uint64_t last_number_ = 0;
};

}  // namespace vigie::crawler::service
