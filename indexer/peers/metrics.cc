#include "indexer/peers/metrics.h"

namespace vigie::indexer::peers {

// A table: one row a metric.
PeerMetrics::PeerMetrics(metrics::Registry& all)
    : reached(
          metrics::gauge(all, {"vigie_indexer_peers", "Other indexers that say what they have"})),
      failures(metrics::counter(all, {"vigie_indexer_peer_failures_total",
                                      "Questions that another indexer did not answer"})) {}

}  // namespace vigie::indexer::peers
