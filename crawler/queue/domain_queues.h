#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace vigie::crawler::queue {

/// What decides when a domain is looked at next; the caller finds it out.
struct Readiness {
  // when its next URL is due, on the boot clock; nothing: it has none
  std::optional<std::chrono::milliseconds> due;
  // when politeness allows the request; milliseconds::max(): a request to the same host, domain or
  // address is out
  std::chrono::milliseconds polite{0};
  // until when the addresses of its host are waited for
  std::optional<std::chrono::milliseconds> addresses;
};

/// How soon a domain is looked at again that waits for a connection, or for an address that another
/// domain uses.
inline constexpr std::chrono::milliseconds kBusyWait{20};
inline constexpr std::chrono::milliseconds kMaxBusyWait{200};

/// When the domain is to be looked at; nothing where it has no URL that will ever be due. Where an
/// address is in use, that is a quarter of its gap from now, within kBusyWait and kMaxBusyWait.
/// Pure.
std::optional<std::chrono::milliseconds> wake_time(const Readiness& readiness,
                                                   std::chrono::milliseconds ip_gap,
                                                   std::chrono::milliseconds now);

/// The queues of the registrable domains, each with one request at a time: which domain is next,
/// when it is, and which of its fetches. Domains that sources list go before those that are merely
/// named by what they list, of which there may be any number. It calls nobody: what it does not
/// know it is told. One thread.
class DomainQueues {
 public:
  /// The domains of the URLs that sources list.
  void set_listed(std::unordered_set<std::string> domains);

  /// The next domain whose time has come; it is looked at no more until it is scheduled anew.
  /// Domains with a request in hand are passed over: release() and schedule() bring them back. One
  /// in kTurnOfOthers is not a listed one, where both have some. `listed_alone`: none but those.
  std::optional<std::string> next(std::chrono::milliseconds now, bool listed_alone = false);
  static constexpr unsigned kTurnOfOthers = 4;
  /// When the next domain is to be looked at.
  std::optional<std::chrono::milliseconds> next_wake(bool listed_alone = false) const;
  /// Looks at the domain at `wake`, and not before; nothing: not at all. A domain with a request in
  /// hand is not scheduled.
  void schedule(const std::string& domain, std::optional<std::chrono::milliseconds> wake);

  /// The domain has a request in hand, or no longer.
  void hold(const std::string& domain);
  void release(const std::string& domain);
  bool busy(const std::string& domain) const;
  /// Domains that no source lists and that have a request in hand.
  std::size_t others_in_hand() const { return others_in_hand_; }
  bool knows(const std::string& domain) const { return queues_.count(domain) != 0; }

  /// Fetches that wait for their next request, first come first; `front`: it goes before them.
  void push(const std::string& domain, std::uint64_t fetch);
  void push_front(const std::string& domain, std::uint64_t fetch);
  std::optional<std::uint64_t> front(const std::string& domain) const;
  void pop(const std::string& domain);

  /// URLs of the domain that wait for their first fetch.
  std::int64_t waiting(const std::string& domain) const;
  void add_waiting(const std::string& domain, std::int64_t more) {
    queues_[domain].waiting += more;
  }
  void set_waiting(const std::string& domain, std::int64_t waiting) {
    queues_[domain].waiting = waiting;
  }
  /// Whether the last URL that was taken was a poll: pages that wait come between two of them.
  bool& last_was_poll(const std::string& domain) { return queues_[domain].last_was_poll; }

  /// Something of the domain has changed: it is to be scheduled anew.
  void touch(const std::string& domain) { touched_.insert(domain); }
  void touch(std::set<std::string> domains) { touched_.merge(domains); }
  std::set<std::string> take_touched() { return std::exchange(touched_, {}); }

  /// Forgets all.
  void clear();

 private:
  struct DomainQueue {
    std::deque<std::uint64_t> ready;
    std::optional<std::chrono::milliseconds> wake;
    std::int64_t waiting = 0;
    bool busy = false;
    bool counted = false;  // in others_in_hand_
    bool last_was_poll = false;
  };
  using Timers = std::set<std::pair<std::chrono::milliseconds, std::string>>;

  bool is_listed(const std::string& domain) const { return listed_.contains(domain); }
  Timers& timers_of(const std::string& domain) { return is_listed(domain) ? timers_ : others_; }
  std::optional<std::string> next_of(Timers& timers, std::chrono::milliseconds now);

  std::unordered_map<std::string, DomainQueue> queues_;
  std::unordered_set<std::string> listed_;
  Timers timers_;  // of domains that are listed
  Timers others_;
  std::size_t others_in_hand_ = 0;
  unsigned turn_ = 0;
  std::set<std::string> touched_;
};

}  // namespace vigie::crawler::queue
