#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::conditions {

/// The metrics of the watcher, each said once (platform/metrics/spec.h).
struct ConditionMetrics {
  explicit ConditionMetrics(metrics::Registry& registry);

  metrics::Counter& looks;
  metrics::GaugeFamily on;      // kind
  metrics::CounterFamily told;  // phase
};

}  // namespace vigie::indexer::conditions
