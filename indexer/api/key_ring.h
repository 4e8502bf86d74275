#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/keys/store.h"
#include "platform/result/result.h"

/// Private to indexer/api.
namespace vigie::indexer::api {

/// Whose key was shown, or whom a trusted proxy named.
struct Caller {
  std::string name;
  keys::Role role = keys::Role::kReader;
  std::string key_id;      // SessionRecord.key_id
  std::string key_digest;  // SHA-256 of the key; "" where a proxy named the person
};

/// SessionRecord.key_id of whom a proxy named.
inline constexpr std::string_view kProxyKeyId = "proxy";

/// Every key that opens this server: the lines of api.keys_file, those of indexer.peer_key_file,
/// and the named keys of the log. Thread-safe.
class KeyRing {
 public:
  struct Files {
    std::string keys;  // "" none, as the next
    std::string peers;
  };
  /// A line of the keys file is a plain key of at least 16 characters without spaces, whose role is
  /// admin, or "sha256:HEX ROLE NAME": a digest, a role, a name that may hold spaces. `store` must
  /// outlive this. Errors: kStop bad_keys_file.
  static Result<KeyRing> open(const Files& files, keys::KeyStore& store);

  /// Whose key this is. Never waits for the log.
  std::optional<Caller> find(std::string_view key) const;
  /// Digests of the keys with this id: of a file ("") several, of the log at most one.
  std::vector<std::string> digests(const std::string& key_id) const;
  /// The caller behind one of those digests.
  std::optional<Caller> of_digest(const std::string& key_id, std::string_view digest) const;
  bool has_plain_keys() const { return has_plain_; }
  const std::vector<Caller>& of_files() const { return of_files_; }
  keys::KeyStore& store() const { return *store_; }

  /// The plain key that indexers show each other: the first of the peers' file, else of the keys
  /// file; "" without files. Errors: kStop bad_keys_file, also where there are digests alone.
  static Result<std::string> key_for_peers(const Files& files);

 private:
  explicit KeyRing(keys::KeyStore& store) : store_(&store) {}
  Result<void> add_file(const std::string& path, std::string_view setting, bool for_peers);

  keys::KeyStore* store_;
  std::vector<Caller> of_files_;
  bool has_plain_ = false;
};

}  // namespace vigie::indexer::api
