#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::stories {

/// The metrics of the clusterer, each said once (platform/metrics/spec.h).
struct StoriesMetrics {
  explicit StoriesMetrics(metrics::Registry& registry);

  metrics::CounterFamily articles;  // story
  metrics::Counter& quarantined;
  metrics::Gauge& window;
};

}  // namespace vigie::indexer::stories
