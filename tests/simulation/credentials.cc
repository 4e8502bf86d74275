#include "tests/simulation/credentials.h"

#include <algorithm>

#include "proto/audit.pb.h"
#include "proto/identity.h"

namespace vigie::simulation {
namespace {

using indexer::api::Change;
using indexer::api::Trail;
using indexer::sessions::SessionStore;

constexpr std::size_t kKeys = 5;      // that are in use at a time
constexpr std::size_t kSessions = 8;  // the same
// What one indexer wrote is known to another within half a second (KNOWN_LIMITS.md), on top of what
// the world adds: records that become visible late, and threads that come late.
constexpr milliseconds kSpreads{500};
constexpr milliseconds kLate{6'000};
// Of FastClock: 30 days.
constexpr milliseconds kSessionLasts{30'000};
constexpr milliseconds kSlack{1'000};

Answerer answerer(const Process& process) { return {process.name, process.life}; }

bool is(const Answerer& one, const Process& process) {
  return one.process == process.name && one.life == process.life;
}

/// The digests of a key id that are in force, as indexer/api/guard.cc has them.
SessionStore::DigestsOf digests_of(const indexer::keys::KeyStore& keys) {
  return [&keys](const std::string& id) -> std::vector<std::string> {
    const auto key = keys.of_id(id);
    return key ? std::vector<std::string>{key->record.sha256()} : std::vector<std::string>{};
  };
}

http::Request request_of() {
  http::Request out;
  out.caller = "ana";
  out.peer = "127.0.0.1";
  return out;
}

}  // namespace

bool CredentialClerk::act(Credentials& at, const Process& process) {
  const std::uint64_t luck = world_.chance(8);
  if (luck < 3) return make_key(at, process);
  if (luck == 3) return revoke_key(at, process);
  return luck < 7 ? sign_in(at, process) : sign_out(at, process);
}

void CredentialClerk::look(Credentials& at, const Process& process) {
  show_key(at, process);
  show_session(at, process);
}

std::string CredentialClerk::new_change() {
  std::string name = "change " + std::to_string(ledger_.tried++);
  ledger_.changes[name] = false;
  return name;
}

bool CredentialClerk::must_know(const Process& process, const Answerer& by,
                                milliseconds since) const {
  if (is(by, process)) return true;
  const milliseconds from = std::max({since, brokers_.away_until(), process.awake_since});
  return world_.now() > from + kSpreads + kLate;
}

bool CredentialClerk::is_over(const CredentialsLedger::Key& key) const {
  return key.expires_at_unix_ms != 0 && key.expires_at_unix_ms <= world_.wall();
}

bool CredentialClerk::make_key(Credentials& at, const Process& process) {
  const auto live = std::ranges::count_if(ledger_.keys, [&](const CredentialsLedger::Key& key) {
    return !key.revocation_tried && !is_over(key);
  });
  if (static_cast<std::size_t>(live) >= kKeys) return false;
  const std::string name = new_change();
  const http::Request request = request_of();
  Trail trail(at.auditor.get(), request, "createKey");
  CredentialsLedger::Key key;
  if (world_.one_in(3))
    key.expires_at_unix_ms =
        world_.wall() + world_.between(milliseconds(5'000), milliseconds(60'000)).count();
  const auto made =
      at.keys->make(name, indexer::keys::Role::kAnalyst, key.expires_at_unix_ms, "ana",
                    [&](const v1::KeyRecord& record) { return trail.with({record.id(), name}); });
  if (!made || world_.unwinding()) return false;
  ledger_.changes[name] = true;
  key.id = made->record.id();
  key.text = made->key;
  key.made = world_.now();
  key.made_by = answerer(process);
  ledger_.keys.push_back(std::move(key));
  return true;
}

bool CredentialClerk::revoke_key(Credentials& at, const Process& process) {
  if (ledger_.keys.empty()) return false;
  const std::size_t number = world_.chance(ledger_.keys.size());
  const std::string name = new_change();
  const http::Request request = request_of();
  Trail trail(at.auditor.get(), request, "deleteKey");
  const std::string id = ledger_.keys[number].id;
  if (!at.keys->of_id(id)) return false;
  ledger_.keys[number].revocation_tried = true;
  const auto gone = at.keys->revoke(
      id, [&](const v1::KeyRecord& record) { return trail.with({record.id(), name}); });
  if (!gone || world_.unwinding()) return false;
  ledger_.changes[name] = true;
  CredentialsLedger::Key& key = ledger_.keys[number];
  if (!key.revoked) {
    key.revoked = world_.now();
    key.revoked_by = answerer(process);
  }
  return true;
}

void CredentialClerk::show_key(Credentials& at, const Process& process) {
  if (ledger_.keys.empty()) return;
  const CredentialsLedger::Key& key = ledger_.keys[world_.chance(ledger_.keys.size())];
  ++ledger_.looks;
  const bool opens = at.keys->find(key.text).has_value();
  const std::string what = " at " + process.name + ": " + key.id;
  if (opens && is_over(key)) ledger_.wrong.push_back("a key that has expired opens" + what);
  if (opens && key.revoked && must_know(process, key.revoked_by, *key.revoked))
    ledger_.wrong.push_back("a key that was revoked opens" + what);
  if (!opens && !key.revocation_tried && !is_over(key) && must_know(process, key.made_by, key.made))
    ledger_.wrong.push_back("a key that was made does not open" + what);
}

/// By means that are no single append: the intent is in the audit first, and what came of it last.
bool CredentialClerk::sign_in(Credentials& at, const Process& process) {
  const auto live = std::ranges::count_if(ledger_.sessions,
                                          [](const auto& session) { return !session.end_tried; });
  if (ledger_.keys.empty() || static_cast<std::size_t>(live) >= kSessions) return false;
  const std::size_t number = world_.chance(ledger_.keys.size());
  const auto key = at.keys->find(ledger_.keys[number].text);
  if (!key) return false;
  const std::string name = new_change();
  const http::Request request = request_of();
  Trail trail(at.auditor.get(), request, "signIn");
  if (!trail.intend({{}, name}) || world_.unwinding()) return false;
  const milliseconds asked = world_.now();
  const auto begun =
      at.sessions->begin({key->record.sha256(), key->record.id(), "ana", "127.0.0.1", "a browser"});
  if (world_.unwinding()) return false;
  trail.finish(begun ? begun->session.id() : "", begun.has_value());
  if (!begun || world_.unwinding()) return false;
  ledger_.changes[name] = true;
  CredentialsLedger::Session session;
  session.id = begun->session.id();
  session.token = begun->token;
  session.key = number;
  session.asked = asked;
  session.begun = session.used = world_.now();
  session.begun_by = answerer(process);
  ledger_.sessions.push_back(std::move(session));
  return true;
}

bool CredentialClerk::sign_out(Credentials& at, const Process& process) {
  if (ledger_.sessions.empty()) return false;
  const std::size_t number = world_.chance(ledger_.sessions.size());
  const std::string id = ledger_.sessions[number].id;
  const std::string name = new_change();
  const http::Request request = request_of();
  Trail trail(at.auditor.get(), request, "endSession");
  if (!trail.intend({id, name}) || world_.unwinding()) return false;
  ledger_.sessions[number].end_tried = true;
  const auto ended = at.sessions->end(id);
  if (world_.unwinding()) return false;
  trail.finish(id, ended && *ended);
  if (!ended || !*ended || world_.unwinding()) return false;
  ledger_.changes[name] = true;
  CredentialsLedger::Session& session = ledger_.sessions[number];
  if (!session.ended) {
    session.ended = world_.now();
    session.ended_by = answerer(process);
  }
  return true;
}

void CredentialClerk::show_session(Credentials& at, const Process& process) {
  if (ledger_.sessions.empty()) return;
  CredentialsLedger::Session& session = ledger_.sessions[world_.chance(ledger_.sessions.size())];
  const CredentialsLedger::Key& key = ledger_.keys[session.key];
  ++ledger_.looks;
  const bool opens = at.sessions->use(session.token, digests_of(*at.keys)).has_value();
  const std::string what = " at " + process.name + ": " + session.id;
  if (opens && session.ended && must_know(process, session.ended_by, *session.ended))
    ledger_.wrong.push_back("a session that was ended opens" + what);
  if (opens && key.revoked && must_know(process, key.revoked_by, *key.revoked))
    ledger_.wrong.push_back("a session of a key that was revoked opens" + what);
  if (opens && is_over(key))
    ledger_.wrong.push_back("a session of a key that has expired opens" + what);
  if (opens && world_.now() - session.used > kSessionLasts + kSlack)
    ledger_.wrong.push_back("a session that nobody used for 30 days opens" + what);
  const bool young = world_.now() - session.asked < kSessionLasts - kSlack;
  const bool known = must_know(process, session.begun_by, session.begun) &&
                     must_know(process, key.made_by, key.made);
  if (!opens && young && known && !session.end_tried && !key.revocation_tried && !is_over(key))
    ledger_.wrong.push_back("a session that was begun does not open" + what);
  if (opens) session.used = world_.now();
}

void judge_credentials(const Credentials& at, const CredentialsLedger& ledger,
                       std::vector<std::string>& missing) {
  std::set<std::string> there;
  std::map<std::string, std::size_t> names;
  for (const indexer::keys::Key& key : at.keys->list()) {
    there.insert(key.record.id());
    if (++names[key.record.name()] == 2)
      missing.push_back("two keys are called " + key.record.name());
  }
  for (const CredentialsLedger::Key& key : ledger.keys) {
    if (key.revoked && there.contains(key.id))
      missing.push_back("the key " + key.id + " was revoked and is there");
    if (!key.revocation_tried && !there.contains(key.id)) missing.push_back("no key " + key.id);
  }
  std::set<std::string> open;
  for (const indexer::sessions::Session& session : at.sessions->list())
    open.insert(session.record.id());
  for (const CredentialsLedger::Session& session : ledger.sessions) {
    if (session.ended && open.contains(session.id))
      missing.push_back("the session " + session.id + " was ended and is there");
  }
}

void judge_audit(const Brokers& brokers, const CredentialsLedger& ledger,
                 std::vector<std::string>& wrong) {
  struct Told {
    std::set<std::string> ids;
    std::vector<v1::AuditPhase> phases;
  };
  std::map<std::string, Told> told;  // by the name of the change
  brokers.each_record(proto::Topic::kAudit, [&](const log::Record& record) {
    v1::AuditRecord audit;
    if (!record.value || !audit.ParseFromString(*record.value) || audit.id() != record.key)
      return wrong.push_back("an audit record that is none");
    Told& one = told[audit.name()];
    one.ids.insert(audit.id());
    one.phases.push_back(audit.phase());
  });
  for (const auto& [name, one] : told) {
    if (!ledger.changes.contains(name)) wrong.push_back("audited, and nobody changed: " + name);
    const auto outcomes = std::ranges::count_if(
        one.phases, [](auto phase) { return phase != v1::AUDIT_PHASE_INTENDED; });
    const auto intents = static_cast<std::int64_t>(one.phases.size()) - outcomes;
    if (one.ids.size() != 1 || outcomes > 1 || intents > 1)
      wrong.push_back("audited more than once: " + name);
  }
  for (const auto& [name, answered] : ledger.changes) {
    if (!answered) continue;
    const auto found = told.find(name);
    if (found == told.end()) {
      wrong.push_back("answered, and not in the audit: " + name);
    } else if (std::ranges::count(found->second.phases, v1::AUDIT_PHASE_REFUSED) > 0) {
      wrong.push_back("made, and refused in the audit: " + name);
    }
  }
}

}  // namespace vigie::simulation
