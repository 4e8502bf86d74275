#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "indexer/api/audit.h"
#include "indexer/keys/store.h"
#include "indexer/sessions/store.h"
#include "tests/simulation/faulty_log.h"

/// Keys, sessions and the audit of both, as people use them at whatever indexer.
namespace vigie::simulation {

/// What of it one indexer has.
struct Credentials {
  std::unique_ptr<indexer::keys::KeyStore> keys;
  std::unique_ptr<indexer::sessions::SessionStore> sessions;
  std::unique_ptr<indexer::api::Auditor> auditor;
};

/// The wall clock of the sessions: a day of it is a second of the world's, so that they end by time
/// within a run.
class FastClock final : public Clock {
 public:
  explicit FastClock(World& world) : clock_(world), world_(world) {}
  static constexpr std::int64_t kTimes = 86'400;
  std::int64_t now_unix_ms() const override {
    return World::kEpochUnixMs + world_.now().count() * kTimes;
  }
  milliseconds since_boot() const override { return clock_.since_boot(); }
  bool sleep_until(milliseconds deadline, std::stop_token stop) override {
    return clock_.sleep_until(deadline, std::move(stop));
  }

 private:
  WorldClock clock_;
  World& world_;
};

/// A process that answered, in the life in which it did.
struct Answerer {
  std::string process;
  std::uint64_t life = 0;
};

struct CredentialsLedger {
  struct Key {
    std::string id;
    std::string text;
    std::int64_t expires_at_unix_ms = 0;
    milliseconds made{0};
    Answerer made_by;
    bool revocation_tried = false;
    std::optional<milliseconds> revoked;  // answered
    Answerer revoked_by;
  };
  struct Session {
    std::string id;
    std::string token;
    std::size_t key = 0;    // number
    milliseconds asked{0};  // who sleeps meanwhile answers late
    milliseconds begun{0};
    milliseconds used{0};
    Answerer begun_by;
    bool end_tried = false;
    std::optional<milliseconds> ended;  // answered
    Answerer ended_by;
  };
  std::vector<Key> keys;
  std::vector<Session> sessions;
  std::size_t tried = 0;  // changes, each with a name of its own in the audit
  /// The name of a change: whether it was answered that it was made.
  std::map<std::string, bool> changes;
  std::uint64_t looks = 0;         // how often a key or a session was shown
  std::vector<std::string> wrong;  // what opened though it may not, or did not though it must
};

/// Somebody who shows keys and sessions, and changes them.
class CredentialClerk {
 public:
  CredentialClerk(World& world, const Brokers& brokers, CredentialsLedger& ledger)
      : world_(world), brokers_(brokers), ledger_(ledger) {}
  /// Whether a change was made and answered.
  bool act(Credentials& at, const Process& process);
  /// Shows a key and a session, which changes nothing.
  void look(Credentials& at, const Process& process);

 private:
  bool make_key(Credentials& at, const Process& process);
  bool revoke_key(Credentials& at, const Process& process);
  void show_key(Credentials& at, const Process& process);
  bool sign_in(Credentials& at, const Process& process);
  bool sign_out(Credentials& at, const Process& process);
  void show_session(Credentials& at, const Process& process);
  /// Whether what was answered then, by that process, must be known to this one by now.
  bool must_know(const Process& process, const Answerer& by, milliseconds since) const;
  bool is_over(const CredentialsLedger::Key& key) const;
  std::string new_change();

  World& world_;
  const Brokers& brokers_;
  CredentialsLedger& ledger_;
};

/// What was answered and does not hold at one indexer, once everything has arrived.
void judge_credentials(const Credentials& at, const CredentialsLedger& ledger,
                       std::vector<std::string>& missing);
/// Every change that was answered is in the audit once, with its outcome or without; none is there
/// twice.
void judge_audit(const Brokers& brokers, const CredentialsLedger& ledger,
                 std::vector<std::string>& wrong);

}  // namespace vigie::simulation
