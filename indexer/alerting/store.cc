#include "indexer/alerting/store.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <deque>
#include <set>

#include "indexer/alerting/alerts.h"
#include "platform/fingerprint/copy_search.h"
#include "proto/delivery_keys.h"

namespace vigie::indexer::alerting {
namespace {

// Rows, by family:
//   state       "position/" partition                                   → next offset of `matches`
//               "learned/" partition                                    → mark (8) told mark (8)
//               "left-out/" subscription                                → hour (8) matches (8)
//   groups      subscription "/" first match (8 bytes) delivery id      → AlertGroup, packed
//   summaries, summary_users                                            see shared_summaries.h
//   newest      subscription "/" last match (8) delivery id             → row of the group
//   matches     match id                                                → row of its group
//   candidates  subscription "/" lookup key (4) first match (8) delivery id → nothing
//   deliveries  subscription "/" created (8) delivery id "/" channel id → DeliveryRecord
//   pending     row of a pending delivery                               → nothing
//   changelog   number (8)                                              → record for the log
//   events      subscription "/" event id                               → row of its group
//   waiting     see waiting.cc
//   expiry      time (8) "g" or "d", row; time (8) "s", summary          → nothing
enum Family : std::size_t {
  kState,
  kGroups,
  kMatches,
  kCandidates,
  kDeliveries,
  kPending,
  kChangelog,
  kExpiry,
  kNewest,
  kHeld,  // see held.cc
  kSlots,
  kEvents,
  kWaiting,
  kSummaries,
  kSummaryUsers
};

// what an expiry row is of
constexpr char kOfGroup = 'g';
constexpr char kOfDelivery = 'd';
constexpr char kOfSummary = 's';

// of the first byte of a changelog row
constexpr unsigned kTombstone = 1;
constexpr unsigned kOfDigests = 2;

// groups of one subscription compared with one match; the oldest first
constexpr std::size_t kMaxCandidates = 5'000;
constexpr std::size_t kCursorDigits = 16;  // of a time, hexadecimal

std::string big_endian(std::int64_t value) {
  std::string bytes;
  storage::append_u64(bytes, static_cast<std::uint64_t>(std::max<std::int64_t>(0, value)));
  return bytes;
}

std::string subscription_prefix(const std::string& subscription_id) {
  return subscription_id + "/";
}

storage::KeyRange range_of(const std::string& prefix) {
  return {prefix, storage::after_prefix(prefix)};
}

std::string group_row(const v1::AlertGroup& group) {
  return subscription_prefix(group.subscription_id()) +
         big_endian(group.first_matched_at_unix_ms()) + group.delivery_id();
}

std::int64_t last_of(const v1::AlertGroup& group) {
  return std::max(group.first_matched_at_unix_ms(), group.last_matched_at_unix_ms());
}

/// Where a group with its last match at that time is listed.
std::string newest_row(const v1::AlertGroup& group, std::int64_t last_unix_ms) {
  return subscription_prefix(group.subscription_id()) + big_endian(last_unix_ms) +
         group.delivery_id();
}
std::string newest_row(const v1::AlertGroup& group) { return newest_row(group, last_of(group)); }

/// "" where the group tells of no event.
std::string event_row(const v1::AlertGroup& group) {
  const std::string& event = group.reach().event_id();
  return event.empty() ? event : subscription_prefix(group.subscription_id()) + event;
}

std::vector<std::string> candidate_rows(const v1::AlertGroup& group) {
  std::vector<std::string> rows;
  for (const std::uint64_t key : fingerprint::lookup_keys(group.fingerprint())) {
    std::string row = subscription_prefix(group.subscription_id());
    storage::append_u32(row, static_cast<std::uint32_t>(key));
    rows.push_back(row + big_endian(group.first_matched_at_unix_ms()) + group.delivery_id());
  }
  return rows;
}

fingerprint::Article article_of(std::string_view fingerprint, const v1::ArticleSummary& summary) {
  return {fingerprint, fingerprint::source_mark(summary.source().id()),
          fingerprint::Headline(summary.title())};
}

std::string expiry_row(std::int64_t time_unix_ms, char kind, std::string_view what) {
  return big_endian(time_unix_ms) + kind + std::string(what);
}

tl::unexpected<Error> damaged(std::string_view what) {
  return failure(Disposition::kStop, "corrupt",
                 "a row of the alerter's state is damaged (" + std::string(what) +
                     "); delete its folder, it is built again from the log");
}

std::string position_key(std::int32_t partition) { return "position/" + std::to_string(partition); }

std::string learned_key(std::int32_t partition) { return "learned/" + std::to_string(partition); }

std::string left_out_key(const std::string& subscription_id) {
  return "left-out/" + subscription_id;
}

void append_part(std::string& bytes, std::string_view part) {
  storage::append_u32(bytes, static_cast<std::uint32_t>(part.size()));
  bytes += part;
}

bool take_part(std::string_view& bytes, std::string& part) {
  if (bytes.size() < 4) return false;
  const std::size_t size = storage::read_u32(bytes);
  if (size > bytes.size() - 4) return false;
  part = bytes.substr(4, size);
  bytes.remove_prefix(4 + size);
  return true;
}

/// Of two states of a delivery the greater one is in force.
int finality(v1::DeliveryState state) {
  if (state == v1::DELIVERY_STATE_DELIVERED) return 2;
  return state == v1::DELIVERY_STATE_PENDING ? 0 : 1;
}

/// The delivery that a row of the changelog says was taken.
std::optional<v1::DeliveryRecord> taken_in(const Store::ChangelogRow& row) {
  v1::DeliveryRecord delivery;
  if (row.record.topic != proto::Topic::kDeliveries || !row.record.value ||
      !proto::is_delivery_key(row.record.key) || !delivery.ParseFromString(*row.record.value) ||
      delivery.state() != v1::DELIVERY_STATE_DELIVERED)
    return std::nullopt;
  return delivery;
}

/// Time (8 bytes) and delivery id of a cursor.
std::optional<std::string> read_cursor(std::string_view cursor) {
  std::uint64_t time = 0;
  if (cursor.size() <= kCursorDigits + 1 || cursor[kCursorDigits] != '-') return std::nullopt;
  const char* end = cursor.data() + kCursorDigits;
  const auto [stop, problem] = std::from_chars(cursor.data(), end, time, 16);
  if (problem != std::errc() || stop != end) return std::nullopt;
  std::string out;
  storage::append_u64(out, time);
  return out + std::string(cursor.substr(kCursorDigits + 1));
}

}  // namespace

Store::Store(std::unique_ptr<storage::Database> database)
    : database_(std::move(database)),
      held_(*database_, kHeld, kSlots),
      waiting_(*database_, kWaiting),
      summaries_(*database_, {kSummaries, kSummaryUsers}) {}

std::string cursor_of(const v1::AlertGroup& alert) {
  char digits[kCursorDigits + 1];
  std::snprintf(digits, sizeof digits, "%016llx",
                static_cast<unsigned long long>(std::max<std::int64_t>(0, last_of(alert))));
  return std::string(digits) + "-" + alert.delivery_id();
}

const v1::ArticleSummary& shown_article(const v1::AlertGroup& alert) {
  return alert.has_first() ? alert.first() : alert.article();
}

const google::protobuf::RepeatedPtrField<v1::Evidence>& shown_evidence(
    const v1::AlertGroup& alert) {
  return alert.has_first() ? alert.first_evidence() : alert.evidence();
}

std::string changelog_key(const v1::DeliveryRecord& delivery) {
  return delivery.delivery_id() + "/" + delivery.channel_id();
}
std::string changelog_key(const v1::AlertGroup& group) {
  return std::string(proto::kAlertPrefix) + group.subscription_id() + "/" + group.delivery_id();
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& dir,
                                           const storage::Opener& open_database) {
  storage::Options options;
  options.dir = dir;
  options.families = {{"state", storage::Use::kSmall},        {"groups", storage::Use::kSmall},
                      {"matches", storage::Use::kSmall},      {"candidates", storage::Use::kSmall},
                      {"deliveries", storage::Use::kSmall},   {"pending", storage::Use::kQueue},
                      {"changelog", storage::Use::kQueue},    {"expiry", storage::Use::kQueue},
                      {"newest", storage::Use::kSmall},       {"held", storage::Use::kQueue},
                      {"slots", storage::Use::kSmall},        {"events", storage::Use::kSmall},
                      {"waiting", storage::Use::kQueue},      {"summaries", storage::Use::kSmall},
                      {"summary_users", storage::Use::kSmall}};
  VIGIE_ASSIGN(std::unique_ptr<storage::Database> database, open_database(options));
  std::unique_ptr<Store> store(new Store(std::move(database)));
  const auto cursor = store->database_->cursor(kChangelog);
  cursor->seek_to_last();
  if (cursor->valid() && cursor->key().size() == 8)
    store->next_changelog_ = storage::read_u64(cursor->key()) + 1;
  VIGIE_TRY(cursor->status());
  VIGIE_TRY(store->order_old_groups());
  return store;
}

/// Groups of a store that was made before they were listed by their last match.
Result<void> Store::order_old_groups() {
  const auto listed = database_->cursor(kNewest);
  listed->seek_to_first();
  if (listed->valid()) return {};
  VIGIE_TRY(listed->status());
  storage::Batch rows;
  const auto cursor = database_->cursor(kGroups);
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    VIGIE_ASSIGN(const v1::AlertGroup group, summaries_.unpack(cursor->value()));
    rows.put(kNewest, newest_row(group), cursor->key());
  }
  VIGIE_TRY(cursor->status());
  return rows.empty() ? Result<void>() : database_->write(rows, storage::Durability::kBuffered);
}

