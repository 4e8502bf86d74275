#include "indexer/spikes/metrics.h"

namespace vigie::indexer::spikes {

// A table: one row a metric.
SpikeMetrics::SpikeMetrics(metrics::Registry& all)
    : days(all, {"vigie_spikes_judged_total",
                 "Days of subscriptions that were looked at, one each full hour", "outcome",
                 "usual spike told failed"}) {}

}  // namespace vigie::indexer::spikes
