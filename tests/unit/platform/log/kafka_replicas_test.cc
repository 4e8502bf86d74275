#include "platform/log/kafka_replicas.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vigie::log::kafka {
namespace {

rd_kafka_metadata_partition_t partition(std::int32_t leader, int copies, int in_sync) {
  rd_kafka_metadata_partition_t out{};
  out.leader = leader;
  out.replica_cnt = copies;
  out.isr_cnt = in_sync;
  return out;
}

TEST(CountReplicas, CountsPartitionsOfTheLogAlone) {
  const Shared shared({});
  std::string pages = shared.topic_name(proto::Topic::kPages);
  std::string sessions = shared.topic_name(proto::Topic::kSessions);
  std::string elsewhere = "orders";
  std::array some{partition(1, 3, 3), partition(2, 3, 2), partition(-1, 3, 1)};
  std::array whole{partition(3, 1, 1)};
  std::array none{partition(-1, 3, 0)};
  std::array<rd_kafka_metadata_topic_t, 3> topics{};
  topics[0] = {pages.data(), static_cast<int>(some.size()), some.data(), {}};
  topics[1] = {sessions.data(), static_cast<int>(whole.size()), whole.data(), {}};
  topics[2] = {elsewhere.data(), static_cast<int>(none.size()), none.data(), {}};
  rd_kafka_metadata_t metadata{};
  metadata.topics = topics.data();
  metadata.topic_cnt = static_cast<int>(topics.size());
  const KafkaReplicas counted = count_replicas(shared, metadata);
  EXPECT_EQ(counted.under_replicated, 2);
  EXPECT_EQ(counted.leaderless, 1);
  metadata.topic_cnt = 0;
  EXPECT_EQ(count_replicas(shared, metadata).under_replicated, 0);
}

}  // namespace
}  // namespace vigie::log::kafka
