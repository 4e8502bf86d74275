#pragma once

#include <cstdint>
#include <mutex>
#include <random>

#include "platform/clock/clock.h"

namespace vigie {

/// Repeatable from its seed. Thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override {
    const std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace vigie
