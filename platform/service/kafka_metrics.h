#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/log/kafka_log.h"
#include "platform/service/metrics.h"

namespace vigie::service {

/// Turns what librdkafka says of its handles into metrics: the lag of a group by topic, not by
/// partition. Names stand in the README of this folder. Thread-safe.
class KafkaMetrics {
 public:
  /// `registry` must outlive this.
  explicit KafkaMetrics(metrics::Registry& registry) : metrics_(registry) {}
  void take(const log::KafkaFigures& figures);
  void take(const log::KafkaReplicas& replicas);
  /// An error, by its name in librdkafka.
  void error(std::string_view code) { metrics_.errors.of(code).add(); }
  void rebalance(const std::string& group) { metrics_.rebalances.of(group).add(); }

 private:
  LogMetrics metrics_;
  std::mutex mutex_;
  std::map<std::string, log::KafkaFigures> last_;  // by client: totals become what came since
};

}  // namespace vigie::service
