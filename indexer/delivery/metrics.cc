#include "indexer/delivery/metrics.h"

namespace vigie::indexer::delivery {

// A table: one row a metric.
DeliveryMetrics::DeliveryMetrics(metrics::Registry& all)
    : attempt_seconds(metrics::histogram(
          all, {"vigie_deliveries_attempt_seconds",
                "Time of one delivery attempt, from sending to the response"})) {}

}  // namespace vigie::indexer::delivery
