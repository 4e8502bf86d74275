#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "platform/clock/clock.h"

namespace vigie {

/// A clock that stands still until told. sleep_until returns when advance() passes the deadline.
/// Thread-safe.
class FakeClock final : public Clock {
 public:
  // 2026-01-01
  explicit FakeClock(std::int64_t start_unix_ms = 1'767'225'600'000) : unix_ms_(start_unix_ms) {}

  std::int64_t now_unix_ms() const override {
    const std::lock_guard lock(mutex_);
    return unix_ms_;
  }
  std::chrono::milliseconds since_boot() const override {
    const std::lock_guard lock(mutex_);
    return boot_;
  }
  bool sleep_until(std::chrono::milliseconds deadline, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    return changed_.wait(lock, stop, [&] { return boot_ >= deadline; });
  }
  void advance(std::chrono::milliseconds time) {
    {
      const std::lock_guard lock(mutex_);
      unix_ms_ += time.count();
      boot_ += time;
    }
    changed_.notify_all();
  }
  /// Moves the wall clock alone, as an administrator would.
  void jump_wall(std::chrono::milliseconds time) {
    const std::lock_guard lock(mutex_);
    unix_ms_ += time.count();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::int64_t unix_ms_;
  std::chrono::milliseconds boot_{0};
};

}  // namespace vigie
