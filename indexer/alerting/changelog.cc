#include "indexer/alerting/changelog.h"

#include <algorithm>
#include <map>
#include <set>

#include "platform/log/bad_record.h"
#include "platform/log/follower.h"
#include "platform/logging/logging.h"
#include "proto/delivery_keys.h"

namespace vigie::indexer::alerting {
namespace {

constexpr std::size_t kRelayRows = 1000;  // sent and forgotten at a time

bool begins(const std::string& key, std::string_view prefix) {
  return key.compare(0, prefix.size(), prefix) == 0;
}

enum class Kind { kDelivery, kGroup, kWaiting, kLearned, kSlot, kPosition };

Kind kind_of(const log::NewRecord& record) {
  return record.topic == proto::Topic::kDigests              ? Kind::kSlot
         : begins(record.key, proto::kMatchesPositionPrefix) ? Kind::kPosition
         : begins(record.key, proto::kAlertPrefix)           ? Kind::kGroup
         : begins(record.key, proto::kWaitingPrefix)         ? Kind::kWaiting
         : begins(record.key, proto::kMarkPrefix)            ? Kind::kLearned
                                                             : Kind::kDelivery;
}

/// Sends the rows of one kind, in order; durable on return.
Result<void> send_those(const std::vector<Store::ChangelogRow>& rows, Kind kind,
                        log::Producer& producer) {
  bool any = false;
  for (const Store::ChangelogRow& row : rows) {
    if (kind_of(row.record) != kind) continue;
    any = true;
    const Result<void> sent = producer.send(row.record);
    if (sent) continue;
    // Local state still has it; only a new owner would not.
    if (sent.error().code != "too_large") return sent;
    logging::warn("changelog record too large",
                  {{"key", row.record.key}, {"error", sent.error().detail}});
  }
  if (!any) return {};
  return producer.flush();
}

/// What of it was learned by us is in the log.
Result<void> note_told(Store& store, storage::Batch& batch,
                       const std::vector<Store::ChangelogRow>& rows) {
  for (const Store::ChangelogRow& row : rows) {
    v1::MatchesPosition told;
    if (kind_of(row.record) != Kind::kLearned || !told.ParseFromString(*row.record.value)) continue;
    VIGIE_ASSIGN(Store::Learned learned, store.learned(told.partition()));
    learned.told = static_cast<std::uint64_t>(told.next_offset());
    store.put_learned(batch, told.partition(), learned);
  }
  return {};
}

/// Reads what a topic holds of one partition. False if a stop was asked for first.
Result<bool> read_partition(log::Log& log, proto::Topic topic, std::int32_t partition,
                            log::TopicFollower::Take take, const std::stop_token& stop) {
  VIGIE_ASSIGN(const log::OffsetRange range, log.offsets({topic, partition}));
  log::TopicFollower changelog(log, topic, std::move(take));
  VIGIE_TRY(changelog.start(partition, range.begin));
  return changelog.follow_to_end(stop);
}

/// How far `deliveries` is.
struct Told {
  std::int64_t position = -1;             // the farthest offset of the partition of `matches`
  std::uint64_t learned = 0;              // the newest mark
  std::vector<v1::DeliveryRecord> ended;  // of what is pending here
};

/// Keys of the deliveries that are pending here.
Result<std::set<std::string>> pending_here(const Store& store) {
  std::set<std::string> keys;
  VIGIE_TRY(store.pending_deliveries(
      [&](const v1::DeliveryRecord& delivery) { keys.insert(changelog_key(delivery)); }));
  return keys;
}

void note_end(const log::Record& record, Told& told) {
  v1::DeliveryRecord delivery;
  if (delivery.ParseFromString(*record.value) && changelog_key(delivery) == record.key &&
      delivery.state() != v1::DELIVERY_STATE_PENDING)
    told.ended.push_back(std::move(delivery));
}

/// Nothing if a stop was asked for first. The newest offset may not be the farthest: an owner that
/// slept wrote it before it learned that it owns no more.
Result<std::optional<Told>> told_of(const Store& store, log::Log& log, std::int32_t partition,
                                    const std::stop_token& stop) {
  Told told;
  VIGIE_ASSIGN(const std::set<std::string> pending, pending_here(store));
  const auto take = [&](const log::Reader::Batch& batch) -> Result<void> {
    for (const log::Record& record : batch.records) {
      if (record.value && pending.contains(record.key)) note_end(record, told);
      v1::MatchesPosition position;
      const bool is_position = begins(record.key, proto::kMatchesPositionPrefix);
      if (!record.value || (!is_position && !begins(record.key, proto::kMarkPrefix))) continue;
      if (!position.ParseFromString(*record.value) || position.partition() != partition) continue;
      if (is_position) told.position = std::max(told.position, position.next_offset());
      else told.learned = static_cast<std::uint64_t>(position.next_offset());
    }
    return {};
  };
  VIGIE_ASSIGN(const bool read,
               read_partition(log, proto::Topic::kDeliveries, partition, take, stop));
  return read ? std::optional(told) : std::nullopt;
}

using Slots = std::map<std::string, v1::DigestSlot>;  // by subscription

/// The slots that `digests` tells of; nothing if a stop was asked for first. Of one subscription
/// the latest one counts, as farthest_position says.
Result<std::optional<Slots>> slots_of(log::Log& log, std::int32_t partition,
                                      const std::stop_token& stop) {
  Slots out;
  const auto take = [&](const log::Reader::Batch& batch) -> Result<void> {
    for (const log::Record& record : batch.records) {
      v1::DigestSlot slot;
      if (!record.value) {
        out.erase(record.key);
      } else if (!slot.ParseFromString(*record.value) || slot.subscription_id() != record.key) {
        log::warn_bad_record(proto::Topic::kDigests, record);
      } else if (v1::DigestSlot& known = out[record.key];
                 known.due_unix_ms() <= slot.due_unix_ms()) {
        known = std::move(slot);
      }
    }
    return {};
  };
  VIGIE_ASSIGN(const bool read, read_partition(log, proto::Topic::kDigests, partition, take, stop));
  return read ? std::optional(std::move(out)) : std::nullopt;
}

/// Whether the log tells of a slot that was closed later than ours.
Result<bool> any_later(const Slots& slots, Store& store) {
  for (const auto& [id, slot] : slots) {
    VIGIE_ASSIGN(const std::optional<v1::DigestSlot> local, store.held().slot(id));
    if (!local || local->due_unix_ms() < slot.due_unix_ms()) return true;
  }
  return false;
}

void restore_waiting(Store& store, storage::Batch& rows, const log::Record& record) {
  v1::WaitingMatch waiting;
  if (!record.value) {
    store.waiting().remove_logged(rows, record.key);
  } else if (waiting.ParseFromString(*record.value) && changelog_key(waiting) == record.key) {
    store.waiting().put(rows, waiting);
  } else {
    log::warn_bad_record(proto::Topic::kDeliveries, record);
  }
}

Result<void> restore(Store& store, storage::Batch& rows, const log::Record& record,
                     std::int64_t keep_ms) {
  if (begins(record.key, proto::kWaitingPrefix)) {
    restore_waiting(store, rows, record);
    return {};
  }
  const bool is_place =
      begins(record.key, proto::kMatchesPositionPrefix) || begins(record.key, proto::kMarkPrefix);
  if (!record.value || is_place) return {};
  if (begins(record.key, proto::kAlertPrefix)) {
    v1::AlertGroup group;
    if (group.ParseFromString(*record.value) && changelog_key(group) == record.key)
      return store.restore_group(
          rows, group,
          std::max(group.first_matched_at_unix_ms(), group.last_matched_at_unix_ms()) + keep_ms);
  } else {
    v1::DeliveryRecord delivery;
    if (delivery.ParseFromString(*record.value) && changelog_key(delivery) == record.key) {
      return store.restore_delivery(rows, delivery, delivery.ended_at_unix_ms() + keep_ms);
    }
  }
  log::warn_bad_record(proto::Topic::kDeliveries, record);
  return {};
}

// What was not sent before another owner went on would overwrite what that one wrote. Slots that
// only we know of were never told: nothing of them leaves before the log has it.
Result<void> drop_stale(Store& store, log::Log& log, std::int32_t partition, const Slots& slots) {
  VIGIE_ASSIGN(const std::int32_t partitions, log.partitions(proto::Topic::kDeliveries));
  const auto ours = [&](const std::string& partition_key) {
    return proto::partition_of(partition_key, partitions) == partition;
  };
  VIGIE_ASSIGN(const std::vector<Store::ChangelogRow> rows, store.changelog(SIZE_MAX, ours));
  storage::Batch batch;
  VIGIE_TRY(store.forget_unlogged(batch, rows));
  VIGIE_TRY(store.forget_unfinished(batch, ours));
  // A crash from here on takes everything over again.
  store.forget_position(batch, partition);
  for (const auto& [id, slot] : slots) store.held().put_slot(batch, slot);
  return store.write(batch, storage::Durability::kSynced);
}

}  // namespace

Result<void> relay_changelog(Store& store, log::Producer& producer, const Store::Wanted& ours) {
  for (;;) {
    VIGIE_ASSIGN(const std::vector<Store::ChangelogRow> rows, store.changelog(kRelayRows, ours));
    if (rows.empty()) return {};
    // A group says that its deliveries are in the log, the end of a wait that its alert is, a slot
    // that its digest and its alerts are, an offset that all before it is:
    // neither may be there without them, and a producer that gives up one record may send the next.
    // The records of one key keep their order.
    VIGIE_TRY(send_those(rows, Kind::kDelivery, producer));
    VIGIE_TRY(send_those(rows, Kind::kGroup, producer));
    VIGIE_TRY(send_those(rows, Kind::kWaiting, producer));
    VIGIE_TRY(send_those(rows, Kind::kLearned, producer));
    VIGIE_TRY(send_those(rows, Kind::kSlot, producer));
    VIGIE_TRY(send_those(rows, Kind::kPosition, producer));
    storage::Batch batch;
    store.forget_changelog(batch, rows);
    VIGIE_TRY(note_told(store, batch, rows));
    VIGIE_TRY(store.write(batch, storage::Durability::kBuffered));
  }
}

Result<bool> catch_up(Store& store, log::Log& log, std::int32_t partition,
                      std::optional<std::int64_t> committed, std::int64_t keep_ms,
                      const std::stop_token& stop) {
  VIGIE_ASSIGN(const std::optional<Told> told, told_of(store, log, partition, stop));
  if (!told) return false;
  // What was committed was in the changelog before.
  const std::int64_t logged = std::max(told->position, committed.value_or(-1));
  VIGIE_ASSIGN(const std::optional<std::int64_t> local, store.position(partition));
  VIGIE_ASSIGN(const std::optional<Slots> slots, slots_of(log, partition, stop));
  if (!slots) return false;
  VIGIE_ASSIGN(const bool later, any_later(*slots, store));
  VIGIE_ASSIGN(const Store::Learned learned, store.learned(partition));
  const bool by_others =
      told->learned != 0 && told->learned != learned.mark && told->learned != learned.told;
  if (logged <= local.value_or(-1) && !later && !by_others) {
    // What a power failure took of our own: an end is written without waiting for the disk. That it
    // was told is lost too, so that the log gets the state before it once more, and then the end.
    storage::Batch ended;
    for (const v1::DeliveryRecord& delivery : told->ended) {
      VIGIE_TRY(store.restore_delivery(ended, delivery, delivery.ended_at_unix_ms() + keep_ms));
      store.put_changelog(ended, {proto::Topic::kDeliveries, changelog_key(delivery),
                                  delivery.SerializeAsString(), delivery.subscription_id()});
    }
    if (!ended.empty()) VIGIE_TRY(store.write(ended, storage::Durability::kSynced));
    return true;
  }
  VIGIE_TRY(drop_stale(store, log, partition, *slots));
  logging::info(
      "alerts taken over from the log",
      {{"partition", partition}, {"local_position", local.value_or(-1)}, {"position", logged}});
  const auto take = [&](const log::Reader::Batch& batch) -> Result<void> {
    storage::Batch rows;
    std::set<std::string> in_rows;  // keys: of one that comes again the state before is looked at
    for (const log::Record& record : batch.records) {
      if (!in_rows.insert(record.key).second) {
        VIGIE_TRY(store.write(rows, storage::Durability::kBuffered));
        rows.clear();
        in_rows = {record.key};
      }
      VIGIE_TRY(restore(store, rows, record, keep_ms));
    }
    return store.write(rows, storage::Durability::kBuffered);
  };
  VIGIE_ASSIGN(const bool read,
               read_partition(log, proto::Topic::kDeliveries, partition, take, stop));
  if (!read) return false;
  // The offset comes last. What is read again because it was further here is known, and repeated.
  storage::Batch rows;
  if (logged >= 0) store.put_position(rows, partition, logged);
  store.put_learned(rows, partition, {told->learned, told->learned});
  VIGIE_TRY(store.write(rows, storage::Durability::kSynced));
  return true;
}

namespace {

/// A record of a partition of `matches` as a whole.
log::NewRecord record_of(std::string_view prefix, std::int32_t partition, std::int32_t partitions,
                         std::int64_t number) {
  v1::MatchesPosition position;
  position.set_partition(partition);
  position.set_next_offset(number);
  log::NewRecord record{proto::Topic::kDeliveries, std::string(prefix) + std::to_string(partition),
                        position.SerializeAsString()};
  // One key in `partitions` falls into each partition, so this ends after some tens of tries.
  for (int i = 0; record.partition_key.empty() ||
                  proto::partition_of(record.partition_key, partitions) != partition;
       ++i) {
    record.partition_key = std::to_string(i);
  }
  return record;
}

}  // namespace

log::NewRecord position_record(std::int32_t partition, std::int32_t partitions,
                               std::int64_t next_offset) {
  return record_of(proto::kMatchesPositionPrefix, partition, partitions, next_offset);
}

Result<void> put_mark(Store& store, storage::Batch& batch, std::int32_t partition,
                      std::int32_t partitions, std::uint64_t mark) {
  VIGIE_ASSIGN(Store::Learned known, store.learned(partition));
  known.mark = mark;
  store.put_learned(batch, partition, known);
  store.put_changelog(batch, learned_record(partition, partitions, mark));
  return {};
}

log::NewRecord learned_record(std::int32_t partition, std::int32_t partitions, std::uint64_t mark) {
  return record_of(proto::kMarkPrefix, partition, partitions, static_cast<std::int64_t>(mark));
}

}  // namespace vigie::indexer::alerting
