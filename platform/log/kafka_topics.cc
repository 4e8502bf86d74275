#include <algorithm>
#include <cstdlib>
#include <thread>

#include "platform/clock/machine_time.h"
#include "platform/log/kafka_client.h"
#include "platform/log/kafka_producer.h"
#include "platform/logging/logging.h"

namespace vigie::log {
namespace {

using namespace kafka;

struct DestroyAdmin {
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_ConfigResource_t* resource) const {
    rd_kafka_ConfigResource_destroy(resource);
  }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
template <class T>
using Owned = std::unique_ptr<T, DestroyAdmin>;

constexpr std::chrono::milliseconds kLeaderStep{100};
// what is compacted or removed are closed segments: none stays open for longer
constexpr std::int64_t kSegmentMs = proto::kDayMs;

std::int32_t wanted_partitions(const KafkaOptions& options, const proto::TopicSpec& spec) {
  return spec.single_partition ? 1 : options.partitions;
}

// Brokers limit the batch of a producer, not the record.
std::int64_t wanted_message_bytes(const proto::TopicSpec& spec) {
  return std::max<std::int64_t>(spec.max_record_bytes, kBatchBytes) + kBatchOverheadBytes;
}

Properties wanted_settings(const proto::TopicSpec& spec, std::int32_t replication) {
  return {{"cleanup.policy", spec.compacted ? "compact" : "delete"},
          {"retention.ms", std::to_string(spec.retention_ms)},
          {"retention.bytes", "-1"},
          {"max.message.bytes", std::to_string(wanted_message_bytes(spec))},
          {"message.timestamp.type", "LogAppendTime"},
          {"segment.ms", std::to_string(kSegmentMs)},
          {"min.insync.replicas", replication >= 3 ? "2" : "1"},
          {"unclean.leader.election.enable", "false"}};
}

/// Waits for the response to a question to the brokers.
Result<Owned<rd_kafka_event_t>> answer(const Shared& shared, rd_kafka_queue_t* queue) {
  Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue, shared.timeout_ms()));
  if (!event) return failure(explain(shared, RD_KAFKA_RESP_ERR__TIMED_OUT, {}, shared.place()));
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return failure(explain(shared, code, rd_kafka_event_error_string(event.get()), shared.place()));
  }
  return event;
}

/// A broker that has just answered; any knows the settings of topics, so that nobody need wait for
/// a controller.
std::int32_t answering_broker(const rd_kafka_metadata_t& metadata) {
  if (metadata.orig_broker_id >= 0 || metadata.broker_cnt == 0) return metadata.orig_broker_id;
  return metadata.brokers[0].id;
}

Owned<rd_kafka_AdminOptions_t> admin_options(const Shared& shared, rd_kafka_t* handle,
                                             rd_kafka_admin_op_t operation) {
  Owned<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(handle, operation));
  char reason[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), shared.timeout_ms(), reason,
                                            sizeof reason);
  return options;
}

Result<void> create(const Shared& shared, rd_kafka_t* handle,
                    const std::vector<proto::TopicSpec>& missing, std::int32_t replication) {
  std::vector<Owned<rd_kafka_NewTopic_t>> owned;
  std::vector<rd_kafka_NewTopic_t*> topics;
  char reason[256];
  for (const proto::TopicSpec& spec : missing) {
    owned.emplace_back(rd_kafka_NewTopic_new(shared.topic_name(spec.topic).c_str(),
                                             wanted_partitions(shared.options, spec), replication,
                                             reason, sizeof reason));
    if (!owned.back())
      return failure(
          Disposition::kStop, "bad_setting",
          std::string(reason) + "; look at log.prefix, log.partitions and log.replication",
          shared.place(spec.topic));
    for (const auto& [name, value] : wanted_settings(spec, replication))
      rd_kafka_NewTopic_set_config(owned.back().get(), name.c_str(), value.c_str());
    topics.push_back(owned.back().get());
  }
  const Queue queue(rd_kafka_queue_new(handle));
  const auto options = admin_options(shared, handle, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  // until they are known to the brokers
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), shared.timeout_ms(), reason,
                                              sizeof reason);
  rd_kafka_CreateTopics(handle, topics.data(), topics.size(), options.get(), queue.get());
  VIGIE_ASSIGN(const Owned<rd_kafka_event_t> event, answer(shared, queue.get()));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    return failure(explain(shared, code, text != nullptr ? text : "",
                           shared.place() + ", topic " + rd_kafka_topic_result_name(results[i])));
  }
  return {};
}

