#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>

#include "indexer/publishing/metrics.h"
#include "platform/log/log.h"
#include "platform/metrics/metrics.h"
#include "platform/result/result.h"
#include "proto/delivery.pb.h"

namespace vigie::indexer::subscriptions {
class SubscriptionStore;
}

/// `deliveries` in → `alerts.cloudevents` out.
namespace vigie::indexer::publishing {

struct PublisherOptions {
  std::string group = "vigie-publisher";  // consumer group of `deliveries`
  // silence after which another process takes over; 0: the log's
  std::chrono::milliseconds session{0};
  /// An alert that was raised longer before its record was published then: what says so is gone
  /// from `alerts.cloudevents` soon. Below that topic's retention.
  std::chrono::milliseconds remembered{13LL * 24 * 3600 * 1000};
  std::chrono::milliseconds idle_poll{200};
};

/// Writes each alert once, as a JSON CloudEvent with the same id and body as its webhooks, into the
/// partition of its number. The alert is an AlertGroup of `deliveries`; a later record of the same
/// group (a copy joined it) writes nothing. The offset in `deliveries` is committed when the
/// events before it are durable; what a crash leaves in between is found in `alerts.cloudevents`,
/// which is read to its end before a partition is worked on. Where the group has read nothing yet
/// it begins at the end: with the alerts from now on. One thread.
class Publisher {
 public:
  /// All must outlive it.
  Publisher(log::Log& log, subscriptions::SubscriptionStore& subscriptions,
            metrics::Registry& registry, PublisherOptions options);

  /// Publishes until stopped. Errors: kRetry log_silent; whatever the log reports.
  Result<void> run(std::stop_token stop);

 private:
  /// What was published into a partition: id → its time in the log. Bounded by what the topic
  /// keeps.
  using Published = std::unordered_map<std::string, std::int64_t>;

  Result<void> serve(log::Group& group, const log::Group::Polled& polled,
                     const std::stop_token& stop);
  Result<bool> take_over(log::Group& group, std::int32_t partition, const std::stop_token& stop);
  Result<void> take(log::Group& group, const log::Reader::Batch& batch);
  Result<void> publish(const log::Record& record, Published& published);
  log::NewRecord event_of(const v1::AlertGroup& alert) const;

  log::Log& log_;
  subscriptions::SubscriptionStore& subscriptions_;
  PublisherOptions options_;
  PublishingMetrics metrics_;
  std::unique_ptr<log::Producer> producer_;
  std::map<std::int32_t, Published> owned_;  // by partition
};

}  // namespace vigie::indexer::publishing
