#include "platform/log/kafka_producer.h"

#include "platform/log/progress.h"

namespace vigie::log::kafka {
namespace {

constexpr int kReportWaitMs = 100;
constexpr int kLastFlushMs = 5000;
constexpr int kPurgeMs = 1000;
constexpr std::size_t kPendingBytes = 256;  // what a record costs beside key and value

/// A queue that was full has room again for who waits.
constexpr std::size_t room_again(std::size_t queue_bytes) { return queue_bytes / 8 * 7; }

int on_statistics(rd_kafka_t*, char* text, std::size_t length, void* opaque) {
  const Shared& shared = *static_cast<Shared*>(opaque);
  if (const auto figures = read_figures(shared, "producer", {text, length})) {
    shared.note_connection(figures->connected);
    if (shared.options.on_figures) shared.options.on_figures(*figures);
  }
  return 0;
}

class KafkaProducer final : public Producer {
 public:
  explicit KafkaProducer(Sender& sender)
      : sender_(sender), progress_(std::make_shared<Progress>()) {}

  Result<void> send(NewRecord record, Acknowledged acknowledged) override {
    progress_->begin();
    auto done = [progress = progress_,
                 acknowledged = std::move(acknowledged)](const Result<LogPosition>& place) {
      if (acknowledged) acknowledged(place);
      progress->finish(place ? nullptr : &place.error());
    };
    Result<void> queued = sender_.send(std::move(record), std::move(done));
    if (!queued) progress_->finish(nullptr);
    return queued;
  }

  Result<void> flush() override {
    VIGIE_INVARIANT(!sender_.on_report_thread());
    return progress_->wait();
  }

