#include "platform/service/metrics.h"

namespace vigie::service {
namespace {

std::vector<double> request_bounds_s() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

}  // namespace

// A table: one row a metric.
StoreMetrics::StoreMetrics(metrics::Registry& all)
    : stalls(all, {"vigie_store_stalls_total",
                   "Times that RocksDB slowed writes down or made them wait, because flushes and "
                   "compactions were behind",
                   "store condition"}),
      errors(all,
             {"vigie_store_background_errors_total",
              "Flushes and compactions of RocksDB that failed, such as on a full disk", "store"}),
      compaction_bytes(all,
                       {"vigie_store_pending_compaction_bytes",
                        "Bytes that RocksDB has yet to compact, by its own estimate", "store"}) {}

// A table: one row a metric.
ProcessMetrics::ProcessMetrics(metrics::Registry& all)
    : build_info(all,
                 {"vigie_build_info", "Always 1; the labels say what runs", "program version"}),
      ready(metrics::gauge(all, {"vigie_ready", "1 while /readyz answers 200"})),
      start_time(metrics::gauge(
          all, {"vigie_process_start_time_seconds", "When this process started, Unix time"})),
      resident_bytes(metrics::gauge(all, {"vigie_process_resident_bytes", "Memory in use"})),
      cpu_seconds(metrics::counter(
          all, {"vigie_process_cpu_seconds_total", "Processor time used, user and system"})),
      open_files(metrics::gauge(all, {"vigie_process_open_files", "Open files and sockets"})),
      max_fds(metrics::gauge(
          all, {"process_max_fds", "Files and sockets that this process may have open"})),
      data_free_bytes(metrics::gauge(
          all, {"vigie_data_free_bytes", "Free space of the file system that holds data_dir"})),
      data_size_bytes(metrics::gauge(
          all, {"vigie_data_size_bytes", "Size of the file system that holds data_dir"})),
      log_gap(metrics::gauge(all, {"vigie_log_gap",
                                   "1 where the log no longer holds what this process had not "
                                   "read, or never held what it had; the process ends"})),
      log_lines(all, {"vigie_log_lines_total", "Lines that this process wrote to its own log",
                      "level", "debug info warning error"}),
      stores(all) {}

// A table: one row a metric.
RequestMetrics::RequestMetrics(metrics::Registry& all)
    : requests(all, {"vigie_http_requests_total",
                     "Requests answered, by class of status; probes and scrapes are left out",
                     "class", "2xx 3xx 4xx 5xx"}),
      seconds(
          all,
          {"vigie_http_request_seconds", "Time of a handler, by route: a pattern of ours", "route"},
          request_bounds_s()) {}

// A table: one row a metric.
LogMetrics::LogMetrics(metrics::Registry& all)
    : lag(all, {"vigie_log_lag_records",
                "Records of a topic that this member of a group has not read yet", "group topic"}),
      brokers(all, {"vigie_kafka_brokers", "Brokers that this client knows of", "client"}),
      brokers_up(all, {"vigie_kafka_brokers_up", "Brokers that this client has a connection to",
                       "client"}),
      round_trip_p99(
          all,
          {"vigie_kafka_round_trip_p99_seconds",
           "Time from a request to its response, 99th percentile of the slowest broker", "client"}),
      under_replicated(all, {"vigie_kafka_under_replicated_partitions",
                             "Partitions of the log of which a copy is not in sync"}),
      leaderless(all,
                 {"vigie_kafka_leaderless_partitions",
                  "Partitions of the log that no broker leads: nobody can write or read them"}),
      errors(all, {"vigie_kafka_errors_total",
                   "Errors of brokers and connections; all but the few that end the program are "
                   "waited for",
                   "code"}),
      rebalances(all, {"vigie_kafka_rebalances_total",
                       "Times that partitions of a group were given to this member or taken from "
                       "it",
                       "group"}),
      request_errors(all, {"vigie_kafka_request_errors_total", "Requests and responses that failed",
                           "client"}),
      request_timeouts(all, {"vigie_kafka_request_timeouts_total",
                             "Requests that no broker answered in time", "client"}),
      queued_records(all, {"vigie_kafka_queued_records",
                           "Records that wait for their acknowledgement", "client"}),
      queued_bytes(
          all, {"vigie_kafka_queued_bytes", "Bytes that wait for their acknowledgement", "client"}),
      sent_records(all, {"vigie_kafka_sent_records_total",
                         "Records sent, those sent again included", "client"}),
      sent_bytes(all, {"vigie_kafka_sent_bytes_total", "Bytes of records sent, before compression",
                       "client"}),
      received_records(all, {"vigie_kafka_received_records_total", "Records received", "client"}),
      received_bytes(all, {"vigie_kafka_received_bytes_total",
                           "Bytes of records received, after decompression", "client"}) {}

}  // namespace vigie::service
