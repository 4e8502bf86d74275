#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/config/settings.h"
#include "platform/result/result.h"

namespace CLI {
class App;
}

/// Options that commands share.
namespace vigie::cli {

/// What every command takes.
struct Common {
  std::string config_file;
  std::vector<std::string> sets;
  std::string server;
  std::string data;
  std::string format = "json";
  const Common* before = nullptr;  // the settings written before the command; those after it win
  bool text() const { return format == "text"; }
};

/// --config and --set.
void add_settings_options(CLI::App& command, Common& common);
void add_format_option(CLI::App& command, Common& common);
/// What says where the data is.
void add_target_options(CLI::App& command, Common& common);
/// Target and format.
void add_data_options(CLI::App& command, Common& common);
void add_jobs_option(CLI::App& command, int& jobs, const char* help);
int default_jobs();

/// The settings of a command. `quiet`: only what goes wrong inside is logged. Errors: those of
/// config::load.
Result<config::Settings> load_settings(const Common& common, bool quiet);

}  // namespace vigie::cli
