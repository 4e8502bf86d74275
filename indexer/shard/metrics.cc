#include "indexer/shard/metrics.h"

namespace vigie::indexer {

// A table: one row a metric.
ShardMetrics::ShardMetrics(metrics::Registry& all)
    : sealed_bytes(
          metrics::counter(all, {"vigie_indexer_sealed_bytes_total",
                                 "Bytes of segments written when the live head was sealed"})),
      merged_bytes(metrics::counter(
          all, {"vigie_indexer_merged_bytes_total", "Bytes of segments written by merges"})),
      segments(metrics::gauge(
          all, {"vigie_indexer_segments", "Sealed segments of the shard maintained last"})) {}

}  // namespace vigie::indexer
