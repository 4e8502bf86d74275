#include "platform/service/kafka_metrics.h"

#include <utility>

namespace vigie::service {
namespace {

/// What a total has grown by; a handle that was made anew begins at nothing again.
double growth(std::int64_t now, std::int64_t before) {
  return static_cast<double>(now >= before ? now - before : now);
}

}  // namespace

void KafkaMetrics::take(const log::KafkaFigures& figures) {
  const std::lock_guard lock(mutex_);
  const log::KafkaFigures before = std::exchange(last_[figures.client], figures);
  const std::string& client = figures.client;
  metrics_.brokers.of(client).set(static_cast<double>(figures.brokers));
  metrics_.brokers_up.of(client).set(static_cast<double>(figures.brokers_up));
  metrics_.round_trip_p99.of(client).set(figures.round_trip_p99_s);
  metrics_.request_errors.of(client).add(growth(figures.request_errors, before.request_errors));
  metrics_.request_timeouts.of(client).add(
      growth(figures.request_timeouts, before.request_timeouts));
  if (figures.group.empty()) {
    metrics_.queued_records.of(client).set(static_cast<double>(figures.queued_records));
    metrics_.queued_bytes.of(client).set(static_cast<double>(figures.queued_bytes));
    metrics_.sent_records.of(client).add(growth(figures.sent_records, before.sent_records));
    metrics_.sent_bytes.of(client).add(growth(figures.sent_bytes, before.sent_bytes));
    return;
  }
  metrics_.received_records.of(client).add(
      growth(figures.received_records, before.received_records));
  metrics_.received_bytes.of(client).add(growth(figures.received_bytes, before.received_bytes));
  for (const auto& [topic, records] : figures.lag)
    metrics_.lag.of(figures.group, proto::spec(topic).short_name).set(static_cast<double>(records));
}

void KafkaMetrics::take(const log::KafkaReplicas& replicas) {
  metrics_.under_replicated.of().set(static_cast<double>(replicas.under_replicated));
  metrics_.leaderless.of().set(static_cast<double>(replicas.leaderless));
}

}  // namespace vigie::service
