#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "indexer/conditions/course.h"
#include "indexer/conditions/metrics.h"
#include "indexer/conditions/observer.h"
#include "platform/clock/clock.h"
#include "platform/log/follower.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "proto/condition.pb.h"
#include "proto/subscription.pb.h"

/// `status`, `deliveries` and `quarantine` in → what is wrong with this vigie, and matches for the
/// subscriptions that ask for it.
namespace vigie::indexer::conditions {

struct WatcherOptions {
  std::string group = "vigie-watcher";  // consumer group of `status`
  // silence after which another process takes over; 0: the log's
  std::chrono::milliseconds session{0};
  Limits limits;
  Holds holds;
  std::string pages_url;  // where people reach the pages; "": nobody said
  std::chrono::milliseconds idle_poll{500};
  // what is wrong is looked at so often
  std::chrono::milliseconds look_every{2'000};
  // A condition that is over is forgotten after so long: later than the alerter forgets its
  // matches, so that an episode of the same number is not taken for a repeat.
  std::int64_t keep_ms = 60LL * 24 * 3600 * 1000;
};

/// The subscriptions, as the watcher needs them.
struct Subscriptions {
  std::function<std::vector<v1::SubscriptionRecord>()> list;
  /// Reads them to their present end. False where a stop was asked for first.
  std::function<Result<bool>(const std::stop_token& stop)> catch_up;
};

/// Tells each beginning and each end once to every subscription that asks for its kind. The state
/// of a condition is in the log before its matches are, and they before it is called told; who
/// takes over tells again what is not, under the same match ids, which the alerter knows. What
/// an owner that slept writes late, and is not in force (supersedes), is passed over and written
/// over. One thread.
class Watcher {
 public:
  /// All must outlive it.
  Watcher(log::Log& log, Subscriptions subscriptions, Clock& clock, metrics::Registry& registry,
          WatcherOptions options);

  /// Watches until stopped. Errors: kRetry log_silent; whatever the log reports.
  Result<void> run(std::stop_token stop);

 private:
  struct Inputs {
    Inputs(log::Log& log, Watcher& watcher);
    log::TopicFollower status;
    log::TopicFollower deliveries;
    log::TopicFollower quarantine;
  };
  Result<bool> take_over(log::Group& group, const std::stop_token& stop);
  Result<void> take_status(const log::Reader::Batch& batch);
  void take_condition(const log::Record& record);
  Result<void> read_on();
  /// False where this member owns no more.
  Result<bool> look(log::Group& group);
  Result<void> step(const std::string& key, const Finding& finding, Seen seen, std::int64_t now);
  Result<void> tell(v1::ConditionRecord condition);
  Result<void> write(const v1::ConditionRecord& condition);
  Result<void> forget_old(std::int64_t now);
  std::optional<std::string> channel_name(const std::string& subscription_id,
                                          const std::string& channel_id) const;
  void count();

  log::Log& log_;
  Subscriptions subscriptions_;
  Clock& clock_;
  WatcherOptions options_;
  ConditionMetrics metrics_;
  std::unique_ptr<log::Producer> producer_;
  std::unique_ptr<Inputs> inputs_;  // null: this member owns nothing
  std::unique_ptr<Observer> observer_;
  std::map<std::string, v1::ConditionRecord> known_;     // by key_of
  std::set<std::string> written_over_;                   // keys whose newest record is not in force
  std::map<std::string, v1::SubscriptionRecord> by_id_;  // as of this look
  std::int64_t confirmed_ = 0;  // the offset that says whether this member still owns
  std::chrono::milliseconds next_look_{0};
};

}  // namespace vigie::indexer::conditions
