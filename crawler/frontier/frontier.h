#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/frontier.pb.h"

namespace vigie::crawler {

/// URLs that are remembered. One takes about 500 bytes of memory; beyond, those that are finished and oldest are forgotten.
inline constexpr std::size_t kMaxFrontierUrls = 400'000;
/// URLs of one registrable domain that wait for their first fetch; more is a trap, or a backlog that politeness would never work off.
inline constexpr std::size_t kMaxWaitingPerDomain = 20'000;

/// What is due for one registrable domain. Order: a poll that is due (but not two in a row while pages wait), then pages never fetched, newest first, then revisits.
class DueQueue {
 public:
  /// Puts a URL in by its state, or takes it out where nothing is due any more. `claimed_unix_ms`: when its feed says that it was published; 0: unknown.
  void update(const v1::UrlState& state, std::int64_t claimed_unix_ms = 0);
  void remove(const std::string& url);
  /// Takes the next URL that is due; nothing if none is.
  std::optional<std::string> take(std::int64_t now_unix_ms);
  /// When the next will be due; nothing if none ever will.
  std::optional<std::int64_t> next_due() const;
  std::size_t waiting() const { return fresh_.size() + later_.size(); }
  bool empty() const { return slots_.empty(); }

 private:
  using Slot = std::pair<std::int64_t, std::string>;
  enum class Kind { kPoll, kFresh, kLater, kRevisit };
  void promote(std::int64_t now_unix_ms);
  std::set<Slot>& set_of(Kind kind);
  void insert(Kind kind, std::int64_t order, const std::string& url);

  std::set<Slot> polls_;     // by due time
  std::set<Slot> fresh_;     // by minus the time claimed or discovered: newest first
  std::set<Slot> later_;     // never fetched well, due in the future; by due time
  std::set<Slot> revisits_;  // by due time
  struct Place {
    Kind kind;
    std::int64_t order;
    std::int64_t newest;  // order among the fresh
  };
  std::unordered_map<std::string, Place> slots_;
  bool last_was_poll_ = false;
};

/// The states of all URLs, in memory, with the compacted topic `frontier` as their changelog. One thread.
class Frontier {
 public:
  /// Reads the topic to its end. `each_reservation` gets the h: records. Errors: of the log.
  Result<void> restore(log::Log& log, const std::function<void(const v1::Reservation&)>& each_reservation);

  v1::UrlState* find(const std::string& url);
  /// The state of that URL, made if absent.
  v1::UrlState& put(v1::UrlState state);
  /// Record that makes the state durable.
  static log::NewRecord record_of(const v1::UrlState& state);
  static log::NewRecord record_of(const v1::Reservation& reservation);
  /// Forgets finished URLs while there are too many; returns the tombstones to send.
  std::vector<log::NewRecord> shrink(std::size_t most = kMaxFrontierUrls);
  /// The record that removes a URL, which is forgotten.
  log::NewRecord forget(const std::string& url);

  std::size_t size() const { return urls_.size(); }
  std::uint64_t unreadable() const { return unreadable_; }
  void for_each(const std::function<void(v1::UrlState&)>& visit);

 private:
  std::unordered_map<std::string, v1::UrlState> urls_;
  std::uint64_t unreadable_ = 0;
};

/// Registrable domain of a URL's host, the partition key of the frontier; the URL itself where it has no host.
std::string domain_of(std::string_view url);

}  // namespace vigie::crawler
