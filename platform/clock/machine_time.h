#pragma once

#include <chrono>

namespace vigie {

/// The machine's monotonic time, past the seam. For waits that the machine itself performs (a
/// condition variable, poll, a call of a library, a child process) and for budgets of a parser:
/// they take real time whatever a Clock says, and a clock that stands still would make them
/// endless. Whoever decides something by the time asks a Clock. `tests/structure` names who may
/// include this.
using MachineTime = std::chrono::steady_clock::time_point;

inline MachineTime machine_now() { return std::chrono::steady_clock::now(); }

}  // namespace vigie
