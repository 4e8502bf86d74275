#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "platform/metrics/metrics.h"

namespace vigie::crawler::service {

/// Counters of one name, told apart by one label.
class CounterFamily {
 public:
  /// `zeros`: values of the label that stand at zero from the start.
  CounterFamily(metrics::Registry& registry, std::string_view name, std::string_view help,
                std::string_view label, std::initializer_list<std::string_view> zeros = {});
  void add(std::string_view value, double count = 1) { counter(value).add(count); }

 private:
  metrics::Counter& counter(std::string_view value) {
    return registry_.counter(name_, help_, {{label_, std::string(value)}});
  }
  metrics::Registry& registry_;
  std::string name_;
  std::string help_;
  std::string label_;
};

/// The metrics of the crawler, each said once: name, help, labels. Counters stand at zero from the
/// start: a rate needs the value before the first event, and silence must not look like absence.
/// The two of GapWatch are its own.
struct CrawlerMetrics {
  explicit CrawlerMetrics(metrics::Registry& registry);

  metrics::Registry& registry;
  CounterFamily requests;         // kind
  CounterFamily responses;        // class of status
  CounterFamily failures;         // reason
  CounterFamily urls_discovered;  // via
  CounterFamily urls_dropped;     // reason
  CounterFamily revisits;         // outcome
  CounterFamily polls;            // outcome
  CounterFamily robots;           // outcome
  CounterFamily handed_over;      // why
  CounterFamily pages_cut;        // reason
  metrics::Counter& pages;
  metrics::Counter& duplicates;
  metrics::Counter& lying_validators;
  metrics::Counter& quarantined;
  metrics::Counter& body_bytes;
  metrics::Counter& taken_up;
  metrics::Counter& frontier_bad_records;
  metrics::Histogram& fetch_seconds;
  metrics::Histogram& discovery_to_page_seconds;
  metrics::Histogram& take_over_seconds;
  metrics::Gauge& partitions;
  metrics::Gauge& frontier_urls;
  metrics::Gauge& in_flight;
  metrics::Gauge& sources;

  void set_sources_by_state(std::string_view state, double sources_in_it);
};

}  // namespace vigie::crawler::service
