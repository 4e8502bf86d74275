#include "indexer/alerting/changelog.h"

#include <algorithm>

#include "platform/log/bad_record.h"
#include "platform/log/follower.h"
#include "platform/logging/logging.h"

namespace vigie::indexer::alerting {
namespace {

constexpr std::size_t kRelayRows = 1000;  // sent and forgotten at a time
constexpr std::string_view kGroupPrefix = "group/";
constexpr std::string_view kPositionPrefix = "position/";

bool begins(const std::string& key, std::string_view prefix) {
  return key.compare(0, prefix.size(), prefix) == 0;
}

enum class Kind { kDelivery, kGroup, kPosition };

Kind kind_of(const std::string& key) {
  return begins(key, kPositionPrefix) ? Kind::kPosition
         : begins(key, kGroupPrefix)  ? Kind::kGroup
                                      : Kind::kDelivery;
}

/// Sends the rows of one kind, in order; durable on return.
Result<void> send_those(const std::vector<Store::ChangelogRow>& rows, Kind kind,
                        log::Producer& producer) {
  bool any = false;
  for (const Store::ChangelogRow& row : rows) {
    if (kind_of(row.record.key) != kind) continue;
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

/// Reads what `deliveries` holds of one partition. False if a stop was asked for first.
Result<bool> read_partition(log::Log& log, std::int32_t partition, log::TopicFollower::Take take,
                            const std::stop_token& stop) {
  VIGIE_ASSIGN(const log::OffsetRange range, log.offsets({proto::Topic::kDeliveries, partition}));
  log::TopicFollower changelog(log, proto::Topic::kDeliveries, std::move(take));
  VIGIE_TRY(changelog.start(partition, range.begin));
  return changelog.follow_to_end(stop);
}

/// The farthest offset that `deliveries` tells of a partition of `matches`; nothing if a stop was
/// asked for first. The newest one may not be the farthest: an owner that slept wrote it before it
/// learned that it owns no more.
Result<std::optional<std::int64_t>> farthest_position(log::Log& log, std::int32_t partition,
                                                      const std::stop_token& stop) {
  std::int64_t farthest = -1;
  const auto take = [&](const log::Reader::Batch& batch) -> Result<void> {
    for (const log::Record& record : batch.records) {
      v1::MatchesPosition position;
      if (!record.value || !begins(record.key, kPositionPrefix)) continue;
      if (position.ParseFromString(*record.value) && position.partition() == partition)
        farthest = std::max(farthest, position.next_offset());
    }
    return {};
  };
  VIGIE_ASSIGN(const bool read, read_partition(log, partition, take, stop));
  return read ? std::optional(farthest) : std::nullopt;
}

Result<void> restore(Store& store, storage::Batch& rows, const log::Record& record,
                     std::int64_t keep_ms) {
  if (!record.value || begins(record.key, kPositionPrefix)) return {};
  if (begins(record.key, kGroupPrefix)) {
    v1::AlertGroup group;
    if (group.ParseFromString(*record.value) && changelog_key(group) == record.key)
      return store.restore_group(
          rows, group,
          std::max(group.first_matched_at_unix_ms(), group.last_matched_at_unix_ms()) + keep_ms);
  } else {
    v1::DeliveryRecord delivery;
    if (delivery.ParseFromString(*record.value) && changelog_key(delivery) == record.key) {
      store.put_delivery(rows, delivery, delivery.ended_at_unix_ms() + keep_ms);
      return {};
    }
  }
  log::warn_bad_record(proto::Topic::kDeliveries, record);
  return {};
}

// What was not sent before another owner went on would overwrite what that one wrote.
Result<void> drop_stale(Store& store, log::Log& log, std::int32_t partition) {
  VIGIE_ASSIGN(const std::int32_t partitions, log.partitions(proto::Topic::kDeliveries));
  VIGIE_ASSIGN(const std::vector<Store::ChangelogRow> rows,
               store.changelog(SIZE_MAX, [&](const std::string& partition_key) {
                 return proto::partition_of(partition_key, partitions) == partition;
               }));
  storage::Batch batch;
  store.forget_changelog(batch, rows);
  return store.write(batch, storage::Durability::kSynced);
}

}  // namespace

Result<void> relay_changelog(Store& store, log::Producer& producer, const Store::Wanted& ours) {
  for (;;) {
    VIGIE_ASSIGN(const std::vector<Store::ChangelogRow> rows, store.changelog(kRelayRows, ours));
    if (rows.empty()) return {};
    // A group says that its deliveries are in the log, an offset that the groups before it are:
    // neither may be there without them, and a producer that gives up one record may send the next.
    // The records of one key keep their order.
    VIGIE_TRY(send_those(rows, Kind::kDelivery, producer));
    VIGIE_TRY(send_those(rows, Kind::kGroup, producer));
    VIGIE_TRY(send_those(rows, Kind::kPosition, producer));
    storage::Batch batch;
    store.forget_changelog(batch, rows);
    VIGIE_TRY(store.write(batch, storage::Durability::kBuffered));
  }
}

Result<bool> catch_up(Store& store, log::Log& log, std::int32_t partition,
                      std::optional<std::int64_t> committed, std::int64_t keep_ms,
                      const std::stop_token& stop) {
  VIGIE_ASSIGN(const std::optional<std::int64_t> told, farthest_position(log, partition, stop));
  if (!told) return false;
  // What was committed was in the changelog before.
  const std::int64_t logged = std::max(*told, committed.value_or(-1));
  VIGIE_ASSIGN(const std::optional<std::int64_t> local, store.position(partition));
  if (logged <= local.value_or(-1)) return true;
  VIGIE_TRY(drop_stale(store, log, partition));
  logging::info(
      "alerts taken over from the log",
      {{"partition", partition}, {"local_position", local.value_or(-1)}, {"position", logged}});
  const auto take = [&](const log::Reader::Batch& batch) -> Result<void> {
    storage::Batch rows;
    for (const log::Record& record : batch.records)
      VIGIE_TRY(restore(store, rows, record, keep_ms));
    return store.write(rows, storage::Durability::kBuffered);
  };
  VIGIE_ASSIGN(const bool read, read_partition(log, partition, take, stop));
  if (!read) return false;
  // The offset comes last: a crash before it takes everything over again.
  storage::Batch rows;
  store.put_position(rows, partition, logged);
  VIGIE_TRY(store.write(rows, storage::Durability::kSynced));
  return true;
}

log::NewRecord position_record(std::int32_t partition, std::int32_t partitions,
                               std::int64_t next_offset) {
  v1::MatchesPosition position;
  position.set_partition(partition);
  position.set_next_offset(next_offset);
  log::NewRecord record{proto::Topic::kDeliveries,
                        std::string(kPositionPrefix) + std::to_string(partition),
                        position.SerializeAsString()};
  // One key in `partitions` falls into each partition, so this ends after some tens of tries.
  for (int i = 0; record.partition_key.empty() ||
                  proto::partition_of(record.partition_key, partitions) != partition;
       ++i) {
    record.partition_key = std::to_string(i);
  }
  return record;
}

}  // namespace vigie::indexer::alerting
