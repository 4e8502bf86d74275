#include "platform/process/thread.h"

#include <sched.h>
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
  // sched(7): a thread that wakes up with this policy preempts no other.
  const sched_param none{};
  if (::sched_getscheduler(0) == SCHED_OTHER) ::sched_setscheduler(0, SCHED_BATCH, &none);
}

}  // namespace vigie::process
