#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "platform/clock/machine_time.h"
#include "platform/log/kafka_client.h"

namespace vigie::log::kafka {

/// The one idempotent producer of a log, shared by all its Producers; one thread takes delivery
/// reports and acknowledges. Thread-safe. Must outlive its Producers.
///
/// A broker that has just started may not know a topic for a moment; librdkafka then gives up what
/// waits for it, and refuses more. Such records are kept here and handed over again, in their
/// order, until the topic is there; only where a broker knows others of our topics for as long as
/// an answer may take (KafkaOptions::timeout), and not this one, are they reported as failed.
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
    std::string key;
    std::optional<std::string> value;  // librdkafka reads it here until it reports
    Producer::Acknowledged done;
    std::uint64_t number = 0;  // their order
  };
  /// Of one partition.
  struct Lane {
    std::size_t handed_over = 0;  // and not reported yet
    bool holding = false;         // what is sent now goes behind what is held
    std::map<std::uint64_t, std::unique_ptr<Pending>> held;  // by number
    std::optional<MachineTime> since;                        // nothing has got through
    MachineTime next_try{};
  };
  static void on_report(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
  void finish(std::unique_ptr<Pending> pending, const rd_kafka_message_t& message);
  void take_room(std::size_t bytes);
  void give_back(std::size_t bytes);
  rd_kafka_resp_err_t hand_over(Pending& pending);
  Lane& lane_of(TopicPartition partition);
  bool number(std::unique_ptr<Pending>& pending);
  void hold(Lane& lane, std::unique_ptr<Pending> pending);
  void try_held();
  void try_held(TopicPartition partition, Lane& lane);
  std::unique_ptr<Pending> next_held(Lane& lane);
  void fail_held(Lane& lane, rd_kafka_resp_err_t code);

  Shared& shared_;
  Handle handle_;
  std::vector<TopicHandle> topics_;
  std::mutex mutex_;
  std::condition_variable room_;
  int waiting_ = 0;                       // for room
  std::vector<std::vector<Lane>> lanes_;  // by topic and partition; the mutex guards what they hold
  std::uint64_t next_number_ = 0;
  std::size_t holding_ = 0;           // lanes
  std::atomic<bool> closing_{false};  // nothing is held any more
  std::atomic<std::thread::id> report_thread_id_{};
  std::jthread reports_;
};

std::unique_ptr<Producer> make_producer(Sender& sender);

}  // namespace vigie::log::kafka
