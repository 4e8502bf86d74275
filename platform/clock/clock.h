#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <utility>

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
  /// The same, finer where the clock is finer. For telling how long something took.
  virtual std::chrono::nanoseconds since_boot_ns() const { return since_boot(); }
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
  std::chrono::nanoseconds since_boot_ns() const override;
  bool sleep_until(std::chrono::milliseconds deadline, std::stop_token stop) override;
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

}  // namespace vigie
