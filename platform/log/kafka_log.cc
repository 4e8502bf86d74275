#include "platform/log/kafka_log.h"

#include <algorithm>
#include <thread>

#include "platform/clock/machine_time.h"
#include "platform/log/kafka_client.h"
#include "platform/log/kafka_group.h"
#include "platform/log/kafka_producer.h"
#include "platform/log/kafka_reader.h"
#include "platform/log/kafka_replicas.h"

namespace vigie::log {
namespace {

using namespace kafka;

// until every broker knows a topic that was just made
constexpr std::chrono::milliseconds kSettleTime{3000};
constexpr std::chrono::milliseconds kSettleStep{200};

class KafkaLog final : public Log {
 public:
  static Result<std::unique_ptr<Log>> open(const KafkaOptions& options) {
    VIGIE_TRY(check_passthrough(options));
    auto log = std::make_unique<KafkaLog>(options);
    VIGIE_ASSIGN(Handle handle, Sender::make_producer_handle(log->shared_));
    const auto deadline =
        machine_now() + std::min<std::chrono::milliseconds>(options.timeout, kSettleTime);
    for (;;) {
      VIGIE_ASSIGN(const Metadata metadata, first_contact(log->shared_, handle.get()));
      auto learned = log->learn_partitions(*metadata);
      if (learned) {
        learn_largest_records(log->shared_, handle.get(), *metadata);
        break;
      }
      if (learned.error().code != "topic_missing" || machine_now() >= deadline)
        return failure(std::move(learned.error()));
      std::this_thread::sleep_for(kSettleStep);
    }
    // Brokers were met, however long their responses took; from now on the sender looks.
    log->shared_.note_connection(true);
    log->sender_ = std::make_unique<Sender>(log->shared_, std::move(handle));
    log->sender_->start();
    if (options.on_replicas) log->replicas_.emplace(log->shared_, log->sender_->handle());
    std::unique_ptr<Log> result = std::move(log);
    return result;
  }
  explicit KafkaLog(const KafkaOptions& options) : shared_(options) {}

  std::unique_ptr<Producer> producer() override { return make_producer(*sender_); }
  std::unique_ptr<Reader> reader() override { return make_reader(shared_, sender_->handle()); }
  Result<std::unique_ptr<Group>> join(const std::string& group,
                                      std::span<const proto::Topic> topics,
                                      const MemberOptions& options) override {
    return join_group(shared_, group, topics, options);
  }
  Result<std::int32_t> partitions(proto::Topic topic) override {
    return shared_.partitions_of(topic);
  }
  Result<OffsetRange> offsets(TopicPartition partition) override {
    return held_offsets(shared_, sender_->handle(), partition);
  }

  Result<std::optional<std::int64_t>> committed(const std::string& group,
                                                TopicPartition partition) override {
    const std::lock_guard lock(observers_mutex_);
    VIGIE_ASSIGN(rd_kafka_t * handle, observer(group));
    return committed_offset(shared_, handle, partition);
  }

  Result<void> set_committed(const std::string& group, TopicPartition partition,
                             std::int64_t offset) override {
    const std::lock_guard lock(observers_mutex_);
    VIGIE_ASSIGN(rd_kafka_t * handle, observer(group));
    const PartitionList list = one(shared_, partition, offset);
    rd_kafka_resp_err_t code = rd_kafka_commit(handle, list.get(), 0);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    const std::string where = shared_.place(partition) + ", group " + group;
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
        code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION) {
      return failure(Disposition::kStop, "group_active",
                     "the group has members; stop its services, wait until their sessions are "
                     "over, and try again",
                     where);
    }
    return failure(explain(shared_, code, {}, where));
  }

  std::size_t largest_record(proto::Topic topic) const override {
    return shared_.largest_records[static_cast<std::size_t>(topic)];
  }
  std::uint64_t disk_bytes() override { return 0; }
  bool connected() override { return shared_.connected(); }

 private:
  Result<void> learn_partitions(const rd_kafka_metadata_t& metadata) {
    for (const proto::TopicSpec& spec : proto::kTopics) {
      const std::string name = shared_.topic_name(spec.topic);
      const rd_kafka_metadata_topic_t* found = nullptr;
      for (int i = 0; i < metadata.topic_cnt; ++i) {
        if (name == metadata.topics[i].topic) found = &metadata.topics[i];
      }
      if (found == nullptr)
        return failure(explain(shared_, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                               "the topic does not exist, or this user may not see it",
                               shared_.place(spec.topic)));
      if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return failure(explain(shared_, found->err, {}, shared_.place(spec.topic)));
      const std::int32_t wanted = spec.single_partition ? 1 : shared_.options.partitions;
      if (found->partition_cnt != wanted) {
        return failure(
            Disposition::kStop, "partitions_changed",
            "the topic has " + std::to_string(found->partition_cnt) +
                " partitions and should have " + std::to_string(wanted) +
                (spec.single_partition
                     ? std::string("; make it anew with `vigie log setup`")
                     : "; set log.partitions to " + std::to_string(found->partition_cnt)),
            shared_.place(spec.topic));
      }
      shared_.partitions[static_cast<std::size_t>(spec.topic)] = found->partition_cnt;
    }
    return {};
  }

  Result<rd_kafka_t*> observer(const std::string& group) {
    Handle& handle = observers_[group];
    if (!handle) {
      VIGIE_ASSIGN(handle, make_group_observer(shared_, group));
    }
    return handle.get();
  }

  Shared shared_;
  std::unique_ptr<Sender> sender_;
  std::mutex observers_mutex_;
  // one a group that was asked about: as many as there are roles
  std::map<std::string, Handle> observers_;
  std::optional<ReplicaWatch> replicas_;
};

}  // namespace

Result<std::unique_ptr<Log>> open_kafka(const KafkaOptions& options, Clock&) {
  return KafkaLog::open(options);
}

}  // namespace vigie::log
