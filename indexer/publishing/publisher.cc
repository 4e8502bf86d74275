#include "indexer/publishing/publisher.h"

#include <algorithm>
#include <array>

#include "indexer/delivery/delivery.h"
#include "indexer/subscriptions/store.h"
#include "platform/log/bad_record.h"
#include "platform/log/follower.h"
#include "platform/log/resume.h"
#include "platform/logging/logging.h"
#include "proto/delivery_keys.h"

namespace vigie::indexer::publishing {
namespace {

using proto::Topic;

constexpr std::size_t kPollRecords = 1000;  // of one batch; one flush each

bool is_of(const log::Record& record, const v1::AlertGroup& alert) {
  return record.key ==
         std::string(proto::kAlertPrefix) + alert.subscription_id() + "/" + alert.delivery_id();
}

}  // namespace

Publisher::Publisher(log::Log& log, subscriptions::SubscriptionStore& subscriptions,
                     metrics::Registry& registry, PublisherOptions options)
    : log_(log), subscriptions_(subscriptions), options_(std::move(options)), metrics_(registry) {}

Result<void> Publisher::run(std::stop_token stop) {
  const std::array<Topic, 1> topics{Topic::kDeliveries};
  producer_ = log_.producer();
  VIGIE_ASSIGN(const std::unique_ptr<log::Group> group,
               log_.join(options_.group, topics, {options_.session}));
  while (!stop.stop_requested()) {
    VIGIE_ASSIGN(const log::Group::Polled polled, group->poll(kPollRecords, options_.idle_poll));
    VIGIE_TRY(serve(*group, polled, stop));
  }
  return {};
}

Result<void> Publisher::serve(log::Group& group, const log::Group::Polled& polled,
                              const std::stop_token& stop) {
  for (const log::TopicPartition& lost : polled.revoked) owned_.erase(lost.partition);
  for (const log::TopicPartition& given : polled.assigned) {
    VIGIE_ASSIGN(const bool caught_up, take_over(group, given.partition, stop));
    if (!caught_up) return {};
  }
  for (const log::Reader::Batch& batch : polled.batches) {
    if (owned_.contains(batch.from.partition)) VIGIE_TRY(take(group, batch));
  }
  return {};
}

/// False where a stop was asked for before all of `alerts.cloudevents` was read.
Result<bool> Publisher::take_over(log::Group& group, std::int32_t partition,
                                  const std::stop_token& stop) {
  Published published;
  log::TopicFollower events(log_, Topic::kAlertEvents, [&](const log::Reader::Batch& batch) {
    for (const log::Record& record : batch.records)
      published[record.key] = record.timestamp_unix_ms;
    return Result<void>();
  });
  VIGIE_ASSIGN(const log::OffsetRange told, log_.offsets({Topic::kAlertEvents, partition}));
  VIGIE_TRY(events.start(partition, told.begin));
  VIGIE_ASSIGN(const bool caught_up, events.follow_to_end(stop));
  if (!caught_up) return false;

  const log::TopicPartition from{Topic::kDeliveries, partition};
  VIGIE_ASSIGN(const log::OffsetRange range, log_.offsets(from));
  VIGIE_ASSIGN(const std::optional<std::int64_t> committed, log_.committed(options_.group, from));
  std::int64_t offset = range.end;
  if (committed) offset = log::resume_compacted(range, committed);
  else VIGIE_TRY(group.commit(from, offset));  // whatever comes from here on is told
  VIGIE_TRY(group.start(from, offset));
  logging::info("alerts are published", {{"partition", partition},
                                         {"from_offset", offset},
                                         {"end_offset", range.end},
                                         {"published", published.size()}});
  owned_[partition] = std::move(published);
  return true;
}

Result<void> Publisher::take(log::Group& group, const log::Reader::Batch& batch) {
  Published& published = owned_[batch.from.partition];
  for (const log::Record& record : batch.records) {
    if (record.value && record.key.starts_with(proto::kAlertPrefix))
      VIGIE_TRY(publish(record, published));
  }
  VIGIE_TRY(producer_->flush());
  VIGIE_TRY(group.commit(batch.from, batch.next_offset));
  if (batch.records.empty()) return {};
  // What is older is known by its age.
  const std::int64_t kept =
      batch.records.back().timestamp_unix_ms - proto::spec(Topic::kAlertEvents).retention_ms;
  std::erase_if(published, [&](const auto& one) { return one.second < kept; });
  return {};
}

Result<void> Publisher::publish(const log::Record& record, Published& published) {
  v1::AlertGroup alert;
  if (!alert.ParseFromString(*record.value) || !is_of(record, alert)) {
    log::warn_bad_record(Topic::kDeliveries, record);
    metrics_.passed_over.of("bad_record").add();
    return {};
  }
  if (published.contains(alert.delivery_id())) {
    metrics_.passed_over.of("published").add();
    return {};
  }
  if (alert.first_matched_at_unix_ms() < record.timestamp_unix_ms - options_.remembered.count()) {
    metrics_.passed_over.of("old").add();
    return {};
  }
  const Result<void> sent = producer_->send(event_of(alert));
  if (!sent && sent.error().code != "too_large") return sent;
  if (!sent) {
    logging::warn("alert too large to be published",
                  {{"id", alert.delivery_id()}, {"error", sent.error().detail}});
    metrics_.passed_over.of("too_large").add();
    return {};
  }
  published[alert.delivery_id()] = record.timestamp_unix_ms;
  metrics_.published.add();
  return {};
}

log::NewRecord Publisher::event_of(const v1::AlertGroup& alert) const {
  delivery::Message message;
  message.delivery_id = alert.delivery_id();
  message.subscription_id = alert.subscription_id();
  if (const auto subscription = subscriptions_.look_up(alert.subscription_id()))
    message.subscription_name = subscription->name();
  *message.match.mutable_article() = alert.article();
  *message.match.mutable_evidence() = alert.evidence();
  if (alert.has_spike()) *message.match.mutable_spike() = alert.spike();
  if (alert.has_reach()) *message.match.mutable_reach() = alert.reach();
  message.match.set_matched_at_unix_ms(alert.first_matched_at_unix_ms());
  return {Topic::kAlertEvents, alert.delivery_id(), delivery::cloud_event(message),
          alert.subscription_id()};
}

}  // namespace vigie::indexer::publishing
