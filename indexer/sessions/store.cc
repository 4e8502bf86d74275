#include "indexer/sessions/store.h"

#include <algorithm>
#include <limits>

#include "platform/log/bad_record.h"
#include "platform/secrets/sealer.h"
#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::indexer::sessions {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kUserAgentBytes = 200;       // proto/session.proto
constexpr std::int64_t kUsedEveryMs = 86'400'000;  // how often the log learns of a use
static_assert(kSpreads > log::KeptTopic::kPoll);
constexpr std::chrono::milliseconds kHouseEvery{60'000};

/// Says by which key a session was begun to whoever has token and key, and to nobody else: of a key
/// that people made up, a digest alone could be guessed. Both parts have a fixed length.
std::string proof_of(std::string_view token_bytes, std::string_view key_digest) {
  std::string text("vigie session");
  return proto::sha256(text.append(token_bytes).append(key_digest));
}

/// What a client says of itself, for people: printable ASCII.
std::string plain(std::string_view user_agent) {
  std::string out(user_agent.substr(0, kUserAgentBytes));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return out;
}

}  // namespace

std::int64_t Session::ends_at_unix_ms() const {
  if (!record.feed().empty()) return std::numeric_limits<std::int64_t>::max();
  return std::min(used_at_unix_ms + kUnusedMs, record.created_at_unix_ms() + kLongestMs);
}

SessionStore::SessionStore(log::Log& log, Clock& clock, Random& random, const Options& options)
    : log_(log),
      clock_(clock),
      random_(random),
      options_(options),
      topic_(log, proto::Topic::kSessions, [this](const log::Record& record) { take(record); }) {}

Result<std::unique_ptr<SessionStore>> SessionStore::open(log::Log& log, Clock& clock,
                                                         Random& random, const Options& options) {
  std::unique_ptr<SessionStore> store(new SessionStore(log, clock, random, options));
  VIGIE_TRY(store->topic_.open());
  return store;
}

Result<SessionStore::Begun> SessionStore::begin(const Person& person, std::string feed) {
  const std::string token = secrets::random_bytes(random_, kTokenBytes);
  Begun out;
  out.token = secrets::to_hex(token);
  v1::SessionRecord& session = out.session;
  session.set_id(proto::base32(secrets::random_bytes(random_, kIdBytes)));
  session.set_token_sha256(proto::sha256(token));
  session.set_proof(proof_of(token, person.key_digest));
  session.set_created_at_unix_ms(clock_.now_unix_ms());
  session.set_address(person.address);
  session.set_user_agent(plain(person.user_agent));
  session.set_caller(person.caller);
  session.set_key_id(person.key_id);
  session.set_feed(std::move(feed));
  for (const std::string& id : surplus(session)) VIGIE_TRY(end(id));
  {
    const std::lock_guard lock(mutex_);
    add(session);
  }
  if (auto written = write(session.id(), session.SerializeAsString()); !written) {
    const std::lock_guard lock(mutex_);
    remove(session.id());
    return failure(std::move(written.error()));
  }
  return out;
}

std::vector<std::string> SessionStore::surplus(const v1::SessionRecord& added) const {
  std::vector<std::string> out;
  std::size_t alike = 0;
  const Known* oldest = nullptr;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, known] : by_id_) {
    if (known.record.feed().empty() != added.feed().empty()) continue;
    ++alike;
    if (oldest == nullptr || known.used_at_unix_ms < oldest->used_at_unix_ms) oldest = &known;
    if (!added.feed().empty() && known.record.feed() == added.feed() &&
        known.record.caller() == added.caller())
      out.push_back(id);
  }
  if (out.empty() && alike >= options_.most) out.push_back(oldest->record.id());
  return out;
}

std::optional<SessionStore::Found> SessionStore::use(std::string_view token,
                                                     const DigestsOf& digests_of) {
  const auto bytes = secrets::from_hex(token);
  if (!bytes || bytes->size() != kTokenBytes) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto id = id_of_token_.find(proto::sha256(*bytes));
  if (id == id_of_token_.end()) return std::nullopt;
  Known& known = by_id_.at(id->second);
  if (has_ended(known)) return std::nullopt;
  const v1::SessionRecord& record = known.record;
  for (std::string& digest : digests_of(record.key_id())) {
    if (proof_of(*bytes, digest) != record.proof()) continue;
    known.used_at_unix_ms = std::max(known.used_at_unix_ms, clock_.now_unix_ms());
    return Found{record.id(), record.key_id(), std::move(digest), record.caller(), record.feed()};
  }
  return std::nullopt;
}

std::optional<SessionStore::Found> SessionStore::of(std::string_view token) const {
  const auto bytes = secrets::from_hex(token);
  if (!bytes || bytes->size() != kTokenBytes) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto id = id_of_token_.find(proto::sha256(*bytes));
  if (id == id_of_token_.end()) return std::nullopt;
  const v1::SessionRecord& record = by_id_.at(id->second).record;
  return Found{record.id(), record.key_id(), {}, record.caller(), record.feed()};
}

