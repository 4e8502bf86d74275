#include "indexer/alerting/intake.h"

#include <algorithm>
#include <set>

#include "indexer/alerting/alerts.h"
#include "indexer/alerting/changelog.h"
#include "indexer/analysis/first.h"
#include "indexer/subscriptions/kind.h"
#include "platform/log/quarantine.h"
#include "platform/logging/logging.h"
#include "proto/identity.h"

namespace vigie::indexer::alerting {
namespace {

using proto::Topic;

// proto/delivery.proto: a flood of copies must not make a record that no topic takes
constexpr int kMaxGroupMatches = 1000;
constexpr std::size_t kMaxIdBytes = 128;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::size_t kMostLooked = 400;  // waiting matches whose events are asked for at once
// One source takes all but one in so many of a subscription's alerts of an hour: a source that
// floods leaves the rest to the others.
constexpr std::size_t kShareOfOneSource = 2;
constexpr std::size_t kMaxHours = 10'000;  // subscriptions whose count of an hour is remembered

/// What of it is not older than what is remembered. The article of a spike may be of any age.
std::int64_t found_at(const v1::MatchRecord& match) {
  return match.has_spike() ? match.matched_at_unix_ms() : match.article().discovered_at_unix_ms();
}

bool usable_id(const std::string& id) {
  return !id.empty() && id.size() <= kMaxIdBytes && id.find('/') == std::string::npos;
}

}  // namespace

Intake::Intake(Store& store, subscriptions::SubscriptionStore& subscriptions, Clock& clock,
               AlertingMetrics& metrics, const AlerterOptions& options)
    : store_(store),
      subscriptions_(subscriptions),
      clock_(clock),
      options_(options),
      metrics_(metrics) {}

Result<bool> Intake::take(const log::Record& record, log::Producer& producer,
                          std::vector<Raised>& raised, const std::stop_token& stop) {
  v1::MatchRecord match;
  const bool readable = record.value && match.ParseFromString(*record.value) &&
                        usable_id(match.match_id()) && usable_id(match.subscription_id()) &&
                        match.subscription_id() == record.key;
  if (readable) {
    VIGIE_ASSIGN(const bool known, know_subscription(match, stop));
    if (!known) return false;
  }
  metrics_.matches.add();
  storage::Batch batch;
  store_.put_position(batch, record.partition, record.offset + 1);
  if (readable) {
    const Place place{record.partition, record.offset, record.timestamp_unix_ms};
    VIGIE_TRY(decide(batch, match, place, raised));
  } else {
    metrics_.dropped.of("bad_record").add();
    VIGIE_TRY(quarantine(record, producer));
  }
  VIGIE_TRY(store_.write(batch, storage::Durability::kBuffered));
  return true;
}

Result<bool> Intake::know_subscription(const v1::MatchRecord& match, const std::stop_token& stop) {
  const auto subscription = subscriptions_.look_up(match.subscription_id());
  if (subscription && subscription->revision() >= match.subscription_revision()) return true;
  // The shard read that revision from the log, so it is there: reading to the end is all the
  // waiting there can be.
  return subscriptions_.catch_up(stop);
}

Result<bool> Intake::is_over(storage::Batch& batch, const v1::MatchRecord& match,
                             const std::optional<v1::SubscriptionRecord>& subscription) {
  const char* reason = nullptr;
  if (!subscription) reason = "subscription_unknown";
  else if (subscription->deleted()) reason = "subscription_deleted";
  else if ((subscription->kind() == subscriptions::kSpike) != match.has_spike())
    reason = "other_kind";
  else if (found_at(match) < clock_.now_unix_ms() - options_.keep_ms) reason = "too_old";
  if (reason != nullptr) {
    metrics_.dropped.of(reason).add();
    return true;
  }
  VIGIE_ASSIGN(const std::optional<v1::AlertGroup> seen, store_.group_of(match.match_id()));
  if (!seen) return false;
  metrics_.repeats.add();
  VIGIE_TRY(store_.hold_again(batch, *seen));
  return true;
}

Result<void> Intake::decide(storage::Batch& batch, const v1::MatchRecord& match, const Place& place,
                            std::vector<Raised>& raised) {
  const auto subscription = subscriptions_.look_up(match.subscription_id());
  VIGIE_ASSIGN(const bool over, is_over(batch, match, subscription));
  if (over) return {};
  if (match.has_spike()) return decide_spike(batch, match, place, *subscription, raised);
  VIGIE_ASSIGN(const bool joined, joins_its_copy(batch, match));
  if (joined) return {};
  if (!subscription->one_per_event())
    return raise_unless_flooded(batch, match, place, *subscription, raised);
  VIGIE_ASSIGN(const bool waits, store_.waiting().holds(match));
  if (waits) metrics_.repeats.add();
  else wait(batch, match, place);
  return {};
}

/// A subscription is told once in 24 hours, whoever writes spikes, and however often.
Result<void> Intake::decide_spike(storage::Batch& batch, const v1::MatchRecord& match,
                                  const Place& place, const v1::SubscriptionRecord& subscription,
                                  std::vector<Raised>& raised) {
  const std::int64_t since = match.matched_at_unix_ms() - proto::kDayMs + 1;
  VIGIE_ASSIGN(const auto told, store_.group_times(match.subscription_id(), since));
  if (told.empty()) return raise_unless_flooded(batch, match, place, subscription, raised);
  metrics_.repeats.add();
  return {};
}

Result<void> Intake::decide_event(storage::Batch& batch, const v1::MatchRecord& match,
                                  const Place& place, std::vector<Raised>& raised) {
  const auto subscription = subscriptions_.look_up(match.subscription_id());
  VIGIE_ASSIGN(const bool over, is_over(batch, match, subscription));
  if (over) return {};
  VIGIE_ASSIGN(const bool joined, joins_its_copy(batch, match));
  if (joined) return {};
  const std::string& event = match.reach().event_id();
  if (event.empty()) {
    metrics_.event_unknown.add();
    return raise_unless_flooded(batch, match, place, *subscription, raised);
  }
  const std::int64_t since = match.matched_at_unix_ms() - options_.copy_window_ms;
  VIGIE_ASSIGN(std::optional<v1::AlertGroup> group,
               store_.group_of_event(match.subscription_id(), event, since));
  if (!group) return raise_unless_flooded(batch, match, place, *subscription, raised);
  metrics_.same_event.add();
  *group->mutable_reach() = match.reach();
  return join(batch, std::move(*group), match);
}

Result<bool> Intake::joins_its_copy(storage::Batch& batch, const v1::MatchRecord& match) {
  const std::int64_t since = match.matched_at_unix_ms() - options_.copy_window_ms;
  VIGIE_ASSIGN(std::optional<v1::AlertGroup> group, store_.group_copied(match, since));
  if (!group) return false;
  metrics_.copies.add();
  VIGIE_TRY(join(batch, std::move(*group), match));
  return true;
}

Result<void> Intake::raise_unless_flooded(storage::Batch& batch, const v1::MatchRecord& match,
                                          const Place& place,
                                          const v1::SubscriptionRecord& subscription,
                                          std::vector<Raised>& raised) {
  VIGIE_ASSIGN(const char* flooded, flooded_by(batch, match));
  if (flooded != nullptr) {
    metrics_.dropped.of(flooded).add();
    return {};
  }
  metrics_.raised.add();
  VIGIE_ASSIGN(Raised alert, raise(batch, match, place, subscription));
  raised.push_back(std::move(alert));
  return {};
}

void Intake::wait(storage::Batch& batch, const v1::MatchRecord& match, const Place& place) {
  v1::WaitingMatch waiting;
  *waiting.mutable_match() = match;
  waiting.set_partition(place.partition);
  waiting.set_offset(place.offset);
  waiting.set_log_time_unix_ms(place.log_time_unix_ms);
  waiting.set_since_unix_ms(clock_.now_unix_ms());
  store_.waiting().put(batch, waiting);
  store_.put_changelog(batch, {Topic::kDeliveries, changelog_key(waiting),
                               waiting.SerializeAsString(), match.subscription_id()});
  any_waits_ = true;
}

v1::EventReach Intake::reach_of(const std::string& event) const {
  v1::EventReach reach =
      (options_.reach ? options_.reach(event) : std::nullopt).value_or(v1::EventReach());
  reach.set_event_id(event);
  return reach;
}

Result<bool> Intake::learn_events(const Held::Ours& ours, std::uint64_t mark,
                                  std::int32_t partitions) {
  const std::chrono::milliseconds now = clock_.since_boot();
  if (!any_waits_ || now < next_look_) return false;
  next_look_ = now + options_.event_look;
  VIGIE_ASSIGN(std::vector<v1::WaitingMatch> all, store_.waiting().first(ours, kMostLooked));
  any_waits_ = !all.empty();
  std::vector<std::string> articles;
  for (const v1::WaitingMatch& one : all) articles.push_back(one.match().article().article_id());
  const Events events = options_.events && !all.empty() ? options_.events(articles) : Events();
  const std::int64_t long_since = clock_.now_unix_ms() - options_.event_wait.count();
  storage::Batch batch;
  std::set<std::int32_t> learned;
  std::map<std::string, v1::EventReach> reaches;  // by event: many subscriptions meet one article
  for (v1::WaitingMatch& one : all) {
    const v1::ArticleSummary& article = one.match().article();
    const auto known = events.find(article.article_id());
    const std::string& event = known == events.end() ? article.event_id() : known->second;
    if (event.empty() && one.since_unix_ms() > long_since) continue;
    const auto [reach, fresh] = reaches.try_emplace(event);
    if (fresh && !event.empty()) reach->second = reach_of(event);
    *one.mutable_match()->mutable_reach() = reach->second;
    store_.waiting().put(batch, one);
    store_.put_changelog(batch, {Topic::kDeliveries, changelog_key(one), one.SerializeAsString(),
                                 one.match().subscription_id()});
    learned.insert(one.partition());
  }
  if (learned.empty()) return false;
  for (const std::int32_t partition : learned)
    VIGIE_TRY(put_mark(store_, batch, partition, partitions, mark));
  VIGIE_TRY(store_.write(batch, storage::Durability::kSynced));
  any_noted_ = true;
  return true;
}

Result<bool> Intake::decide_waiting(const Held::Ours& ours, std::vector<Raised>& raised) {
  if (!any_noted_) return false;
  any_noted_ = false;
  VIGIE_ASSIGN(std::vector<v1::WaitingMatch> all, store_.waiting().first(ours, SIZE_MAX));
  std::erase_if(all, [](const v1::WaitingMatch& one) { return !one.match().has_reach(); });
  for (const v1::WaitingMatch& one : all) {
    storage::Batch batch;
    store_.waiting().remove(batch, one.match());
    const Place place{one.partition(), one.offset(), one.log_time_unix_ms()};
    VIGIE_TRY(decide_event(batch, one.match(), place, raised));
    store_.put_changelog(batch, {Topic::kDeliveries, changelog_key(one), std::nullopt,
                                 one.match().subscription_id()});
    const bool last = &one == &all.back();
    VIGIE_TRY(
        store_.write(batch, last ? storage::Durability::kSynced : storage::Durability::kBuffered));
  }
  return !all.empty();
}

/// By what the store holds: whoever goes on after a restart counts the same.
Result<Intake::Hour*> Intake::hour_of(const std::string& subscription, std::int64_t begin) {
  if (hours_.size() > kMaxHours)
    std::erase_if(hours_, [&](const auto& one) { return one.second.begin_unix_ms != begin; });
  const auto [place, fresh] = hours_.try_emplace(subscription);
  Hour& hour = place->second;
  if (!fresh && hour.begin_unix_ms == begin) return &hour;
  hour = {};
  hour.begin_unix_ms = begin;
  VIGIE_TRY(store_.each_group(subscription, begin, begin + kHourMs, [&](const auto& group) {
    ++hour.alerts;
    ++hour.of_sources[group.article().source().id()];
  }));
  return &hour;
}

/// By log time, and by what the store holds: whoever reads the same matches again decides the same.
Result<const char*> Intake::flooded_by(storage::Batch& batch, const v1::MatchRecord& match) {
  const std::string& subscription = match.subscription_id();
  const std::string& source = match.article().source().id();
  const std::int64_t begin =
      std::max<std::int64_t>(0, match.matched_at_unix_ms()) / kHourMs * kHourMs;
  VIGIE_ASSIGN(Hour* const hour, hour_of(subscription, begin));
  std::size_t& of_source = hour->of_sources[source];
  const std::size_t most = options_.alerts_per_hour;
  const bool source_floods = !source.empty() && of_source >= most - most / kShareOfOneSource;
  if (hour->alerts < most && !source_floods) {
    ++hour->alerts;
    ++of_source;
    return nullptr;
  }
  VIGIE_ASSIGN(Store::LeftOut left_out, store_.left_out(subscription));
  if (left_out.hour_unix_ms != begin) {
    left_out = {begin, 0};
    logging::warn("a subscription meets more than it may tell; the rest of this hour is not told",
                  {{"subscription", subscription},
                   {"alerts", static_cast<long long>(most)},
                   {"of_one_source", source_floods ? source : std::string()}});
  }
  ++left_out.matches;
  store_.put_left_out(batch, subscription, left_out);
  return source_floods ? "too_many_of_source" : "too_many";
}

Result<void> Intake::join(storage::Batch& batch, v1::AlertGroup group,
                          const v1::MatchRecord& match) {
  if (group.match_ids_size() >= kMaxGroupMatches) return {};
  const std::int64_t last =
      std::max(group.first_matched_at_unix_ms(), group.last_matched_at_unix_ms());
  group.add_match_ids(match.match_id());
  group.set_last_matched_at_unix_ms(std::max(last, match.matched_at_unix_ms()));
  if (analysis::is_earlier(match.article(), shown_article(group))) {
    *group.mutable_first() = match.article();
    *group.mutable_first_evidence() = match.evidence();
  }
  VIGIE_TRY(store_.put_joined(batch, group, last));
  store_.put_changelog(batch, {Topic::kDeliveries, changelog_key(group), group.SerializeAsString(),
                               group.subscription_id()});
  return {};
}

rhythm::Telling Intake::telling_of(const v1::SubscriptionRecord& subscription, const Place& place) {
  // flooded_by has counted this one.
  const auto hour = hours_.find(subscription.id());
  const std::uint64_t nth = hour == hours_.end() ? 1 : hour->second.alerts;
  return rhythm::telling_of(rules_.of(subscription), place.log_time_unix_ms, nth);
}

Result<Intake::Raised> Intake::raise(storage::Batch& batch, const v1::MatchRecord& match,
                                     const Place& place,
                                     const v1::SubscriptionRecord& subscription) {
  Raised out;
  out.subscription = subscription;
  v1::AlertGroup& group = out.group;
  group.set_delivery_id(match.match_id());
  group.set_subscription_id(match.subscription_id());
  group.set_fingerprint(match.fingerprint());
  group.set_first_matched_at_unix_ms(std::max<std::int64_t>(0, match.matched_at_unix_ms()));
  group.set_last_matched_at_unix_ms(group.first_matched_at_unix_ms());
  group.add_match_ids(match.match_id());
  *group.mutable_article() = match.article();
  *group.mutable_evidence() = match.evidence();
  if (match.has_spike()) *group.mutable_spike() = match.spike();
  if (!match.reach().event_id().empty()) *group.mutable_reach() = match.reach();
  VIGIE_ASSIGN(const bool begun, was_delivered(match, place));
  switch (begun ? rhythm::Telling::kAtOnce : telling_of(subscription, place)) {
    case rhythm::Telling::kAtOnce: {
      VIGIE_ASSIGN(out.deliveries, deliver(batch, match, place, subscription));
      break;
    }
    case rhythm::Telling::kHeld:
      metrics_.held.add();
      group.set_held_at_unix_ms(place.log_time_unix_ms);
      group.set_held_offset(place.offset);
      break;
    case rhythm::Telling::kUntold: metrics_.untold.add(); break;
  }
  VIGIE_TRY(store_.put_group(batch, group, group.last_matched_at_unix_ms() + options_.keep_ms));
  store_.put_changelog(batch, {Topic::kDeliveries, changelog_key(group), group.SerializeAsString(),
                               group.subscription_id()});
  return out;
}

/// By somebody who died before the log had the alert itself: what was decided stays, whatever the
/// subscription has become since.
Result<bool> Intake::was_delivered(const v1::MatchRecord& match, const Place& place) const {
  return store_.delivers(match.subscription_id(), place.log_time_unix_ms, match.match_id());
}

/// A row is a function of the match: one that is there was decided by somebody else, who may have
/// sent it.
Result<std::vector<v1::DeliveryRecord>> Intake::deliver(
    storage::Batch& batch, const v1::MatchRecord& match, const Place& place,
    const v1::SubscriptionRecord& subscription) {
  std::vector<v1::DeliveryRecord> out;
  const std::int64_t now = clock_.now_unix_ms();
  for (const v1::Channel& channel : subscription.channels()) {
    if (channel.disabled()) continue;
    v1::DeliveryRecord delivery;
    delivery.set_delivery_id(match.match_id());
    delivery.set_subscription_id(match.subscription_id());
    delivery.set_channel_id(channel.id());
    delivery.set_state(v1::DELIVERY_STATE_PENDING);
    delivery.set_created_at_unix_ms(place.log_time_unix_ms);
    delivery.set_decided_at_unix_ms(now);
    delivery.set_next_due_unix_ms(now);
    *delivery.mutable_match() = match;
    VIGIE_ASSIGN(const auto known, store_.delivery(Store::delivery_row(delivery)));
    if (known) continue;
    store_.put_delivery(batch, delivery, 0);
    store_.put_changelog(batch, {Topic::kDeliveries, changelog_key(delivery),
                                 delivery.SerializeAsString(), delivery.subscription_id()});
    out.push_back(std::move(delivery));
  }
  return out;
}

Result<void> Intake::quarantine(const log::Record& record, log::Producer& producer) {
  quarantined_any_ = true;
  return producer.send(log::quarantined(Topic::kMatches, record,
                                        {"alert", "bad_record",
                                         "the record is no MatchRecord that this version can read, "
                                         "or names another subscription than its key"},
                                        clock_.now_unix_ms()));
}

}  // namespace vigie::indexer::alerting
