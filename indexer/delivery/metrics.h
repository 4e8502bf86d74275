#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::delivery {

/// The metrics of delivery, each said once (platform/metrics/spec.h).
struct DeliveryMetrics {
  explicit DeliveryMetrics(metrics::Registry& registry);

  metrics::Histogram& attempt_seconds;
};

}  // namespace vigie::indexer::delivery
