#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::api {

/// The metrics of the API, each said once (platform/metrics/spec.h).
struct ApiMetrics {
  explicit ApiMetrics(metrics::Registry& registry);

  metrics::CounterFamily refused;  // reason
  metrics::Counter& ignored_people;
  metrics::Counter& audit_failures;
};

/// Those of live streams.
struct StreamMetrics {
  explicit StreamMetrics(metrics::Registry& registry);

  metrics::Gauge& open;
  metrics::Gauge& behind;
  metrics::Counter& records;
  metrics::Counter& events;
  metrics::CounterFamily ended;  // reason
};

}  // namespace vigie::indexer::api