 private:
  Sender& sender_;
  // shared with acknowledgements, which may come after the producer has gone
  std::shared_ptr<Progress> progress_;
};

}  // namespace

Result<Handle> Sender::make_producer_handle(Shared& shared) {
  Properties softer{{"client.id", "vigie"},
                    {"compression.type", "zstd"},
                    {"linger.ms", "5"},
                    {"socket.nagle.disable", "true"},
                    // a record waits for a broker for as long as it takes
                    {"message.timeout.ms", "0"},
                    {"statistics.interval.ms", kStatisticsIntervalMs},
                    {"reconnect.backoff.max.ms", "2000"}};
  // The bound is ours, in bytes, because an acknowledgement must be able to send on a full queue.
  const Properties firm{{"enable.idempotence", "true"},
                        {"acks", "all"},
                        {"message.max.bytes", std::to_string(kLargestMessageBytes)},
                        {"batch.size", std::to_string(kBatchBytes)},
                        {"queue.buffering.max.messages", "10000000"},
                        {"queue.buffering.max.kbytes", "2097151"}};
  VIGIE_ASSIGN(Configuration configuration, configure(shared, softer, firm));
  rd_kafka_conf_set_stats_cb(configuration.get(), &on_statistics);
  rd_kafka_conf_set_dr_msg_cb(configuration.get(), &Sender::on_report);
  return make_handle(shared, RD_KAFKA_PRODUCER, std::move(configuration));
}

Sender::Sender(Shared& shared, Handle handle) : shared_(shared), handle_(std::move(handle)) {}

void Sender::start() {
  for (const proto::TopicSpec& spec : proto::kTopics)
    topics_.emplace_back(
        rd_kafka_topic_new(handle_.get(), shared_.topic_name(spec.topic).c_str(), nullptr));
  reports_ = std::jthread([this](const std::stop_token& stop) {
    report_thread_id_ = std::this_thread::get_id();
    while (!stop.stop_requested()) rd_kafka_poll(handle_.get(), kReportWaitMs);
  });
}

Sender::~Sender() {
  if (!reports_.joinable()) return;
  reports_.request_stop();
  reports_.join();
  report_thread_id_ = std::this_thread::get_id();
  if (rd_kafka_flush(handle_.get(), kLastFlushMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(handle_.get(), kPurgeMs);
  }
  topics_.clear();
}

namespace {

/// Gives a record to librdkafka, which copies the key before it returns, and reads the value where
/// it is until it reports.
rd_kafka_resp_err_t hand_over(rd_kafka_t* handle, rd_kafka_topic_t* topic, std::int32_t partition,
                              const NewRecord& record, std::optional<std::string>& kept,
                              void* opaque) {
  const int flags = 0;
  char* value = kept ? kept->data() : nullptr;
  const std::size_t value_bytes = kept ? kept->size() : 0;
  const std::string_view type = proto::content_type(record.topic);
  if (type.empty()) {
    const int failed = rd_kafka_produce(topic, partition, flags, value, value_bytes,
                                        record.key.data(), record.key.size(), opaque);
    return failed == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
  }
  return rd_kafka_producev(handle, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
                           RD_KAFKA_V_MSGFLAGS(flags), RD_KAFKA_V_VALUE(value, value_bytes),
                           RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
                           RD_KAFKA_V_HEADER("content-type", type.data(), type.size()),
                           RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}

}  // namespace

Result<void> Sender::send(NewRecord record, Producer::Acknowledged done) {
  const proto::TopicSpec& spec = proto::spec(record.topic);
  const std::size_t bytes = record.key.size() + (record.value ? record.value->size() : 0);
  const std::string& partitioned_by =
      record.partition_key.empty() ? record.key : record.partition_key;
  const TopicPartition to{record.topic,
                          proto::partition_of(partitioned_by, shared_.partitions_of(record.topic))};
  if (bytes > static_cast<std::size_t>(spec.max_record_bytes)) {
    return failure(Disposition::kQuarantine, "too_large",
                   "a record of " + std::to_string(bytes) + " bytes; the topic takes at most " +
                       std::to_string(spec.max_record_bytes),
                   shared_.place(to));
  }
  if (rd_kafka_fatal_error(handle_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failure(fatal_error(shared_, handle_.get(), shared_.place(to)));
  auto pending = std::make_unique<Pending>(
      Pending{this, to, bytes + kPendingBytes, std::move(record.value), std::move(done)});
  take_room(pending->bytes);
  const rd_kafka_resp_err_t code =
      hand_over(handle_.get(), topics_[static_cast<std::size_t>(record.topic)].get(), to.partition,
                record, pending->value, pending.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    give_back(pending->bytes);
    return failure(refusal(shared_, code, {}, shared_.place(to)));
  }
  static_cast<void>(pending.release());  // comes back in on_report
  return {};
}

void Sender::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  std::unique_ptr<Pending> pending(static_cast<Pending*>(message->_private));
  Sender* sender = pending->sender;
  sender->finish(std::move(pending), *message);
}

void Sender::finish(std::unique_ptr<Pending> pending, const rd_kafka_message_t& message) {
  give_back(pending->bytes);
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    pending->done(LogPosition{message.partition, message.offset});
    return;
  }
  shared_.count(message.err);
  // librdkafka has given up, after all its tries
  pending->done(failure(refusal(shared_, message.err, {}, shared_.place(pending->to))));
}

void Sender::take_room(std::size_t bytes) {
  std::unique_lock lock(mutex_);
  if (!on_report_thread() && shared_.queued_bytes >= shared_.options.queue_bytes) {
    ++waiting_;
    room_.wait(lock, [&] { return shared_.queued_bytes < shared_.options.queue_bytes; });
    --waiting_;
  }
  shared_.queued_bytes += bytes;
}

// Who waits is woken once there is room for more than a record: else each acknowledgement of a full
// queue costs two switches between threads.
void Sender::give_back(std::size_t bytes) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    shared_.queued_bytes -= bytes;
    wake = waiting_ > 0 && shared_.queued_bytes <= room_again(shared_.options.queue_bytes);
  }
  if (wake) room_.notify_all();
}

std::unique_ptr<Producer> make_producer(Sender& sender) {
  return std::make_unique<KafkaProducer>(sender);
}

}  // namespace vigie::log::kafka
