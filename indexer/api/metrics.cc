#include "indexer/api/metrics.h"

namespace vigie::indexer::api {

// A table: one row a metric.
ApiMetrics::ApiMetrics(metrics::Registry& all)
    : refused(all,
              {"vigie_api_refused_total",
               "Requests that were refused because of who asked, or how often", "reason",
               "bad_host bad_key bad_origin key_needed loopback_only not_authorized over_quota "
               "too_many_attempts too_many_requests"}),
      ignored_people(metrics::counter(
          all, {"vigie_api_ignored_people_total",
                "Requests whose header on a person was ignored: they came from no trusted proxy"})),
      audit_failures(metrics::counter(
          all, {"vigie_api_audit_failures_total",
                "Changes that were made and of which no audit record could be written"})) {}

// A table: one row a metric.
StreamMetrics::StreamMetrics(metrics::Registry& all)
    : open(metrics::gauge(all, {"vigie_streams_open", "Live streams of this process"})),
      behind(metrics::gauge(all, {"vigie_streams_behind_records",
                                  "Records of the log that live streams were not told of yet"})),
      records(metrics::counter(all, {"vigie_streams_records_total",
                                     "Records read for live streams, once for all of them"})),
      events(metrics::counter(
          all, {"vigie_streams_events_total", "Articles and alerts told to live streams"})),
      ended(all, {"vigie_streams_ended_total", "Live streams that the server ended", "reason",
                  "log slow"}) {}

}  // namespace vigie::indexer::api
