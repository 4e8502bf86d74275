#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

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

void add_settings_options(CLI::App& command, Common& common);
void add_format_option(CLI::App& command, Common& common);
/// What says where the data is.
void add_target_options(CLI::App& command, Common& common);
void add_data_options(CLI::App& command, Common& common);
void add_jobs_option(CLI::App& command, int& jobs, const char* help);

}  // namespace vigie::cli
