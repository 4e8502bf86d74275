#include "indexer/subscriptions/store.h"

#include <algorithm>
#include <set>

#include "indexer/conditions/kinds.h"
#include "indexer/query/budget.h"
#include "indexer/query/query.h"
#include "indexer/rhythm/rule.h"
#include "indexer/subscriptions/kind.h"
#include "indexer/subscriptions/sealed_secrets.h"
#include "platform/log/bad_record.h"
#include "platform/logging/logging.h"
#include "platform/text/utf8.h"
#include "platform/text/visible.h"
#include "proto/identity.h"

namespace vigie::indexer::subscriptions {
namespace {

constexpr std::chrono::milliseconds kBurialInterval{3'600'000};
// so long a sleeping shard still learns of a deletion (ops/spec/records.md, "subscriptions")
constexpr std::int64_t kKeepDeletedMs = 30 * proto::kDayMs;
constexpr std::size_t kReasonBytes = 200;  // proto/subscription.proto

tl::unexpected<Error> not_found(const std::string& id) {
  return failure(Disposition::kQuarantine, "not_found",
                 "there is no subscription " + id + "; GET /v1/subscriptions lists them");
}
tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_subscription", std::move(detail));
}

/// Some of those whose secrets no key opens. Errors: kStop keys_needed, if there are any.
Result<void> check_readable(const std::set<std::string>& unreadable) {
  if (unreadable.empty()) return {};
  return failure(Disposition::kStop, "keys_needed",
                 "the log holds secrets of webhooks (" + std::to_string(unreadable.size()) +
                     " subscriptions) that no key opens: name the file that has it as "
                     "webhook.key_file, or put its line behind the first of that file; where it is "
                     "lost, set webhook.key_lost, and give these channels new secrets",
                 *unreadable.begin());
}

/// Of a query for articles, or for conditions of vigie itself. Errors: kQuarantine bad_query.
Result<std::size_t> costly_clauses(const std::string& query) {
  if (conditions::asks_for_conditions(query)) {
    VIGIE_TRY(conditions::kinds_asked(query));
    return 0;
  }
  VIGIE_ASSIGN(const query::Query parsed, query::parse(query, query::Use::kSubscription));
  return query::costly_clauses(parsed);
}

void count_clauses(const v1::SubscriptionRecord& record,
                   std::map<std::string, std::size_t>& clauses) {
  clauses.erase(record.id());
  if (record.deleted()) return;
  const auto costly = costly_clauses(record.query());
  const std::size_t count = costly.value_or(0);
  if (count > 0) clauses[record.id()] = count;
}

void say_when(const v1::SubscriptionRecord& when, v1::SubscriptionRecord& record) {
  record.set_rhythm(when.rhythm());
  record.set_quiet(when.quiet());
  record.set_most_per_hour(when.most_per_hour());
  record.set_snooze_until_unix_ms(when.snooze_until_unix_ms());
  record.set_pause_until_unix_ms(when.pause_until_unix_ms());
  record.set_empty_digests(when.empty_digests());
  record.set_kind(when.kind());
  record.set_sensitivity(when.sensitivity());
  record.set_drops(when.drops());
  record.set_one_per_event(when.one_per_event());
}

}  // namespace

v1::SubscriptionRecord masked(v1::SubscriptionRecord record) {
  for (v1::Channel& channel : *record.mutable_channels()) {
    if (!channel.secret().empty() || !channel.sealed_secret().empty())
      channel.set_secret(std::string(kMaskedSecret));
    channel.clear_sealed_secret();
    channel.clear_previous_secret();
    channel.clear_sealed_previous_secret();
  }
  return record;
}

SubscriptionStore::SubscriptionStore(log::Log& log, Clock& clock, Random& random, Options options)
    : log_(log),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      topic_(log, proto::Topic::kSubscriptions,
             [this](const log::Record& record) { take(record); }) {}
SubscriptionStore::~SubscriptionStore() = default;

