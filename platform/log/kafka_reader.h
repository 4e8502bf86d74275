#pragma once

#include <map>

#include "platform/clock/machine_time.h"
#include "platform/log/kafka_client.h"

namespace vigie::log::kafka {

/// Gathers messages into batches, one a partition.
class Gathering {
 public:
  explicit Gathering(std::size_t max_records) : left_(max_records) {}
  bool full() const { return left_ == 0 || bytes_ >= kPollBytes; }
  bool empty() const { return batches_.empty(); }
  void add(TopicPartition from, const rd_kafka_message_t& message);
  /// Reading goes on at `next_offset`, without a record: what lay between has been compacted away.
  void pass(TopicPartition from, std::int64_t next_offset);
  std::vector<Reader::Batch> take();

 private:
  Reader::Batch& batch_of(TopicPartition from);
  std::map<TopicPartition, Reader::Batch> batches_;
  std::size_t left_;
  std::size_t bytes_ = 0;
};

/// What a message that is no record means. nullopt: nothing to say, librdkafka goes on by itself.
std::optional<Error> consumer_error(const Shared& shared, rd_kafka_t* handle,
                                    const rd_kafka_message_t& message,
                                    std::optional<TopicPartition> from, std::int64_t position);

/// What is left until `deadline`, rounded up; never negative.
int left_ms(MachineTime deadline);

/// A consumer of its own, without a group. Errors are kept for the first call that can return one.
/// Offsets are asked by `asking`, which is connected and fetches nothing: behind a fetch a question
/// waits until what was fetched has been unpacked. It outlives the reader.
std::unique_ptr<Reader> make_reader(Shared& shared, rd_kafka_t* asking);

}  // namespace vigie::log::kafka
