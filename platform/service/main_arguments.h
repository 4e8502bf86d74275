#pragma once

#include <optional>

#include "platform/config/settings.h"

namespace vigie::service {

/// Reads the command line that every service program takes: --config, --set, --health, --help,
/// --version. Writes help and errors itself. Out: the settings, or nothing with `exit_code` set to
/// what main() must return (after --help, --version, --health, or an error).
std::optional<config::Settings> read_arguments(config::Program program, const char* name,
                                               const char* purpose, int argc, char** argv,
                                               int& exit_code);

}  // namespace vigie::service