Result<bool> SessionStore::end(const std::string& id) {
  Known session;
  {
    const std::lock_guard lock(mutex_);
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) return false;
    session = known->second;
    ended_.insert(id);
    remove(id);
  }
  const bool has_use = session.logged_use_at_unix_ms > session.record.created_at_unix_ms();
  if (auto written = write(id, std::nullopt); !written) {
    const std::lock_guard lock(mutex_);
    // Where the log took it after all, its record has come by now or will.
    if (ended_.erase(id) == 0) return failure(std::move(written.error()));
    id_of_token_[session.record.token_sha256()] = id;
    by_id_[id] = std::move(session);
    return failure(std::move(written.error()));
  }
  if (has_use) VIGIE_TRY(write(std::string(kUsedPrefix) + id, std::nullopt));
  return true;
}

std::vector<Session> SessionStore::list() const {
  std::vector<Session> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, known] : by_id_) {
    if (!has_ended(known)) out.push_back(known);
  }
  std::ranges::stable_sort(out, std::greater(), &Session::used_at_unix_ms);
  return out;
}

void SessionStore::add(v1::SessionRecord record) {
  const std::string id = record.id();
  if (ended_.contains(id)) return;
  id_of_token_[record.token_sha256()] = id;
  Known& known = by_id_[id];
  known.used_at_unix_ms = std::max(known.used_at_unix_ms, record.created_at_unix_ms());
  known.logged_use_at_unix_ms = std::max(known.logged_use_at_unix_ms, record.created_at_unix_ms());
  known.record = std::move(record);
}

void SessionStore::remove(const std::string& id) {
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return;
  id_of_token_.erase(known->second.record.token_sha256());
  by_id_.erase(known);
}

bool SessionStore::has_ended(const Session& session) const {
  return session.ends_at_unix_ms() <= clock_.now_unix_ms();
}

void SessionStore::take(const log::Record& record) {
  if (record.key.starts_with(kUsedPrefix)) return take_use(record);
  const std::lock_guard lock(mutex_);
  v1::SessionRecord session;
  if (!record.value) {
    remove(record.key);
    ended_.erase(record.key);  // nothing of it comes after this
  } else if (session.ParseFromString(*record.value) && session.id() == record.key) {
    add(std::move(session));
  } else {
    log::warn_bad_record(proto::Topic::kSessions, record);
  }
}

void SessionStore::take_use(const log::Record& record) {
  v1::SessionUse use;
  if (!record.value) return;
  if (!use.ParseFromString(*record.value) ||
      kUsedPrefix.size() + use.id().size() != record.key.size())
    return log::warn_bad_record(proto::Topic::kSessions, record);
  const std::lock_guard lock(mutex_);
  const auto known = by_id_.find(use.id());
  if (known == by_id_.end()) return;
  std::int64_t& logged = known->second.logged_use_at_unix_ms;
  logged = std::max(logged, use.at_unix_ms());
  known->second.used_at_unix_ms = std::max(known->second.used_at_unix_ms, logged);
}

Result<void> SessionStore::write(std::string key, std::optional<std::string> value) {
  const std::lock_guard writing(writing_mutex_);
  const bool has_room = !options_.own_disk || log_.has_room();
  {
    const std::lock_guard lock(mutex_);
    if (!has_room || waiting_.contains(key)) {
      waiting_[std::move(key)] = std::move(value);
      return {};
    }
  }
  return log::append(log_, {{proto::Topic::kSessions, std::move(key), std::move(value)}});
}

Result<void> SessionStore::write_waiting() {
  const std::lock_guard writing(writing_mutex_);
  if (options_.own_disk && !log_.has_room()) return {};
  std::vector<log::NewRecord> records;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [key, value] : waiting_)
      records.push_back({proto::Topic::kSessions, key, std::move(value)});
    waiting_.clear();
  }
  if (records.empty()) return {};
  return log::append(log_, std::move(records));
}

/// What has run out becomes a tombstone; of what was used the log learns once a day.
Result<void> SessionStore::keep_house() {
  std::vector<std::string> ended;
  std::vector<v1::SessionUse> used;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, known] : by_id_) {
      if (has_ended(known)) ended.push_back(id);
      if (known.used_at_unix_ms < known.logged_use_at_unix_ms + kUsedEveryMs) continue;
      known.logged_use_at_unix_ms = known.used_at_unix_ms;
      v1::SessionUse& use = used.emplace_back();
      use.set_id(id);
      use.set_at_unix_ms(known.used_at_unix_ms);
    }
  }
  for (const v1::SessionUse& use : used)
    VIGIE_TRY(write(std::string(kUsedPrefix) + use.id(), use.SerializeAsString()));
  for (const std::string& id : ended) VIGIE_TRY(end(id));
  return {};
}

Result<void> SessionStore::run(std::stop_token stop) {
  log::Every house(clock_, kHouseEvery);
  return topic_.run(stop, [&]() -> Result<void> {
    VIGIE_TRY(write_waiting());
    if (!house.is_due()) return {};
    return keep_house();
  });
}

}  // namespace vigie::indexer::sessions
