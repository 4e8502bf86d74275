#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <stop_token>

namespace vigie {

/// The seam for time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall clock, milliseconds since 1970-01-01T00:00:00Z. May jump.
  virtual std::int64_t now_unix_ms() const = 0;
  /// Time since boot, suspend included (CLOCK_BOOTTIME). Never goes back. For gaps, time-outs and
  /// expiries.
  virtual std::chrono::milliseconds since_boot() const = 0;
  /// Waits until since_boot() ≥ deadline or a stop is asked for. True if the deadline was reached.
  virtual bool sleep_until(std::chrono::milliseconds deadline, std::stop_token stop) = 0;

  bool sleep_for(std::chrono::milliseconds time, std::stop_token stop) {
    return sleep_until(since_boot() + time, std::move(stop));
  }
};

/// The machine's own clocks.
class SystemClock final : public Clock {
 public:
  std::int64_t now_unix_ms() const override;
  std::chrono::milliseconds since_boot() const override;
  bool sleep_until(std::chrono::milliseconds deadline, std::stop_token stop) override;
};

/// A clock that stands still until told. sleep_until returns when advance() passes the deadline.
class FakeClock final : public Clock {
 public:
  // 2026-01-01
  explicit FakeClock(std::int64_t start_unix_ms = 1'767'225'600'000) : unix_ms_(start_unix_ms) {}
  std::int64_t now_unix_ms() const override;
  std::chrono::milliseconds since_boot() const override;
  bool sleep_until(std::chrono::milliseconds deadline, std::stop_token stop) override;
  void advance(std::chrono::milliseconds time);
  /// Moves the wall clock alone, as an administrator would.
  void jump_wall(std::chrono::milliseconds time);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::int64_t unix_ms_;
  std::chrono::milliseconds boot_{0};
};

/// The seam for chance. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
};

/// From the kernel (getrandom).
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

/// Repeatable from its seed (xoshiro is not needed: std::mt19937_64).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace vigie
