#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::stories {

/// The metrics of the clusterer, each said once (platform/metrics/spec.h).
struct StoriesMetrics {
  explicit StoriesMetrics(metrics::Registry& registry);

  metrics::CounterFamily articles;  // story
  metrics::CounterFamily events;    // event
  metrics::Counter& quarantined;
  metrics::Gauge& window;
  metrics::Gauge& event_window;
};

}  // namespace vigie::indexer::stories
