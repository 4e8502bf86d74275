#include "indexer/alerting/digests.h"

#include <algorithm>
#include <mutex>

#include "indexer/alerting/changelog.h"
#include "indexer/alerting/digest_entries.h"
#include "platform/logging/logging.h"

namespace vigie::indexer::alerting {
namespace {

using proto::Topic;

// Of the alerts of a slot the newest so many are looked at for entries; all are told, and counted.
constexpr std::size_t kMostShown = 2'000;
// alerts.per_hour of a week, and what is late
constexpr std::size_t kMostHeld = 500'000;
// Empty slots that nobody sent while nothing ran are not made up for: only the newest is told.
constexpr std::int64_t kLooksBackMs = 8 * proto::kDayMs;

/// Whether a record says anything of when it is told. Cheap: it is asked of every subscription.
bool says_when(const v1::SubscriptionRecord& record) {
  const bool instant = record.rhythm().empty() || record.rhythm() == "instant";
  return !instant || !record.quiet().empty() || record.most_per_hour() > 0 ||
         record.snooze_until_unix_ms() > 0 || record.pause_until_unix_ms() > 0;
}

std::string zone_of(const rhythm::Rule& rule) {
  const bool own =
      rule.rhythm.every == rhythm::Every::kDaily || rule.rhythm.every == rhythm::Every::kWeekly;
  return own || !rule.quiet ? rule.rhythm.zone.name() : rule.quiet->zone.name();
}

}  // namespace

struct Digests::Mailbox {
  std::mutex mutex;
  std::set<std::string> changed;
};

Digests::Digests(Store& store, subscriptions::SubscriptionStore& subscriptions, log::Log& log,
                 Clock& clock, AlertingMetrics& metrics, const AlerterOptions& options)
    : store_(store),
      subscriptions_(subscriptions),
      log_(log),
      clock_(clock),
      metrics_(metrics),
      options_(options),
      mailbox_(std::make_shared<Mailbox>()) {
  // One that became plain matters too, as something may be held for it, but not at the beginning:
  // begin() asks the store.
  const auto begun = std::make_shared<bool>(false);
  subscriptions_.subscribe([mailbox = mailbox_, begun](const v1::SubscriptionRecord& record) {
    if (!*begun && !says_when(record)) return;
    const std::lock_guard lock(mailbox->mutex);
    mailbox->changed.insert(record.id());
  });
  *begun = true;
}

Digests::~Digests() = default;

Result<void> Digests::begin(std::int32_t partitions, Ours ours) {
  partitions_ = partitions;
  ours_ = std::move(ours);
  timers_.clear();
  by_time_.clear();
  VIGIE_ASSIGN(const std::vector<std::string> holding, store_.held().subscriptions());
  for (const std::string& id : holding) VIGIE_TRY(plan(id));
  for (const v1::SubscriptionRecord& subscription : subscriptions_.list()) {
    if (subscription.empty_digests()) VIGIE_TRY(plan(subscription.id()));
  }
  return {};
}

Result<void> Digests::add(const std::string& subscription_id) {
  return plan(subscription_id);  // what is held first decides: a match that waited may come before
}

void Digests::set_timer(const std::string& subscription_id, std::int64_t due_unix_ms) {
  remove_timer(subscription_id);
  timers_[subscription_id] = {due_unix_ms, std::nullopt};
  by_time_.emplace(due_unix_ms, subscription_id);
}

void Digests::remove_timer(const std::string& subscription_id) {
  const auto known = timers_.find(subscription_id);
  if (known == timers_.end()) return;
  by_time_.erase({known->second.due_unix_ms, subscription_id});
  timers_.erase(known);
}

std::int64_t Digests::overdue_ms() const {
  if (by_time_.empty()) return 0;
  return std::max<std::int64_t>(0, clock_.now_unix_ms() - by_time_.begin()->first);
}

/// The slot that the subscription's oldest alert waits for, or the next empty one.
Result<std::optional<rhythm::Slot>> Digests::slot_of(const v1::SubscriptionRecord& subscription,
                                                     const rhythm::Rule& rule) const {
  VIGIE_ASSIGN(const std::vector<Held::Row> rows, store_.held().rows(subscription.id(), 1));
  VIGIE_ASSIGN(const std::optional<v1::DigestSlot> last, store_.held().slot(subscription.id()));
  const std::int64_t after = last ? last->due_unix_ms() : 0;
  if (!rule.empty_digests) {
    if (rows.empty()) return std::optional<rhythm::Slot>();
    return std::optional(rhythm::next_slot(rule, rows.front().held_unix_ms, after));
  }
  const std::int64_t now = clock_.now_unix_ms();
  rhythm::Slot slot = rhythm::next_slot(
      rule, 0, std::max({after, subscription.rhythm_since_unix_ms(), now - kLooksBackMs}));
  while (rows.empty() || rows.front().held_unix_ms >= slot.due_unix_ms) {
    rhythm::Slot later = rhythm::next_slot(rule, 0, slot.due_unix_ms);
    if (later.due_unix_ms > now) break;
    slot = std::move(later);
  }
  return std::optional(std::move(slot));
}

Result<void> Digests::plan(const std::string& subscription_id) {
  remove_timer(subscription_id);
  if (!ours_ || !ours_(subscription_id)) return {};
  const auto subscription = subscriptions_.look_up(subscription_id);
  if (!subscription || subscription->deleted()) return drop(subscription_id);
  VIGIE_ASSIGN(const std::optional<rhythm::Slot> slot,
               slot_of(*subscription, rules_.of(*subscription)));
  if (slot) set_timer(subscription_id, slot->due_unix_ms);
  return {};
}

/// What is held for nobody.
Result<void> Digests::drop(const std::string& subscription_id) {
  VIGIE_ASSIGN(const std::vector<Held::Row> rows, store_.held().rows(subscription_id, 1));
  if (rows.empty()) return {};
  storage::Batch batch;
  store_.held().remove_through(batch, subscription_id, INT64_MAX - 1);
  return store_.write(batch, storage::Durability::kBuffered);
}

Result<std::vector<v1::DeliveryRecord>> Digests::close_due() {
  std::vector<v1::DeliveryRecord> out;
  std::set<std::string> changed;
  {
    const std::lock_guard lock(mailbox_->mutex);
    changed.swap(mailbox_->changed);
  }
  for (const std::string& id : changed) VIGIE_TRY(plan(id));
  const std::int64_t now = clock_.now_unix_ms();
  std::vector<std::string> due;
  for (const auto& [time, id] : by_time_) {
    if (time > now) break;
    due.push_back(id);
  }
  for (const std::string& id : due) VIGIE_TRY(look_at(id, out));
  return out;
}

/// The end of the partition is looked at once after the slot became due: what the log takes later
/// has a later time.
Result<bool> Digests::has_read_all(const std::string& subscription_id, Timer& timer) {
  // What waits for its event may be told in this slot.
  VIGIE_ASSIGN(const bool waits, store_.waiting().any_before(subscription_id, timer.due_unix_ms));
  if (waits) return false;
  const std::int32_t partition = proto::partition_of(subscription_id, partitions_);
  VIGIE_ASSIGN(const std::optional<std::int64_t> position, store_.position(partition));
  if (!timer.read_to) {
    const auto range = log_.offsets({Topic::kMatches, partition});
    if (!range) {
      if (range.error().disposition == Disposition::kRetry) return false;
      return failure(range.error());
    }
    const bool all_gone = range->begin == range->end && !position;
    timer.read_to = all_gone ? 0 : range->end;
  }
  return position.value_or(0) >= *timer.read_to;
}

Result<void> Digests::look_at(const std::string& subscription_id,
                              std::vector<v1::DeliveryRecord>& out) {
  Timer& timer = timers_[subscription_id];
  const std::int64_t due = timer.due_unix_ms;
  VIGIE_ASSIGN(const bool complete, has_read_all(subscription_id, timer));
  if (!complete) return {};
  const auto subscription = subscriptions_.look_up(subscription_id);
  if (!subscription || subscription->deleted()) return plan(subscription_id);
  const rhythm::Rule rule = rules_.of(*subscription);
  // What has been read meanwhile may have come before what was known.
  VIGIE_ASSIGN(const std::optional<rhythm::Slot> slot, slot_of(*subscription, rule));
  if (slot && slot->due_unix_ms <= due) VIGIE_TRY(close(*subscription, rule, *slot, out));
  return plan(subscription_id);
}

Result<void> Digests::close(const v1::SubscriptionRecord& subscription, const rhythm::Rule& rule,
                            const rhythm::Slot& slot, std::vector<v1::DeliveryRecord>& out) {
  Held& held = store_.held();
  VIGIE_ASSIGN(const std::optional<v1::DigestSlot> last, held.slot(subscription.id()));
  VIGIE_ASSIGN(std::vector<Held::Row> rows, held.rows(subscription.id(), kMostHeld));
  const auto end = std::find_if(rows.begin(), rows.end(), [&](const Held::Row& row) {
    return row.held_unix_ms >= slot.due_unix_ms;
  });
  rows.erase(end, rows.end());
  VIGIE_ASSIGN(const v1::Digest digest,
               digest_of(rows, rule, slot, last ? last->due_unix_ms() : 0));
  v1::DigestSlot closed;
  closed.set_subscription_id(subscription.id());
  closed.set_slot(slot.name);
  closed.set_due_unix_ms(slot.due_unix_ms);
  closed.set_closed_unix_ms(digest.closed_unix_ms());
  closed.set_digest_id(digest_id(subscription.id(), slot.name));
  closed.set_alerts(rows.size());
  closed.set_told_before_offset(rows.empty() ? last ? last->told_before_offset() : 0
                                             : rows.back().offset + 1);
  storage::Batch batch;
  for (const v1::Channel& channel : subscription.channels()) {
    if (channel.disabled()) continue;
    v1::DeliveryRecord delivery;
    delivery.set_delivery_id(closed.digest_id());
    delivery.set_subscription_id(subscription.id());
    delivery.set_channel_id(channel.id());
    delivery.set_state(v1::DELIVERY_STATE_PENDING);
    // Of the slot, so that who closes it again finds the same row.
    delivery.set_created_at_unix_ms(slot.due_unix_ms);
    delivery.set_next_due_unix_ms(digest.closed_unix_ms());
    *delivery.mutable_digest() = digest;
    VIGIE_ASSIGN(const auto known, store_.delivery(Store::delivery_row(delivery)));
    if (known) continue;
    store_.put_delivery(batch, delivery, 0);
    store_.put_changelog(batch, {Topic::kDeliveries, changelog_key(delivery),
                                 delivery.SerializeAsString(), delivery.subscription_id()});
    out.push_back(std::move(delivery));
  }
  held.put_slot(batch, closed);
  store_.put_changelog(batch, slot_record(closed));
  if (!rows.empty()) held.remove_through(batch, subscription.id(), rows.back().offset);
  metrics_.digests.add();
  return store_.write(batch, storage::Durability::kSynced);
}

Result<v1::Digest> Digests::digest_of(const std::vector<Held::Row>& rows, const rhythm::Rule& rule,
                                      const rhythm::Slot& slot, std::int64_t since_unix_ms) const {
  v1::Digest out;
  out.set_slot(slot.name);
  out.set_due_unix_ms(slot.due_unix_ms);
  out.set_since_unix_ms(since_unix_ms);
  out.set_closed_unix_ms(clock_.now_unix_ms());
  out.set_time_zone(zone_of(rule));
  std::vector<v1::AlertGroup> groups;
  std::vector<std::string> articles;
  for (auto row = rows.rbegin(); row != rows.rend() && groups.size() < kMostShown; ++row) {
    VIGIE_ASSIGN(std::optional<v1::AlertGroup> group, store_.group(row->group));
    if (!group) continue;
    articles.push_back(group->article().article_id());
    groups.push_back(std::move(*group));
  }
  fill_entries(groups, options_.events && !articles.empty() ? options_.events(articles) : Events(),
               out);
  say_reach(options_.reach, out);
  const std::uint64_t beyond = rows.size() - groups.size();
  out.set_further(out.further() + beyond);
  out.set_alerts(out.alerts() + beyond);
  out.set_articles(out.articles() + beyond);
  return out;
}

Result<void> Digests::forget_gone() {
  std::vector<std::string> gone;
  VIGIE_TRY(store_.held().slots([&](const v1::DigestSlot& slot) {
    const std::string& id = slot.subscription_id();
    if (ours_ && ours_(id) && !subscriptions_.look_up(id)) gone.push_back(id);
  }));
  if (gone.empty()) return {};
  storage::Batch batch;
  for (const std::string& id : gone) {
    store_.held().remove_slot(batch, id);
    store_.put_changelog(batch, {Topic::kDigests, id, std::nullopt, id});
  }
  return store_.write(batch, storage::Durability::kBuffered);
}

}  // namespace vigie::indexer::alerting
