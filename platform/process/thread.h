#pragma once

#include <chrono>

/// What a thread has of the processor.
namespace vigie::process {

/// Processor time of the calling thread.
std::chrono::nanoseconds thread_cpu_time();

/// From here on the calling thread gets about a tenth of the processor beside others that want it,
/// and all of it beside none; waking up it interrupts nobody (SCHED_BATCH). Cannot be undone.
void yield_to_others();

}  // namespace vigie::process
