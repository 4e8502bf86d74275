#include "crawler/politeness/metrics.h"

namespace vigie::crawler::politeness {

// A table: one row a metric.
GapMetrics::GapMetrics(metrics::Registry& all)
    : violations(all, {"vigie_crawler_politeness_violations_total",
                       "Requests that began sooner after the end of the response before them than "
                       "the gap allows; always 0",
                       "scope", "host domain address"}),
      smallest_ratio(all, {"vigie_crawler_smallest_gap_ratio",
                           "Smallest gap between two requests since the start, as a multiple of "
                           "what is required; below 1 is a violation"}) {}

}  // namespace vigie::crawler::politeness
