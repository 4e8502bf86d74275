#include "vigie/common_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <thread>

#include "platform/json/json.h"

namespace vigie::cli {

void add_settings_options(CLI::App& command, Common& common) {
  command.add_option("--config", common.config_file, "Settings file (YAML)")->type_name("FILE");
  command
      .add_option(
          "--set", common.sets,
          "One setting, e.g. --set fetch.min_gap_ms=3000; may be repeated; wins over the file")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_format_option(CLI::App& command, Common& common) {
  command.add_option("--format", common.format, "json: one object a line; text: for people")
      ->check(CLI::IsMember({"json", "text"}))
      ->capture_default_str();
}

void add_target_options(CLI::App& command, Common& common) {
  add_settings_options(command, common);
  command
      .add_option(
          "--server", common.server,
          "Ask a vigie that runs at this URL (VIGIE_API_KEY holds the key, if it wants one)")
      ->type_name("URL");
  command
      .add_option("--data", common.data,
                  "Data directory; the process that holds it is asked, or the work is done here "
                  "where none does")
      ->type_name("DIR");
}

void add_data_options(CLI::App& command, Common& common) {
  add_format_option(command, common);
  add_target_options(command, common);
}

void add_jobs_option(CLI::App& command, int& jobs, const char* help) {
  command.add_option("--jobs", jobs, help)
      ->type_name("N")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

int default_jobs() {
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 256U));
}

Result<config::Settings> load_settings(const Common& common, bool quiet) {
  config::Sources sources;
  sources.config_file = common.config_file;
  if (common.before != nullptr) {
    if (sources.config_file.empty()) sources.config_file = common.before->config_file;
    sources.sets = common.before->sets;
  }
  sources.sets.insert(sources.sets.end(), common.sets.begin(), common.sets.end());
  if (!common.data.empty()) sources.sets.push_back("data_dir=" + Json(common.data).dump());
  if (const char* brokers = std::getenv("VIGIE_LOG_BROKERS"))
    sources.environment["VIGIE_LOG_BROKERS"] = brokers;
  // A command's own words on stderr are enough; only what goes wrong inside is logged beside them.
  if (quiet) sources.sets.insert(sources.sets.begin(), "log.level=error");
  return config::load(config::Program::kUp, sources);
}

}  // namespace vigie::cli
