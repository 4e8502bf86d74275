#include "indexer/subscriptions/store.h"

#include <algorithm>
#include <set>

#include "indexer/delivery/delivery.h"
#include "indexer/query/query.h"
#include "platform/log/bad_record.h"
#include "platform/text/utf8.h"
#include "proto/identity.h"

namespace vigie::indexer::subscriptions {
namespace {

// a change by another process is in force within 1 s
constexpr std::chrono::milliseconds kPoll{200};
constexpr std::chrono::milliseconds kCatchUpTime{60'000};
constexpr std::chrono::milliseconds kBurialInterval{3'600'000};
// so long a sleeping shard still learns of a deletion (ops/spec/records.md, "subscriptions")
constexpr std::int64_t kKeepDeletedMs = 30 * proto::kDayMs;
constexpr std::size_t kMaxRecords = 1'000;  // of one poll

tl::unexpected<Error> not_found(const std::string& id) {
  return failure(Disposition::kQuarantine, "not_found",
                 "there is no subscription " + id + "; GET /v1/subscriptions lists them");
}
tl::unexpected<Error> bad(std::string detail) {
  return failure(Disposition::kQuarantine, "bad_subscription", std::move(detail));
}

std::string random_bytes(Random& random, std::size_t count) {
  std::string out;
  while (out.size() < count) {
    std::uint64_t word = random.next();
    for (int i = 0; i < 8 && out.size() < count; ++i, word >>= 8)
      out += static_cast<char>(word & 0xFF);
  }
  return out;
}

}  // namespace

v1::SubscriptionRecord masked(v1::SubscriptionRecord record) {
  for (v1::Channel& channel : *record.mutable_channels()) {
    if (!channel.secret().empty()) channel.set_secret(std::string(kMaskedSecret));
  }
  return record;
}

SubscriptionStore::SubscriptionStore(log::Log& log, Clock& clock, Random& random,
                                     const Limits& limits)
    : log_(log), clock_(clock), random_(random), limits_(limits) {}
SubscriptionStore::~SubscriptionStore() = default;

Result<std::unique_ptr<SubscriptionStore>> SubscriptionStore::open(log::Log& log, Clock& clock,
                                                                   Random& random,
                                                                   const Limits& limits) {
  std::unique_ptr<SubscriptionStore> store(new SubscriptionStore(log, clock, random, limits));
  VIGIE_ASSIGN(store->next_offsets_,
               log::read_to_end(log, proto::Topic::kSubscriptions,
                                [&](const log::Record& record) { return store->take(record); }));
  return store;
}

std::string SubscriptionStore::random_id() { return proto::base32(random_bytes(random_, 16)); }

Result<void> SubscriptionStore::complete_channels(std::vector<v1::Channel> channels,
                                                  const v1::SubscriptionRecord* before,
                                                  v1::SubscriptionRecord& record) {
  if (channels.size() > limits_.channels)
    return bad("a subscription has at most " + std::to_string(limits_.channels) + " channels");
  std::set<std::string> ids;
  record.clear_channels();
  for (v1::Channel& channel : channels) {
    const v1::Channel* known = nullptr;
    for (int i = 0; before != nullptr && i < before->channels_size(); ++i) {
      const v1::Channel& old = before->channels(i);
      const bool same = channel.id().empty()
                            ? old.type() == channel.type() && old.url() == channel.url()
                            : old.id() == channel.id();
      if (same && !ids.contains(old.id())) known = &old;
    }
    if (channel.id().empty()) channel.set_id(known != nullptr ? known->id() : random_id());
    if (channel.secret().empty() || channel.secret() == kMaskedSecret)
      channel.set_secret(known != nullptr ? known->secret() : delivery::make_secret(random_));
    VIGIE_TRY(delivery::check_channel(channel));
    if (!ids.insert(channel.id()).second) return bad("two channels have the id " + channel.id());
    *record.add_channels() = std::move(channel);
  }
  return {};
}

Result<v1::SubscriptionRecord> SubscriptionStore::create(const Draft& draft) {
  const std::lock_guard changing(changes_mutex_);
  v1::SubscriptionRecord record;
  record.set_id(random_id());
  record.set_created_at_unix_ms(clock_.now_unix_ms());
  {
    const std::lock_guard lock(records_mutex_);
    if (records_.size() >= limits_.subscriptions)
      return bad("there are " + std::to_string(limits_.subscriptions) +
                 " subscriptions; delete some first");
  }
  record.set_name(draft.name);
  record.set_query(draft.query);
  VIGIE_TRY(complete_channels(draft.channels, nullptr, record));
  return change(std::move(record));
}

Result<v1::SubscriptionRecord> SubscriptionStore::replace(const std::string& id, const Draft& draft,
                                                          std::optional<std::uint64_t> revision) {
  const std::lock_guard changing(changes_mutex_);
  const auto before = find(id);
  if (!before) return not_found(id);
  if (revision && *revision != before->revision()) {
    return failure(Disposition::kQuarantine, "conflict",
                   "somebody changed this subscription meanwhile: it is at revision " +
                       std::to_string(before->revision()) + "; read it and try again");
  }
  v1::SubscriptionRecord record = *before;
  record.set_name(draft.name);
  record.set_query(draft.query);
  VIGIE_TRY(complete_channels(draft.channels, &*before, record));
  return change(std::move(record));
}

Result<void> SubscriptionStore::remove(const std::string& id) {
  const std::lock_guard changing(changes_mutex_);
  const auto before = find(id);
  if (!before) return not_found(id);
  v1::SubscriptionRecord record;
  record.set_id(id);
  record.set_revision(before->revision());
  record.set_name(before->name());
  record.set_query(before->query());
  record.set_created_at_unix_ms(before->created_at_unix_ms());
  record.set_deleted(true);
  if (auto changed = change(std::move(record)); !changed)
    return failure(std::move(changed.error()));
  return {};
}

Result<void> SubscriptionStore::disable_channel(const std::string& id,
                                                const std::string& channel_id,
                                                const std::string& reason) {
  const std::lock_guard changing(changes_mutex_);
  auto record = find(id);
  if (!record) return not_found(id);
  for (v1::Channel& channel : *record->mutable_channels()) {
    if (channel.id() != channel_id) continue;
    if (channel.disabled()) return {};
    channel.set_disabled(true);
    channel.set_disabled_reason(text::ellipsize(reason, 200));
    if (auto changed = change(std::move(*record)); !changed)
      return failure(std::move(changed.error()));
    return {};
  }
  return failure(Disposition::kQuarantine, "not_found",
                 "subscription " + id + " has no channel " + channel_id);
}

/// Validates, numbers, appends durably, applies. changes_mutex_ is held.
Result<v1::SubscriptionRecord> SubscriptionStore::change(v1::SubscriptionRecord record) {
  if (!record.deleted()) {
    record.set_name(text::collapse_spaces(text::to_valid_utf8(record.name())));
    if (record.name().empty()) return bad("a subscription needs a name");
    if (record.name().size() > limits_.name_bytes)
      return bad("the name of a subscription has at most " + std::to_string(limits_.name_bytes) +
                 " bytes");
    if (auto parsed = query::parse(record.query(), query::Use::kSubscription); !parsed)
      return failure(std::move(parsed.error()));
    record.set_rhythm("instant");
  }
  record.set_revision(record.revision() + 1);
  record.set_updated_at_unix_ms(clock_.now_unix_ms());
  VIGIE_TRY(
      log::append(log_, {{proto::Topic::kSubscriptions, record.id(), record.SerializeAsString()}}));
  apply(record);
  return record;
}

void SubscriptionStore::apply(const v1::SubscriptionRecord& record) {
  const std::lock_guard telling(listeners_mutex_);
  {
    const std::lock_guard lock(records_mutex_);
    v1::SubscriptionRecord& known = records_[record.id()];
    // our own later change, which the tail has yet to meet
    if (known.revision() > record.revision()) return;
    if (known.revision() == record.revision() &&
        known.SerializeAsString() == record.SerializeAsString())
      return;
    known = record;
  }
  for (const Listener& listener : listeners_) listener(record);
}

Result<void> SubscriptionStore::take(const log::Record& record) {
  if (!record.value) {
    const std::lock_guard telling(listeners_mutex_);
    v1::SubscriptionRecord gone;
    {
      const std::lock_guard lock(records_mutex_);
      const auto known = records_.find(record.key);
      if (known == records_.end()) return {};
      gone = std::move(known->second);
      records_.erase(known);
    }
    if (gone.deleted()) return {};
    gone.set_deleted(true);
    for (const Listener& listener : listeners_) listener(gone);
    return {};
  }
  v1::SubscriptionRecord subscription;
  if (!subscription.ParseFromString(*record.value) || subscription.id() != record.key) {
    log::warn_bad_record(proto::Topic::kSubscriptions, record);
    return {};
  }
  apply(subscription);
  return {};
}

std::optional<v1::SubscriptionRecord> SubscriptionStore::find(const std::string& id) const {
  const std::lock_guard lock(records_mutex_);
  const auto known = records_.find(id);
  if (known == records_.end() || known->second.deleted()) return std::nullopt;
  return known->second;
}

std::vector<v1::SubscriptionRecord> SubscriptionStore::list() const {
  std::vector<v1::SubscriptionRecord> out;
  {
    const std::lock_guard lock(records_mutex_);
    for (const auto& [id, record] : records_) {
      if (!record.deleted()) out.push_back(record);
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

/// What another thread took before is passed over: nothing is applied twice or out of order.
Result<void> SubscriptionStore::take(const log::Reader::Batch& batch) {
  const std::lock_guard following(follow_mutex_);
  std::int64_t& next = next_offsets_[static_cast<std::size_t>(batch.from.partition)];
  for (const log::Record& record : batch.records) {
    if (record.offset < next) continue;
    VIGIE_TRY(take(record));
    next = record.offset + 1;
  }
  next = std::max(next, batch.next_offset);
  return {};
}

Result<void> SubscriptionStore::catch_up() {
  std::vector<std::int64_t> from;
  {
    const std::lock_guard following(follow_mutex_);
    from = next_offsets_;
  }
  std::unique_ptr<log::Reader> reader;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const log::TopicPartition partition{proto::Topic::kSubscriptions, static_cast<std::int32_t>(i)};
    VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets(partition));
    if (from[i] >= range.end) continue;
    if (!reader) reader = log_.reader();
    VIGIE_TRY(reader->assign(partition, std::max(from[i], range.begin)));
    const auto give_up = clock_.since_boot() + kCatchUpTime;
    for (std::int64_t next = from[i]; next < range.end;) {
      VIGIE_ASSIGN(const auto batches, reader->poll(kMaxRecords, kPoll));
      for (const auto& batch : batches) {
        VIGIE_TRY(take(batch));
        next = batch.next_offset;
      }
      if (clock_.since_boot() > give_up) {
        return failure(
            Disposition::kStop, "log_silent",
            "the log gave no subscription for a minute while there were more; look at the broker",
            "subscriptions");
      }
    }
    reader->unassign(partition);
  }
  return {};
}

Result<void> SubscriptionStore::run(std::stop_token stop) {
  auto reader = log_.reader();
  std::vector<std::int64_t> from;
  {
    const std::lock_guard following(follow_mutex_);
    from = next_offsets_;
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    VIGIE_TRY(
        reader->assign({proto::Topic::kSubscriptions, static_cast<std::int32_t>(i)}, from[i]));
  }
  std::chrono::milliseconds burial_at = clock_.since_boot();
  while (!stop.stop_requested()) {
    VIGIE_ASSIGN(const auto batches, reader->poll(kMaxRecords, kPoll));
    for (const auto& batch : batches) VIGIE_TRY(take(batch));
    if (clock_.since_boot() >= burial_at) {
      VIGIE_TRY(bury_old());
      burial_at = clock_.since_boot() + kBurialInterval;
    }
  }
  return {};
}

}  // namespace vigie::indexer::subscriptions
