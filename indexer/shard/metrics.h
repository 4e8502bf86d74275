#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer {

/// The metrics of shards, each said once (platform/metrics/spec.h).
struct ShardMetrics {
  explicit ShardMetrics(metrics::Registry& registry);

  metrics::Counter& sealed_bytes;
  metrics::Counter& merged_bytes;
  metrics::Gauge& segments;
};

}  // namespace vigie::indexer
