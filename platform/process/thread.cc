#include "platform/process/thread.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

namespace vigie::process {

std::chrono::nanoseconds thread_cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

void yield_to_others() {
  constexpr int kNiceness = 10;  // a weight of 110, where others have 1,024
  const auto thread = static_cast<id_t>(::gettid());
  // Who was started with less of the processor keeps to that.
  if (::getpriority(PRIO_PROCESS, thread) < kNiceness)
    ::setpriority(PRIO_PROCESS, thread, kNiceness);
}

}  // namespace vigie::process