Result<std::unique_ptr<SubscriptionStore>> SubscriptionStore::open(log::Log& log, Clock& clock,
                                                                   Random& random,
                                                                   Options options) {
  std::unique_ptr<SubscriptionStore> store(
      new SubscriptionStore(log, clock, random, std::move(options)));
  VIGIE_TRY(store->topic_.open());
  if (!store->options_.key_lost) VIGIE_TRY(check_readable(store->unreadable_));
  return store;
}

std::string SubscriptionStore::random_id() {
  return proto::base32(secrets::random_bytes(random_, 16));
}

/// A channel as it is kept, with id and secret, judged.
Result<v1::Channel> SubscriptionStore::completed(v1::Channel given, const v1::Channel* known,
                                                 bool anew, const v1::SubscriptionRecord& record,
                                                 bool& made) {
  if (given.id().empty()) given.set_id(known != nullptr ? known->id() : random_id());
  if (known == nullptr && given.type() == "email" && !options_.no_email.empty())
    return failure(Disposition::kQuarantine, "unsupported_channel", options_.no_email);
  VIGIE_ASSIGN(Completed complete,
               complete_channel(std::move(given), known, anew, clock_.now_unix_ms(), random_));
  v1::Channel& channel = complete.channel;
  VIGIE_TRY(delivery::check_channel(channel, options_.allow_networks));
  made = complete.made_secret;
  channel.set_on_since_revision(on_since(channel, known, record));
  // Still off by the same switch: the reason stays, as what GET gave says it and PUT does not.
  channel.clear_disabled_reason();
  if (known != nullptr && channel.disabled() && known->disabled() &&
      channel.on_since_revision() == known->on_since_revision())
    channel.set_disabled_reason(known->disabled_reason());
  return std::move(channel);
}

Result<void> SubscriptionStore::complete_channels(const Draft& draft,
                                                  const v1::SubscriptionRecord* before,
                                                  v1::SubscriptionRecord& record,
                                                  std::set<std::string>* made) {
  if (draft.channels.size() > options_.limits.channels)
    return bad("a subscription has at most " + std::to_string(options_.limits.channels) +
               " channels");
  v1::SubscriptionRecord unclaimed;  // of those before
  if (before != nullptr) *unclaimed.mutable_channels() = before->channels();
  std::set<std::string> ids;
  record.clear_channels();
  for (std::size_t i = 0; i < draft.channels.size(); ++i) {
    const v1::Channel* known = known_channel(unclaimed, draft.channels[i]);
    bool made_secret = false;
    VIGIE_ASSIGN(
        v1::Channel channel,
        completed(draft.channels[i], known, draft.new_secrets.contains(i), record, made_secret));
    if (!ids.insert(channel.id()).second) return bad("two channels have the id " + channel.id());
    if (made_secret && made != nullptr) made->insert(channel.id());
    auto& left = *unclaimed.mutable_channels();
    left.erase(std::remove_if(left.begin(), left.end(),
                              [&](const v1::Channel& old) { return old.id() == channel.id(); }),
               left.end());
    *record.add_channels() = std::move(channel);
  }
  return {};
}

/// The revision from which on a channel counts as switched on: the coming one, where it is new,
/// points elsewhere, or was off and is on by this change. Else what it was: that a response of 410
/// came while a person changed something else does not switch the channel on again.
std::uint64_t SubscriptionStore::on_since(const v1::Channel& channel, const v1::Channel* before,
                                          const v1::SubscriptionRecord& record) const {
  const std::uint64_t coming = record.revision() + 1;
  if (before == nullptr || !delivery::same_destination(*before, channel)) return coming;
  const std::lock_guard lock(records_mutex_);
  const bool was_off = before->disabled() || facts_.of(record.id(), *before) != nullptr;
  return was_off && !channel.disabled() ? coming : before->on_since_revision();
}

Result<v1::SubscriptionRecord> SubscriptionStore::create(const Draft& draft, const By& by) {
  const std::lock_guard changing(changes_mutex_);
  v1::SubscriptionRecord record;
  record.set_id(random_id());
  record.set_created_at_unix_ms(clock_.now_unix_ms());
  {
    const std::lock_guard lock(records_mutex_);
    if (records_.size() >= options_.limits.subscriptions)
      return bad("there are " + std::to_string(options_.limits.subscriptions) +
                 " subscriptions; delete some first");
  }
  record.set_name(draft.name);
  record.set_query(draft.query);
  record.set_made_by(draft.made_by);
  record.set_owner(draft.owner.empty() ? by.who : draft.owner);
  say_when(draft.when, record);
  VIGIE_TRY(complete_channels(draft, nullptr, record));
  return change(std::move(record), nullptr, by);
}