void compare(const Shared& shared, const proto::TopicSpec& spec,
             const std::map<std::string, std::string>& settings, KafkaTopic& topic) {
  const auto value = [&](const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
  };
  topic.compacted = value("cleanup.policy").find("compact") != std::string::npos;
  topic.retention_ms = std::strtoll(value("retention.ms").c_str(), nullptr, 10);
  topic.max_message_bytes = std::strtoll(value("max.message.bytes").c_str(), nullptr, 10);
  for (const auto& [name, wanted] : wanted_settings(spec, topic.replication)) {
    const std::string is = value(name);
    // What only affects tidiness, or is stricter than asked for, is left to who runs the brokers.
    if (name == "segment.ms" || is == wanted) continue;
    if (name == "retention.ms" && spec.compacted) continue;
    if (name == "max.message.bytes" && topic.max_message_bytes >= wanted_message_bytes(spec))
      continue;
    if (name == "min.insync.replicas" &&
        std::strtol(is.c_str(), nullptr, 10) >= std::strtol(wanted.c_str(), nullptr, 10))
      continue;
    topic.differs.push_back(name + " is " + (is.empty() ? "unknown" : is) + " and should be " +
                            wanted + "; change it with kafka-configs on broker " +
                            shared.options.brokers);
  }
}

Result<void> read_settings(const Shared& shared, rd_kafka_t* handle, std::int32_t broker,
                           std::vector<KafkaTopic>& topics) {
  std::vector<Owned<rd_kafka_ConfigResource_t>> owned;
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const KafkaTopic& topic : topics) {
    if (!topic.exists) continue;
    owned.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.name.c_str()));
    resources.push_back(owned.back().get());
  }
  if (resources.empty()) return {};
  const Queue queue(rd_kafka_queue_new(handle));
  const auto options = admin_options(shared, handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  char reason[256];
  if (broker >= 0) rd_kafka_AdminOptions_set_broker(options.get(), broker, reason, sizeof reason);
  rd_kafka_DescribeConfigs(handle, resources.data(), resources.size(), options.get(), queue.get());
  VIGIE_ASSIGN(const Owned<rd_kafka_event_t> event, answer(shared, queue.get()));
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** results = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = rd_kafka_ConfigResource_name(results[i]);
    if (const auto code = rd_kafka_ConfigResource_error(results[i]);
        code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failure(explain(shared, code, {}, shared.place() + ", topic " + name));
    }
    std::map<std::string, std::string> settings;
    std::size_t entries = 0;
    const rd_kafka_ConfigEntry_t** each = rd_kafka_ConfigResource_configs(results[i], &entries);
    for (std::size_t e = 0; e < entries; ++e) {
      const char* value = rd_kafka_ConfigEntry_value(each[e]);
      settings[rd_kafka_ConfigEntry_name(each[e])] = value != nullptr ? value : "";
    }
    for (KafkaTopic& topic : topics) {
      if (topic.name == name) compare(shared, proto::spec(topic.topic), settings, topic);
    }
  }
  return {};
}

std::vector<KafkaTopic> read_topics(const Shared& shared, const rd_kafka_metadata_t& metadata) {
  std::vector<KafkaTopic> topics;
  for (const proto::TopicSpec& spec : proto::kTopics) {
    KafkaTopic topic;
    topic.topic = spec.topic;
    topic.name = shared.topic_name(spec.topic);
    for (int i = 0; i < metadata.topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& each = metadata.topics[i];
      if (topic.name != each.topic || each.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
      topic.exists = true;
      topic.partitions = each.partition_cnt;
      if (each.partition_cnt > 0) topic.replication = each.partitions[0].replica_cnt;
    }
    topics.push_back(std::move(topic));
  }
  return topics;
}

/// Every partition of every topic has a leader: made topics take a moment until all brokers know
/// them.
bool all_led(const Shared& shared, const rd_kafka_metadata_t& metadata) {
  std::size_t led = 0;
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata.topics[i];
    if (!shared.topic_of(topic.topic)) continue;
    const auto leads = [](const rd_kafka_metadata_partition_t& partition) {
      return partition.leader >= 0;
    };
    if (topic.partition_cnt > 0 &&
        std::all_of(topic.partitions, topic.partitions + topic.partition_cnt, leads))
      ++led;
  }
  return led == proto::kTopics.size();
}

