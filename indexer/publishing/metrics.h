#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::publishing {

/// The metrics of the publisher, each said once (platform/metrics/spec.h).
struct PublishingMetrics {
  explicit PublishingMetrics(metrics::Registry& registry);

  metrics::Counter& published;
  metrics::CounterFamily passed_over;  // reason
};

}  // namespace vigie::indexer::publishing
