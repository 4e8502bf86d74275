#include "platform/log/kafka_reader.h"

#include <algorithm>

#include "platform/clock/machine_time.h"

namespace vigie::log::kafka {
namespace {

/// Uses the interface for single partitions, on one queue: partitions come and go and move one by
/// one, which an assignment of a group does not allow. Fair between partitions over time:
/// librdkafka asks for them in turn, at most 1 MiB each.
class KafkaReader final : public Reader {
 public:
  KafkaReader(Shared& shared, rd_kafka_t* asking) : shared_(shared), asking_(asking) {}
  ~KafkaReader() override {
    for (const auto& [partition, state] : states_)
      rd_kafka_consume_stop(topics_.at(partition.topic).get(), partition.partition);
  }

  Result<void> assign(TopicPartition partition, std::int64_t offset) override {
    VIGIE_TRY(open());
    TopicHandle& topic = topics_[partition.topic];
    if (!topic)  // and looks for its leaders meanwhile
      topic.reset(
          rd_kafka_topic_new(handle_.get(), shared_.topic_name(partition.topic).c_str(), nullptr));
    VIGIE_ASSIGN(const OffsetRange held, held_offsets(shared_, asking_, partition));
    if (offset < held.begin || offset > held.end)
      return failure(gap(shared_, partition, offset, held));
    unassign(partition);
    if (rd_kafka_consume_start_queue(topic.get(), partition.partition, offset, queue_.get()) != 0) {
      return failure(refusal(shared_, rd_kafka_last_error(), {}, shared_.place(partition)));
    }
    states_[partition] = {offset, false};
    return {};
  }

  void unassign(TopicPartition partition) override {
    if (states_.erase(partition) > 0)
      rd_kafka_consume_stop(topics_.at(partition.topic).get(), partition.partition);
  }
  void pause(TopicPartition partition) override { set_paused(partition, true); }
  void resume(TopicPartition partition) override { set_paused(partition, false); }

  Result<std::vector<Batch>> poll(std::size_t max_records,
                                  std::chrono::milliseconds timeout) override {
    VIGIE_TRY(open());
    rd_kafka_poll(handle_.get(), 0);  // errors of connections
    Gathering gathering(max_records);
    const auto deadline = machine_now() + timeout;
    while (!gathering.full()) {
      const int wait_ms = gathering.empty() ? left_ms(deadline) : 0;
      const Message message(rd_kafka_consume_queue(queue_.get(), wait_ms));
      if (!message) {
        if (!gathering.empty() || machine_now() >= deadline) break;
        continue;
      }
      VIGIE_TRY(take(*message, gathering));
    }
    return gathering.take();
  }

 private:
  struct State {
    std::int64_t next = 0;
    bool paused = false;
  };

  Result<void> open() {
    if (handle_) return {};
    Properties firm{{"enable.auto.commit", "false"},
                    {"enable.partition.eof", "true"},
                    {"auto.offset.reset", "error"},
                    {"isolation.level", "read_committed"}};
    VIGIE_ASSIGN(Configuration configuration,
                 configure(shared_, consumer_properties(shared_), firm));
    VIGIE_ASSIGN(handle_, make_handle(shared_, RD_KAFKA_CONSUMER, std::move(configuration)));
    queue_.reset(rd_kafka_queue_new(handle_.get()));
    return {};
  }

