#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "indexer/alerting/alerts.h"
#include "indexer/alerting/digests.h"
#include "indexer/alerting/dispatcher.h"
#include "indexer/alerting/intake.h"
#include "indexer/alerting/metrics.h"
#include "indexer/alerting/options.h"
#include "indexer/alerting/store.h"
#include "indexer/delivery/delivery.h"
#include "indexer/subscriptions/store.h"
#include "platform/backup/turn_gate.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"

/// Matches in → each subscription told once of each story, when it wants to be. See README.md.
namespace vigie::indexer::alerting {

/// run() on one thread; every other function from any thread, also before and after run().
class Alerter final : public Alerts {
 public:
  /// Opens the local state. All must outlive the alerter; `sender` may call back late: what comes
  /// after the alerter has gone is ignored. `subscriptions` is followed by somebody else (its own
  /// run()); the alerter waits for it where a match is ahead. Errors: kStop locked, corrupt, io.
  static Result<std::unique_ptr<Alerter>> open(log::Log& log,
                                               subscriptions::SubscriptionStore& subscriptions,
                                               delivery::Sender& sender, Clock& clock,
                                               Random& random, metrics::Registry& registry,
                                               AlerterOptions options);
  ~Alerter() override;

  /// Catches up with `subscriptions`, `deliveries` and `digests`, then alerts until stopped.
  /// Errors: kStop log_gap; kRetry log_silent; whatever the log or the storage report.
  Result<void> run(std::stop_token stop);

  /// Where it stands still for a backup, with no attempt under way and everything told to
  /// `deliveries`.
  backup::TurnGate& gate() { return gate_; }
  /// Writes a copy of its store into a folder that must not exist, while it stands at the gate.
  /// Errors: kStop io.
  Result<void> checkpoint(const std::filesystem::path& to) { return store_->checkpoint(to); }

  /// Called on the thread of run() for each new alert once it is durable. To be set before run().
  using OnAlert = std::function<void(const v1::AlertGroup&, const v1::SubscriptionRecord&)>;
  void on_alert(OnAlert call) { on_alert_ = std::move(call); }

  std::vector<std::int32_t> owned() const override;
  Result<std::vector<v1::AlertGroup>> alerts(const std::string& subscription_id, std::size_t limit,
                                             const std::string& before = {}) const override;
  Result<std::vector<v1::DeliveryRecord>> deliveries(const std::string& subscription_id,
                                                     std::size_t limit) const override;
  Result<std::vector<DayCount>> counts_per_day(const std::string& subscription_id, std::size_t days,
                                               const dates::TimeZone& zone) const override;
  Result<LeftOut> left_out(const std::string& subscription_id) const override;
  std::vector<TestResult> send_test(const v1::SubscriptionRecord& subscription) override;
  Result<std::vector<TestResult>> send_again(const v1::SubscriptionRecord& subscription,
                                             const std::string& delivery_id) override;

 private:
  using milliseconds = std::chrono::milliseconds;

  Alerter(log::Log& log, subscriptions::SubscriptionStore& subscriptions, delivery::Sender& sender,
          Clock& clock, Random& random, metrics::Registry& registry, AlerterOptions options,
          std::unique_ptr<Store> store);
  Result<void> turn(log::Group& group, const std::stop_token& stop);
  Result<void> finish(milliseconds wait);
  milliseconds poll_time() const;
  // partitions come and go
  Result<void> take_over(log::Group& group, const std::vector<log::TopicPartition>& assigned,
                         const std::stop_token& stop);
  Result<bool> take_over(log::Group& group, log::TopicPartition partition,
                         const std::stop_token& stop);
  Result<void> release(const log::Group& group, const std::vector<log::TopicPartition>& revoked);
  Result<bool> is_awake();
  Result<void> commit(log::Group& group, const std::vector<log::Reader::Batch>& batches);
  std::uint64_t new_mark() { return std::max<std::uint64_t>(1, random_.next() >> 1U); }
  void own(std::int32_t partition, bool ours);
  bool owns(const std::string& subscription_id) const;
  // matches → alerts → deliveries
  Result<bool> take_matches(const std::vector<log::Reader::Batch>& batches,
                            const std::stop_token& stop);
  Result<void> look_at_waiting();
  Result<void> tell(const std::vector<Intake::Raised>& raised);
  Result<void> close_slots();
  Result<void> relay();
  Result<void> schedule_pending();
  void schedule(const v1::DeliveryRecord& delivery);
  Result<void> start_due();
  Result<std::optional<delivery::Message>> message_of(const std::string& row);
  Result<bool> put_off(const v1::SubscriptionRecord& subscription,
                       const v1::DeliveryRecord& delivery);
  // attempts end
  Result<void> settle();
  Result<void> settle(v1::DeliveryRecord delivery, std::uint64_t revision,
                      const delivery::Attempt& attempt);
  Result<void> put(const v1::DeliveryRecord& delivery);
  Result<void> end(v1::DeliveryRecord delivery, v1::DeliveryState state);
  Result<void> keep_house();
  std::vector<TestResult> send_and_wait(const std::vector<delivery::Message>& messages);

  log::Log& log_;
  subscriptions::SubscriptionStore& subscriptions_;
  delivery::Sender& sender_;
  Clock& clock_;
  Random& random_;
  AlerterOptions options_;
  std::unique_ptr<Store> store_;
  Dispatcher dispatcher_;
  AlertingMetrics metrics_;
  Intake intake_;
  Digests digests_;
  Rules rules_;
  OnAlert on_alert_;
  std::unique_ptr<log::Producer> producer_;
  std::int32_t partitions_ = 1;
  mutable std::mutex owned_mutex_;                  // for the other threads, which only look
  std::set<std::int32_t> owned_;                    // partitions of `matches`
  log::Group* group_ = nullptr;                     // while run() runs
  std::map<std::int32_t, std::int64_t> committed_;  // by partition that is ours
  milliseconds awake_at_{0};
  bool may_have_slept_ = false;  // since the group was asked
  // rows whose attempt has not ended, with the revision of the subscription that it was made under
  std::map<std::string, std::uint64_t> under_way_;
  milliseconds next_housekeeping_{0};
  backup::TurnGate gate_;
};

}  // namespace vigie::indexer::alerting
