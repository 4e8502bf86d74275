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
#include "proto/saved_search.pb.h"

/// Searches that people saved, and what each of them has seen, as topic `searches` says, and the
/// only way to change them: nobody else names that topic.
namespace vigie::indexer::saved {

/// What stands between person and id in the key of a Seen.
inline constexpr std::string_view kSeenPart = "/seen/";

struct Limits {
  std::size_t name = 120;  // code points
  std::size_t query_bytes = 4'096;
  std::size_t searches = 100;  // of a person
  std::size_t seen = 2'000;    // ids of a person: beyond it the oldest go
  std::size_t people = 1'000;  // of whom anything is kept
};

/// What a person says of a search.
struct Draft {
  std::string name;
  std::string query;  // as it was typed; that it can be read is the caller's matter
  bool home = false;
};

/// Thread-safe. A change is durable in the log before it is answered. Of two changes of one search
/// in one moment, by whatever processes, both count: whoever wrote the later record sees the one
/// that came between, and writes its change again upon that.
class SavedStore {
 public:
  /// Reads the topic to its end first. All must outlive the store. Errors: those of the log.
  static Result<std::unique_ptr<SavedStore>> open(log::Log& log, Clock& clock, Random& random,
                                                  const Limits& limits = {});

  /// `person`, here and below: name of a key, "user:" and a name that a proxy gave, or "local".
  /// What was discovered before now counts as seen. Errors (kQuarantine): bad_argument, over_quota,
  /// conflict for a name that the person has; those of the log.
  Result<v1::SavedSearch> create(const std::string& person, const Draft& draft);
  /// Errors: as create; not_found.
  Result<v1::SavedSearch> replace(const std::string& person, const std::string& id,
                                  const Draft& draft);
  /// What was discovered until `until_unix_ms` is seen; what was until later stays. Errors:
  /// not_found; those of the log.
  Result<v1::SavedSearch> see_all(const std::string& person, const std::string& id,
                                  std::int64_t until_unix_ms);
  /// Errors: not_found; those of the log.
  Result<void> remove(const std::string& person, const std::string& id);

  /// Articles or stories, by their ids, that the person has seen, or that are to count as unseen.
  /// Ids of which that is known already are not written again. Errors: bad_argument for what is no
  /// id; over_quota where there are too many people; those of the log.
  Result<void> see(const std::string& person, const std::vector<std::string>& ids, bool seen);

  /// Of a person, the oldest first.
  std::vector<v1::SavedSearch> list(const std::string& person) const;
  std::optional<v1::SavedSearch> find(const std::string& person, const std::string& id) const;
  /// What the person said of an article or a story; nullopt: nothing.
  std::optional<bool> seen(const std::string& person, const std::string& id) const;
  /// Counts the changes of what a person has seen or saved: as long as it is the same, so are they.
  std::uint64_t turn(const std::string& person) const;

  /// Returns when everything that was in the topic when it was called is taken. Errors: those of
  /// KeptTopic::catch_up.
  Result<bool> catch_up(const std::stop_token& stop) { return topic_.catch_up(stop); }
  /// Follows what other processes write, until stopped. Errors: those of the log.
  Result<void> run(std::stop_token stop);

 private:
  struct Person {
    std::map<std::string, v1::SavedSearch> searches;        // by id
    std::map<std::string, v1::Seen> seen;                   // by id
    std::set<std::pair<std::int64_t, std::string>> by_age;  // of `seen`
    std::uint64_t turn = 0;
  };
  SavedStore(log::Log& log, Clock& clock, Random& random, const Limits& limits);
  using Change = std::function<Result<void>(v1::SavedSearch& search)>;
  Result<v1::SavedSearch> alter(const std::string& person, const std::string& id,
                                const Change& change);
  Result<void> set(const Draft& draft, v1::SavedSearch& search) const;
  Result<void> check_room(const std::string& person) const;
  std::vector<std::string> surplus(const std::string& person,
                                   const std::set<std::string>& added) const;
  Result<void> append(std::string key, std::optional<std::string> value);
  void take(const log::Record& record);
  void take_search(const log::Record& record, std::string_view person, std::string_view id);
  void take_seen(const log::Record& record, std::string_view person, std::string_view id);

  log::Log& log_;
  Clock& clock_;
  Random& random_;
  const Limits limits_;
  log::KeptTopic topic_;
  std::mutex changes_mutex_;  // one change of this process at a time

  mutable std::mutex mutex_;                           // of what follows
  std::map<std::string, Person, std::less<>> people_;  // by person id
  std::uint64_t turns_ = 0;
  /// The record of a change that is under way in this process, and what came before it in the log
  /// that its maker had not read.
  struct Awaited {
    std::string key = {};
    std::optional<std::string> value = {};
    bool is_there = false;
    bool overtook = false;
    std::optional<v1::SavedSearch> between = {};  // absent: a tombstone
  };
  Awaited awaited_;
};

/// 26 characters base32, as in the keys of the topic.
std::string person_id(std::string_view person);

}  // namespace vigie::indexer::saved
