#pragma once

#include "platform/metrics/spec.h"

namespace vigie::crawler::politeness {

/// The metrics of GapWatch, each said once (platform/metrics/spec.h).
struct GapMetrics {
  explicit GapMetrics(metrics::Registry& registry);

  metrics::CounterFamily violations;  // scope
  metrics::GaugeFamily smallest_ratio;
};

}  // namespace vigie::crawler::politeness
