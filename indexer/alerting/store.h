#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/alerting/held.h"
#include "indexer/alerting/shared_summaries.h"
#include "indexer/alerting/waiting.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/delivery.pb.h"

namespace vigie::indexer::alerting {

/// Local state of the alerter, one RocksDB: offsets in `matches`, groups, which match belongs to
/// which group, deliveries, what waits for a slot or for its event, and the changelog rows that are
/// still to be sent. What the put_ functions add to one batch becomes true together. Writing from
/// one thread; reading from any.
class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& dir,
                                             const storage::Opener& open_database = storage::open);

  Result<std::optional<std::int64_t>> position(std::int32_t partition) const;
  void put_position(storage::Batch& batch, std::int32_t partition, std::int64_t next_offset) const;
  void forget_position(storage::Batch& batch, std::int32_t partition) const;

  /// The newest mark of the partition of `matches` (proto/delivery.proto); 0: there is none.
  /// `told`: the last one of ours that the log has.
  struct Learned {
    std::uint64_t mark = 0;
    std::uint64_t told = 0;
  };
  Result<Learned> learned(std::int32_t partition) const;
  void put_learned(storage::Batch& batch, std::int32_t partition, const Learned& learned) const;

  /// What waits for a slot, and which were closed.
  Held& held() { return held_; }
  /// What waits for its event.
  Waiting& waiting() { return waiting_; }

  /// Holds a group whose first match is read again, unless its slot was closed.
  Result<void> hold_again(storage::Batch& batch, const v1::AlertGroup& group) const;
  /// The group of a row; nothing where it was forgotten.
  Result<std::optional<v1::AlertGroup>> group(std::string_view row) const { return group_at(row); }
  /// Group that a match belongs to.
  Result<std::optional<v1::AlertGroup>> group_of(std::string_view match_id) const;
  /// The group of the match's subscription, alerted at or after `since_unix_ms`, whose first
  /// article the match's is the best copy of (fingerprint::CopySearch); the oldest among equals.
  Result<std::optional<v1::AlertGroup>> group_copied(const v1::MatchRecord& match,
                                                     std::int64_t since_unix_ms) const;
  /// The group of a subscription that told of an event at or after `since_unix_ms`.
  Result<std::optional<v1::AlertGroup>> group_of_event(const std::string& subscription_id,
                                                       const std::string& event_id,
                                                       std::int64_t since_unix_ms) const;
  /// Writes a new group and the rows that find it; `expires_unix_ms`: when to look whether it can
  /// go. One that is held waits for its slot.
  Result<void> put_group(storage::Batch& batch, const v1::AlertGroup& group,
                         std::int64_t expires_unix_ms) const;
  /// Writes a group that its last match has just joined. `moved_from`: the time of the match that
  /// was its last before.
  Result<void> put_joined(storage::Batch& batch, const v1::AlertGroup& group,
                          std::int64_t moved_from_unix_ms) const;
  /// put_group with the rows of all its matches: for a group that comes from the changelog, perhaps
  /// over an older state of it.
  Result<void> restore_group(storage::Batch& batch, const v1::AlertGroup& group,
                             std::int64_t expires_unix_ms) const;
  /// Newest last match first, those after `before` (cursor_of; empty: all), at most `limit`.
  /// Errors: kQuarantine not_found.
  Result<std::vector<v1::AlertGroup>> groups(const std::string& subscription_id, std::size_t limit,
                                             const std::string& before) const;
  /// The groups of a subscription whose first match came in [begin, end), in order of that time.
  Result<void> each_group(const std::string& subscription_id, std::int64_t begin_unix_ms,
                          std::int64_t end_unix_ms,
                          const std::function<void(const v1::AlertGroup&)>& each) const;
  /// Times of the groups of a subscription at or after `since_unix_ms`, ascending.
  Result<std::vector<std::int64_t>> group_times(const std::string& subscription_id,
                                                std::int64_t since_unix_ms) const;

  /// Matches of an hour of log time that a subscription met and was not told of; of the last hour
  /// in which that was so (0: none).
  struct LeftOut {
    std::int64_t hour_unix_ms = 0;
    std::uint64_t matches = 0;
  };
  Result<LeftOut> left_out(const std::string& subscription_id) const;
  void put_left_out(storage::Batch& batch, const std::string& subscription_id,
                    const LeftOut& left_out) const;

  /// A pending one is listed by pending_deliveries until it is put with another state; then
  /// `expires_unix_ms` tells when its row goes.
  void put_delivery(storage::Batch& batch, const v1::DeliveryRecord& delivery,
                    std::int64_t expires_unix_ms) const;
  static std::string delivery_row(const v1::DeliveryRecord& delivery);
  Result<std::optional<v1::DeliveryRecord>> delivery(const std::string& row) const;
  /// Whether there is a delivery of that id to any channel, created then.
  Result<bool> delivers(const std::string& subscription_id, std::int64_t created_unix_ms,
                        const std::string& delivery_id) const;
  /// put_delivery of one that comes from the changelog: what ended stays so, and what was taken by
  /// its receiver was taken, whoever says otherwise later.
  Result<void> restore_delivery(storage::Batch& batch, const v1::DeliveryRecord& delivery,
                                std::int64_t expires_unix_ms) const;
  Result<std::vector<v1::DeliveryRecord>> deliveries(const std::string& subscription_id,
                                                     std::size_t limit) const;
  /// Removes, of the subscriptions that are `ours`, what is held, what waits, the slots, and the
  /// deliveries that are pending: what the log says takes their place.
  Result<void> forget_unfinished(storage::Batch& batch, const Held::Ours& ours) const;
  Result<void> pending_deliveries(const std::function<void(v1::DeliveryRecord)>& each) const;

  /// A record for `deliveries` or `digests`, sent in order of addition.
  void put_changelog(storage::Batch& batch, const log::NewRecord& record);
  struct ChangelogRow {
    std::string row;
    log::NewRecord record;
  };
  /// Those whose partition key `wanted` takes, in order, at most `limit`.
  using Wanted = std::function<bool(const std::string& partition_key)>;
  Result<std::vector<ChangelogRow>> changelog(std::size_t limit, const Wanted& wanted) const;
  void forget_changelog(storage::Batch& batch, const std::vector<ChangelogRow>& rows);
  /// Removes rows that the log does not have from the changelog, and their groups and deliveries:
  /// what the log says takes their place, and what it does not say is decided anew. That a receiver
  /// took a delivery is no decision: it stays, and the log is still told.
  Result<void> forget_unlogged(storage::Batch& batch, const std::vector<ChangelogRow>& rows);

  /// Removes groups and ended deliveries that are due, and summaries that no group uses any more,
  /// at most `limit` rows; a group with a later match is looked at again later. Adds their
  /// tombstones to the changelog.
  Result<std::size_t> forget_expired(std::int64_t now_unix_ms, std::int64_t keep_ms,
                                     std::size_t limit);

  Result<void> checkpoint(const std::filesystem::path& to) { return database_->checkpoint(to); }
  Result<void> write(storage::Batch& batch, storage::Durability durability) {
    return database_->write(batch, durability);
  }

 private:
  explicit Store(std::unique_ptr<storage::Database> database);
  Result<void> order_old_groups();
  Result<std::optional<v1::AlertGroup>> group_at(std::string_view row) const;
  Result<std::vector<std::string>> candidates_of(const v1::MatchRecord& match,
                                                 std::int64_t since_unix_ms) const;
  Result<void> forget_group(storage::Batch& batch, const std::string& row, std::int64_t now_unix_ms,
                            std::int64_t keep_ms);
  Result<void> remove_group(storage::Batch& batch, const std::string& row,
                            const v1::AlertGroup& group) const;
  Result<void> forget_delivery(storage::Batch& batch, const std::string& row);
  Result<void> forget_summary(storage::Batch& batch, const std::string& name) const;
  Result<void> leave_summaries(storage::Batch& batch, const std::string& row,
                               std::string_view new_bytes, std::int64_t then_unix_ms) const;

  std::unique_ptr<storage::Database> database_;
  Held held_;
  Waiting waiting_;
  SharedSummaries summaries_;
  std::uint64_t next_changelog_ = 0;
  // no row stands before it: the scan does not wade through what was removed
  std::uint64_t first_changelog_ = 0;
  mutable bool changelog_skipped_ = false;  // whether the last scan left a row behind
};

/// Keys of `deliveries`, see proto/delivery.proto.
std::string changelog_key(const v1::DeliveryRecord& delivery);
std::string changelog_key(const v1::AlertGroup& group);

}  // namespace vigie::indexer::alerting