Result<v1::SubscriptionRecord> SubscriptionStore::replace(const std::string& id, const Draft& draft,
                                                          std::optional<std::uint64_t> revision,
                                                          const By& by,
                                                          std::set<std::string>* made) {
  // What other processes changed counts, too: a channel that its receiver switched off must be
  // known to be off, or to switch it on would be no change.
  VIGIE_TRY(catch_up({}));
  const std::lock_guard changing(changes_mutex_);
  const auto before = written(id);
  if (!before) return not_found(id);
  if (revision && *revision != before->revision()) {
    return failure(Disposition::kQuarantine, "conflict",
                   "somebody changed this subscription meanwhile: it is at revision " +
                       std::to_string(before->revision()) + "; read it and try again");
  }
  v1::SubscriptionRecord record = *before;
  record.set_name(draft.name);
  record.set_query(draft.query);
  if (!draft.owner.empty()) record.set_owner(draft.owner);
  say_when(draft.when, record);
  VIGIE_TRY(complete_channels(draft, &*before, record, made));
  return change(std::move(record), &*before, by);
}

Result<void> SubscriptionStore::remove(const std::string& id, const By& by) {
  const std::lock_guard changing(changes_mutex_);
  const auto before = written(id);
  if (!before) return not_found(id);
  v1::SubscriptionRecord record;
  record.set_id(id);
  record.set_revision(before->revision());
  record.set_name(before->name());
  record.set_query(before->query());
  record.set_created_at_unix_ms(before->created_at_unix_ms());
  record.set_made_by(before->made_by());
  record.set_owner(before->owner());
  record.set_deleted(true);
  if (auto changed = change(std::move(record), &*before, by); !changed)
    return failure(std::move(changed.error()));
  return {};
}

Result<void> SubscriptionStore::unsubscribe(const std::string& id, const std::string& channel_id,
                                            std::string_view token, const By& by) {
  VIGIE_TRY(catch_up({}));
  const std::lock_guard changing(changes_mutex_);
  auto record = written(id);
  v1::Channel* channel = nullptr;
  if (record) {
    for (v1::Channel& each : *record->mutable_channels())
      if (each.id() == channel_id && each.type() == "email" && !each.secret().empty())
        channel = &each;
  }
  if (channel == nullptr ||
      proto::sha256(token) != proto::sha256(delivery::unsubscribe_token(id, *channel)))
    return failure(Disposition::kQuarantine, "not_found",
                   "this address ends no mails; they may have ended already");
  if (channel->disabled()) return {};
  const v1::SubscriptionRecord before = *record;
  channel->set_disabled(true);
  channel->set_disabled_reason("the reader unsubscribed");
  if (auto changed = change(std::move(*record), &before, by); !changed)
    return failure(std::move(changed.error()));
  return {};
}

Result<void> SubscriptionStore::switch_off(const std::string& id, const std::string& channel_id,
                                           std::uint64_t revision, const std::string& reason) {
  const std::lock_guard changing(changes_mutex_);
  const auto record = find(id);
  if (!record) return {};
  v1::ChannelOff fact;
  fact.set_subscription_id(id);
  fact.set_channel_id(channel_id);
  fact.set_revision(revision);
  fact.set_reason(text::ellipsize(reason, kReasonBytes));
  fact.set_at_unix_ms(clock_.now_unix_ms());
  const bool on = std::any_of(
      record->channels().begin(), record->channels().end(),
      [&](const v1::Channel& channel) { return !channel.disabled() && in_force(fact, channel); });
  if (!on) return {};
  logging::warn("channel switched off",
                {{"subscription", id}, {"channel", channel_id}, {"reason", reason}});
  VIGIE_TRY(log::append(log_, {{proto::Topic::kSubscriptions, channel_off_key(id, channel_id),
                                fact.SerializeAsString()}}));
  apply(std::move(fact));
  return {};
}

