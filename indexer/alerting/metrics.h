#pragma once

#include "platform/metrics/spec.h"

namespace vigie::indexer::alerting {

/// The metrics of alerts and their deliveries, each said once (platform/metrics/spec.h).
struct AlertingMetrics {
  explicit AlertingMetrics(metrics::Registry& registry);

  metrics::Counter& matches;
  metrics::Counter& raised;
  metrics::Counter& copies;
  metrics::Counter& same_event;
  metrics::Counter& event_unknown;
  metrics::Counter& repeats;
  metrics::Counter& held;
  metrics::Counter& untold;
  metrics::Counter& digests;
  metrics::CounterFamily dropped;  // reason
  metrics::Histogram& match_to_delivered;
  metrics::CounterFamily attempts;  // outcome
  metrics::CounterFamily ended;     // state
  metrics::Gauge& pending;
  metrics::Gauge& overdue;
  metrics::Gauge& digests_overdue;
};

}  // namespace vigie::indexer::alerting