Result<std::optional<std::int64_t>> Store::position(std::int32_t partition) const {
  VIGIE_ASSIGN(const std::optional<std::string> bytes,
               database_->get(kState, position_key(partition)));
  if (!bytes) return std::optional<std::int64_t>();
  if (bytes->size() != 8) return damaged("position");
  return std::optional<std::int64_t>(static_cast<std::int64_t>(storage::read_u64(*bytes)));
}

void Store::put_position(storage::Batch& batch, std::int32_t partition,
                         std::int64_t next_offset) const {
  batch.put(kState, position_key(partition), big_endian(next_offset));
}

void Store::forget_position(storage::Batch& batch, std::int32_t partition) const {
  batch.remove(kState, position_key(partition));
}

Result<void> Store::hold_again(storage::Batch& batch, const v1::AlertGroup& group) const {
  return held_.put(batch, group, group_row(group));
}

Result<std::optional<v1::AlertGroup>> Store::group_at(std::string_view row) const {
  VIGIE_ASSIGN(std::optional<std::string> bytes, database_->get(kGroups, row));
  while (bytes) {
    Result<v1::AlertGroup> group = summaries_.unpack(*bytes);
    if (group) return std::optional<v1::AlertGroup>(std::move(*group));
    // Between the two reads the writer may have changed or forgotten it, and its summaries with it.
    VIGIE_ASSIGN(std::optional<std::string> now, database_->get(kGroups, row));
    if (now == bytes) return tl::unexpected(group.error());
    bytes = std::move(now);
  }
  return std::optional<v1::AlertGroup>();
}

