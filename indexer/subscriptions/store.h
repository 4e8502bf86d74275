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

#include "indexer/delivery/delivery.h"
#include "indexer/subscriptions/channel_draft.h"
#include "indexer/subscriptions/channel_off.h"
#include "platform/clock/clock.h"
#include "platform/log/kept_topic.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/secrets/sealer.h"
#include "proto/subscription.pb.h"

/// Every subscription, as topic `subscriptions` says, and the only way to change one: nobody else
/// names that topic.
namespace vigie::indexer::subscriptions {

/// What a person may say of a subscription; everything else is given by the store.
struct Draft {
  std::string name;
  std::string query;
  // an id or a secret left empty is made; one that equals the masked form keeps the secret known by
  // that id (complete_channel)
  std::vector<v1::Channel> channels;
  std::set<std::size_t> new_secrets = {};  // channels, by their place, whose secret is made anew
  /// Its members that say when it is told: rhythm, quiet, most_per_hour, snooze_until_unix_ms,
  /// pause_until_unix_ms, empty_digests (rhythm::settle); and of what: kind, sensitivity, drops,
  /// one_per_event (settle_kind); no others are read.
  v1::SubscriptionRecord when = {};
  std::string made_by = {};  // of a new one: whom the limits count it for; empty: nobody
  std::string owner = {};    // empty: as it was, or who makes it
};

/// Who makes a change, and what is appended to the log together with it, so that neither is there
/// without the other: made of the record before it (nullptr: of a new one) and after it (nullptr:
/// it is deleted), secrets included.
struct By {
  std::string who = {};  // empty: nobody who has a name
  std::function<std::vector<log::NewRecord>(const v1::SubscriptionRecord* before,
                                            const v1::SubscriptionRecord* after)>
      with = {};
};

struct Limits {
  std::size_t name_bytes = 200;
  std::size_t channels = 16;            // of one subscription
  std::size_t subscriptions = 200'000;  // memory of the matchers
  std::size_t of_one_key = 10'000;      // with one made_by
  // query::costly_clauses: time of each article
  std::size_t costly_clauses = 100;  // of one subscription
  std::size_t costly_clauses_of_one_key = 20'000;
};

/// What a store stands on beside the log.
struct Options {
  Limits limits = {};
  /// Encrypts secrets for the log (open_sealer); null: they are kept as they are.
  std::shared_ptr<const secrets::Sealer> sealer = {};
  /// Start although the log holds secrets that no key opens: what is sent to their channels fails
  /// until they are given new ones.
  bool key_lost = false;
  /// For addresses that stand in URLs (delivery::check_channel).
  delivery::AllowedNetworks allow_networks = {};
  /// Why no channel of e-mail is taken, in one sentence; "": it is set up.
  std::string no_email = {};
};

/// The record with every secret masked.
v1::SubscriptionRecord masked(v1::SubscriptionRecord record);

/// Thread-safe. Changes are durable in the log, and told to all listeners, before they are
/// answered.
class SubscriptionStore {
 public:
  /// Reads the topic to its end first. All must outlive the store. Errors: those of the log; kStop
  /// keys_needed, where the log holds secrets that no key of the sealer opens.
  static Result<std::unique_ptr<SubscriptionStore>> open(log::Log& log, Clock& clock,
                                                         Random& random, Options options = {});
  ~SubscriptionStore();

  /// The new record, secrets included: the only time they are told.
  /// Errors (kQuarantine): bad_query, bad_subscription, too_expensive, over_quota or those of
  /// delivery::check_channel, saying what to change; those of the log.
  Result<v1::SubscriptionRecord> create(const Draft& draft, const By& by = {});
  /// The next revision. If `revision` is given it must be the present one. Errors: as create;
  /// not_found; conflict.
  /// `made`: ids of the channels whose secret this change made, which alone are told.
  Result<v1::SubscriptionRecord> replace(const std::string& id, const Draft& draft,
                                         std::optional<std::uint64_t> revision = std::nullopt,
                                         const By& by = {}, std::set<std::string>* made = nullptr);
  /// Errors: not_found; those of the log.
  Result<void> remove(const std::string& id, const By& by = {});
  /// Switches a channel of e-mail off for whoever was sent a mail of it (RFC 8058), which `token`
  /// proves (delivery::unsubscribe_token). Off already: nothing happens. Errors: kQuarantine
  /// not_found, the same whatever is wrong; those of the log.
  Result<void> unsubscribe(const std::string& id, const std::string& channel_id,
                           std::string_view token, const By& by = {.who = "a reader of its mail"});
  /// Records that the receiver of a channel said that it is gone. For the alerter that owns the
  /// subscription's partition of `matches`, and for nobody else: see ChannelOff in
  /// proto/subscription.proto. `revision`: of the subscription whose channel was asked. Nothing
  /// happens where the channel is off already, is there no longer, or was switched on or pointed
  /// elsewhere since. Revision and time of change stay: the query is the same, so what shards
  /// matched stays right. Errors: those of the log.
  Result<void> switch_off(const std::string& id, const std::string& channel_id,
                          std::uint64_t revision, const std::string& reason);
  /// Tombstones what switch_off recorded of subscriptions that are `ours` and never holds again.
  /// For the same alerter. Errors: those of the log.
  Result<void> forget_switched_off(const std::function<bool(const std::string& id)>& ours);

