#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
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
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "proto/delivery.pb.h"
#include "proto/match.pb.h"

namespace vigie::indexer::alerting {

/// Decides what a match is: dropped, a repeat, one that joins an alert (a copy, or another article
/// of its event), or a new alert. Each
/// decision is one batch with the offset after the match, written without sync: what comes later
/// sees it, and the caller's one sync makes them all durable in order. One thread.
class Intake {
 public:
  Intake(Store& store, subscriptions::SubscriptionStore& subscriptions, Clock& clock,
         AlertingMetrics& metrics, const AlerterOptions& options);

  struct Raised {
    v1::AlertGroup group;  // held_at_unix_ms says whether it waits for a slot
    v1::SubscriptionRecord subscription;
    std::vector<v1::DeliveryRecord> deliveries;
  };
  /// A record that cannot be read goes to quarantine through `producer`, which the caller has to
  /// flush before the offset is synced. False, and nothing was decided, if a stop was asked for
  /// while the subscription was waited for. Errors: those of the store and the log.
  Result<bool> take(const log::Record& record, log::Producer& producer, std::vector<Raised>& raised,
                    const std::stop_token& stop);
  /// Asks for the events of the articles whose matches wait, of the subscriptions that are `ours`,
  /// and notes those that are known, or waited for longer than options.event_wait; whether there
  /// are any. Durable on return; asks at most every options.event_look. The caller brings it to the
  /// log before it lets them be decided. `mark`: not 0, of this call alone; `partitions` of
  /// `matches`. Errors: those of the store.
  Result<bool> learn_events(const Held::Ours& ours, std::uint64_t mark, std::int32_t partitions);
  /// Decides what learn_events noted, in order of the places in the log; whether there was any.
  /// Durable on return. The caller brings it to the log before the next learn_events: so whoever
  /// goes on decides the same matches in the same order. Errors: those of the store.
  Result<bool> decide_waiting(const Held::Ours& ours, std::vector<Raised>& raised);
  /// Looks at the next calls in any case: other partitions are ours.
  void look_again() {
    any_waits_ = any_noted_ = true;
    next_look_ = {};
    hours_.clear();  // another owner may have told meanwhile
  }
  /// Whether a record went to quarantine since the last call.
  bool quarantined_any() { return std::exchange(quarantined_any_, false); }

 private:
  /// Where a match stands in `matches`.
  struct Place {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t log_time_unix_ms = 0;
  };
  Result<void> decide(storage::Batch& batch, const v1::MatchRecord& match, const Place& place,
                      std::vector<Raised>& raised);
  Result<void> decide_spike(storage::Batch& batch, const v1::MatchRecord& match, const Place& place,
                            const v1::SubscriptionRecord& subscription,
                            std::vector<Raised>& raised);
  /// Of a match whose event is noted in its `reach`.
  Result<void> decide_event(storage::Batch& batch, const v1::MatchRecord& match, const Place& place,
                            std::vector<Raised>& raised);
  /// Whether nobody is to be told of the match, or was told already; then that is counted.
  Result<bool> is_over(storage::Batch& batch, const v1::MatchRecord& match,
                       const std::optional<v1::SubscriptionRecord>& subscription);
  Result<bool> joins_its_copy(storage::Batch& batch, const v1::MatchRecord& match);
  Result<void> raise_unless_flooded(storage::Batch& batch, const v1::MatchRecord& match,
                                    const Place& place, const v1::SubscriptionRecord& subscription,
                                    std::vector<Raised>& raised);
  void wait(storage::Batch& batch, const v1::MatchRecord& match, const Place& place);
  v1::EventReach reach_of(const std::string& event) const;
  /// Waits until the subscription is known at the revision that the match names. False if a stop
  /// was asked for first.
  Result<bool> know_subscription(const v1::MatchRecord& match, const std::stop_token& stop);
  /// Why the match is not told, as the metric says it, where its subscription, or its source on
  /// that subscription, was told as much as it may be in the hour of the match; then that is noted.
  /// nullptr: it may be told, and is counted.
  Result<const char*> flooded_by(storage::Batch& batch, const v1::MatchRecord& match);
  Result<void> join(storage::Batch& batch, v1::AlertGroup group, const v1::MatchRecord& match);
  /// By log time: whoever reads the same match again decides the same.
  rhythm::Telling telling_of(const v1::SubscriptionRecord& subscription, const Place& place);
  Result<Raised> raise(storage::Batch& batch, const v1::MatchRecord& match, const Place& place,
                       const v1::SubscriptionRecord& subscription);
  Result<bool> was_delivered(const v1::MatchRecord& match, const Place& place) const;
  Result<std::vector<v1::DeliveryRecord>> deliver(storage::Batch& batch,
                                                  const v1::MatchRecord& match, const Place& place,
                                                  const v1::SubscriptionRecord& subscription);
  Result<void> quarantine(const log::Record& record, log::Producer& producer);

  Store& store_;
  subscriptions::SubscriptionStore& subscriptions_;
  Clock& clock_;
  const AlerterOptions& options_;
  bool quarantined_any_ = false;
  AlertingMetrics& metrics_;
  /// Alerts of the hour of log time that a subscription was told of last.
  struct Hour {
    std::int64_t begin_unix_ms = 0;
    std::size_t alerts = 0;
    std::map<std::string, std::size_t> of_sources;  // by the source of the first match
  };
  Result<Hour*> hour_of(const std::string& subscription, std::int64_t begin_unix_ms);
  std::map<std::string, Hour> hours_;  // by subscription
  Rules rules_;
  bool any_waits_ = true;  // perhaps: nobody has looked
  bool any_noted_ = true;  // perhaps: events of what waits, which is not decided yet
  std::chrono::milliseconds next_look_{0};
};

}  // namespace vigie::indexer::alerting
