#pragma once

#include "platform/metrics/spec.h"

/// The metrics of every program, each said once (platform/metrics/spec.h).
namespace vigie::service {

/// Of the databases below data_dir.
struct StoreMetrics {
  explicit StoreMetrics(metrics::Registry& registry);

  metrics::CounterFamily stalls;          // store, condition
  metrics::CounterFamily errors;          // store
  metrics::GaugeFamily compaction_bytes;  // store
};

/// What a program is and uses.
struct ProcessMetrics {
  explicit ProcessMetrics(metrics::Registry& registry);

  metrics::GaugeFamily build_info;  // program, version
  metrics::Gauge& ready;
  metrics::Gauge& start_time;
  metrics::Gauge& resident_bytes;
  metrics::Counter& cpu_seconds;
  metrics::Gauge& open_files;
  metrics::Gauge& max_fds;
  metrics::Gauge& data_free_bytes;
  metrics::Gauge& data_size_bytes;
  metrics::Gauge& log_gap;
  metrics::CounterFamily log_lines;  // level
  StoreMetrics stores;
};

/// Of the requests that the server answers; probes and scrapes are left out.
struct RequestMetrics {
  explicit RequestMetrics(metrics::Registry& registry);

  metrics::CounterFamily requests;   // class
  metrics::HistogramFamily seconds;  // route
};

/// Of the log; those of Kafka appear with its first figures.
struct LogMetrics {
  explicit LogMetrics(metrics::Registry& registry);

  metrics::GaugeFamily lag;             // group, topic
  metrics::GaugeFamily brokers;         // client
  metrics::GaugeFamily brokers_up;      // client
  metrics::GaugeFamily round_trip_p99;  // client
  metrics::GaugeFamily under_replicated;
  metrics::GaugeFamily leaderless;
  metrics::CounterFamily errors;            // code
  metrics::CounterFamily rebalances;        // group
  metrics::CounterFamily request_errors;    // client
  metrics::CounterFamily request_timeouts;  // client
  metrics::GaugeFamily queued_records;      // client
  metrics::GaugeFamily queued_bytes;        // client
  metrics::CounterFamily sent_records;      // client
  metrics::CounterFamily sent_bytes;        // client
  metrics::CounterFamily received_records;  // client
  metrics::CounterFamily received_bytes;    // client
};

}  // namespace vigie::service
