#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "platform/clock/clock.h"
#include "platform/log/log.h"

namespace vigie::log {

/// A log for those who run for years: what fails as kRetry (no broker answers) is asked again every
/// half second until it succeeds or a stop is asked for, and is told in the program's own log every
/// ten seconds. What was sent and what is read is waited for by the log itself. A caller that gets
/// kRetry all the same was stopped, or `patient` answers false: then nothing is asked again.
/// `log` and `clock` must outlive it; `patient` is called from any thread.
std::unique_ptr<Log> make_patient(Log& log, Clock& clock, std::stop_token stop,
                                  std::function<bool()> patient);

}  // namespace vigie::log
