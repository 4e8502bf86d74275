#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "platform/clock/clock.h"

namespace vigie::indexer::api {

/// Wrong keys by address: who has shown too many within a minute is asked to wait, whatever it
/// shows then, so that a right guess tells nothing. A key that this address has used before goes on
/// working: a script that fails beside it must not shut people out. Bounded in memory. Thread-safe.
class Attempts {
 public:
  static constexpr std::size_t kMost = 10;  // wrong ones in kWithin
  static constexpr std::chrono::milliseconds kWithin{60'000};

  /// `clock` must outlive this.
  explicit Attempts(Clock& clock) : clock_(clock) {}

  /// `shown`: the digest of the key or session. Zero: it may be compared; else how long to wait.
  std::chrono::milliseconds wait(const std::string& address, const std::string& shown) const;
  void succeeded(const std::string& address, const std::string& shown);
  /// True where this is the one that exhausts the address: to be said in the log, once.
  bool failed(const std::string& address);

 private:
  static constexpr std::size_t kMaxAddresses = 4'096;
  static constexpr std::size_t kMaxTrusted = 4'096;

  void forget_old();

  Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<std::chrono::milliseconds>> failures_;  // since boot, ascending
  std::map<std::pair<std::string, std::string>, std::chrono::milliseconds> trusted_;
};

}  // namespace vigie::indexer::api
