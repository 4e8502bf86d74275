#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "indexer/delivery/delivery.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "platform/storage/storage.h"
#include "proto/delivery.pb.h"
#include "proto/subscription.pb.h"

/// Matches in → each subscription told once of each story. See README.md.
namespace vigie::indexer::alerting {

struct AlerterOptions {
  // its own RocksDB, rebuildable from `deliveries`
  std::filesystem::path dir;
  std::string group = "vigie-alerter";  // consumer group of `matches`
  // silence after which another process takes over; 0: the log's
  std::chrono::milliseconds session{0};
  // copies of an alert younger than this join it
  std::int64_t copy_window_ms = 14LL * 24 * 3600 * 1000;
  // Delivery rows are kept so long after their end, groups after their last match. A match of an
  // article discovered longer ago is dropped, so that what is forgotten never alerts again.
  // (alerts.max_age is the shard's: see eligibility.h.)
  std::int64_t keep_ms = 30LL * 24 * 3600 * 1000;
  std::int64_t give_up_ms = 3LL * 24 * 3600 * 1000;  // of retries
  std::size_t max_in_flight = 64;                    // attempts at once
  // so that one slow receiver holds up only itself
  std::size_t max_in_flight_per_channel = 4;
  // a new match wakes at once; this bounds only timers
  std::chrono::milliseconds idle_poll{100};
  // for attempts under way; what is cut off is made again after the start
  std::chrono::milliseconds stop_wait{3'000};
  storage::Opener open_database = storage::open;
};

/// A day of alerts.
struct DayCount {
  std::int64_t begin_unix_ms = 0;  // 00:00 UTC
  std::uint64_t alerts = 0;
};

struct TestResult {
  std::string channel_id;
  delivery::Attempt attempt;
};

/// run() on one thread; every other function from any thread, also before and after run(). `log`,
/// `sender`, `clock`, `random`, `registry` must outlive it; `sender` may call back late: what comes
/// after the alerter has gone is ignored.
class Alerter {
 public:
  /// Opens the local state. Errors: kStop locked, corrupt, io.
  static Result<std::unique_ptr<Alerter>> open(log::Log& log, delivery::Sender& sender,
                                               Clock& clock, Random& random,
                                               metrics::Registry& registry, AlerterOptions options);
  virtual ~Alerter() = default;

  /// Catches up with `subscriptions` and `deliveries`, then alerts until stopped.
  /// Errors: kStop log_gap and whatever the log or the storage report.
  virtual Result<void> run(std::stop_token stop) = 0;

  /// Called on the thread of run() for each new alert once it is durable. To be set before run().
  using OnAlert = std::function<void(const v1::AlertGroup&, const v1::SubscriptionRecord&)>;
  virtual void on_alert(OnAlert call) = 0;

  /// Partitions of `matches` whose alerts this process delivers now, ascending; what the functions
  /// below say of other subscriptions may be old.
  virtual std::vector<std::int32_t> owned() const = 0;

  /// Alerts of a subscription, newest first (log time of the first match): summary, evidence, match
  /// ids of copies. `before`: the delivery_id of the last alert of the page before; empty: from the
  /// newest. Errors: kQuarantine not_found for an unknown `before`.
  virtual Result<std::vector<v1::AlertGroup>> alerts(const std::string& subscription_id,
                                                     std::size_t limit,
                                                     const std::string& before = {}) const = 0;
  /// Deliveries of a subscription, newest first; without the match, once they ended.
  virtual Result<std::vector<v1::DeliveryRecord>> deliveries(const std::string& subscription_id,
                                                             std::size_t limit) const = 0;
  /// Alerts per day (UTC) of the last `days` days, today last; days without alerts are there with
  /// 0.
  virtual Result<std::vector<DayCount>> counts_per_day(const std::string& subscription_id,
                                                       std::size_t days) const = 0;

  /// Sends a sample alert to every enabled channel, once, now, and waits for the answers. Not from
  /// a callback of the sender.
  virtual std::vector<TestResult> send_test(const v1::SubscriptionRecord& subscription) = 0;

  /// Sends an alert that was told before to every enabled channel again, once, now, under the id it
  /// had, and waits for the answers. The state of its deliveries stays as it is. Not from a
  /// callback of the sender. Errors: kQuarantine not_found, if the subscription has no alert of
  /// this delivery_id.
  virtual Result<std::vector<TestResult>> send_again(const v1::SubscriptionRecord& subscription,
                                                     const std::string& delivery_id) = 0;
};

}  // namespace vigie::indexer::alerting
