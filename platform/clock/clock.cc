#include "platform/clock/clock.h"

#include <sys/random.h>
#include <time.h>

#include "platform/result/result.h"

namespace vigie {

std::int64_t SystemClock::now_unix_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::chrono::milliseconds SystemClock::since_boot() const {
  timespec now{};
  VIGIE_INVARIANT(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return std::chrono::milliseconds(now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
}

bool SystemClock::sleep_until(std::chrono::milliseconds deadline, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wakeup;
  std::unique_lock lock(mutex);
  while (since_boot() < deadline) {
    if (stop.stop_requested()) return false;
    wakeup.wait_for(lock, stop, deadline - since_boot(), [] { return false; });
  }
  return true;
}

std::int64_t FakeClock::now_unix_ms() const {
  const std::lock_guard lock(mutex_);
  return unix_ms_;
}

std::chrono::milliseconds FakeClock::since_boot() const {
  const std::lock_guard lock(mutex_);
  return boot_;
}

bool FakeClock::sleep_until(std::chrono::milliseconds deadline, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [&] { return boot_ >= deadline; });
}

void FakeClock::advance(std::chrono::milliseconds time) {
  {
    const std::lock_guard lock(mutex_);
    unix_ms_ += time.count();
    boot_ += time;
  }
  changed_.notify_all();
}

void FakeClock::jump_wall(std::chrono::milliseconds time) {
  const std::lock_guard lock(mutex_);
  unix_ms_ += time.count();
}

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  VIGIE_INVARIANT(getrandom(&value, sizeof value, 0) == sizeof value);
  return value;
}

std::uint64_t SeededRandom::next() {
  const std::lock_guard lock(mutex_);
  return engine_();
}

}  // namespace vigie
