#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/subscription.pb.h"

namespace vigie::indexer::alerting {

/// What topic `subscriptions` says, as far as it was read. find() from any thread; the rest from
/// one.
class SubscriptionView {
 public:
  explicit SubscriptionView(log::Log& log) : log_(log) {}
  /// Reads the topic from its start to its end. Errors: those of the log.
  Result<void> start();
  /// Reads what is there and does not wait.
  Result<void> follow();
  /// Reads to the end as it is at the call: what was durable before is known after.
  Result<void> follow_to_end();
  /// Deleted ones too (deleted: true), until their tombstone.
  std::optional<v1::SubscriptionRecord> find(const std::string& id) const;
  void replace(const v1::SubscriptionRecord& record);

 private:
  void take(const log::Record& record);
  Result<void> poll(std::chrono::milliseconds timeout, bool& any);

  log::Log& log_;
  std::unique_ptr<log::Reader> reader_;
  std::vector<std::int64_t> next_;  // by partition
  mutable std::mutex mutex_;
  std::unordered_map<std::string, v1::SubscriptionRecord> records_;
};

}  // namespace vigie::indexer::alerting
