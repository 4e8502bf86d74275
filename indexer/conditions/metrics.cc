#include "indexer/conditions/metrics.h"

namespace vigie::indexer::conditions {

ConditionMetrics::ConditionMetrics(metrics::Registry& all)
    : looks(metrics::counter(all, {"vigie_conditions_looks_total",
                                   "Times that everything was looked at by the watcher that "
                                   "owns; it stands still where none does"})),
      on(all, {"vigie_conditions_on", "What is wrong and was told, by kind; of the watcher alone",
               "kind", "quiet failing flooding deliveries quarantine disk lag"}),
      told(all, {"vigie_conditions_told_total", "Beginnings and ends of conditions that were told",
                 "phase", "begun ended"}) {}

}  // namespace vigie::indexer::conditions
