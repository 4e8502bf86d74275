#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "indexer/delivery/delivery.h"

namespace vigie::indexer::alerting {

/// Which pending deliveries are due, and how many attempts are under way, in all and for each
/// channel. Knows rows, not their contents. One thread; the sender's callbacks only reach its
/// mailbox.
class Dispatcher {
 public:
  Dispatcher(delivery::Sender& sender, std::size_t max_in_flight,
             std::size_t max_in_flight_per_channel);

  /// `row` is tried when since_boot() reaches `due`.
  void add(const std::string& channel, std::string row, std::chrono::milliseconds due);
  void clear();  // forgets what waits; attempts under way still report

  /// Starts what is due and has room. `load` gives the message of a row, or nothing where there is
  /// nothing to send any more.
  using Load = std::function<Result<std::optional<delivery::Message>>(const std::string& row)>;
  Result<void> start_due(std::chrono::milliseconds now, const Load& load);

  struct Finished {
    std::string row;
    delivery::Attempt attempt;
  };
  /// Attempts that ended since the last call.
  std::vector<Finished> take_finished();
  /// Waits until an attempt has ended or `timeout` of real time has passed.
  void wait_finished(std::chrono::milliseconds timeout);

  std::size_t waiting() const;
  std::size_t in_flight() const { return in_flight_; }
  /// When the next one is due; nothing where none waits.
  std::optional<std::chrono::milliseconds> next_due() const;

 private:
  struct Channel {
    std::multimap<std::chrono::milliseconds, std::string> waiting;
    std::size_t in_flight = 0;
  };
  struct Mailbox;

  delivery::Sender& sender_;
  std::size_t max_in_flight_;
  std::size_t max_in_flight_per_channel_;
  std::map<std::string, Channel> channels_;
  // the next round begins after it, so that no channel comes first for ever
  std::string last_served_;
  std::size_t in_flight_ = 0;
  // shared with callbacks, which may come when the dispatcher has gone
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace vigie::indexer::alerting
