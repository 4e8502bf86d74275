#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "crawler/politeness/gap_watch.h"
#include "crawler/politeness/politeness.h"
#include "platform/clock/clock.h"
#include "platform/metrics/metrics.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

namespace vigie::crawler::politeness {

/// The owner of all that keeps the crawler polite: the gaps, the watch over them, the reservations
/// and the requests that are out. Nobody else touches these. A request belongs to a fetch, which is
/// told by its number. The gate only answers: it sends neither requests nor records. One thread.
class RequestGate {
 public:
  RequestGate(PolitenessOptions options, const Clock& clock, Random& random,
              metrics::Registry& registry);

  /// For the addresses of a host; then it is contacted without knowing them.
  static constexpr std::chrono::milliseconds kResolveTime{2'000};

  PolitenessKeys keys_of(std::string_view host) const { return politeness_.keys_of(host); }
  /// When a request may start, on the boot clock; Politeness::kBusy while one is out.
  std::chrono::milliseconds ready_at(const PolitenessKeys& keys) const {
    return politeness_.ready_at(keys);
  }

  enum class Addresses {
    kKnown,   // or not waited for any longer
    kAsk,     // the caller asks the resolver for them; answered() takes what it says
    kAwaited  // the resolver has been asked
  };
  Addresses addresses_of(const std::string& host);
  /// Until when the addresses of a host are waited for; nothing if they are not.
  std::optional<std::chrono::milliseconds> awaited_until(const std::string& host) const;
  /// The resolver's response. False: nobody waits for it any longer.
  bool resolved(const std::string& host, std::vector<std::string> addresses);

  /// Takes the host for a request of the fetch. Out: the records that must be durable before it is
  /// sent.
  std::vector<v1::Reservation> reserve(std::uint64_t fetch, PolitenessKeys keys);
  /// Whether the reservation of the fetch may still be used; asked just before sending.
  bool may_send(std::uint64_t fetch) const;
  /// The request has been handed to the client.
  void sent(std::uint64_t fetch);
  /// The request is not sent after all. Out: records that tell it.
  std::vector<v1::Reservation> cancel(std::uint64_t fetch);

  struct Ended {
    PolitenessKeys keys;
    std::chrono::milliseconds took{0};
    std::vector<v1::Reservation> records;  // that tell it; nobody has to wait for them
    bool abandoned = false;                // nobody waits for the response
  };
  /// The response, or the failure, has ended. Nothing: the fetch has no request.
  std::optional<Ended> ended(std::uint64_t fetch, const Result<net::HttpResponse>& response);

  /// The partitions have gone: reservations are given up, and nobody waits for the requests that
  /// are out. That they end counts all the same.
  void abandon_all();

  /// Requests that are reserved for or out, abandoned ones included.
  std::size_t in_flight() const { return requests_.size(); }
  /// Whether none of them has anybody who waits for it.
  bool idle() const;

  /// A reservation that the log holds of a partition that is taken over.
  void restore(const v1::Reservation& reservation) { politeness_.restore(reservation); }
  /// A reservation that came later. What this crawler wrote itself is passed over.
  void restore_of_another(const v1::Reservation& reservation) {
    if (reservation.owner() != owner_) politeness_.restore(reservation);
  }
  void set_crawl_delay(std::string_view host, double seconds) {
    politeness_.set_crawl_delay(host, seconds);
  }
  /// Whether nothing is sent to the host because it asked for that.
  bool backs_off(std::string_view host) const { return politeness_.backs_off(host); }

 private:
  struct Request {
    PolitenessKeys keys;
    std::chrono::milliseconds sent_at{0};
    bool out = false;  // else its reservation is not durable yet
    bool abandoned = false;
  };

  const Clock& clock_;
  std::string owner_;
  Politeness politeness_;
  GapWatch watch_;
  std::unordered_map<std::uint64_t, Request> requests_;  // by fetch
  // host → until when its addresses are waited for
  std::unordered_map<std::string, std::chrono::milliseconds> awaited_;
};

}  // namespace vigie::crawler::politeness
