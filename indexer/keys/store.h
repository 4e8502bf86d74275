#pragma once

#include <chrono>
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

#include "indexer/keys/role.h"
#include "platform/clock/clock.h"
#include "platform/log/kept_topic.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/key.pb.h"

/// The named keys of the API, as topic `keys` says: nobody else names that topic.
namespace vigie::indexer::keys {

/// Keys of KeyUse in `keys` begin so; ids of keys have no "/".
inline constexpr std::string_view kUsedPrefix = "used/";
/// Every named key begins so.
inline constexpr std::string_view kKeyPrefix = "vigie_";

struct Key {
  v1::KeyRecord record;
  Role role = Role::kReader;
  std::int64_t used_at_unix_ms = 0;  // 0: never
};

/// Keys are random and stored as digests; a key that is made or revoked by one indexer is so for
/// all within half a second. A plain SHA-256 is enough, since the secret is 256 random bits that
/// nobody can guess: slow hashes are for what people make up. Thread-safe.
class KeyStore {
 public:
  static constexpr std::size_t kMost = 10'000;
  static constexpr std::size_t kNameBytes = 64;

  /// Reads the topic to its end first. All must outlive the store. Errors: those of the log.
  static Result<std::unique_ptr<KeyStore>> open(log::Log& log, Clock& clock, Random& random);

  struct Made {
    std::string key;  // vigie_ID_SECRET: for the caller, kept nowhere
    v1::KeyRecord record;
  };
  /// `expires_at_unix_ms` 0: never. `with`: records that are appended together with it (audit),
  /// made of the new record. Errors (kQuarantine): bad_parameter: a name that is empty, too long,
  /// holds
  /// ":" or other than visible characters, or begins with "key " as those of api.keys_file do; an
  /// end that has passed; conflict: there is a key of that name; over_quota; those of the log.
  using With = std::function<std::vector<log::NewRecord>(const v1::KeyRecord&)>;
  Result<Made> make(std::string_view name, Role role, std::int64_t expires_at_unix_ms,
                    std::string made_by, const With& with);
  /// The record that is gone. Errors: not_found; those of the log.
  Result<v1::KeyRecord> revoke(const std::string& id, const With& with);

  /// The key that somebody shows, if it has not expired. Marks it as used. Never waits for the log.
  std::optional<Key> find(std::string_view shown);
  /// One that is neither revoked nor expired.
  std::optional<Key> of_id(const std::string& id) const;
  /// Those that are not revoked, by name; expired ones too.
  std::vector<Key> list() const;
  bool has_ended(const v1::KeyRecord& record) const;

  /// Follows what other indexers write and writes when keys were used, until stopped. Errors:
  /// those of the log.
  Result<void> run(std::stop_token stop);

 private:
  struct Known : Key {
    std::int64_t logged_use_at_unix_ms = 0;
  };
  KeyStore(log::Log& log, Clock& clock, Random& random);
  void take(const log::Record& record);
  void take_use(const log::Record& record);
  Result<void> check(std::string_view name, std::int64_t expires_at_unix_ms) const;
  Result<void> write_uses();
  void add(v1::KeyRecord record, Role role);  // mutex_ is held

  log::Log& log_;
  Clock& clock_;
  Random& random_;
  log::KeptTopic topic_;
  std::mutex changes_mutex_;  // one change at a time
  mutable std::mutex mutex_;
  std::map<std::string, Known> by_id_;
  std::set<std::string> revoked_;  // here; their records may yet come by the log, before their end
};

/// Whether two texts are the same, in a time that does not depend on where they differ.
bool same_text(std::string_view a, std::string_view b);

}  // namespace vigie::indexer::keys
