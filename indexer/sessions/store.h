#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/kept_topic.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/session.pb.h"

/// Who is signed in on the pages, as topic `sessions` says: nobody else names that topic.
namespace vigie::indexer::sessions {

/// A session ends when nobody used it for so long …
inline constexpr std::int64_t kUnusedMs = 30LL * 24 * 3600 * 1000;
/// … and in any case so long after it was begun.
inline constexpr std::int64_t kLongestMs = 365LL * 24 * 3600 * 1000;
/// A session that is begun or ended by one indexer is so for all after this.
inline constexpr std::chrono::milliseconds kSpreads{500};

/// Keys of SessionUse in `sessions` begin so; ids of sessions have no "/".
inline constexpr std::string_view kUsedPrefix = "used/";

struct Session {
  v1::SessionRecord record;
  std::int64_t used_at_unix_ms = 0;

  /// When it ends unless it is used again; a feed's token does not end by time (INT64_MAX).
  std::int64_t ends_at_unix_ms() const;
};

/// Sessions are random, stored without what would let anybody use them, known to all indexers of
/// the log, and end by time, by a call, or with the key that they were begun with. Thread-safe.
class SessionStore {
 public:
  static constexpr std::size_t kMost = 10'000;  // of each: sessions, tokens of feeds

  struct Options {
    std::size_t most = kMost;  // of more the one that was not used for longest ends
    /// The log lies on the disk of this process, and no other reads it: while that disk is nearly
    /// full this process alone knows what changed. Where others read the log nothing is kept from
    /// them, or one could not end what another began.
    bool own_disk = true;
  };
  /// Reads the topic to its end first. All must outlive the store. Errors: those of the log.
  static Result<std::unique_ptr<SessionStore>> open(log::Log& log, Clock& clock, Random& random,
                                                    const Options& options);

  struct Begun {
    std::string token;  // 64 hexadecimal digits: for the caller, kept nowhere
    v1::SessionRecord session;
  };
  /// Who begins a session, or is given the token of a feed.
  struct Person {
    std::string key_digest;  // SHA-256 of the key that was shown; "" where a proxy named the person
    std::string key_id = {};  // as in SessionRecord
    std::string caller = {};
    std::string address = {};  // this and the next are for people
    std::string user_agent = {};
  };
  /// `feed`: as in SessionRecord; a token before it of the same person and feed ends. Durable when
  /// it returns, but for an own disk that is nearly full: then this process alone knows the
  /// session until there is room. Errors: those of the log.
  Result<Begun> begin(const Person& person, std::string feed = {});

  /// The session of a token, if it has not ended and one of the keys that `digests_of` names for
  /// its key id began it. Marks it as used. Never waits for the log. `digests_of` must not call
  /// the store.
  struct Found {
    std::string id;
    std::string key_id;
    std::string key_digest;  // which one
    std::string caller;
    std::string feed;
  };
  using DigestsOf = std::function<std::vector<std::string>(const std::string& key_id)>;
  std::optional<Found> use(std::string_view token, const DigestsOf& digests_of);

  /// The session of a token, whatever became of the key that began it: who holds the token may end
  /// it. `key_digest` is empty.
  std::optional<Found> of(std::string_view token) const;

  /// Durable as begin(). False: there is no such session. Errors: those of the log; then the
  /// session goes on, here too, so that whoever wants it ended asks again.
  Result<bool> end(const std::string& id);

  /// Returns when what other indexers wrote before is known: true, or false if a stop was asked for
  /// first. Errors: those of TopicFollower::follow_to_end.
  Result<bool> catch_up(const std::stop_token& stop) { return topic_.catch_up(stop); }

  /// Those that have not ended, the last used first.
  std::vector<Session> list() const;

  /// Follows what other indexers write, writes when sessions were used and ends what has run out,
  /// until stopped. Errors: those of the log.
  Result<void> run(std::stop_token stop);

 private:
  SessionStore(log::Log& log, Clock& clock, Random& random, const Options& options);
  void take(const log::Record& record);
  void take_use(const log::Record& record);
  /// A change in the log while there is room; else it waits for write_waiting().
  Result<void> write(std::string key, std::optional<std::string> value);
  Result<void> write_waiting();
  Result<void> keep_house();
  /// Those that a new one takes the place of.
  std::vector<std::string> surplus(const v1::SessionRecord& added) const;
  /// mutex_ is held, of these three.
  void add(v1::SessionRecord record);
  void remove(const std::string& id);
  bool has_ended(const Session& session) const;

  struct Known : Session {
    std::int64_t logged_use_at_unix_ms = 0;
  };

  log::Log& log_;
  Clock& clock_;
  Random& random_;
  const Options options_;
  log::KeptTopic topic_;
  std::mutex writing_mutex_;  // what waits goes first

  mutable std::mutex mutex_;
  std::map<std::string, Known> by_id_;
  std::map<std::string, std::string> id_of_token_;  // by SHA-256 of the token
  std::set<std::string> ended_;  // here; their records may yet come by the log, before their end
  std::map<std::string, std::optional<std::string>> waiting_;  // by key: not in the log yet
};

}  // namespace vigie::indexer::sessions
