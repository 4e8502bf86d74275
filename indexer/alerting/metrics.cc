#include "indexer/alerting/metrics.h"

namespace vigie::indexer::alerting {

// A table: one row a metric.
AlertingMetrics::AlertingMetrics(metrics::Registry& all)
    : matches(metrics::counter(all, {"vigie_alerts_matches_total", "Matches read"})),
      raised(metrics::counter(all, {"vigie_alerts_raised_total", "Matches that became an alert"})),
      copies(metrics::counter(all,
                              {"vigie_alerts_copies_total",
                               "Matches that joined the alert of which their article is a copy"})),
      same_event(metrics::counter(
          all, {"vigie_alerts_same_event_total", "Matches that joined the alert of their event"})),
      event_unknown(metrics::counter(
          all, {"vigie_alerts_event_unknown_total",
                "Matches that were decided before the event of their article was known"})),
      repeats(metrics::counter(all, {"vigie_alerts_repeats_total", "Matches seen before"})),
      held(metrics::counter(
          all, {"vigie_alerts_held_total", "Alerts that wait to be told together with others"})),
      untold(metrics::counter(
          all, {"vigie_alerts_untold_total", "Alerts of subscriptions that are paused"})),
      digests(metrics::counter(
          all, {"vigie_digests_closed_total", "Slots whose alerts were put together"})),
      dropped(all, {"vigie_alerts_dropped_total", "Matches that were dropped, by reason", "reason",
                    "subscription_deleted subscription_unknown too_many too_many_of_source too_old "
                    "bad_record other_kind"}),
      match_to_delivered(
          metrics::histogram(all, {"vigie_alerts_match_to_delivered_seconds",
                                   "From the article's time in the log to the delivered alert"})),
      attempts(all, {"vigie_deliveries_attempts_total", "Attempts to deliver", "outcome",
                     "delivered failed refused gone"}),
      ended(all, {"vigie_deliveries_ended_total", "Deliveries that ended", "state",
                  "delivered failed disabled"}),
      pending(metrics::gauge(
          all, {"vigie_deliveries_pending", "Deliveries that wait or are under way"})),
      overdue(metrics::gauge(
          all, {"vigie_deliveries_overdue_seconds", "How long the next delivery has been due"})),
      digests_overdue(metrics::gauge(
          all, {"vigie_digests_overdue_seconds", "How long the next slot has been due"})) {}

}  // namespace vigie::indexer::alerting
