#include "indexer/api/metrics.h"

namespace vigie::indexer::api {

// A table: one row a metric.
ApiMetrics::ApiMetrics(metrics::Registry& all)
    : refused(all, {"vigie_api_refused_total",
                    "Requests that were refused because of who asked, or how often", "reason",
                    "bad_host bad_key bad_origin key_needed loopback_only too_many_attempts"}) {}

}  // namespace vigie::indexer::api