  /// Records as readers see them: channels are off that a person or a receiver switched off.
  std::optional<v1::SubscriptionRecord> find(const std::string& id) const;  // not the deleted ones
  // the deleted ones too (deleted: true), until their tombstone
  std::optional<v1::SubscriptionRecord> look_up(const std::string& id) const;
  // in order of creation, then id
  std::vector<v1::SubscriptionRecord> list() const;

  using Listener = std::function<void(const v1::SubscriptionRecord&)>;
  /// Calls `listener` at once with every live subscription, then with every change (deleted: true
  /// for those that are gone), one call at a time, in the order of the log. It must be quick and
  /// must not call the store.
  void subscribe(Listener listener);

  /// Returns when everything that was in the topic when it was called is applied and told: true, or
  /// false if a stop was asked for first. Errors: those of TopicFollower::follow_to_end.
  Result<bool> catch_up(const std::stop_token& stop);

  /// Follows the topic for changes that other processes make, tombstones what was deleted long ago,
  /// and seals secrets that the log keeps otherwise than they should be, until stopped.
  /// Errors: those of the log.
  Result<void> run(std::stop_token stop);

 private:
  SubscriptionStore(log::Log& log, Clock& clock, Random& random, Options options);
  Result<v1::SubscriptionRecord> change(v1::SubscriptionRecord record,
                                        const v1::SubscriptionRecord* before, const By& by);
  Result<void> settle_when(v1::SubscriptionRecord& record) const;
  Result<void> check_quota(const v1::SubscriptionRecord& record, std::size_t clauses) const;
  Result<void> complete_channels(const Draft& draft, const v1::SubscriptionRecord* before,
                                 v1::SubscriptionRecord& record,
                                 std::set<std::string>* made = nullptr);
  Result<v1::Channel> completed(v1::Channel channel, const v1::Channel* known, bool anew,
                                const v1::SubscriptionRecord& record, bool& made);
  std::uint64_t on_since(const v1::Channel& channel, const v1::Channel* before,
                         const v1::SubscriptionRecord& record) const;
  /// As people left it, without the deleted ones.
  std::optional<v1::SubscriptionRecord> written(const std::string& id) const;
  void take(const log::Record& record);
  void apply(const v1::SubscriptionRecord& record);
  void apply(v1::ChannelOff fact);
  void bury(const std::string& id);
  /// Changes facts_ and tells the listeners if that changes what readers see of the subscription.
  void change_facts(const std::string& id, const std::function<void()>& change);
  Result<void> bury_old();
  Result<void> append(const v1::SubscriptionRecord& record,
                      std::vector<log::NewRecord> together = {});
  /// Writes anew what is to be sealed; the last word of the log stays the last revision.
  Result<void> seal_anew(const std::stop_token& stop);
  /// Those to be sealed anew, without the deleted ones.
  std::vector<v1::SubscriptionRecord> unsealed() const;
  std::string random_id();

  log::Log& log_;
  Clock& clock_;
  Random& random_;
  const Options options_;
  log::KeptTopic topic_;

  mutable std::mutex records_mutex_;
  // as people left them; the deleted ones too, until their tombstone
  std::map<std::string, v1::SubscriptionRecord> records_;
  std::map<std::string, std::size_t> clauses_;  // costly ones of the live records, by id; no zeros
  ChannelFacts facts_;
  std::set<std::string> to_seal_;     // ids whose secrets the log keeps otherwise than sealed
  std::set<std::string> unreadable_;  // ids whose secrets no key opens
  // one change at a time: revision, append, apply
  std::mutex changes_mutex_;
  std::mutex listeners_mutex_;  // held while listeners are called
  std::vector<Listener> listeners_;
};

}  // namespace vigie::indexer::subscriptions
