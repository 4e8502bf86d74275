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
  const metrics::Labels client{{"client", figures.client}};
  const auto gauge = [&](const char* name, const char* help, double value) {
    registry_.gauge(name, help, client).set(value);
  };
  const auto count = [&](const char* name, const char* help, std::int64_t now, std::int64_t was) {
    registry_.counter(name, help, client).add(growth(now, was));
  };
  gauge("vigie_kafka_brokers", "Brokers that this client knows of.",
        static_cast<double>(figures.brokers));
  gauge("vigie_kafka_brokers_up", "Brokers that this client has a connection to.",
        static_cast<double>(figures.brokers_up));
  gauge("vigie_kafka_round_trip_p99_seconds",
        "Time from a request to its answer, 99th percentile of the slowest broker.",
        figures.round_trip_p99_s);
  count("vigie_kafka_request_errors_total", "Requests and answers that failed.",
        figures.request_errors, before.request_errors);
  count("vigie_kafka_request_timeouts_total", "Requests that no broker answered in time.",
        figures.request_timeouts, before.request_timeouts);
  if (figures.group.empty()) {
    gauge("vigie_kafka_queued_records", "Records that wait for their acknowledgement.",
          static_cast<double>(figures.queued_records));
    gauge("vigie_kafka_queued_bytes", "Bytes that wait for their acknowledgement.",
          static_cast<double>(figures.queued_bytes));
    count("vigie_kafka_sent_records_total", "Records sent, those sent again included.",
          figures.sent_records, before.sent_records);
    count("vigie_kafka_sent_bytes_total", "Bytes of records sent, before compression.",
          figures.sent_bytes, before.sent_bytes);
    return;
  }
  count("vigie_kafka_received_records_total", "Records received.", figures.received_records,
        before.received_records);
  count("vigie_kafka_received_bytes_total", "Bytes of records received, after decompression.",
        figures.received_bytes, before.received_bytes);
  for (const auto& [topic, records] : figures.lag) {
    registry_
        .gauge("vigie_log_lag_records",
               "Records of a topic that this member of a group has not read yet.",
               {{"group", figures.group}, {"topic", std::string(proto::spec(topic).short_name)}})
        .set(static_cast<double>(records));
  }
}

}  // namespace vigie::service