  Result<void> take(const rd_kafka_message_t& message, Gathering& gathering) {
    std::optional<TopicPartition> from;
    if (message.rkt != nullptr) {
      if (const auto topic = shared_.topic_of(rd_kafka_topic_name(message.rkt)))
        from = TopicPartition{*topic, message.partition};
    }
    const auto found = from ? states_.find(*from) : states_.end();
    if (from && found == states_.end()) return {};  // unassigned meanwhile
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message.offset < found->second.next) return {};
      found->second.next = message.offset + 1;
      gathering.add(*from, message);
      return {};
    }
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (found == states_.end() || message.offset <= found->second.next) return {};
      found->second.next = message.offset;
      gathering.pass(*from, message.offset);
      return {};
    }
    if (auto error = consumer_error(shared_, handle_.get(), message, from,
                                    found == states_.end() ? -1 : found->second.next))
      return failure(std::move(*error));
    return {};
  }

  void set_paused(TopicPartition partition, bool paused) {
    const auto found = states_.find(partition);
    if (found == states_.end() || found->second.paused == paused) return;
    found->second.paused = paused;
    const PartitionList list = one(shared_, partition);
    static_cast<void>(paused ? rd_kafka_pause_partitions(handle_.get(), list.get())
                             : rd_kafka_resume_partitions(handle_.get(), list.get()));
  }

  Shared& shared_;
  rd_kafka_t* const asking_;
  Handle handle_;  // destroyed after all that was made of it
  std::map<proto::Topic, TopicHandle> topics_;
  Queue queue_;
  std::map<TopicPartition, State> states_;
};

/// What librdkafka says of a record that it cannot read, before it goes on behind it: to wait would
/// lose the record.
bool is_unreadable(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__BAD_MSG || code == RD_KAFKA_RESP_ERR__BAD_COMPRESSION ||
         code == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED;
}

}  // namespace

Reader::Batch& Gathering::batch_of(TopicPartition from) {
  Reader::Batch& batch = batches_[from];
  batch.from = from;
  return batch;
}

void Gathering::add(TopicPartition from, const rd_kafka_message_t& message) {
  Record record;
  record.partition = message.partition;
  record.offset = message.offset;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.timestamp_unix_ms = std::max<std::int64_t>(0, rd_kafka_message_timestamp(&message, &type));
  if (message.key != nullptr)
    record.key.assign(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr)
    record.value.emplace(static_cast<const char*>(message.payload), message.len);
  bytes_ += message.key_len + message.len;
  --left_;
  Reader::Batch& batch = batch_of(from);
  batch.next_offset = message.offset + 1;
  batch.records.push_back(std::move(record));
}

void Gathering::pass(TopicPartition from, std::int64_t next_offset) {
  batch_of(from).next_offset = next_offset;
}

std::vector<Reader::Batch> Gathering::take() {
  std::vector<Reader::Batch> out;
  for (auto& entry : batches_) out.push_back(std::move(entry.second));
  batches_.clear();
  return out;
}

std::optional<Error> consumer_error(const Shared& shared, rd_kafka_t* handle,
                                    const rd_kafka_message_t& message,
                                    std::optional<TopicPartition> from, std::int64_t position) {
  const std::string where = from ? shared.place(*from) : shared.place();
  const std::string reason =
      message.payload != nullptr
          ? std::string(static_cast<const char*>(message.payload), message.len)
          : std::string();
  shared.count(message.err);
  if (message.err == RD_KAFKA_RESP_ERR__FATAL) return fatal_error(shared, handle, where);
  if (from && (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
               message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)) {
    auto held = held_offsets(shared, handle, *from);
    if (!held) {
      // librdkafka has stopped reading the partition and says so once
      held.error().disposition = Disposition::kStop;
      return std::move(held.error());
    }
    return gap(shared, *from, position, *held);
  }
  if (meaning_of(message.err) == Meaning::kMissing && from) {
    // A broker that has just started may not know its topics yet: asked again, for a while.
    const TopicPartition asked{from->topic, std::max(from->partition, 0)};
    auto held = held_offsets(shared, handle, asked);
    if (held) return std::nullopt;
    if (held.error().code != "topic_missing") return std::nullopt;
  }
  if (from && is_unreadable(message.err)) return refusal(shared, message.err, reason, where);
  if (passes_by_itself(message.err)) return std::nullopt;
  return explain(shared, message.err, reason, where);
}

std::unique_ptr<Reader> make_reader(Shared& shared, rd_kafka_t* asking) {
  return std::make_unique<KafkaReader>(shared, asking);
}

int left_ms(MachineTime deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - machine_now());
  return static_cast<int>(std::max(left, std::chrono::milliseconds(0)).count());
}

}  // namespace vigie::log::kafka
