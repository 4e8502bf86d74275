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

/// {"url","canonical","host","registrable_domain"} a line; an invalid URL gives {"url","error"} and
/// exit code 1. "-" stands for the lines of `in`, which are streamed.
int run_url(const std::vector<std::string>& urls, std::istream& in, std::ostream& out);

/// The arguments, with the lines of `in` in the place of the first "-". Empty lines are left out.
std::vector<std::string> with_lines_of(std::istream& in, std::vector<std::string> arguments);

int run_config(const config::Settings& settings, bool json, std::ostream& out);

/// Makes a file for api.keys_file with one key of 256 random bits, mode 0600, where there is none
/// yet; a file that is there is left as it is.
/// {"file","made"} on `out`, and with `show` the first key of the file, `key`. Exit code 3 where it
/// cannot be written or read.
int run_keys(const std::string& file, bool show, std::ostream& out);

/// A completion script for bash, zsh or fish, made from the commands and options themselves.
int run_completion(const CLI::App& app, const std::string& shell, std::ostream& out);

}  // namespace vigie::cli
