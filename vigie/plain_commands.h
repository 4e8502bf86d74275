#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "platform/config/settings.h"

namespace CLI {
class App;
}

/// Commands that need no data directory.
namespace vigie::cli {

/// {"url","canonical","host","registrable_domain"} a line; an invalid URL gives {"url","error"} and exit code 1.
int run_url(const std::vector<std::string>& urls, std::ostream& out);

int run_config(const config::Settings& settings, bool json, std::ostream& out);

/// A completion script for bash, zsh or fish, made from the commands and options themselves.
int run_completion(const CLI::App& app, const std::string& shell, std::ostream& out);

}  // namespace vigie::cli
