#include "indexer/publishing/metrics.h"

namespace vigie::indexer::publishing {

PublishingMetrics::PublishingMetrics(metrics::Registry& all)
    : published(metrics::counter(
          all, {"vigie_alert_events_published_total", "Alerts written to alerts.cloudevents"})),
      passed_over(all, {"vigie_alert_events_passed_over_total",
                        "States of alerts that were not written, by reason", "reason",
                        "published old too_large bad_record"}) {}

}  // namespace vigie::indexer::publishing