Result<std::optional<v1::AlertGroup>> Store::group_of(std::string_view match_id) const {
  VIGIE_ASSIGN(const std::optional<std::string> row, database_->get(kMatches, match_id));
  if (!row) return std::optional<v1::AlertGroup>();
  return group_at(*row);
}

/// Time and delivery id (the end of the row) of groups that share lookup keys with a match, the
/// oldest first.
Result<std::vector<std::string>> Store::candidates_of(const v1::MatchRecord& match,
                                                      std::int64_t since_unix_ms) const {
  std::vector<std::string> rows;
  for (const std::uint64_t key : fingerprint::lookup_keys(match.fingerprint())) {
    std::string prefix = subscription_prefix(match.subscription_id());
    storage::append_u32(prefix, static_cast<std::uint32_t>(key));
    const auto cursor = database_->cursor(kCandidates, range_of(prefix));
    for (cursor->seek(prefix + big_endian(since_unix_ms));
         cursor->valid() && rows.size() < kMaxCandidates * 4; cursor->next()) {
      rows.emplace_back(cursor->key().substr(prefix.size()));
    }
    VIGIE_TRY(cursor->status());
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  if (rows.size() > kMaxCandidates) rows.resize(kMaxCandidates);
  return rows;
}

Result<std::optional<v1::AlertGroup>> Store::group_copied(const v1::MatchRecord& match,
                                                          std::int64_t since_unix_ms) const {
  VIGIE_ASSIGN(const std::vector<std::string> rows, candidates_of(match, since_unix_ms));
  fingerprint::CopySearch search(article_of(match.fingerprint(), match.article()));
  std::deque<std::string> fingerprints;  // stay where they are
  std::vector<std::string> candidates;   // rows of groups
  for (const std::string& end : rows) {
    std::string row = subscription_prefix(match.subscription_id()) + end;
    VIGIE_ASSIGN(const std::optional<v1::AlertGroup> group, group_at(row));
    if (!group) continue;
    fingerprints.push_back(group->fingerprint());
    candidates.push_back(std::move(row));
    search.add(article_of(fingerprints.back(), group->article()));
  }
  const auto best = search.best();
  if (!best) return std::optional<v1::AlertGroup>();
  return group_at(candidates[best->candidate]);
}

Result<std::optional<v1::AlertGroup>> Store::group_of_event(const std::string& subscription_id,
                                                            const std::string& event_id,
                                                            std::int64_t since_unix_ms) const {
  const std::optional<v1::AlertGroup> nothing;
  VIGIE_ASSIGN(const std::optional<std::string> row,
               database_->get(kEvents, subscription_prefix(subscription_id) + event_id));
  if (!row) return nothing;
  VIGIE_ASSIGN(std::optional<v1::AlertGroup> group, group_at(*row));
  return group && group->first_matched_at_unix_ms() >= since_unix_ms ? std::move(group) : nothing;
}

Result<void> Store::put_group(storage::Batch& batch, const v1::AlertGroup& group,
                              std::int64_t expires_unix_ms) const {
  const std::string row = group_row(group);
  batch.put(kGroups, row, summaries_.pack(batch, row, group));
  batch.put(kNewest, newest_row(group), row);
  if (group.match_ids().empty()) batch.put(kMatches, group.delivery_id(), row);
  for (const std::string& match : group.match_ids()) batch.put(kMatches, match, row);
  for (const std::string& candidate : candidate_rows(group)) batch.put(kCandidates, candidate, {});
  if (const std::string event = event_row(group); !event.empty()) batch.put(kEvents, event, row);
  batch.put(kExpiry, expiry_row(expires_unix_ms, kOfGroup, row), {});
  return held_.put(batch, group, row);
}

/// The row of a group is about to be written with other summaries, or to go: those that it used
/// and the new bytes do not are looked at from then on.
Result<void> Store::leave_summaries(storage::Batch& batch, const std::string& row,
                                    std::string_view new_bytes, std::int64_t then_unix_ms) const {
  VIGIE_ASSIGN(const std::optional<std::string> old_bytes, database_->get(kGroups, row));
  if (!old_bytes) return {};
  const std::vector<std::string> kept = SharedSummaries::names_in(new_bytes);
  for (const std::string& name : SharedSummaries::names_in(*old_bytes)) {
    if (std::ranges::find(kept, name) != kept.end()) continue;
    summaries_.leave(batch, name, row);
    batch.put(kExpiry, expiry_row(then_unix_ms, kOfSummary, name), {});
  }
  return {};
}

Result<void> Store::put_joined(storage::Batch& batch, const v1::AlertGroup& group,
                               std::int64_t moved_from_unix_ms) const {
  const std::string row = group_row(group);
  const std::string bytes = summaries_.pack(batch, row, group);
  VIGIE_TRY(leave_summaries(batch, row, bytes, last_of(group)));
  batch.put(kGroups, row, bytes);
  batch.remove(kNewest, newest_row(group, moved_from_unix_ms));
  batch.put(kNewest, newest_row(group), row);
  batch.put(kMatches, group.match_ids(group.match_ids_size() - 1), row);
  return {};
}

Result<void> Store::restore_group(storage::Batch& batch, const v1::AlertGroup& group,
                                  std::int64_t expires_unix_ms) const {
  const std::string row = group_row(group);
  VIGIE_ASSIGN(const std::optional<v1::AlertGroup> old, group_at(row));
  if (old) batch.remove(kNewest, newest_row(*old));
  const std::string bytes = summaries_.pack(batch, row, group);
  VIGIE_TRY(leave_summaries(batch, row, bytes, expires_unix_ms));
  // One batch may restore a group twice: the first state of it is in no row then.
  for (const std::string& name : SharedSummaries::names_in(bytes))
    batch.put(kExpiry, expiry_row(expires_unix_ms, kOfSummary, name), {});
  return put_group(batch, group, expires_unix_ms);
}

Result<std::vector<v1::AlertGroup>> Store::groups(const std::string& subscription_id,
                                                  std::size_t limit,
                                                  const std::string& before) const {
  std::vector<v1::AlertGroup> out;
  const std::string prefix = subscription_prefix(subscription_id);
  const auto cursor = database_->cursor(kNewest, range_of(prefix));
  if (before.empty()) {
    cursor->seek_to_last();
  } else {
    const std::optional<std::string> place = read_cursor(before);
    if (!place) {
      return failure(Disposition::kQuarantine, "not_found",
                     "no alert of this subscription has that place; start again from the newest",
                     before);
    }
    cursor->seek_for_prev(prefix + *place);
    if (cursor->valid() && cursor->key() == prefix + *place) cursor->prev();
  }
  for (; cursor->valid() && out.size() < limit; cursor->prev()) {
    VIGIE_ASSIGN(std::optional<v1::AlertGroup> group, group_at(cursor->value()));
    if (group && newest_row(*group) == cursor->key()) out.push_back(std::move(*group));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

Result<void> Store::each_group(const std::string& subscription_id, std::int64_t begin_unix_ms,
                               std::int64_t end_unix_ms,
                               const std::function<void(const v1::AlertGroup&)>& each) const {
  const std::string prefix = subscription_prefix(subscription_id);
  const auto cursor = database_->cursor(
      kGroups, {prefix + big_endian(begin_unix_ms), prefix + big_endian(end_unix_ms)});
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    VIGIE_ASSIGN(const v1::AlertGroup group, summaries_.unpack(cursor->value()));
    each(group);
  }
  return cursor->status();
}

Result<std::vector<std::int64_t>> Store::group_times(const std::string& subscription_id,
                                                     std::int64_t since_unix_ms) const {
  std::vector<std::int64_t> out;
  const std::string prefix = subscription_prefix(subscription_id);
  const auto cursor = database_->cursor(kGroups, range_of(prefix));
  for (cursor->seek(prefix + big_endian(since_unix_ms)); cursor->valid(); cursor->next()) {
    const std::string_view rest = cursor->key().substr(prefix.size());
    if (rest.size() >= 8) out.push_back(static_cast<std::int64_t>(storage::read_u64(rest)));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

std::string Store::delivery_row(const v1::DeliveryRecord& delivery) {
  return subscription_prefix(delivery.subscription_id()) +
         big_endian(delivery.created_at_unix_ms()) + changelog_key(delivery);
}

Result<Store::Learned> Store::learned(std::int32_t partition) const {
  VIGIE_ASSIGN(const std::optional<std::string> bytes,
               database_->get(kState, learned_key(partition)));
  if (!bytes) return Learned();
  if (bytes->size() != 16) return damaged("learned");
  return Learned{storage::read_u64(*bytes), storage::read_u64(std::string_view(*bytes).substr(8))};
}

void Store::put_learned(storage::Batch& batch, std::int32_t partition,
                        const Learned& learned) const {
  std::string bytes;
  storage::append_u64(bytes, learned.mark);
  storage::append_u64(bytes, learned.told);
  batch.put(kState, learned_key(partition), bytes);
}

Result<Store::LeftOut> Store::left_out(const std::string& subscription_id) const {
  VIGIE_ASSIGN(const std::optional<std::string> bytes,
               database_->get(kState, left_out_key(subscription_id)));
  if (!bytes) return LeftOut();
  if (bytes->size() != 16) return damaged("left-out");
  return LeftOut{static_cast<std::int64_t>(storage::read_u64(*bytes)),
                 storage::read_u64(std::string_view(*bytes).substr(8))};
}

void Store::put_left_out(storage::Batch& batch, const std::string& subscription_id,
                         const LeftOut& left_out) const {
  std::string bytes = big_endian(left_out.hour_unix_ms);
  storage::append_u64(bytes, left_out.matches);
  batch.put(kState, left_out_key(subscription_id), bytes);
}

void Store::put_delivery(storage::Batch& batch, const v1::DeliveryRecord& delivery,
                         std::int64_t expires_unix_ms) const {
  const std::string row = delivery_row(delivery);
  batch.put(kDeliveries, row, delivery.SerializeAsString());
  if (delivery.state() == v1::DELIVERY_STATE_PENDING) {
    batch.put(kPending, row, {});
    return;
  }
  batch.remove(kPending, row);
  batch.put(kExpiry, expiry_row(expires_unix_ms, kOfDelivery, row), {});
}

Result<std::optional<v1::DeliveryRecord>> Store::delivery(const std::string& row) const {
  VIGIE_ASSIGN(const std::optional<std::string> bytes, database_->get(kDeliveries, row));
  if (!bytes) return std::optional<v1::DeliveryRecord>();
  v1::DeliveryRecord delivery;
  if (!delivery.ParseFromString(*bytes)) return damaged("delivery");
  return std::optional<v1::DeliveryRecord>(std::move(delivery));
}

Result<bool> Store::delivers(const std::string& subscription_id, std::int64_t created_unix_ms,
                             const std::string& delivery_id) const {
  const std::string prefix =
      subscription_prefix(subscription_id) + big_endian(created_unix_ms) + delivery_id + "/";
  const auto cursor = database_->cursor(kDeliveries, range_of(prefix));
  cursor->seek_to_first();
  const bool any = cursor->valid();
  VIGIE_TRY(cursor->status());
  return any;
}

Result<void> Store::restore_delivery(storage::Batch& batch, const v1::DeliveryRecord& delivery,
                                     std::int64_t expires_unix_ms) const {
  VIGIE_ASSIGN(const auto known, this->delivery(delivery_row(delivery)));
  if (!known || finality(known->state()) <= finality(delivery.state()))
    put_delivery(batch, delivery, expires_unix_ms);
  return {};
}

Result<std::vector<v1::DeliveryRecord>> Store::deliveries(const std::string& subscription_id,
                                                          std::size_t limit) const {
  std::vector<v1::DeliveryRecord> out;
  const auto cursor =
      database_->cursor(kDeliveries, range_of(subscription_prefix(subscription_id)));
  for (cursor->seek_to_last(); cursor->valid() && out.size() < limit; cursor->prev()) {
    v1::DeliveryRecord delivery;
    if (!delivery.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size())))
      return damaged("delivery");
    if (delivery.subscription_id() == subscription_id) out.push_back(std::move(delivery));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

Result<void> Store::pending_deliveries(const std::function<void(v1::DeliveryRecord)>& each) const {
  const auto cursor = database_->cursor(kPending);
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    VIGIE_ASSIGN(std::optional<v1::DeliveryRecord> found, delivery(std::string(cursor->key())));
    if (found) each(std::move(*found));
  }
  return cursor->status();
}

Result<void> Store::forget_unfinished(storage::Batch& batch, const Held::Ours& ours) const {
  VIGIE_TRY(held_.forget(batch, ours));
  VIGIE_TRY(waiting_.forget(batch, ours));
  return pending_deliveries([&](const v1::DeliveryRecord& delivery) {
    if (!ours(delivery.subscription_id())) return;
    const std::string row = delivery_row(delivery);
    batch.remove(kDeliveries, row);
    batch.remove(kPending, row);
  });
}

void Store::put_changelog(storage::Batch& batch, const log::NewRecord& record) {
  const unsigned kind =
      (record.value ? 0 : kTombstone) | (record.topic == proto::Topic::kDigests ? kOfDigests : 0);
  std::string bytes(1, static_cast<char>(kind));
  append_part(bytes, record.partition_key);
  append_part(bytes, record.key);
  append_part(bytes, record.value.value_or(std::string()));
  std::string row;
  storage::append_u64(row, next_changelog_++);
  batch.put(kChangelog, row, bytes);
}

Result<std::vector<Store::ChangelogRow>> Store::changelog(std::size_t limit,
                                                          const Wanted& wanted) const {
  std::vector<ChangelogRow> out;
  changelog_skipped_ = false;
  const auto cursor =
      database_->cursor(kChangelog, {big_endian(static_cast<std::int64_t>(first_changelog_)), ""});
  for (cursor->seek_to_first(); cursor->valid() && out.size() < limit; cursor->next()) {
    ChangelogRow row;
    row.row = cursor->key();
    std::string_view bytes = cursor->value();
    std::string value;
    if (bytes.empty()) return damaged("changelog");
    const auto kind = static_cast<unsigned char>(bytes.front());
    const bool tombstone = (kind & kTombstone) != 0;
    row.record.topic =
        (kind & kOfDigests) != 0 ? proto::Topic::kDigests : proto::Topic::kDeliveries;
    bytes.remove_prefix(1);
    if (!take_part(bytes, row.record.partition_key) || !take_part(bytes, row.record.key) ||
        !take_part(bytes, value))
      return damaged("changelog");
    if (!tombstone) row.record.value = std::move(value);
    if (!wanted(row.record.partition_key)) {
      changelog_skipped_ = true;
      continue;
    }
    out.push_back(std::move(row));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

void Store::forget_changelog(storage::Batch& batch, const std::vector<ChangelogRow>& rows) {
  for (const ChangelogRow& row : rows) {
    batch.remove(kChangelog, row.row);
    if (!changelog_skipped_ && row.row.size() == 8)
      first_changelog_ = std::max(first_changelog_, storage::read_u64(row.row) + 1);
  }
}

/// Of the stored state of a group.
Result<void> Store::remove_group(storage::Batch& batch, const std::string& row,
                                 const v1::AlertGroup& group) const {
  VIGIE_TRY(leave_summaries(batch, row, {}, last_of(group)));
  batch.remove(kGroups, row);
  batch.remove(kNewest, newest_row(group));
  for (const std::string& match : group.match_ids()) batch.remove(kMatches, match);
  for (const std::string& candidate : candidate_rows(group)) batch.remove(kCandidates, candidate);
  const std::string event = event_row(group);
  if (event.empty()) return {};
  // A later alert may have told of the event again.
  VIGIE_ASSIGN(const std::optional<std::string> known, database_->get(kEvents, event));
  if (known == row) batch.remove(kEvents, event);
  return {};
}

Result<void> Store::forget_unlogged(storage::Batch& batch, const std::vector<ChangelogRow>& rows) {
  forget_changelog(batch, rows);
  std::set<std::string> taken;  // rows of deliveries
  for (const ChangelogRow& row : rows) {
    const std::optional<v1::DeliveryRecord> delivery = taken_in(row);
    if (!delivery) continue;
    taken.insert(delivery_row(*delivery));
    put_changelog(batch, row.record);
  }
  for (const ChangelogRow& row : rows) {
    if (row.record.topic != proto::Topic::kDeliveries || !row.record.value) continue;
    const std::string& key = row.record.key;
    v1::AlertGroup group;
    v1::DeliveryRecord delivery;
    if (key.starts_with(proto::kAlertPrefix)) {
      if (!group.ParseFromString(*row.record.value)) continue;
      VIGIE_ASSIGN(const std::optional<v1::AlertGroup> stored, group_at(group_row(group)));
      if (stored) VIGIE_TRY(remove_group(batch, group_row(group), *stored));
    } else if (proto::is_delivery_key(key)) {
      if (!delivery.ParseFromString(*row.record.value)) continue;
      if (taken.contains(delivery_row(delivery))) continue;
      batch.remove(kDeliveries, delivery_row(delivery));
      batch.remove(kPending, delivery_row(delivery));
    }
  }
  return {};
}

Result<void> Store::forget_group(storage::Batch& batch, const std::string& row,
                                 std::int64_t now_unix_ms, std::int64_t keep_ms) {
  VIGIE_ASSIGN(const std::optional<v1::AlertGroup> group, group_at(row));
  if (!group) return {};
  const std::int64_t last = last_of(*group);
  const bool held = held_.holds(*group);
  if (held || last > now_unix_ms - keep_ms) {
    batch.put(kExpiry, expiry_row((held ? now_unix_ms : last) + keep_ms, kOfGroup, row), {});
    return {};
  }
  VIGIE_TRY(remove_group(batch, row, *group));
  put_changelog(batch, {proto::Topic::kDeliveries, changelog_key(*group), std::nullopt,
                        group->subscription_id()});
  return {};
}

Result<void> Store::forget_summary(storage::Batch& batch, const std::string& name) const {
  return summaries_.forget_unused(
      batch, name, [this](std::string_view row, std::string_view used) -> Result<bool> {
        VIGIE_ASSIGN(const std::optional<std::string> bytes, database_->get(kGroups, row));
        if (!bytes) return false;
        const std::vector<std::string> names = SharedSummaries::names_in(*bytes);
        return std::ranges::find(names, used) != names.end();
      });
}

Result<void> Store::forget_delivery(storage::Batch& batch, const std::string& row) {
  VIGIE_ASSIGN(const std::optional<v1::DeliveryRecord> found, delivery(row));
  if (!found || found->state() == v1::DELIVERY_STATE_PENDING) return {};
  batch.remove(kDeliveries, row);
  put_changelog(batch, {proto::Topic::kDeliveries, changelog_key(*found), std::nullopt,
                        found->subscription_id()});
  return {};
}

Result<std::size_t> Store::forget_expired(std::int64_t now_unix_ms, std::int64_t keep_ms,
                                          std::size_t limit) {
  storage::Batch batch;
  std::size_t seen = 0;
  const auto cursor = database_->cursor(kExpiry, {"", big_endian(now_unix_ms)});
  for (cursor->seek_to_first(); cursor->valid() && seen < limit; cursor->next(), ++seen) {
    const std::string key(cursor->key());
    batch.remove(kExpiry, key);
    if (key.size() < 9) continue;
    const std::string what = key.substr(9);
    switch (key[8]) {
      case kOfGroup: VIGIE_TRY(forget_group(batch, what, now_unix_ms, keep_ms)); break;
      case kOfSummary: VIGIE_TRY(forget_summary(batch, what)); break;
      default: VIGIE_TRY(forget_delivery(batch, what)); break;
    }
  }
  VIGIE_TRY(cursor->status());
  if (!batch.empty()) VIGIE_TRY(database_->write(batch, storage::Durability::kBuffered));
  return seen;
}

}  // namespace vigie::indexer::alerting
