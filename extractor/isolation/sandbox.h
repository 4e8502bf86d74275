#pragma once

#include "platform/result/result.h"

namespace vigie::extractor::isolation {

/// Takes from this process, for good, what a reader of hostile pages has no use for: new rights,
/// files (Landlock, where the kernel has it), and every call to the kernel but those by which it
/// computes, asks for memory, and reads and writes what is open (seccomp). Another call kills it.
/// For a process of one thread. Errors: kStop no_sandbox, where the kernel refuses the filter.
Result<void> enter_sandbox();

}  // namespace vigie::extractor::isolation
