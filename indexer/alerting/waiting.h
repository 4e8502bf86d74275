#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/alerting/held.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/delivery.pb.h"

namespace vigie::indexer::alerting {

/// Matches whose event is not known yet, of subscriptions that tell an event once: a family of the
/// alerter's store. What is added to one batch becomes true together.
class Waiting {
 public:
  /// `database` must outlive this.
  Waiting(storage::Database& database, std::size_t family) : database_(database), family_(family) {}

  void put(storage::Batch& batch, const v1::WaitingMatch& waiting) const;
  void remove(storage::Batch& batch, const v1::MatchRecord& match) const;
  /// Of a tombstone in the log, by its key.
  void remove_logged(storage::Batch& batch, const std::string& key) const;
  Result<bool> holds(const v1::MatchRecord& match) const;
  /// Whether a match of the subscription waits that was logged before `time_unix_ms`.
  Result<bool> any_before(const std::string& subscription_id, std::int64_t time_unix_ms) const;
  /// Those of the subscriptions that are `ours`, the longest in the log first, at most `limit`;
  /// those of one partition in its order.
  Result<std::vector<v1::WaitingMatch>> first(const Held::Ours& ours, std::size_t limit) const;
  /// Everything of the subscriptions that are `ours`: what the log says takes its place.
  Result<void> forget(storage::Batch& batch, const Held::Ours& ours) const;

 private:
  Result<void> each(const storage::KeyRange& range,
                    const std::function<void(std::string_view key, v1::WaitingMatch)>& take) const;

  storage::Database& database_;
  std::size_t family_;
};

/// The key in `deliveries`.
std::string changelog_key(const v1::WaitingMatch& waiting);

}  // namespace vigie::indexer::alerting
