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
#include "proto/collection.pb.h"

/// Stories that people keep, as topic `collections` says, and the only way to change them: nobody
/// else names that topic.
namespace vigie::indexer::collections {

/// Code points where nothing else is said.
struct Limits {
  std::size_t name = 120;
  std::size_t title = 200;
  std::size_t summary = 10'000;
  std::size_t note = 4'000;              // of each item
  std::size_t items = 200;               // of a collection
  std::size_t record_bytes = 512 << 10;  // of a collection; the topic takes 1 MiB
  std::size_t collections = 2'000;       // of an installation
  std::size_t all_bytes = 256 << 20;     // of all collections: every indexer has them in memory
};

/// What a person says of a collection; an item by the article it is of.
struct Draft {
  std::string name;
  std::string title;
  std::string summary;
  struct Item {
    std::string article_id;
    std::string note;
    std::optional<v1::Quotation> quotation;  // as it is to be kept
  };
  std::vector<Item> items = {};  // in their order; each is in the collection already
};

using Record = std::shared_ptr<const v1::CollectionRecord>;

/// Thread-safe. A change is durable in the log, and in force, before it is answered: of two that
/// were made from the same revision, in whatever processes, the first in the log is in force and
/// the other is answered with `conflict` (proto/collection.proto says how readers tell).
class CollectionStore {
 public:
  /// Reads the topic to its end first. All must outlive the store. Errors: those of the log.
  static Result<std::unique_ptr<CollectionStore>> open(log::Log& log, Clock& clock, Random& random,
                                                       const Limits& limits = {});
  ~CollectionStore();

  /// `by` is who asks, here and below: the name of a key, or empty.
  /// Errors (kQuarantine): bad_argument, too_large, over_quota, each naming its bound; those of
  /// the log.
  Result<Record> create(const Draft& draft, const std::string& by);
  /// Name, title, summary, order, notes and quotations; items that are not named go.
  /// Errors: as create; not_found; conflict, unless `revision` is the present one.
  Result<Record> replace(const std::string& id, std::uint64_t revision, const Draft& draft,
                         const std::string& by);

  struct Added {
    Record record;
    bool is_new = false;  // false: the article was there; nothing is changed
  };
  /// Puts an article behind the others. Needs no revision: it is tried again where somebody else
  /// changed the collection meanwhile. Errors: as replace.
  Result<Added> add(const std::string& id, v1::CollectionItem item, const std::string& by);

  /// Errors: not_found, conflict; those of the log.
  Result<void> remove(const std::string& id, const std::string& by);

  struct Shared {
    Record record;
    std::string token;  // 64 hexadecimal digits: told once, kept nowhere
  };
  /// Lets whoever has the token read the brief. A token of before does so no longer.
  /// Errors: as remove.
  Result<Shared> share(const std::string& id, const std::string& by);
  /// Ends that; nothing happens where it is not shared. Errors: as remove.
  Result<Record> unshare(const std::string& id, const std::string& by);

  /// Null: there is none, or it was deleted.
  Record find(const std::string& id) const;
  /// That of a token; null for a token that nobody has been told, or that was revoked.
  Record shared_by(std::string_view token) const;
  /// Without the deleted ones, the last changed first.
  std::vector<Record> list() const;

  /// Returns when everything that was in the topic when it was called is applied: true, or false if
  /// a stop was asked for first. Errors: those of TopicFollower::follow_to_end.
  Result<bool> catch_up(const std::stop_token& stop);
  /// Follows what other processes write, and makes tombstones of what is not in force any more,
  /// until stopped. Errors: those of the log.
  Result<void> run(std::stop_token stop);

 private:
  CollectionStore(log::Log& log, Clock& clock, Random& random, const Limits& limits);
  using Change = std::function<Result<void>(v1::CollectionRecord& record)>;
  /// Catches up, lets `change` alter the present revision, and writes the next one.
  Result<Record> alter(const std::string& id, const std::string& by, const Change& change);
  Result<Record> write(v1::CollectionRecord record, const std::string& by);
  Result<void> set_texts(const Draft& draft, v1::CollectionRecord& record) const;
  Result<void> set_items(const Draft& draft, v1::CollectionRecord& record) const;
  Result<void> check_size(const v1::CollectionRecord& record, std::size_t bytes) const;
  Result<void> check_room() const;
  void take(const log::Record& record);
  void take_tombstone(const std::string& key);
  Result<void> bury();
  std::string random_id();

  struct Known {
    Record record;
    std::string key;  // of its record in the log
    std::size_t bytes = 0;
  };

  log::Log& log_;
  Clock& clock_;
  Random& random_;
  const Limits limits_;
  std::mutex changes_mutex_;  // one change of this process at a time
  log::KeptTopic topic_;

  mutable std::mutex mutex_;                     // of what follows
  std::map<std::string, Known> by_id_;           // the deleted ones too, until their tombstone
  std::map<std::string, std::string> by_token_;  // SHA-256 of a token: collection id
  std::set<std::string> dead_keys_;              // in the log, but not in force: for bury()
  std::size_t all_bytes_ = 0;
  std::string awaited_;  // change id of the change that is under way in this process
  bool awaited_in_force_ = false;
};

}  // namespace vigie::indexer::collections