Result<std::vector<KafkaTopic>> look(const KafkaOptions& options, bool make) {
  VIGIE_TRY(check_passthrough(options));
  Shared shared(options);
  VIGIE_ASSIGN(const Handle handle, Sender::make_producer_handle(shared));
  VIGIE_ASSIGN(Metadata metadata, first_contact(shared, handle.get()));
  std::vector<KafkaTopic> topics = read_topics(shared, *metadata);
  if (make) {
    std::vector<proto::TopicSpec> missing;
    for (const KafkaTopic& topic : topics) {
      if (!topic.exists) missing.push_back(proto::spec(topic.topic));
    }
    if (!missing.empty()) {
      VIGIE_TRY(create(
          shared, handle.get(), missing,
          options.replication > 0 ? options.replication : std::min(3, metadata->broker_cnt)));
      const auto deadline = machine_now() + options.timeout;
      for (bool led = false; !led && machine_now() < deadline;) {
        VIGIE_ASSIGN(metadata, first_contact(shared, handle.get()));
        led = all_led(shared, *metadata);
        if (!led) std::this_thread::sleep_for(kLeaderStep);
      }
      topics = read_topics(shared, *metadata);
      for (const proto::TopicSpec& spec : missing)
        topics[static_cast<std::size_t>(spec.topic)].created = true;
    }
  }
  VIGIE_TRY(read_settings(shared, handle.get(), answering_broker(*metadata), topics));
  for (KafkaTopic& topic : topics) {
    const std::int32_t wanted = wanted_partitions(options, proto::spec(topic.topic));
    if (!topic.exists) {
      topic.differs.push_back("does not exist on broker " + options.brokers +
                              "; create it with `vigie log setup`");
    } else if (topic.partitions != wanted) {
      topic.differs.push_back("has " + std::to_string(topic.partitions) +
                              " partitions and should have " + std::to_string(wanted) +
                              "; set log.partitions to what the broker " + options.brokers +
                              " has, for the number cannot be changed under records");
    }
  }
  return topics;
}

}  // namespace

void kafka::learn_largest_records(Shared& shared, rd_kafka_t* handle,
                                  const rd_kafka_metadata_t& metadata) {
  std::vector<KafkaTopic> topics;
  for (const proto::TopicSpec& spec : proto::kTopics) {
    shared.largest_records[static_cast<std::size_t>(spec.topic)] =
        static_cast<std::size_t>(spec.max_record_bytes);
    KafkaTopic topic;
    topic.topic = spec.topic;
    topic.name = shared.topic_name(spec.topic);
    topic.exists = true;
    topics.push_back(std::move(topic));
  }
  if (const auto asked = read_settings(shared, handle, answering_broker(metadata), topics);
      !asked) {
    logging::debug("the largest messages of the topics are not known",
                   {{"error", asked.error().to_string()}});
    return;
  }
  for (const KafkaTopic& topic : topics) {
    // What brokers limit is the batch as it is sent; compression may fail to make it smaller.
    const std::int64_t room = topic.max_message_bytes - kBatchOverheadBytes;
    std::size_t& largest = shared.largest_records[static_cast<std::size_t>(topic.topic)];
    if (topic.max_message_bytes > 0 && room > 0)
      largest = std::min(largest, static_cast<std::size_t>(room));
  }
}

Result<std::vector<KafkaTopic>> check_kafka_topics(const KafkaOptions& options) {
  return look(options, false);
}
Result<std::vector<KafkaTopic>> setup_kafka_topics(const KafkaOptions& options) {
  return look(options, true);
}

}  // namespace vigie::log
