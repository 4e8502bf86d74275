#include "extractor/service/metrics.h"

namespace vigie::extractor::service {

// A table: one row a metric.
ExtractorMetrics::ExtractorMetrics(metrics::Registry& all)
    : pages(all, {"vigie_extractor_pages_total", "Pages read from the log, by what came of them",
                  "outcome", "article quarantined"}),
      quarantined(all, {"vigie_extractor_quarantined_total",
                        "Pages that gave no article, by reason", "reason",
                        "empty_page not_html empty_text bad_record too_large worker_died "
                        "worker_timeout worker_out_of_memory"}),
      workers_lost(
          all,
          {"vigie_extractor_workers_lost_total",
           "Worker processes that died or were ended, by reason; a page is set aside at its second",
           "reason", "worker_died worker_timeout worker_out_of_memory"}),
      page_bytes(
          metrics::counter(all, {"vigie_extractor_page_bytes_total", "Bytes of page bodies read"})),
      text_only(metrics::counter(
          all, {"vigie_extractor_text_only_total",
                "Articles made by the text-only pass because a DOM budget ran out"})),
      undated(metrics::counter(
          all, {"vigie_extractor_undated_total", "Articles without a date of publication"})),
      replaced_bytes(
          metrics::counter(all, {"vigie_extractor_replaced_bytes_total",
                                 "Bytes that were not valid in their charset and became U+FFFD"})),
      batch_seconds(
          metrics::histogram(all, {"vigie_extractor_batch_seconds",
                                   "Time from a polled batch to its records being durable"})),
      lag(metrics::gauge(all, {"vigie_extractor_lag_records",
                               "Pages in the log that this process has not read yet"})) {}

}  // namespace vigie::extractor::service
