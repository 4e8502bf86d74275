#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "indexer/delivery/delivery.h"
#include "platform/dates/time_zone.h"
#include "platform/result/result.h"
#include "proto/delivery.pb.h"
#include "proto/subscription.pb.h"

namespace vigie::indexer::alerting {

/// A day of alerts.
struct DayCount {
  std::int64_t begin_unix_ms = 0;  // of the day, as its zone has it
  std::uint64_t alerts = 0;
};

struct TestResult {
  std::string channel_id;
  delivery::Attempt attempt;
};

/// Where an alert stands in the list of its subscription, for a page that begins behind it.
std::string cursor_of(const v1::AlertGroup& alert);

/// The article by which an alert is shown: the first in time (analysis::is_earlier) of those that
/// matched; and the words by which it did.
const v1::ArticleSummary& shown_article(const v1::AlertGroup& alert);
const google::protobuf::RepeatedPtrField<v1::Evidence>& shown_evidence(const v1::AlertGroup& alert);

/// What others may ask of an alerter, from any thread.
class Alerts {
 public:
  virtual ~Alerts() = default;

  /// Partitions of `matches` whose alerts this process delivers now, ascending; what the functions
  /// below say of other subscriptions may be old.
  virtual std::vector<std::int32_t> owned() const = 0;

  /// Alerts of a subscription, those with the newest match first (its log time): summary, evidence,
  /// match ids of copies. `before`: cursor_of the last alert of the page before; empty: from the
  /// newest. Errors: kQuarantine not_found for a `before` that is no such cursor.
  virtual Result<std::vector<v1::AlertGroup>> alerts(const std::string& subscription_id,
                                                     std::size_t limit,
                                                     const std::string& before = {}) const = 0;
  /// Deliveries of a subscription, newest first; without the match, once they ended.
  virtual Result<std::vector<v1::DeliveryRecord>> deliveries(const std::string& subscription_id,
                                                             std::size_t limit) const = 0;
  /// Alerts per day of a zone of the last `days` days, today last; days without alerts are there
  /// with 0.
  virtual Result<std::vector<DayCount>> counts_per_day(const std::string& subscription_id,
                                                       std::size_t days,
                                                       const dates::TimeZone& zone) const = 0;

  /// Matches of the last hour (of log time) in which the subscription met more than it may be told.
  struct LeftOut {
    std::int64_t hour_unix_ms = 0;  // its beginning; 0: there was none
    std::uint64_t matches = 0;
  };
  virtual Result<LeftOut> left_out(const std::string& subscription_id) const = 0;

  /// Sends a sample alert to every enabled channel, once, now, and waits for the responses. Not
  /// from a callback of the sender.
  virtual std::vector<TestResult> send_test(const v1::SubscriptionRecord& subscription) = 0;

  /// Sends an alert that was told before to every enabled channel again, once, now, under the id it
  /// had, and waits for the responses. The state of its deliveries stays as it is. Not from a
  /// callback of the sender. Errors: kQuarantine not_found, if the subscription has no alert of
  /// this delivery_id.
  virtual Result<std::vector<TestResult>> send_again(const v1::SubscriptionRecord& subscription,
                                                     const std::string& delivery_id) = 0;
};

}  // namespace vigie::indexer::alerting
