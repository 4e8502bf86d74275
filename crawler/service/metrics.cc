#include "crawler/service/metrics.h"

namespace vigie::crawler::service {

CounterFamily::CounterFamily(metrics::Registry& registry, std::string_view name,
                             std::string_view help, std::string_view label,
                             std::initializer_list<std::string_view> zeros)
    : registry_(registry), name_(name), help_(help), label_(label) {
  for (const std::string_view value : zeros) counter(value);
}

// A table: one row a metric.
CrawlerMetrics::CrawlerMetrics(metrics::Registry& all)
    : registry(all),
      requests(all, "vigie_crawler_requests_total", "Requests sent, by what they were for", "kind",
               {"FEED", "SITEMAP", "SECTION", "ARTICLE", "ROBOTS"}),
      responses(all, "vigie_crawler_answers_total", "Answers, by class of status; none: no answer",
                "class", {"2xx", "3xx", "4xx", "5xx", "none"}),
      failures(all, "vigie_crawler_failures_total", "Fetches that gave nothing, by reason",
               "reason"),
      urls_discovered(all, "vigie_crawler_urls_discovered_total",
                      "Addresses seen for the first time, by where", "via",
                      {"FEED", "SITEMAP", "SECTION"}),
      urls_dropped(all, "vigie_crawler_urls_dropped_total",
                   "URLs that will not be fetched, by reason", "reason"),
      revisits(all, "vigie_crawler_revisits_total", "Pages fetched again, by outcome", "outcome",
               {"changed", "unchanged"}),
      polls(all, "vigie_crawler_polls_total", "Polls of feeds, sitemaps and sections, by outcome",
            "outcome", {"new", "nothing_new", "unchanged", "handed_over"}),
      robots(all, "vigie_crawler_robots_total", "Answers to robots.txt, by what they came to",
             "outcome", {"rules", "none", "unreachable"}),
      handed_over(all, "vigie_crawler_handed_over_total",
                  "Addresses given to the crawler that owns them, by why", "why",
                  {"discovery", "redirect", "wrong_partition"}),
      pages_cut(all, "vigie_crawler_pages_cut_total", "Pages whose end was cut off, by why",
                "reason", {"length", "time", "disconnect", "log"}),
      pages(all.counter("vigie_crawler_pages_total", "Pages sent to the log")),
      duplicates(
          all.counter("vigie_crawler_duplicates_total", "Pages that led to a page known already")),
      lying_validators(all.counter("vigie_crawler_lying_validators_total",
                                   "Bodies that changed under an unchanged ETag or Last-Modified")),
      quarantined(
          all.counter("vigie_crawler_quarantined_total", "Answers set aside in quarantine")),
      body_bytes(all.counter("vigie_crawler_body_bytes_total", "Decoded bytes of answers")),
      taken_up(all.counter("vigie_crawler_taken_up_total",
                           "Addresses that another crawler found and this one owns")),
      frontier_bad_records(
          all.counter("vigie_crawler_frontier_unreadable_total",
                      "Records of the frontier that could not be read and were passed over")),
      fetch_seconds(all.histogram("vigie_crawler_fetch_seconds",
                                  "From the request to the end of its answer",
                                  metrics::latency_bounds_s())),
      discovery_to_page_seconds(all.histogram(
          "vigie_crawler_discovery_to_page_seconds",
          "From the discovery of an address to its page in the log", metrics::latency_bounds_s())),
      take_over_seconds(
          all.histogram("vigie_crawler_take_over_seconds",
                        "From a partition being given to this crawler to its being crawled",
                        metrics::latency_bounds_s())),
      partitions(all.gauge("vigie_crawler_partitions",
                           "Partitions of the frontier that this crawler owns")),
      frontier_urls(all.gauge("vigie_crawler_frontier_urls", "Addresses that are remembered")),
      in_flight(all.gauge("vigie_crawler_in_flight", "Requests that are out")),
      sources(all.gauge("vigie_crawler_sources", "Sources of the source files")) {}

void CrawlerMetrics::set_sources_by_state(std::string_view state, double sources_in_it) {
  registry
      .gauge("vigie_crawler_sources_by_state", "Sources, by how they do.",
             {{"state", std::string(state)}})
      .set(sources_in_it);
}

}  // namespace vigie::crawler::service
