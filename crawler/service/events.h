#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "crawler/websub/callbacks.h"
#include "platform/clock/clock.h"
#include "platform/log/log.h"
#include "platform/net/http_client.h"
#include "platform/result/result.h"

namespace vigie::crawler::service {

/// A reservation for a request of the fetch lies in the log, or was refused by it.
struct ReservationWritten {
  std::uint64_t fetch = 0;
  Result<log::LogPosition> at = log::LogPosition{};
};

/// Any other record lies in the log, or was refused by it.
struct RecordWritten {
  std::uint64_t fetch = 0;  // that waits for it; 0: none does
  // of a state, see Frontier::acknowledged; "" for other records
  std::string url = {};
  std::uint64_t number = 0;  // without a URL: of a record of new URLs, or 0
  /// The record of the frontier that is needless once this one is written.
  struct Needless {
    std::string key;
    std::int32_t partition = 0;
    bool moved = false;  // this one says the same in the right partition
  };
  std::optional<Needless> needless = {};
  Result<log::LogPosition> at = log::LogPosition{};
};

/// The request of a fetch has ended.
struct Responded {
  std::uint64_t fetch = 0;
  Result<net::HttpResponse> response = net::HttpResponse{};
};

/// The resolver's response.
struct Resolved {
  std::string host;
  std::vector<std::string> addresses;
};

/// What other threads tell the scheduler; a HubCall comes from a hub.
using Event = std::variant<ReservationWritten, RecordWritten, Responded, Resolved, websub::HubCall>;
static_assert(std::is_nothrow_move_constructible_v<Event>,
              "a queue that grows would copy its events, with their bodies");

/// From the threads of client, resolver and log to the scheduler. Bounded by the requests in flight
/// and the queue of the producer.
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

}  // namespace vigie::crawler::service
