#include "platform/log/kafka_producer.h"

#include "platform/log/progress.h"

namespace vigie::log::kafka {
namespace {

constexpr int kReportWaitMs = 100;
constexpr int kLastFlushMs = 5000;
constexpr int kPurgeMs = 1000;
constexpr std::chrono::milliseconds kHeldPause{250};  // between tries of what is held
constexpr std::size_t kPendingBytes = 256;            // what a record costs beside key and value

/// A queue that was full has room again for who waits.
constexpr std::size_t room_again(std::size_t queue_bytes) { return queue_bytes / 8 * 7; }

/// What librdkafka gives up for a topic that a broker does not know: a moment later one may.
bool is_unknown(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || meaning_of(code) == Meaning::kMissing;
}

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
  for (const proto::TopicSpec& spec : proto::kTopics) {
    topics_.emplace_back(
        rd_kafka_topic_new(handle_.get(), shared_.topic_name(spec.topic).c_str(), nullptr));
    lanes_.emplace_back(static_cast<std::size_t>(shared_.partitions_of(spec.topic)));
  }
  reports_ = std::jthread([this](const std::stop_token& stop) {
    report_thread_id_ = std::this_thread::get_id();
    while (!stop.stop_requested()) {
      rd_kafka_poll(handle_.get(), kReportWaitMs);
      try_held();
    }
  });
}

Sender::~Sender() {
  if (!reports_.joinable()) return;
  reports_.request_stop();
  reports_.join();
  report_thread_id_ = std::this_thread::get_id();
  closing_ = true;
  for (std::vector<Lane>& topic : lanes_) {
    for (Lane& lane : topic) fail_held(lane, RD_KAFKA_RESP_ERR__PURGE_QUEUE);
  }
  if (rd_kafka_flush(handle_.get(), kLastFlushMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(handle_.get(), kPurgeMs);
  }
  topics_.clear();
}

/// librdkafka copies the key before this returns, and reads the value where it is until it reports.
rd_kafka_resp_err_t Sender::hand_over(Pending& pending) {
  rd_kafka_topic_t* const topic = topics_[static_cast<std::size_t>(pending.to.topic)].get();
  const int flags = 0;
  char* value = pending.value ? pending.value->data() : nullptr;
  const std::size_t value_bytes = pending.value ? pending.value->size() : 0;
  const std::string_view type = proto::content_type(pending.to.topic);
  if (type.empty()) {
    const int failed = rd_kafka_produce(topic, pending.to.partition, flags, value, value_bytes,
                                        pending.key.data(), pending.key.size(), &pending);
    return failed == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
  }
  return rd_kafka_producev(handle_.get(), RD_KAFKA_V_RKT(topic),
                           RD_KAFKA_V_PARTITION(pending.to.partition), RD_KAFKA_V_MSGFLAGS(flags),
                           RD_KAFKA_V_VALUE(value, value_bytes),
                           RD_KAFKA_V_KEY(pending.key.data(), pending.key.size()),
                           RD_KAFKA_V_HEADER("content-type", type.data(), type.size()),
                           RD_KAFKA_V_OPAQUE(&pending), RD_KAFKA_V_END);
}

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
  auto pending =
      std::make_unique<Pending>(Pending{this, to, bytes + kPendingBytes, std::move(record.key),
                                        std::move(record.value), std::move(done)});
  take_room(pending->bytes);
  if (!number(pending)) return {};
  const rd_kafka_resp_err_t code = hand_over(*pending);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    static_cast<void>(pending.release());  // comes back in on_report
    return {};
  }
  {
    const std::lock_guard lock(mutex_);
    Lane& lane = lane_of(to);
    --lane.handed_over;
    if (is_unknown(code) && !closing_) {
      hold(lane, std::move(pending));
      return {};
    }
  }
  give_back(pending->bytes);
  return failure(refusal(shared_, code, {}, shared_.place(to)));
}

