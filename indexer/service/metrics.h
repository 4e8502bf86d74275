#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::service {

/// The metrics of the shard writer, each said once (platform/metrics/spec.h).
struct IndexerMetrics {
  explicit IndexerMetrics(metrics::Registry& registry);

  metrics::Counter& documents;
  metrics::Counter& matches;
  metrics::CounterFamily quarantined;  // reason
  metrics::Gauge& shards;
  metrics::Gauge& restoring;
  metrics::CounterFamily checkpoints;  // outcome
  metrics::Gauge& searchable;
  metrics::Gauge& disk_bytes;
  metrics::Histogram& batch_seconds;
  metrics::Histogram& discovered_to_searchable;
  metrics::Histogram& published_to_searchable;
};

}  // namespace vigie::indexer::service
