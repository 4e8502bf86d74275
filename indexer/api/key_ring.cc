#include "indexer/api/key_ring.h"

#include <algorithm>

#include "platform/secrets/key_file.h"
#include "platform/secrets/sealer.h"
#include "platform/text/visible.h"
#include "proto/identity.h"

namespace vigie::indexer::api {
namespace {

constexpr std::size_t kMinKeyBytes = 16;
constexpr std::size_t kDigestDigits = 64;
constexpr std::string_view kHashed = "sha256:";

tl::unexpected<Error> bad_line(std::string detail, const secrets::KeyLine& line) {
  return failure(Disposition::kStop, "bad_keys_file", std::move(detail), line.where);
}

/// "sha256:HEX ROLE NAME".
Result<Caller> read_hashed(const secrets::KeyLine& line) {
  const std::string_view text = std::string_view(line.key).substr(kHashed.size());
  const std::size_t role_at = text.find(' ');
  const std::size_t name_at =
      role_at == std::string_view::npos ? role_at : text.find(' ', role_at + 1);
  const auto digest = secrets::from_hex(text.substr(0, std::min(role_at, text.size())));
  if (name_at == std::string_view::npos || role_at != kDigestDigits || !digest)
    return bad_line(
        "a hashed key is a line \"sha256:HEX ROLE NAME\"; `vigie keys add --file FILE` "
        "writes one",
        line);
  const auto role = keys::role_of(text.substr(role_at + 1, name_at - role_at - 1));
  if (!role) return bad_line("a role is reader, analyst, operator, admin, peer or metrics", line);
  Caller out;
  out.name = text::visible_line(text.substr(name_at + 1));
  out.role = *role;
  out.key_digest = *digest;
  if (out.name.empty()) return bad_line("a hashed key has a name behind its role", line);
  return out;
}

bool is_plain(const secrets::KeyLine& line) { return !line.key.starts_with(kHashed); }

Result<void> check_plain(const secrets::KeyLine& line) {
  if (line.key.size() < kMinKeyBytes || line.key.find_first_of(" \t") != std::string::npos)
    return bad_line(
        "a key has at least 16 characters and no spaces; make one with `openssl rand -hex 32`",
        line);
  return {};
}

}  // namespace

Result<void> KeyRing::add_file(const std::string& path, std::string_view setting, bool for_peers) {
  VIGIE_ASSIGN(const std::vector<secrets::KeyLine> lines, secrets::read_key_file(path, setting));
  std::size_t number = 0;
  for (const secrets::KeyLine& line : lines) {
    ++number;
    if (!is_plain(line)) {
      VIGIE_ASSIGN(Caller caller, read_hashed(line));
      if (for_peers) caller.role = keys::Role::kPeer;
      of_files_.push_back(std::move(caller));
      continue;
    }
    VIGIE_TRY(check_plain(line));
    Caller caller;
    caller.name = (for_peers ? "peer key " : "key ") + std::to_string(number);
    caller.role = for_peers ? keys::Role::kPeer : keys::Role::kAdmin;
    caller.key_digest = proto::sha256(line.key);
    has_plain_ = has_plain_ || !for_peers;
    of_files_.push_back(std::move(caller));
  }
  return {};
}

Result<KeyRing> KeyRing::open(const Files& files, keys::KeyStore& store) {
  KeyRing ring(store);
  if (!files.keys.empty()) VIGIE_TRY(ring.add_file(files.keys, "api.keys_file", false));
  if (!files.peers.empty()) VIGIE_TRY(ring.add_file(files.peers, "indexer.peer_key_file", true));
  return ring;
}

Result<std::string> KeyRing::key_for_peers(const Files& files) {
  const bool apart = !files.peers.empty();
  const std::string& path = apart ? files.peers : files.keys;
  if (path.empty()) return std::string();
  VIGIE_ASSIGN(const std::vector<secrets::KeyLine> lines,
               secrets::read_key_file(path, apart ? "indexer.peer_key_file" : "api.keys_file"));
  for (const secrets::KeyLine& line : lines) {
    if (!is_plain(line)) continue;
    VIGIE_TRY(check_plain(line));
    return line.key;
  }
  return failure(Disposition::kStop, "bad_keys_file",
                 "indexers show each other a key in plain: set indexer.peer_key_file to a file "
                 "with one, the same for all",
                 path);
}

std::optional<Caller> KeyRing::find(std::string_view key) const {
  const std::string digest = proto::sha256(key);
  if (auto known = of_digest({}, digest)) return known;
  const auto named = store_->find(key);
  if (!named) return std::nullopt;
  return Caller{named->record.name(), named->role, named->record.id(), digest};
}

std::vector<std::string> KeyRing::digests(const std::string& key_id) const {
  std::vector<std::string> out;
  if (key_id == kProxyKeyId) return {std::string()};
  if (key_id.empty()) {
    for (const Caller& caller : of_files_) out.push_back(caller.key_digest);
  } else if (const auto named = store_->of_id(key_id)) {
    out.push_back(named->record.sha256());
  }
  return out;
}

std::optional<Caller> KeyRing::of_digest(const std::string& key_id, std::string_view digest) const {
  std::optional<Caller> out;
  if (!key_id.empty()) {
    if (const auto named = store_->of_id(key_id))
      out = Caller{named->record.name(), named->role, key_id, named->record.sha256()};
    return out;
  }
  for (const Caller& caller : of_files_) {
    if (keys::same_text(caller.key_digest, digest)) out = caller;
  }
  return out;
}

}  // namespace vigie::indexer::api
