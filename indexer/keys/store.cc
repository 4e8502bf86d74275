#include "indexer/keys/store.h"

#include <algorithm>

#include "platform/log/bad_record.h"
#include "platform/secrets/sealer.h"
#include "platform/text/visible.h"
#include "proto/identity.h"

namespace vigie::indexer::keys {
namespace {

constexpr std::size_t kIdBytes = 10;  // 16 characters
constexpr std::size_t kSecretBytes = 32;
constexpr std::int64_t kUsedEveryMs = 86'400'000;  // how often the log learns of a use
constexpr std::chrono::milliseconds kHouseEvery{60'000};

tl::unexpected<Error> refuse(ErrorCode code, std::string detail) {
  return failure(Disposition::kQuarantine, code, std::move(detail));
}

}  // namespace

bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |=
        static_cast<unsigned char>(a[i]) ^ static_cast<unsigned>(static_cast<unsigned char>(b[i]));
  return difference == 0;
}

KeyStore::KeyStore(log::Log& log, Clock& clock, Random& random)
    : log_(log),
      clock_(clock),
      random_(random),
      topic_(log, proto::Topic::kKeys, [this](const log::Record& record) { take(record); }) {}

Result<std::unique_ptr<KeyStore>> KeyStore::open(log::Log& log, Clock& clock, Random& random) {
  std::unique_ptr<KeyStore> store(new KeyStore(log, clock, random));
  VIGIE_TRY(store->topic_.open());
  return store;
}

Result<void> KeyStore::check(std::string_view name, std::int64_t expires_at_unix_ms) const {
  if (name.empty() || name.size() > kNameBytes || text::visible_line(name) != name ||
      name.find(':') != std::string_view::npos || name.starts_with("key ") || name == "local")
    return refuse("bad_parameter",
                  "the name of a key has 1 to 64 bytes of visible characters without \":\", and is "
                  "neither \"local\" nor begins with \"key \"");
  if (expires_at_unix_ms != 0 && expires_at_unix_ms <= clock_.now_unix_ms())
    return refuse("bad_parameter", "the key would have expired already");
  const std::lock_guard lock(mutex_);
  if (by_id_.size() >= kMost)
    return refuse("over_quota", "there are as many keys as there may be; revoke some");
  for (const auto& [id, known] : by_id_) {
    if (known.record.name() == name)
      return refuse("conflict", "there is a key of this name; revoke it first: " + id);
  }
  return {};
}

Result<KeyStore::Made> KeyStore::make(std::string_view name, Role role,
                                      std::int64_t expires_at_unix_ms, std::string made_by,
                                      const With& with) {
  const std::lock_guard changing(changes_mutex_);
  VIGIE_TRY(check(name, expires_at_unix_ms));
  Made out;
  out.record.set_id(proto::base32(secrets::random_bytes(random_, kIdBytes)));
  out.key = std::string(kKeyPrefix) + out.record.id() + "_" +
            proto::base32(secrets::random_bytes(random_, kSecretBytes));
  out.record.set_name(std::string(name));
  out.record.set_role(std::string(name_of(role)));
  out.record.set_sha256(proto::sha256(out.key));
  out.record.set_created_at_unix_ms(clock_.now_unix_ms());
  out.record.set_expires_at_unix_ms(expires_at_unix_ms);
  out.record.set_made_by(std::move(made_by));
  std::vector<log::NewRecord> records = with(out.record);
  records.push_back({proto::Topic::kKeys, out.record.id(), out.record.SerializeAsString()});
  VIGIE_TRY(log::append(log_, std::move(records)));
  const std::lock_guard lock(mutex_);
  add(out.record, role);
  return out;
}

Result<v1::KeyRecord> KeyStore::revoke(const std::string& id, const With& with) {
  const std::lock_guard changing(changes_mutex_);
  v1::KeyRecord gone;
  {
    const std::lock_guard lock(mutex_);
    const auto known = by_id_.find(id);
    if (known == by_id_.end())
      return refuse("not_found", "there is no such key; GET /v1/keys lists them");
    gone = known->second.record;
  }
  std::vector<log::NewRecord> records = with(gone);
  records.push_back({proto::Topic::kKeys, id, std::nullopt});
  records.push_back({proto::Topic::kKeys, std::string(kUsedPrefix) + id, std::nullopt});
  VIGIE_TRY(log::append(log_, std::move(records)));
  const std::lock_guard lock(mutex_);
  by_id_.erase(id);
  revoked_.insert(id);
  return gone;
}

std::optional<Key> KeyStore::find(std::string_view shown) {
  if (!shown.starts_with(kKeyPrefix)) return std::nullopt;
  const std::string_view rest = shown.substr(kKeyPrefix.size());
  const std::string id(rest.substr(0, rest.find('_')));
  const std::string digest = proto::sha256(shown);
  const std::lock_guard lock(mutex_);
  const auto known = by_id_.find(id);
  if (known == by_id_.end() || !same_text(known->second.record.sha256(), digest) ||
      has_ended(known->second.record))
    return std::nullopt;
  known->second.used_at_unix_ms = std::max(known->second.used_at_unix_ms, clock_.now_unix_ms());
  return known->second;
}

std::optional<Key> KeyStore::of_id(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto known = by_id_.find(id);
  if (known == by_id_.end() || has_ended(known->second.record)) return std::nullopt;
  return known->second;
}

std::vector<Key> KeyStore::list() const {
  std::vector<Key> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, known] : by_id_) out.push_back(known);
  }
  std::ranges::stable_sort(out, {}, [](const Key& key) { return key.record.name(); });
  return out;
}

