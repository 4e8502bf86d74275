#pragma once

#include "platform/config/settings.h"

namespace vigie::service {

/// Asks the process that holds the data directory of these settings whether it is ready
/// (`--health`): what a container's health check runs, since its image holds no other program. A
/// server that listens on every address is asked on loopback. Waits three seconds at most. Out: 0
/// ready; 1 not ready, or nobody runs, with one sentence on stderr.
int ask_health(const config::Settings& settings);

}  // namespace vigie::service
