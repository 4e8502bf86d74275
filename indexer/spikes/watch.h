#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "indexer/alerting/alerts.h"
#include "indexer/spikes/metrics.h"
#include "indexer/subscriptions/store.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "proto/match.pb.h"

/// Subscriptions of kind spike: whether a day is unusual for them, each full hour. See README.md.
namespace vigie::indexer::spikes {

/// What is said of the day of a subscription.
struct Judged {
  bool complete = true;  // false: a part of the index did not answer; to be asked again
  std::optional<v1::Spike> spike = {};  // nothing: the day is not unusual enough, or not known
  v1::ArticleSummary article = {};      // of a spike: the newest article that meets the query
};

/// Judges, at each full hour of UTC, the day that ends with it for each subscription whose
/// partition of `matches` the alerter here owns, and writes what is unusual to `matches`, where the
/// alerter finds it. What it writes twice, or two of it write, is told once (alerting::Intake).
class SpikeWatch {
 public:
  /// Judges the 24 hours before `end_unix_ms`. Errors: those of the index.
  using Judge =
      std::function<Result<Judged>(const v1::SubscriptionRecord&, std::int64_t end_unix_ms)>;
  struct Seams {
    log::Log& log;
    const subscriptions::SubscriptionStore& subscriptions;
    const alerting::Alerts& alerts;
    Clock& clock;
    metrics::Registry& metrics;
  };
  /// What the seams name must outlive it.
  SpikeWatch(const Seams& seams, Judge judge);

  /// Looks every 20 s until stopped. Errors: kStop, from the log.
  Result<void> run(const std::stop_token& stop);
  /// Judges those that were not judged in this hour, once kSettle of it are over; how many spikes
  /// were written. One thread. Errors: those of the log.
  Result<std::size_t> look(const std::stop_token& stop = {});

 private:
  Result<bool> look_at(const v1::SubscriptionRecord& subscription, std::int64_t end_unix_ms);
  Result<bool> told_lately(const std::string& subscription_id, std::int64_t end_unix_ms) const;
  Result<void> write(const v1::SubscriptionRecord& subscription, std::int64_t end_unix_ms,
                     Judged judged);

  Seams seams_;
  Judge judge_;
  SpikeMetrics metrics_;
  using Day = std::pair<std::int64_t, std::uint64_t>;  // end, revision of the subscription
  std::map<std::string, Day> judged_;                  // last, by subscription
};

/// After a full hour, so that what was published before it is in the index.
inline constexpr std::chrono::milliseconds kSettle{120'000};

}  // namespace vigie::indexer::spikes
