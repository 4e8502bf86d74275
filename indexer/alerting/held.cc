#include "indexer/alerting/held.h"

#include <algorithm>

#include "proto/identity.h"

namespace vigie::indexer::alerting {
namespace {

constexpr std::size_t kNumberBytes = 8;

// Rows, by family:
//   held   subscription "/" offset of the match (8) → log time (8) row of the group
//   slots  subscription                             → DigestSlot

std::string held_key(const std::string& subscription_id, std::int64_t offset) {
  std::string key = subscription_id + "/";
  storage::append_u64(key, static_cast<std::uint64_t>(std::max<std::int64_t>(0, offset)));
  return key;
}

tl::unexpected<Error> damaged(std::string_view what) {
  return failure(Disposition::kStop, "corrupt",
                 "a row of the alerter's state is damaged (" + std::string(what) +
                     "); delete its folder, it is built again from the log");
}

}  // namespace

Result<void> Held::put(storage::Batch& batch, const v1::AlertGroup& group,
                       const std::string& group_row) const {
  if (group.held_at_unix_ms() == 0) return {};
  VIGIE_ASSIGN(const std::optional<v1::DigestSlot> told, slot(group.subscription_id()));
  if (told && group.held_offset() < told->told_before_offset()) return {};
  std::string value;
  storage::append_u64(value, static_cast<std::uint64_t>(group.held_at_unix_ms()));
  batch.put(held_, held_key(group.subscription_id(), group.held_offset()), value + group_row);
  return {};
}

void Held::remove_through(storage::Batch& batch, const std::string& subscription_id,
                          std::int64_t offset) const {
  batch.remove_range(held_, held_key(subscription_id, 0), held_key(subscription_id, offset + 1));
}

bool Held::holds(const v1::AlertGroup& group) const {
  if (group.held_at_unix_ms() == 0) return false;
  const auto row = database_.get(held_, held_key(group.subscription_id(), group.held_offset()));
  return row && *row;
}

Result<std::vector<Held::Row>> Held::rows(const std::string& subscription_id,
                                          std::size_t limit) const {
  std::vector<Row> out;
  const std::string prefix = subscription_id + "/";
  const auto cursor = database_.cursor(held_, {prefix, storage::after_prefix(prefix)});
  for (cursor->seek_to_first(); cursor->valid() && out.size() < limit; cursor->next()) {
    if (cursor->key().size() != prefix.size() + kNumberBytes ||
        cursor->value().size() < kNumberBytes)
      return damaged("held alert");
    Row row;
    row.offset = static_cast<std::int64_t>(storage::read_u64(cursor->key().substr(prefix.size())));
    row.held_unix_ms = static_cast<std::int64_t>(storage::read_u64(cursor->value()));
    row.group = cursor->value().substr(kNumberBytes);
    out.push_back(std::move(row));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

Result<std::vector<std::string>> Held::subscriptions() const {
  std::vector<std::string> out;
  const auto cursor = database_.cursor(held_);
  for (cursor->seek_to_first(); cursor->valid();) {
    const std::string_view key = cursor->key();
    if (key.size() <= kNumberBytes + 1) return damaged("held alert");
    out.emplace_back(key.substr(0, key.size() - kNumberBytes - 1));
    cursor->seek(storage::after_prefix(out.back() + "/"));
  }
  VIGIE_TRY(cursor->status());
  return out;
}

Result<std::optional<v1::DigestSlot>> Held::slot(const std::string& subscription_id) const {
  VIGIE_ASSIGN(const std::optional<std::string> bytes, database_.get(slots_, subscription_id));
  if (!bytes) return std::optional<v1::DigestSlot>();
  v1::DigestSlot slot;
  if (!slot.ParseFromString(*bytes)) return damaged("slot");
  return std::optional<v1::DigestSlot>(std::move(slot));
}

void Held::put_slot(storage::Batch& batch, const v1::DigestSlot& slot) const {
  batch.put(slots_, slot.subscription_id(), slot.SerializeAsString());
}

void Held::remove_slot(storage::Batch& batch, const std::string& subscription_id) const {
  batch.remove(slots_, subscription_id);
}

Result<void> Held::slots(const std::function<void(const v1::DigestSlot&)>& each) const {
  const auto cursor = database_.cursor(slots_);
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    v1::DigestSlot slot;
    if (!slot.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size())))
      return damaged("slot");
    each(slot);
  }
  return cursor->status();
}

Result<void> Held::forget(storage::Batch& batch, const Ours& ours) const {
  VIGIE_ASSIGN(const std::vector<std::string> holding, subscriptions());
  for (const std::string& id : holding) {
    if (!ours(id)) continue;
    const std::string prefix = id + "/";
    batch.remove_range(held_, prefix, storage::after_prefix(prefix));
  }
  return slots([&](const v1::DigestSlot& slot) {
    if (ours(slot.subscription_id())) remove_slot(batch, slot.subscription_id());
  });
}

std::string digest_id(const std::string& subscription_id, const std::string& slot) {
  return proto::base32(
      proto::to_bytes(proto::digest128("digest\n" + subscription_id + "\n" + slot)));
}

log::NewRecord slot_record(const v1::DigestSlot& slot) {
  return {proto::Topic::kDigests, slot.subscription_id(), slot.SerializeAsString(),
          slot.subscription_id()};
}

}  // namespace vigie::indexer::alerting