Result<void> SubscriptionStore::forget_switched_off(
    const std::function<bool(const std::string& id)>& ours) {
  std::vector<log::NewRecord> tombstones;
  {
    const std::lock_guard lock(records_mutex_);
    const auto find_record = [&](const std::string& id) -> const v1::SubscriptionRecord* {
      const auto known = records_.find(id);
      return known == records_.end() ? nullptr : &known->second;
    };
    for (std::string& key : facts_.dead(find_record, ours)) {
      tombstones.push_back({proto::Topic::kSubscriptions, key, std::nullopt});
    }
    for (const log::NewRecord& dead : tombstones) facts_.remove(dead.key);
  }
  if (tombstones.empty()) return {};
  return log::append(log_, std::move(tombstones));
}

/// Validates, numbers, appends durably, applies. changes_mutex_ is held.
Result<v1::SubscriptionRecord> SubscriptionStore::change(v1::SubscriptionRecord record,
                                                         const v1::SubscriptionRecord* before,
                                                         const By& by) {
  if (!record.deleted()) {
    record.set_name(text::visible_line(record.name()));
    if (record.name().empty()) return bad("a subscription needs a name");
    if (record.name().size() > options_.limits.name_bytes)
      return bad("the name of a subscription has at most " +
                 std::to_string(options_.limits.name_bytes) + " bytes");
    record.set_owner(text::visible_line(record.owner()));
    if (record.owner().size() > options_.limits.name_bytes)
      return bad("the owner of a subscription has at most " +
                 std::to_string(options_.limits.name_bytes) + " bytes");
    VIGIE_ASSIGN(const std::size_t costly, costly_clauses(record.query()));
    VIGIE_TRY(check_quota(record, costly));
    VIGIE_TRY(settle_kind(record, before));
    if (conditions::asks_for_conditions(record.query()) &&
        (record.kind() == kSpike || record.one_per_event()))
      return bad("a query of \"system:\" tells conditions, neither spikes nor events");
    VIGIE_TRY(settle_when(record));
  }
  record.set_revision(record.revision() + 1);
  record.set_updated_at_unix_ms(clock_.now_unix_ms());
  record.set_changed_by(by.who);
  record.set_changed_at_unix_ms(record.updated_at_unix_ms());
  std::vector<log::NewRecord> together;
  if (by.with) together = by.with(before, record.deleted() ? nullptr : &record);
  VIGIE_TRY(append(record, std::move(together)));
  apply(record);
  const std::lock_guard lock(records_mutex_);
  return facts_.joined(std::move(record));
}

/// Since when empty digests are due, too: what was not wanted before is not told late.
Result<void> SubscriptionStore::settle_when(v1::SubscriptionRecord& record) const {
  VIGIE_TRY(rhythm::settle(record, clock_.now_unix_ms()));
  const auto before = written(record.id());
  if (!before || before->rhythm() != record.rhythm() ||
      before->empty_digests() != record.empty_digests())
    record.set_rhythm_since_unix_ms(clock_.now_unix_ms());
  return {};
}

/// What one caller makes must leave room for the others.
Result<void> SubscriptionStore::check_quota(const v1::SubscriptionRecord& record,
                                            std::size_t clauses) const {
  if (clauses > options_.limits.costly_clauses)
    return failure(Disposition::kQuarantine, "too_expensive",
                   "the query of a subscription holds at most " +
                       std::to_string(options_.limits.costly_clauses) +
                       " phrases, NEAR and =Word; make several of it, or use plain words");
  if (record.made_by().empty()) return {};
  std::size_t own = 0;
  std::size_t all = clauses;
  const std::lock_guard lock(records_mutex_);
  for (const auto& [id, other] : records_) {
    if (other.deleted() || id == record.id() || other.made_by() != record.made_by()) continue;
    ++own;
    if (const auto known = clauses_.find(id); known != clauses_.end()) all += known->second;
  }
  if (own >= options_.limits.of_one_key)
    return failure(
        Disposition::kQuarantine, "over_quota",
        "this key has made " + std::to_string(own) +
            " subscriptions, as many as it may (api.subscriptions_per_key); delete some");
  if (clauses > 0 && all > options_.limits.costly_clauses_of_one_key)
    return failure(Disposition::kQuarantine, "over_quota",
                   "the subscriptions of this key hold more than " +
                       std::to_string(options_.limits.costly_clauses_of_one_key) +
                       " phrases, NEAR and =Word; delete some, or use plain words");
  return {};
}

