#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/delivery.pb.h"
#include "proto/digest.pb.h"

namespace vigie::indexer::alerting {

/// Alerts that wait for a slot, and the newest slot of each subscription that was closed: two
/// families of the alerter's store. What the put_ functions add to one batch becomes true together.
class Held {
 public:
  /// Numbers of the families. `database` must outlive this.
  Held(storage::Database& database, std::size_t held, std::size_t slots)
      : database_(database), held_(held), slots_(slots) {}

  struct Row {
    std::int64_t offset = 0;        // of the alert's first match in `matches`
    std::int64_t held_unix_ms = 0;  // its log time
    std::string group;              // row of the AlertGroup
  };
  /// Of a group that is held and was not told: a slot that covers its match leaves it out.
  Result<void> put(storage::Batch& batch, const v1::AlertGroup& group,
                   const std::string& group_row) const;
  /// Those whose match is at the offset or before it.
  void remove_through(storage::Batch& batch, const std::string& subscription_id,
                      std::int64_t offset) const;
  bool holds(const v1::AlertGroup& group) const;
  /// Of a subscription in order of their matches, at most `limit`.
  Result<std::vector<Row>> rows(const std::string& subscription_id, std::size_t limit) const;
  /// Subscriptions that have any, in order.
  Result<std::vector<std::string>> subscriptions() const;

  /// The newest slot that was closed; nothing where none was.
  Result<std::optional<v1::DigestSlot>> slot(const std::string& subscription_id) const;
  void put_slot(storage::Batch& batch, const v1::DigestSlot& slot) const;
  void remove_slot(storage::Batch& batch, const std::string& subscription_id) const;
  Result<void> slots(const std::function<void(const v1::DigestSlot&)>& each) const;

  /// Everything of the subscriptions that are `ours`: what the log says takes its place.
  using Ours = std::function<bool(const std::string& subscription_id)>;
  Result<void> forget(storage::Batch& batch, const Ours& ours) const;

 private:
  storage::Database& database_;
  std::size_t held_;
  std::size_t slots_;
};

/// The id of a digest: a function of subscription and slot, so that whoever closes the slot again
/// sends it under the same.
std::string digest_id(const std::string& subscription_id, const std::string& slot);

/// The record of topic `digests`.
log::NewRecord slot_record(const v1::DigestSlot& slot);

}  // namespace vigie::indexer::alerting
