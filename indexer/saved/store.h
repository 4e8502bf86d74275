#pragma once

#include <cstdint>
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

/// A search with what counts as seen of it.
struct Search {
  v1::SavedSearch record;
  std::int64_t seen_until_unix_ms = 0;  // at first when it was saved; never goes back
};

/// Thread-safe. A change is durable in the log before it is answered. Marks of whatever processes
/// all count; of two texts of one search the later in the log does; a search that was deleted does
/// not come back.
class SavedStore {
 public:
  /// Reads the topic to its end first. All must outlive the store. Errors: those of the log.
  static Result<std::unique_ptr<SavedStore>> open(log::Log& log, Clock& clock, Random& random,
                                                  const Limits& limits = {});

  /// `person`, here and below: name of a key, "user:" and a name that a proxy gave, or "local".
  /// What was discovered before now counts as seen. Errors (kQuarantine): bad_argument, over_quota,
  /// conflict for a name that the person has; those of the log.
  Result<Search> create(const std::string& person, const Draft& draft);
  /// Errors: as create; not_found.
  Result<Search> replace(const std::string& person, const std::string& id, const Draft& draft);
  /// What was discovered until `until_unix_ms` is seen; what was until later stays. Errors:
  /// not_found; those of the log.
  Result<Search> see_all(const std::string& person, const std::string& id,
                         std::int64_t until_unix_ms);
  /// Errors: not_found; those of the log.
  Result<void> remove(const std::string& person, const std::string& id);

  /// Articles or stories, by their ids, that the person has seen, or that are to count as unseen.
  /// Ids of which that is known already are not written again. Errors: bad_argument for what is no
  /// id; over_quota where there are too many people; those of the log.
  Result<void> see(const std::string& person, const std::vector<std::string>& ids, bool seen);

  /// Of a person, the oldest first.
  std::vector<Search> list(const std::string& person) const;
  std::optional<Search> find(const std::string& person, const std::string& id) const;
  /// What the person said of an article or a story; nullopt: nothing.
  std::optional<bool> seen(const std::string& person, const std::string& id) const;
  /// Counts the changes of what a person has seen or saved: as long as it is the same, so are they.
  std::uint64_t turn(const std::string& person) const;

  /// Returns when everything that was in the topic when it was called is taken. Errors: those of
  /// KeptTopic::catch_up.
  Result<bool> catch_up(const std::stop_token& stop) { return topic_.catch_up(stop); }
  /// Follows what other processes write, and makes tombstones of what counts no more, until
  /// stopped. Errors: those of the log.
  Result<void> run(std::stop_token stop);

 private:
  struct Known {
    std::optional<v1::SavedSearch> record;  // absent: a mark came first
    std::int64_t until_unix_ms = 0;         // the greatest mark; 0: none
  };
  struct Person {
    std::map<std::string, Known> searches;                  // by id
    std::map<std::string, v1::Seen> seen;                   // by id
    std::set<std::pair<std::int64_t, std::string>> by_age;  // of `seen`
    std::uint64_t turn = 0;
  };
  SavedStore(log::Log& log, Clock& clock, Random& random, const Limits& limits);
  Result<void> set(const Draft& draft, v1::SavedSearch& search) const;
  Result<void> check_room(const std::string& person) const;
  std::vector<std::string> surplus(const std::string& person,
                                   const std::set<std::string>& added) const;
  /// Appends and reads the topic to its end. Errors: those of the log.
  Result<void> write(std::vector<log::NewRecord> records);
  void take(const log::Record& record);
  void find_orphans();
  static std::optional<Search> shown(const Known& known);
  bool take_search(const log::Record& record, const std::string& person, const std::string& id);
  bool take_until(const log::Record& record, const std::string& person, std::string_view rest);
  bool take_seen(const log::Record& record, const std::string& person, const std::string& id);
  Result<void> bury();

  log::Log& log_;
  Clock& clock_;
  Random& random_;
  const Limits limits_;
  log::KeptTopic topic_;
  std::mutex changes_mutex_;  // one change of this process at a time

  mutable std::mutex mutex_;              // of what follows
  std::map<std::string, Person> people_;  // by person id
  std::set<std::string> gone_;            // ids of searches that were deleted
  std::set<std::string> dead_keys_;       // in the log, but of no meaning any more: for bury()
  std::uint64_t turns_ = 0;
};

/// 26 characters base32, as in the keys of the topic.
std::string person_id(std::string_view person);

}  // namespace vigie::indexer::saved
