#include "platform/log/kafka_replicas.h"

#include <algorithm>
#include <chrono>

namespace vigie::log::kafka {
namespace {

constexpr std::chrono::seconds kBetweenLooks{5};
constexpr std::chrono::milliseconds kTimeout{3000};  // of one question

}  // namespace

KafkaReplicas count_replicas(const Shared& shared, const rd_kafka_metadata_t& metadata) {
  KafkaReplicas out;
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata.topics[i];
    if (!shared.topic_of(topic.topic)) continue;
    for (int p = 0; p < topic.partition_cnt; ++p) {
      const rd_kafka_metadata_partition_t& partition = topic.partitions[p];
      if (partition.isr_cnt < partition.replica_cnt) ++out.under_replicated;
      if (partition.leader < 0) ++out.leaderless;
    }
  }
  return out;
}

ReplicaWatch::ReplicaWatch(const Shared& shared, rd_kafka_t* handle)
    : shared_(shared), handle_(handle), thread_([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          look();
          std::unique_lock lock(mutex_);
          stopped_.wait_for(lock, stop, kBetweenLooks, [] { return false; });
        }
      }) {}

void ReplicaWatch::look() {
  if (!shared_.connected()) return;
  const rd_kafka_metadata_t* found = nullptr;
  const auto code =
      rd_kafka_metadata(handle_, 1, nullptr, &found, static_cast<int>(kTimeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const Metadata metadata(found);
  shared_.options.on_replicas(count_replicas(shared_, *metadata));
}

}  // namespace vigie::log::kafka
