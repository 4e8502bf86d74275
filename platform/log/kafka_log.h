#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/log.h"

namespace vigie::log {

/// What librdkafka says of one handle, every few seconds. Totals count from the making of the
/// handle.
struct KafkaFigures {
  // "producer", or GROUP/TOPIC of the member of a group, the topic being its first
  std::string client;
  std::string group;  // empty: the producer
  std::int64_t brokers = 0;
  std::int64_t brokers_up = 0;
  bool connected = false;           // to any broker, its group's coordinator included
  std::int64_t queued_records = 0;  // producer: waiting or on their way
  std::int64_t queued_bytes = 0;
  std::int64_t sent_records = 0;  // total
  std::int64_t sent_bytes = 0;
  std::int64_t received_records = 0;
  std::int64_t received_bytes = 0;
  std::int64_t request_errors = 0;  // total, of all brokers
  std::int64_t request_timeouts = 0;
  double round_trip_p99_s = 0;  // of the slowest broker
  // records of each topic of a group that this member has not read yet, over its partitions
  std::map<proto::Topic, std::int64_t> lag;
};

/// Partitions of the log's topics, as the brokers' metadata have them.
struct KafkaReplicas {
  std::int64_t under_replicated = 0;  // a copy is not in sync
  std::int64_t leaderless = 0;        // nobody can write or read them
};

struct KafkaOptions {
  std::string brokers = "127.0.0.1:9092";  // bootstrap list
  std::string prefix = "vigie";            // topics are PREFIX.pages.v1 …
  // static membership: the same after a restart, unlike that of any other process; empty: dynamic
  std::string instance = {};
  std::int32_t partitions = 12;  // of topics that are not single
  // what setup makes; 0: the smaller of 3 and the number of brokers
  std::int32_t replication = 0;
  // log.kafka.*: given to librdkafka (TLS, SASL, …); what the promises rest on is refused
  std::map<std::string, std::string> passthrough = {};
  // records sent and not yet acknowledged; a full queue blocks
  std::size_t queue_bytes = 64ULL << 20;
  // fetched ahead by one reader or group member
  std::size_t fetch_kilobytes = 16 * 1024;
  // of one question to the brokers, and of the first contact
  std::chrono::milliseconds timeout{15'000};
  // a member that is silent for so long loses its partitions
  std::chrono::milliseconds session_timeout{20'000};
  // a broker that was connected to so long ago is away
  std::chrono::milliseconds away_after{8'000};
  /// Gets the figures of the producer and of each member of a group; any thread.
  std::function<void(const KafkaFigures&)> on_figures = {};
  /// Gets the state of the copies, every few seconds while a broker answers; a thread of the log.
  std::function<void(const KafkaReplicas&)> on_replicas = {};
  /// Gets each error that librdkafka or a broker tells, by its name (`_TRANSPORT`); any thread.
  std::function<void(std::string_view code)> on_error = {};
  /// Gets the group whose partitions were given or taken away; the thread that polls it.
  std::function<void(const std::string& group)> on_rebalance = {};
};

/// The log on Apache Kafka, by librdkafka: idempotent producer, acks=all, zstd; offsets are
/// committed synchronously. A record is acknowledged when all in-sync replicas have it (replicated,
/// not necessarily on disk). A broker that goes away is waited for: what is sent stays queued, what
/// is read comes later, and a question (offsets, committed, start) that no broker answers within
/// `timeout` fails as kRetry broker_unreachable. Errors of opening, all kStop, naming broker and
/// topic: bad_setting (log.kafka.*), broker_unreachable, wrong_credentials, not_authorized,
/// topic_missing, partitions_changed.
Result<std::unique_ptr<Log>> open_kafka(const KafkaOptions& options, Clock& clock);

/// A topic as the brokers have it.
struct KafkaTopic {
  proto::Topic topic;
  std::string name;
  bool exists = false;
  bool created = false;  // by this call
  std::int32_t partitions = 0;
  std::int32_t replication = 0;
  bool compacted = false;
  std::int64_t retention_ms = 0;  // -1: kept for ever
  std::int64_t max_message_bytes = 0;
  std::vector<std::string> differs = {};  // one sentence each: what is, what should be
};

/// How each topic differs from proto/log_topics.h and the options. Errors: as open_kafka, without
/// those of topics.
Result<std::vector<KafkaTopic>> check_kafka_topics(const KafkaOptions& options);

/// Creates the topics that are missing, then checks all. What exists is never changed.
Result<std::vector<KafkaTopic>> setup_kafka_topics(const KafkaOptions& options);

}  // namespace vigie::log
