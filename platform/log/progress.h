#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "platform/result/result.h"

namespace vigie::log {

/// What one producer has sent and what became of it. Thread-safe.
class Progress {
 public:
  void begin() {
    const std::lock_guard lock(mutex_);
    ++sent_;
  }
  void finish(const Error* error) {
    {
      const std::lock_guard lock(mutex_);
      ++finished_;
      if (error != nullptr && !first_failure_) first_failure_ = *error;
    }
    changed_.notify_all();
  }
  /// Waits for all that has begun; the first failure among them, once.
  Result<void> wait() {
    std::unique_lock lock(mutex_);
    const std::uint64_t until = sent_;
    changed_.wait(lock, [&] { return finished_ >= until; });
    if (!first_failure_) return {};
    Error error = std::move(*first_failure_);
    first_failure_.reset();
    return failure(std::move(error));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t sent_ = 0;
  std::uint64_t finished_ = 0;
  std::optional<Error> first_failure_;
};

}  // namespace vigie::log
