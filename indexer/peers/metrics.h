#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::peers {

/// The metrics of other indexers, each said once (platform/metrics/spec.h).
struct PeerMetrics {
  explicit PeerMetrics(metrics::Registry& registry);

  metrics::Gauge& reached;
  metrics::Counter& failures;
};

}  // namespace vigie::indexer::peers
