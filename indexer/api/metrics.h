#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::api {

/// The metrics of the API, each said once (platform/metrics/spec.h).
struct ApiMetrics {
  explicit ApiMetrics(metrics::Registry& registry);

  metrics::CounterFamily refused;  // reason
};

}  // namespace vigie::indexer::api
