#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "platform/log/kafka_client.h"

namespace vigie::log::kafka {

/// The one idempotent producer of a log, shared by all its Producers; one thread takes delivery
/// reports and acknowledges. Thread-safe. Must outlive its Producers.
class Sender {
 public:
  Sender(Shared& shared, Handle handle);
  /// Waits up to 5 s for what is on its way, then reports the rest as failed.
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  static Result<Handle> make_producer_handle(Shared& shared);

  /// Starts taking delivery reports; the partition counts of `shared` are known by now.
  void start();
  /// Blocks while queue_bytes are on their way, unless called from an acknowledgement.
  Result<void> send(NewRecord record, Producer::Acknowledged done);
  bool on_report_thread() const { return std::this_thread::get_id() == report_thread_id_.load(); }
  rd_kafka_t* handle() const { return handle_.get(); }

 private:
  struct Pending {
    Sender* sender = nullptr;
    TopicPartition to;
    std::size_t bytes = 0;
    std::optional<std::string> value;  // librdkafka reads it here until it reports
    Producer::Acknowledged done;
  };
  static void on_report(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
  void finish(std::unique_ptr<Pending> pending, const rd_kafka_message_t& message);
  void take_room(std::size_t bytes);
  void give_back(std::size_t bytes);

  Shared& shared_;
  Handle handle_;
  std::vector<TopicHandle> topics_;
  std::mutex mutex_;
  std::condition_variable room_;
  int waiting_ = 0;  // for room
  std::atomic<std::thread::id> report_thread_id_{};
  std::jthread reports_;
};

std::unique_ptr<Producer> make_producer(Sender& sender);

}  // namespace vigie::log::kafka
