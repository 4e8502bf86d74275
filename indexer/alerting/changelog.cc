#include "indexer/alerting/changelog.h"

#include <algorithm>

#include "platform/log/bad_record.h"
#include "platform/logging/logging.h"

namespace vigie::indexer::alerting {
namespace {

constexpr std::size_t kRelayRows = 1000;  // sent and forgotten at a time
constexpr std::size_t kPollRecords = 1000;
constexpr std::chrono::milliseconds kPoll{1000};
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

Result<void> read_partition(
    log::Log& log, log::TopicPartition partition,
    const std::function<Result<void>(const std::vector<log::Record>&)>& each) {
  VIGIE_ASSIGN(const log::OffsetRange range, log.offsets(partition));
  if (range.begin >= range.end) return {};
  const std::unique_ptr<log::Reader> reader = log.reader();
  VIGIE_TRY(reader->assign(partition, range.begin));
  for (std::int64_t next = range.begin; next < range.end;) {
    VIGIE_ASSIGN(const std::vector<log::Reader::Batch> batches, reader->poll(kPollRecords, kPoll));
    for (const log::Reader::Batch& batch : batches) {
      VIGIE_TRY(each(batch.records));
      next = batch.next_offset;
    }
  }
  return {};
}

void restore(Store& store, storage::Batch& rows, const log::Record& record, std::int64_t keep_ms) {
  if (!record.value || begins(record.key, kPositionPrefix)) return;
  if (begins(record.key, kGroupPrefix)) {
    v1::AlertGroup group;
    if (group.ParseFromString(*record.value) && changelog_key(group) == record.key) {
      store.restore_group(
          rows, group,
          std::max(group.first_matched_at_unix_ms(), group.last_matched_at_unix_ms()) + keep_ms);
      return;
    }
  } else {
    v1::DeliveryRecord delivery;
    if (delivery.ParseFromString(*record.value) && changelog_key(delivery) == record.key) {
      store.put_delivery(rows, delivery, delivery.ended_at_unix_ms() + keep_ms);
      return;
    }
  }
  log::warn_bad_record(proto::Topic::kDeliveries, record);
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
  return store.write(batch, true);
}

}  // namespace

Result<void> relay_changelog(Store& store, log::Producer& producer, const Store::Wanted& ours) {
  for (;;) {
    VIGIE_ASSIGN(const std::vector<Store::ChangelogRow> rows, store.changelog(kRelayRows, ours));
    if (rows.empty()) return {};
    // A group says that its deliveries are in the log, a position that the groups before it are:
    // neither may be there without them, and a producer that gives up one record may send the next.
    // The records of one key keep their order.
    VIGIE_TRY(send_those(rows, Kind::kDelivery, producer));
    VIGIE_TRY(send_those(rows, Kind::kGroup, producer));
    VIGIE_TRY(send_those(rows, Kind::kPosition, producer));
    storage::Batch batch;
    store.forget_changelog(batch, rows);
    VIGIE_TRY(store.write(batch, false));
  }
}

Result<void> catch_up(Store& store, log::Log& log, std::int32_t partition,
                      std::optional<std::int64_t> committed, std::int64_t keep_ms) {
  const log::TopicPartition changelog{proto::Topic::kDeliveries, partition};
  // What was committed was in the changelog before. The newest position there may be older: an
  // owner that slept wrote it before it learned that it owns no more.
  std::int64_t logged = committed.value_or(-1);
  VIGIE_TRY(
      read_partition(log, changelog, [&](const std::vector<log::Record>& records) -> Result<void> {
        for (const log::Record& record : records) {
          v1::MatchesPosition position;
          if (!record.value || !begins(record.key, kPositionPrefix)) continue;
          if (position.ParseFromString(*record.value) && position.partition() == partition)
            logged = std::max(logged, position.next_offset());
        }
        return {};
      }));
  VIGIE_ASSIGN(const std::optional<std::int64_t> local, store.position(partition));
  if (logged <= local.value_or(-1)) return {};
  VIGIE_TRY(drop_stale(store, log, partition));
  logging::info(
      "alerts taken over from the log",
      {{"partition", partition}, {"local_position", local.value_or(-1)}, {"position", logged}});
  VIGIE_TRY(
      read_partition(log, changelog, [&](const std::vector<log::Record>& records) -> Result<void> {
        storage::Batch rows;
        for (const log::Record& record : records) restore(store, rows, record, keep_ms);
        return store.write(rows, false);
      }));
  // The position comes last: a crash before it takes everything over again.
  storage::Batch rows;
  store.put_position(rows, partition, logged);
  return store.write(rows, true);
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