bool KeyStore::has_ended(const v1::KeyRecord& record) const {
  return record.expires_at_unix_ms() != 0 && record.expires_at_unix_ms() <= clock_.now_unix_ms();
}

void KeyStore::add(v1::KeyRecord record, Role role) {
  if (revoked_.contains(record.id())) return;
  Known& known = by_id_[record.id()];
  known.role = role;
  known.record = std::move(record);
}

void KeyStore::take(const log::Record& record) {
  if (record.key.starts_with(kUsedPrefix)) return take_use(record);
  v1::KeyRecord key;
  const std::lock_guard lock(mutex_);
  if (!record.value) {
    by_id_.erase(record.key);
    revoked_.erase(record.key);  // nothing of it comes after this
    return;
  }
  const bool readable = key.ParseFromString(*record.value) && key.id() == record.key;
  const auto role = role_of(key.role());
  if (!readable || !role) return log::warn_bad_record(proto::Topic::kKeys, record);
  add(std::move(key), *role);
}

void KeyStore::take_use(const log::Record& record) {
  v1::KeyUse use;
  if (!record.value) return;
  if (!use.ParseFromString(*record.value) || std::string(kUsedPrefix) + use.id() != record.key)
    return log::warn_bad_record(proto::Topic::kKeys, record);
  const std::lock_guard lock(mutex_);
  const auto known = by_id_.find(use.id());
  if (known == by_id_.end()) return;
  std::int64_t& logged = known->second.logged_use_at_unix_ms;
  logged = std::max(logged, use.at_unix_ms());
  known->second.used_at_unix_ms = std::max(known->second.used_at_unix_ms, logged);
}

/// A use that is written just when the key is revoked elsewhere stays in the log, of no meaning.
Result<void> KeyStore::write_uses() {
  if (!log_.has_room()) return {};
  std::vector<log::NewRecord> records;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, known] : by_id_) {
      if (known.used_at_unix_ms == 0 ||
          (known.logged_use_at_unix_ms != 0 &&
           known.used_at_unix_ms < known.logged_use_at_unix_ms + kUsedEveryMs))
        continue;
      known.logged_use_at_unix_ms = known.used_at_unix_ms;
      v1::KeyUse use;
      use.set_id(id);
      use.set_at_unix_ms(known.used_at_unix_ms);
      records.push_back(
          {proto::Topic::kKeys, std::string(kUsedPrefix) + id, use.SerializeAsString()});
    }
  }
  if (records.empty()) return {};
  return log::append(log_, std::move(records));
}

Result<void> KeyStore::run(std::stop_token stop) {
  log::Every house(clock_, kHouseEvery);
  return topic_.run(stop, [&]() -> Result<void> {
    if (!house.is_due()) return {};
    return write_uses();
  });
}

}  // namespace vigie::indexer::keys