Result<void> SubscriptionStore::append(const v1::SubscriptionRecord& record,
                                       std::vector<log::NewRecord> together) {
  together.push_back({proto::Topic::kSubscriptions, record.id(),
                      sealed(record, options_.sealer.get()).SerializeAsString()});
  return log::append(log_, std::move(together));
}

void SubscriptionStore::apply(const v1::SubscriptionRecord& record) {
  const std::lock_guard telling(listeners_mutex_);
  v1::SubscriptionRecord seen;
  {
    const std::lock_guard lock(records_mutex_);
    v1::SubscriptionRecord& known = records_[record.id()];
    // our own later change, which the tail has yet to meet
    if (known.revision() > record.revision()) return;
    if (known.revision() == record.revision() &&
        known.SerializeAsString() == record.SerializeAsString())
      return;
    known = record;
    count_clauses(record, clauses_);
    seen = facts_.joined(record);
  }
  for (const Listener& listener : listeners_) listener(seen);
}

void SubscriptionStore::apply(v1::ChannelOff fact) {
  const std::string id = fact.subscription_id();
  change_facts(id, [&] { facts_.put(std::move(fact)); });
}

void SubscriptionStore::change_facts(const std::string& id, const std::function<void()>& change) {
  const std::lock_guard telling(listeners_mutex_);
  v1::SubscriptionRecord seen;
  {
    const std::lock_guard lock(records_mutex_);
    const auto known = records_.find(id);
    std::string before;
    if (known != records_.end()) before = facts_.joined(known->second).SerializeAsString();
    change();
    if (known == records_.end() || known->second.deleted()) return;
    seen = facts_.joined(known->second);
    if (seen.SerializeAsString() == before) return;
  }
  for (const Listener& listener : listeners_) listener(seen);
}

void SubscriptionStore::bury(const std::string& id) {
  const std::lock_guard telling(listeners_mutex_);
  v1::SubscriptionRecord gone;
  {
    const std::lock_guard lock(records_mutex_);
    const auto known = records_.find(id);
    if (known == records_.end()) return;
    gone = std::move(known->second);
    records_.erase(known);
    clauses_.erase(id);
  }
  if (gone.deleted()) return;
  gone.set_deleted(true);
  for (const Listener& listener : listeners_) listener(gone);
}

void SubscriptionStore::take(const log::Record& record) {
  if (record.key.starts_with(kChannelOffPrefix)) {
    v1::ChannelOff fact;
    if (!record.value) {
      const std::string rest = record.key.substr(kChannelOffPrefix.size());
      change_facts(rest.substr(0, rest.find('/')), [&] { facts_.remove(record.key); });
    } else if (fact.ParseFromString(*record.value) &&
               channel_off_key(fact.subscription_id(), fact.channel_id()) == record.key) {
      apply(std::move(fact));
    } else {
      log::warn_bad_record(proto::Topic::kSubscriptions, record);
    }
    return;
  }
  v1::SubscriptionRecord subscription;
  if (!record.value) return bury(record.key);
  if (!subscription.ParseFromString(*record.value) || subscription.id() != record.key)
    return log::warn_bad_record(proto::Topic::kSubscriptions, record);
  const Keeping keeping = unseal(subscription, options_.sealer.get());
  {
    const std::lock_guard lock(records_mutex_);
    to_seal_.erase(subscription.id());
    unreadable_.erase(subscription.id());
    if (keeping == Keeping::kOtherwise) to_seal_.insert(subscription.id());
    if (keeping == Keeping::kUnreadable) unreadable_.insert(subscription.id());
  }
  if (keeping == Keeping::kUnreadable)
    logging::warn("no key opens the secrets of a subscription; its deliveries fail",
                  {{"subscription", subscription.id()}, {"setting", "webhook.key_file"}});
  apply(subscription);
}

