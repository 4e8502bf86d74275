#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"

namespace vigie {
class Clock;
}

namespace vigie::process {

struct CommandLimits {
  std::chrono::milliseconds total{60'000};  // from the start to the end of the process
  std::size_t output_bytes = 4ULL << 20;
};

/// Runs a program, gives it `input` on stdin, and waits for its end. In: argv[0] is a path, or a
/// name that PATH knows; no shell reads it. Out: its stdout. Its stderr is ours. It runs in a
/// process group of its own, which is killed when the time is over, the output too large or a stop
/// asked for, and is reaped always. Errors (kRetry): io (cannot be started; exit code other than 0;
/// signal), timeout_total, too_large, stopped. Any thread.
Result<std::string> run_command(const std::vector<std::string>& argv, std::string_view input,
                                const CommandLimits& limits, Clock& clock,
                                const std::stop_token& stop);

}  // namespace vigie::process
