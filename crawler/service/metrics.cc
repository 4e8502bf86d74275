#include "crawler/service/metrics.h"

namespace vigie::crawler::service {

using metrics::counter;
using metrics::gauge;
using metrics::histogram;

HubMetrics::HubMetrics(metrics::Registry& all)
    : pushes(all, {"vigie_crawler_pushes_total",
                   "What hubs pushed, by outcome; poll: the feed was asked what is new", "outcome",
                   "new nothing_new poll repeated unreadable unwanted unknown bad_signature "
                   "too_many"}),
      requests(all, {"vigie_crawler_hub_requests_total",
                     "Subscriptions asked for or ended at hubs, by what the hub said", "outcome",
                     "taken refused failed"}) {}

// A table: one row a metric.
CrawlerMetrics::CrawlerMetrics(metrics::Registry& all)
    : requests(all, {"vigie_crawler_requests_total", "Requests sent, by what they were for", "kind",
                     "FEED SITEMAP SECTION ARTICLE ROBOTS HUB"}),
      responses(all,
                {"vigie_crawler_answers_total", "Responses, by class of status; none: no response",
                 "class", "2xx 3xx 4xx 5xx none"}),
      failures(all,
               {"vigie_crawler_failures_total", "Fetches that gave nothing, by reason", "reason"}),
      urls_discovered(
          all, {"vigie_crawler_urls_discovered_total", "URLs seen for the first time, by where",
                "via", "FEED SITEMAP SECTION"}),
      urls_dropped(all, {"vigie_crawler_urls_dropped_total",
                         "URLs that will not be fetched, by reason", "reason"}),
      pages(counter(all, {"vigie_crawler_pages_total", "Pages sent to the log"})),
      duplicates(counter(
          all, {"vigie_crawler_duplicates_total", "Pages that led to a page known already"})),
      revisits(all, {"vigie_crawler_revisits_total", "Pages fetched again, by outcome", "outcome",
                     "changed unchanged"}),
      polls(all, {"vigie_crawler_polls_total", "Polls of feeds, sitemaps and sections, by outcome",
                  "outcome", "new nothing_new unchanged handed_over"}),
      robots(all, {"vigie_crawler_robots_total", "Responses to robots.txt, by what they came to",
                   "outcome", "rules none unreachable"}),
      hubs(all),
      lying_validators(
          counter(all, {"vigie_crawler_lying_validators_total",
                        "Bodies that changed under an unchanged ETag or Last-Modified"})),
      quarantined(
          counter(all, {"vigie_crawler_quarantined_total", "Responses set aside in quarantine"})),
      pages_cut(all, {"vigie_crawler_pages_cut_total",
                      "Pages whose end was cut off, by why; log: the record would not have fitted "
                      "into the log",
                      "reason", "length time disconnect log"}),
      body_bytes(counter(all, {"vigie_crawler_body_bytes_total", "Decoded bytes of responses"})),
      fetch_seconds(histogram(
          all, {"vigie_crawler_fetch_seconds", "From the request to the end of its response"})),
      discovery_to_page_seconds(
          histogram(all, {"vigie_crawler_discovery_to_page_seconds",
                          "From the discovery of a URL to its page in the log"})),
      take_over_seconds(
          histogram(all, {"vigie_crawler_take_over_seconds",
                          "From a partition being given to this crawler to its being crawled"})),
      handed_over(all, {"vigie_crawler_handed_over_total",
                        "URLs given to the crawler that owns them, by why", "why",
                        "discovery redirect wrong_partition"}),
      taken_up(counter(all, {"vigie_crawler_taken_up_total",
                             "URLs that another crawler found and this one owns"})),
      frontier_bad_records(
          counter(all, {"vigie_crawler_frontier_unreadable_total",
                        "Records of the frontier that could not be read and were passed over"})),
      partitions(gauge(
          all, {"vigie_crawler_partitions", "Partitions of the frontier that this crawler owns"})),
      frontier_urls(gauge(all, {"vigie_crawler_frontier_urls", "URLs that are remembered"})),
      in_flight(gauge(all, {"vigie_crawler_in_flight", "Requests that are out"})),
      sources(gauge(all, {"vigie_crawler_sources", "Sources of the source files and of people"})),
      sources_by_state(all, {"vigie_crawler_sources_by_state", "Sources, by how they do", "state",
                             "ok quiet failing flooding blocked paused refused waiting"}),
      reloads(all) {}

}  // namespace vigie::crawler::service
