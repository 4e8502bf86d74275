#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::spikes {

/// The metrics of spikes, each said once (platform/metrics/spec.h).
struct SpikeMetrics {
  explicit SpikeMetrics(metrics::Registry& registry);

  metrics::CounterFamily days;  // outcome
};

}  // namespace vigie::indexer::spikes
