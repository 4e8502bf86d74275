#include "vigie/common_options.h"

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

}  // namespace vigie::cli
