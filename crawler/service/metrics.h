#pragma once

#include "platform/metrics/reload.h"
#include "platform/metrics/spec.h"

namespace vigie::crawler::service {

/// Those of hubs and what they push.
struct HubMetrics {
  explicit HubMetrics(metrics::Registry& registry);

  metrics::CounterFamily pushes;    // outcome
  metrics::CounterFamily requests;  // outcome
};

/// The metrics of the crawler, each said once (platform/metrics/spec.h). Those of GapWatch are its
/// own.
struct CrawlerMetrics {
  explicit CrawlerMetrics(metrics::Registry& registry);

  metrics::CounterFamily requests;         // kind
  metrics::CounterFamily responses;        // class of status
  metrics::CounterFamily failures;         // reason
  metrics::CounterFamily urls_discovered;  // via
  metrics::CounterFamily urls_dropped;     // reason
  metrics::Counter& pages;
  metrics::Counter& duplicates;
  metrics::CounterFamily revisits;  // outcome
  metrics::CounterFamily polls;     // outcome
  metrics::CounterFamily robots;    // outcome
  HubMetrics hubs;
  metrics::Counter& lying_validators;
  metrics::Counter& quarantined;
  metrics::CounterFamily pages_cut;  // reason
  metrics::Counter& body_bytes;
  metrics::Histogram& fetch_seconds;
  metrics::Histogram& discovery_to_page_seconds;
  metrics::Histogram& take_over_seconds;
  metrics::CounterFamily handed_over;  // why
  metrics::Counter& taken_up;
  metrics::Counter& frontier_bad_records;
  metrics::Gauge& partitions;
  metrics::Gauge& frontier_urls;
  metrics::Gauge& in_flight;
  metrics::Gauge& sources;
  metrics::GaugeFamily sources_by_state;
  metrics::Reloads reloads;
};

}  // namespace vigie::crawler::service
