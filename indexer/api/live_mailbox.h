#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "indexer/api/live_feed.h"
#include "indexer/api/stream_position.h"
#include "platform/http/http.h"

/// What one stream is to be told and has not taken yet. Private to indexer/api.
namespace vigie::indexer::api {

/// What callers and their streams use together. Thread-safe.
class LiveUse {
 public:
  explicit LiveUse(const LiveFeed::Limits& limits) : limits_(limits) {}
  /// Errors: over_quota, too_expensive (kQuarantine).
  Result<void> take(const std::string& caller, std::size_t clauses);
  void give_back(const std::string& caller, std::size_t clauses);
  /// Counts bytes that wait; returns how many one stream may have waiting now.
  std::size_t add_bytes(std::ptrdiff_t change);

 private:
  struct OfCaller {
    std::size_t streams = 0;
    std::size_t clauses = 0;
  };
  const LiveFeed::Limits limits_;
  std::mutex mutex_;
  std::map<std::string, OfCaller> callers_;
  std::size_t clauses_ = 0;
  std::size_t bytes_ = 0;
};

/// An event as it goes over the wire; many streams share one.
using EventText = std::shared_ptr<const std::string>;

/// Filled by the feed, emptied by the server.
class Mailbox {
 public:
  Mailbox(LiveFeed::Wish wish, StreamPosition from, std::shared_ptr<LiveUse> use,
          std::size_t clauses);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  const query::Query& query() const { return wish_.query; }
  const std::string& key() const { return key_; }  // equal for queries that mean the same
  const std::string& subscription() const { return wish_.subscription; }

  // For the feed's thread:
  /// What lies before is not for this stream.
  const StreamPosition& from() const { return from_; }
  /// The stream was told everything before `position`.
  void reached(const StreamPosition& position) { from_ = StreamPosition::later(from_, position); }
  /// The id of an event at the reading's position, where it is not the reading's own.
  std::optional<std::string> own_id(const StreamPosition& reading) const;
  /// False where there is no room: the stream ends with an event that says so.
  bool put(const EventText& text, const std::string& id);
  /// The last thing it says; `text` may be empty.
  void end(const std::string& text);
  void wake() const;
  /// Whether nothing was put since.
  bool is_silent_since(std::chrono::milliseconds moment) const { return put_at_ <= moment; }
  void set_put_at(std::chrono::milliseconds moment) { put_at_ = moment; }
  /// Whether this is the first time that a round of the reading asks.
  bool is_first_of(std::uint64_t round) { return std::exchange(round_, round) != round; }

  // For the server's thread:
  std::optional<std::string> take();
  void on_ready(std::function<void()> wake);
  /// The client is gone: what was counted for it is given back at once.
  void leave();

  bool is_left() const;  // the client is gone

 private:
  const LiveFeed::Wish wish_;
  const std::string key_;
  const std::size_t clauses_;
  const std::shared_ptr<LiveUse> use_;
  StreamPosition from_;
  std::string last_id_;                  // of what was put last
  std::chrono::milliseconds put_at_{0};  // since boot
  std::uint64_t round_ = 0;

  mutable std::mutex mutex_;
  std::deque<EventText> waiting_;
  std::size_t bytes_ = 0;
  bool ended_ = false;
  bool left_ = false;
  std::function<void()> wake_;
};

/// "event: NAME", its id and its data.
std::string event_text(std::string_view name, std::string_view id, const std::string& data);

}  // namespace vigie::indexer::api