std::optional<v1::SubscriptionRecord> SubscriptionStore::written(const std::string& id) const {
  const std::lock_guard lock(records_mutex_);
  const auto known = records_.find(id);
  if (known == records_.end() || known->second.deleted()) return std::nullopt;
  return known->second;
}

std::optional<v1::SubscriptionRecord> SubscriptionStore::look_up(const std::string& id) const {
  const std::lock_guard lock(records_mutex_);
  const auto known = records_.find(id);
  if (known == records_.end()) return std::nullopt;
  return facts_.joined(known->second);
}

std::optional<v1::SubscriptionRecord> SubscriptionStore::find(const std::string& id) const {
  auto record = look_up(id);
  if (record && record->deleted()) record.reset();
  return record;
}

std::vector<v1::SubscriptionRecord> SubscriptionStore::list() const {
  std::vector<v1::SubscriptionRecord> out;
  {
    const std::lock_guard lock(records_mutex_);
    for (const auto& [id, record] : records_) {
      if (!record.deleted()) out.push_back(facts_.joined(record));
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.created_at_unix_ms() < b.created_at_unix_ms();
  });
  return out;
}

void SubscriptionStore::subscribe(Listener listener) {
  const std::lock_guard telling(listeners_mutex_);
  for (const v1::SubscriptionRecord& record : list()) listener(record);
  listeners_.push_back(std::move(listener));
}

Result<void> SubscriptionStore::bury_old() {
  std::vector<log::NewRecord> tombstones;
  {
    const std::lock_guard lock(records_mutex_);
    for (const auto& [id, record] : records_) {
      if (record.deleted() && record.updated_at_unix_ms() + kKeepDeletedMs < clock_.now_unix_ms()) {
        tombstones.push_back({proto::Topic::kSubscriptions, id, std::nullopt});
      }
    }
  }
  if (tombstones.empty()) return {};
  return log::append(log_, std::move(tombstones));
}

Result<bool> SubscriptionStore::catch_up(const std::stop_token& stop) {
  return topic_.catch_up(stop);
}

std::vector<v1::SubscriptionRecord> SubscriptionStore::unsealed() const {
  std::vector<v1::SubscriptionRecord> out;
  const std::lock_guard lock(records_mutex_);
  for (const std::string& id : to_seal_) {
    const auto known = records_.find(id);
    if (known != records_.end() && !known->second.deleted()) out.push_back(known->second);
  }
  return out;
}

/// Another process may change a subscription in the moment between what was read here and what is
/// written: then an older revision would be the last of the log. Whoever wrote it sees that when it
/// has caught up, and writes the later one again.
Result<void> SubscriptionStore::seal_anew(const std::stop_token& stop) {
  std::vector<v1::SubscriptionRecord> due = unsealed();
  if (due.empty() || !log_.has_room()) return {};
  const std::size_t count = due.size();
  while (!due.empty() && !stop.stop_requested()) {
    for (const v1::SubscriptionRecord& record : due) {
      const std::lock_guard changing(changes_mutex_);
      const auto now = written(record.id());
      if (now && now->revision() == record.revision()) VIGIE_TRY(append(*now));
    }
    VIGIE_TRY(catch_up(stop));
    std::vector<v1::SubscriptionRecord> overtaken;
    for (const v1::SubscriptionRecord& record : due) {
      auto now = written(record.id());
      if (now && now->revision() > record.revision()) overtaken.push_back(std::move(*now));
    }
    due = std::move(overtaken);
  }
  if (due.empty())
    logging::info("secrets of webhooks were sealed anew", {{"subscriptions", count}});
  return {};
}

Result<void> SubscriptionStore::run(std::stop_token stop) {
  log::Every house(clock_, kBurialInterval);
  return topic_.run(stop, [&]() -> Result<void> {
    if (!house.is_due()) return {};
    VIGIE_TRY(bury_old());
    return seal_anew(stop);
  });
}

}  // namespace vigie::indexer::subscriptions
