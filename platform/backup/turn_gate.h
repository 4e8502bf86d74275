#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "platform/result/result.h"

namespace vigie::backup {

/// Where a role lets another thread look at its state: between two turns of its loop, for a moment.
/// Thread-safe; outlives its holds.
class TurnGate {
 public:
  /// While one is there the role stands still.
  class Hold {
   public:
    explicit Hold(TurnGate* gate) : gate_(gate) {}
    Hold(Hold&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Hold& operator=(Hold&&) = delete;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (gate_ != nullptr) gate_->let_go();
    }

   private:
    TurnGate* gate_;
  };

  /// The role's thread, between two turns: returns at once unless somebody wants it to stand still.
  void pass();
  /// Whether somebody wants the role to stand still: time to bring to an end what is under way.
  bool wanted() const;
  /// Another thread: returns when the role stands still. Errors: kRetry busy, where it does not
  /// within that time (it catches up, waits for the disk, or has ended).
  Result<Hold> hold(std::chrono::milliseconds within);

 private:
  void let_go();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int wanted_ = 0;
  bool standing_ = false;
};

}  // namespace vigie::backup
