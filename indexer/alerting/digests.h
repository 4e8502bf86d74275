#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "indexer/alerting/metrics.h"
#include "indexer/alerting/options.h"
#include "indexer/alerting/rules.h"
#include "indexer/alerting/store.h"
#include "indexer/rhythm/slots.h"
#include "indexer/subscriptions/store.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/result/result.h"
#include "proto/delivery.pb.h"

namespace vigie::indexer::alerting {

/// Closes slots: what is held for one becomes a digest, a delivery for each channel. A slot closes
/// when its time has come and everything that the log took of `matches` before that has been read,
/// so whoever closes it finds the same alerts in it. One thread; subscriptions change on others.
class Digests {
 public:
  /// All must outlive this.
  Digests(Store& store, subscriptions::SubscriptionStore& subscriptions, log::Log& log,
          Clock& clock, AlertingMetrics& metrics, const AlerterOptions& options);
  ~Digests();

  /// Which subscriptions are ours; from now on their slots are waited for.
  using Ours = std::function<bool(const std::string& subscription_id)>;
  Result<void> begin(std::int32_t partitions, Ours ours);
  /// An alert of the subscription was put into the store to be held.
  Result<void> add(const std::string& subscription_id);

  /// Closes what is due. Slots, deliveries and their records for the log are one synced batch; the
  /// caller brings them to the log before it sends one. Errors: those of the store.
  Result<std::vector<v1::DeliveryRecord>> close_due();

  /// How long the next slot has been due; 0 where none is.
  std::int64_t overdue_ms() const;
  /// Forgets slots of ours whose subscriptions are gone. Errors: those of the store.
  Result<void> forget_gone();

 private:
  struct Timer {
    std::int64_t due_unix_ms = 0;
    std::optional<std::int64_t> read_to;  // offset to be reached, seen when the slot was due
  };
  struct Mailbox;

  Result<void> plan(const std::string& subscription_id);
  void set_timer(const std::string& subscription_id, std::int64_t due_unix_ms);
  void remove_timer(const std::string& subscription_id);
  Result<std::optional<rhythm::Slot>> slot_of(const v1::SubscriptionRecord& subscription,
                                              const rhythm::Rule& rule) const;
  Result<bool> has_read_all(const std::string& subscription_id, Timer& timer);
  Result<void> look_at(const std::string& subscription_id, std::vector<v1::DeliveryRecord>& out);
  Result<void> close(const v1::SubscriptionRecord& subscription, const rhythm::Rule& rule,
                     const rhythm::Slot& slot, std::vector<v1::DeliveryRecord>& out);
  Result<v1::Digest> digest_of(const std::vector<Held::Row>& rows, const rhythm::Rule& rule,
                               const rhythm::Slot& slot, std::int64_t since_unix_ms) const;
  Result<void> drop(const std::string& subscription_id);

  Store& store_;
  subscriptions::SubscriptionStore& subscriptions_;
  log::Log& log_;
  Clock& clock_;
  AlertingMetrics& metrics_;
  const AlerterOptions& options_;
  Rules rules_;
  Ours ours_;
  std::int32_t partitions_ = 1;
  std::map<std::string, Timer> timers_;                     // by subscription
  std::set<std::pair<std::int64_t, std::string>> by_time_;  // due, subscription
  // shared with the store's call, which may come when this has gone
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace vigie::indexer::alerting
