#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/clock/clock.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler::politeness {

struct PolitenessOptions {
  // fetch.min_gap_ms, per host and per registrable domain
  std::chrono::milliseconds min_gap{2'000};
  std::chrono::milliseconds ip_gap{500};  // fetch.ip_gap_ms, per address
  // a larger Crawl-delay counts as this: 3600 is met in the wild, and would be no news
  std::chrono::milliseconds max_crawl_delay{120'000};
  // a larger Retry-After, and doubling, count as this
  std::chrono::milliseconds max_backoff{86'400'000};
  // without Retry-After; doubled with each in a row
  std::chrono::milliseconds first_backoff_429{60'000};
  std::chrono::milliseconds first_backoff_503{5'000};  // the same
  // after so long without a back-off, the next counts as the first
  std::chrono::milliseconds forgive_after{1'800'000};
  // a request may not be sent later than this after its reservation; the log takes far less
  std::chrono::milliseconds reservation{10'000};
  // the total clock of a request: by then it has ended, whoever sent it
  std::chrono::milliseconds request{30'000};
  std::string owner;  // log.instance, written into reservations
};

/// What a request counts for: the host, the registrable domain, and IP addresses. The addresses are
/// the one that answered last. While that is not known they are all to which the name leads, since
/// the request may go to any of them. Only host and domain are written down.
struct PolitenessKeys {
  std::string host;
  std::string domain;
  std::vector<std::string> ips;
};

/// The invariant of politeness: between the end of one response and the start of the next request
/// to the same host, registrable domain or address lies at least their gap, and never are two
/// requests out at once. One thread.
class Politeness {
 public:
  Politeness(PolitenessOptions options, const Clock& clock, Random& random);

  /// Addresses of one name that are kept; large services name more, and take one of the first.
  static constexpr std::size_t kMaxAddresses = 16;

  /// Whether the addresses of a host are known, or known to be unknowable: true for a literal
  /// address.
  bool knows_addresses(std::string_view host) const;
  /// What the host's name leads to; empty where it cannot be told.
  void learn_addresses(std::string_view host, std::vector<std::string> addresses);

  /// Host, domain and addresses of a URL's host.
  PolitenessKeys keys_of(std::string_view host) const;
  /// When a request may start, on the boot clock; kBusy while one is out.
  std::chrono::milliseconds ready_at(const PolitenessKeys& keys) const;
  static constexpr std::chrono::milliseconds kBusy = std::chrono::milliseconds::max();

  /// Takes host, domain and address. Out: the records that must be durable before the request is
  /// sent.
  std::vector<v1::Reservation> reserve(const PolitenessKeys& keys);
  /// Whether the reservation may still be used; checked just before sending.
  bool valid(const PolitenessKeys& keys) const;
  /// The request was never sent: frees them without a gap. Out: records that tell it, for whoever
  /// comes after us.
  std::vector<v1::Reservation> cancel(const PolitenessKeys& keys);
  /// The response, or the failure, has ended. `status` 0: none. `retry_after`: the header, "" if
  /// absent. `peer`: the address that answered, "" if unknown. Out: records that tell it; nobody
  /// has to wait for them.
  std::vector<v1::Reservation> ended(const PolitenessKeys& keys, int status,
                                     std::string_view retry_after, std::string_view peer);
  /// Crawl-delay of a host's robots.txt, in seconds. It holds for the next request already.
  void set_crawl_delay(std::string_view host, double seconds);
  /// Takes a reservation that was read from the log. When its request ended is told as follows.
  /// This crawler's own, with an end: when the record says. The wall clock may only bring that
  /// nearer to now, never beyond.
  /// This crawler's own, without an end: now. Its process has restarted, so the request is over; a
  /// request that this process has out stays out.
  /// Another crawler's, with an end: now. The wall clock of another machine tells nothing for sure.
  /// Another crawler's, without an end: when its reservation expires and the total clock of a
  /// request is over, both counted from now. Until then that crawler may send it, and it may last.
  /// The ends of requests to addresses are not written down. They count as now, for all addresses.
  /// A longer back-off or Crawl-delay of the host that is known already stays in force.
  void restore(const v1::Reservation& reservation);
  /// Whether nothing is sent to the host, because of Retry-After or a doubling back-off.
  bool backs_off(std::string_view host) const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    bool busy = false;
    std::chrono::milliseconds expires{0};
    std::optional<std::chrono::milliseconds> ended;  // the last response
    std::chrono::milliseconds backs_off_until{0};
    std::chrono::milliseconds last_backoff{0};
    std::chrono::milliseconds crawl_delay{0};
    std::uint32_t backoffs = 0;
    std::int64_t reserved_at_unix_ms = 0;
  };
  /// When the gap after the last response is over.
  std::chrono::milliseconds free_at(const Entry& entry, bool address) const;
  v1::Reservation record_of(const std::string& name, const Entry& entry,
                            std::int64_t ended_at_unix_ms) const;
  std::chrono::milliseconds backoff_for(Entry& entry, int status, std::string_view retry_after);
  std::vector<std::string> names(const PolitenessKeys& keys) const;
  void forget_idle();

  PolitenessOptions options_;
  const Clock& clock_;
  Random& random_;
  // host, domain, "ip:" + address
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, std::vector<std::string>> addresses_;  // of a host
  std::optional<std::chrono::milliseconds> restored_at_;
};

/// Retry-After as a back-off: seconds or an HTTP date (RFC 9110 §10.2.3); negative if it cannot be
/// read.
std::chrono::milliseconds read_retry_after(std::string_view value, std::int64_t now_unix_ms);

}  // namespace vigie::crawler::politeness
