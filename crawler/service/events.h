#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

namespace vigie::crawler {

/// What other threads tell the scheduler.
struct Event {
  enum class Kind { kReserved, kAnswer, kDurable, kResolved };
  Kind kind = Kind::kDurable;
  std::uint64_t task = 0;  // 0: no task waits
  Result<net::HttpResponse> answer = net::HttpResponse{};
  Result<void> outcome = {};
  log::LogPosition place = {};  // of the record, where it is in the log
  std::string url;              // kDurable: of the state that was sent; "" for other records
  std::uint64_t number = 0;     // of that state, see Frontier::acknowledged
  // kDurable: the key that this record makes needless; "" for none …
  std::string remove;
  std::int32_t remove_in = 0;          // … in this partition
  bool moves = false;                  // because it was written to another one
  std::string host;                    // kResolved
  std::vector<std::string> addresses;  // kResolved
};

/// From the threads of client and log to the scheduler. Bounded by the requests in flight and the
/// queue of the producer.
class EventQueue {
 public:
  void push(Event event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    wakeup_.request_stop();
  }
  std::vector<Event> take() {
    const std::lock_guard lock(mutex_);
    wakeup_ = std::stop_source();
    return std::exchange(events_, {});
  }
  /// Ends a wait without an event.
  void wake() {
    const std::lock_guard lock(mutex_);
    wakeup_.request_stop();
  }
  /// Waits on the clock until the deadline or an event.
  void wait(Clock& clock, std::chrono::milliseconds deadline) {
    std::stop_token token;
    {
      const std::lock_guard lock(mutex_);
      if (!events_.empty()) return;
      token = wakeup_.get_token();
    }
    clock.sleep_until(deadline, token);
  }

 private:
  std::mutex mutex_;
  std::vector<Event> events_;
  std::stop_source wakeup_;
};

}  // namespace vigie::crawler
