#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "platform/log/kafka_client.h"

namespace vigie::log::kafka {

/// Of the log's topics: partitions whose copies are not all in sync, and those that no broker
/// leads.
KafkaReplicas count_replicas(const Shared& shared, const rd_kafka_metadata_t& metadata);

/// Asks the brokers every few seconds for the copies of the log's partitions, on a thread of its
/// own, and tells KafkaOptions::on_replicas; tells nothing while no broker answers. `shared` and
/// `handle` must outlive it.
class ReplicaWatch {
 public:
  ReplicaWatch(const Shared& shared, rd_kafka_t* handle);

 private:
  void look();

  const Shared& shared_;
  rd_kafka_t* handle_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

}  // namespace vigie::log::kafka
