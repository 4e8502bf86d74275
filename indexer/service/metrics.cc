#include "indexer/service/metrics.h"

namespace vigie::indexer::service {

// A table: one row a metric.
IndexerMetrics::IndexerMetrics(metrics::Registry& all)
    : documents(metrics::counter(all, {"vigie_indexer_documents_total",
                                       "Article versions taken from the log and made searchable"})),
      matches(metrics::counter(all, {"vigie_indexer_matches_total",
                                     "Matches of articles with subscriptions relayed to the log"})),
      quarantined(all, {"vigie_indexer_quarantined_total",
                        "Records of articles that could not be indexed", "reason", "bad_record"}),
      shards(metrics::gauge(all, {"vigie_indexer_shards", "Shards this process writes"})),
      restoring(metrics::gauge(
          all,
          {"vigie_indexer_restoring_shards",
           "Shards of this process that have not caught up with the log since they were opened"})),
      checkpoints(all, {"vigie_indexer_checkpoints_total", "Checkpoints of shards", "outcome",
                        "made failed"}),
      searchable(metrics::gauge(all, {"vigie_indexer_searchable_documents",
                                      "Articles that can be found in the shards of this process"})),
      disk_bytes(metrics::gauge(all, {"vigie_indexer_disk_bytes", "Bytes of the shards on disk"})),
      batch_seconds(metrics::histogram(
          all, {"vigie_indexer_batch_seconds",
                "Time from a polled batch to its being durable and searchable"})),
      discovered_to_searchable(metrics::histogram(
          all, {"vigie_indexer_discovered_to_searchable_seconds",
                "Time from the discovery of a crawled article to its being searchable"})),
      published_to_searchable(
          metrics::histogram(all, {"vigie_indexer_published_to_searchable_seconds",
                                   "Time from publication to being searchable, of crawled articles "
                                   "published after this process started"})) {}

}  // namespace vigie::indexer::service