Sender::Lane& Sender::lane_of(TopicPartition partition) {
  return lanes_[static_cast<std::size_t>(partition.topic)]
               [static_cast<std::size_t>(partition.partition)];
}

/// Gives the record its place. False if it waits behind others, and is taken.
bool Sender::number(std::unique_ptr<Pending>& pending) {
  const std::lock_guard lock(mutex_);
  Lane& lane = lane_of(pending->to);
  pending->number = next_number_++;
  if (lane.holding) {
    hold(lane, std::move(pending));
    return false;
  }
  ++lane.handed_over;
  return true;
}

/// Under the lock.
void Sender::hold(Lane& lane, std::unique_ptr<Pending> pending) {
  if (!lane.holding) {
    lane.holding = true;
    lane.next_try = machine_now() + kHeldPause;
    if (!lane.since) lane.since = machine_now();
    ++holding_;
  }
  const std::uint64_t number = pending->number;
  lane.held.emplace(number, std::move(pending));
}

/// On the report thread.
void Sender::try_held() {
  {
    const std::lock_guard lock(mutex_);
    if (holding_ == 0) return;
  }
  for (std::size_t topic = 0; topic < lanes_.size(); ++topic) {
    for (std::size_t partition = 0; partition < lanes_[topic].size(); ++partition) {
      try_held({static_cast<proto::Topic>(topic), static_cast<std::int32_t>(partition)},
               lanes_[topic][partition]);
    }
  }
}

/// Once all that librdkafka had of the partition is reported, so that the order is kept.
void Sender::try_held(TopicPartition partition, Lane& lane) {
  bool long_since = false;
  {
    const std::lock_guard lock(mutex_);
    const MachineTime now = machine_now();
    if (!lane.holding || lane.handed_over > 0 || now < lane.next_try) return;
    lane.next_try = now + kHeldPause;
    long_since = lane.since && now >= *lane.since + shared_.options.timeout;
    if (long_since) lane.since = now;  // asked once in that time
  }
  if (long_since && is_gone(shared_, handle_.get(), partition))
    return fail_held(lane, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  while (std::unique_ptr<Pending> pending = next_held(lane)) {
    const rd_kafka_resp_err_t code = hand_over(*pending);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      static_cast<void>(pending.release());
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      --lane.handed_over;
      hold(lane, std::move(pending));
    }
    if (!is_unknown(code)) fail_held(lane, code);
    return;
  }
}

/// Nothing once all is handed over: what is sent from then on goes by itself.
std::unique_ptr<Sender::Pending> Sender::next_held(Lane& lane) {
  const std::lock_guard lock(mutex_);
  if (!lane.holding) return nullptr;
  if (lane.held.empty()) {
    lane.holding = false;
    --holding_;
    return nullptr;
  }
  ++lane.handed_over;
  auto first = lane.held.extract(lane.held.begin());
  return std::move(first.mapped());
}

void Sender::fail_held(Lane& lane, rd_kafka_resp_err_t code) {
  while (std::unique_ptr<Pending> pending = next_held(lane)) {
    {
      const std::lock_guard lock(mutex_);
      --lane.handed_over;
    }
    give_back(pending->bytes);
    shared_.count(code);
    pending->done(failure(refusal(shared_, code, {}, shared_.place(pending->to))));
  }
}

void Sender::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  std::unique_ptr<Pending> pending(static_cast<Pending*>(message->_private));
  Sender* sender = pending->sender;
  sender->finish(std::move(pending), *message);
}

void Sender::finish(std::unique_ptr<Pending> pending, const rd_kafka_message_t& message) {
  {
    const std::lock_guard lock(mutex_);
    Lane& lane = lane_of(pending->to);
    --lane.handed_over;
    if (is_unknown(message.err) && !closing_) {
      hold(lane, std::move(pending));
      return;
    }
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) lane.since.reset();
  }
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
