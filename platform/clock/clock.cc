#include "platform/clock/clock.h"

#include <sys/random.h>
#include <time.h>

#include <condition_variable>
#include <mutex>

#include "platform/result/result.h"

namespace vigie {

std::int64_t SystemClock::now_unix_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::chrono::milliseconds SystemClock::since_boot() const {
  return std::chrono::floor<std::chrono::milliseconds>(since_boot_ns());
}

std::chrono::nanoseconds SystemClock::since_boot_ns() const {
  timespec now{};
  VIGIE_INVARIANT(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
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

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  VIGIE_INVARIANT(getrandom(&value, sizeof value, 0) == sizeof value);
  return value;
}

}  // namespace vigie
