#include "indexer/stories/metrics.h"

namespace vigie::indexer::stories {

// A table: one row a metric.
StoriesMetrics::StoriesMetrics(metrics::Registry& all)
    : articles(all, {"vigie_stories_articles_total", "Articles given a story; own: the first of it",
                     "story", "own joined known"}),
      events(all, {"vigie_stories_events_total", "Articles given an event; own: the first of it",
                   "event", "own joined"}),
      quarantined(metrics::counter(all, {"vigie_stories_quarantined_total",
                                         "Records of fingerprints that could not be read"})),
      window(
          metrics::gauge(all, {"vigie_stories_window_fingerprints", "Fingerprints in the window"})),
      event_window(metrics::gauge(
          all, {"vigie_stories_window_traits", "Articles among which events are found"})) {}

}  // namespace vigie::indexer::stories
