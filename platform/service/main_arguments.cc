#include "platform/service/main_arguments.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "platform/process/process.h"
#include "platform/service/health.h"

namespace vigie::service {

std::optional<config::Settings> read_arguments(config::Program program, const char* name,
                                               const char* purpose, int argc, char** argv,
                                               int& exit_code) {
  CLI::App app(purpose, name);
  config::Sources sources;
  app.set_version_flag("--version", std::string(name) + " " + VIGIE_VERSION);
  app.add_option("--config", sources.config_file, "Settings file (YAML)")->type_name("FILE");
  app.add_option(
         "--set", sources.sets,
         "One setting, e.g. --set log.brokers=kafka:9092; may be repeated; wins over the file")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  bool health = false;
  app.add_flag("--health", health,
               "Ask the process that runs with these settings whether it is ready, and exit with 0 "
               "or 1: for health checks");
  app.footer(
      "VIGIE_LOG_BROKERS stands for log.brokers. `vigie config` prints all settings. On one "
      "machine, `vigie up` runs all services in one process.\n"
      "SIGTERM stops cleanly within 10 s; SIGHUP reads sources and topics again. Exit codes: 0 "
      "stopped, 2 wrong use, 3 cannot start.");
  exit_code = process::kExitOk;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? process::kExitOk : process::kExitUsage;
    return std::nullopt;
  }
  if (const char* brokers = std::getenv("VIGIE_LOG_BROKERS"))
    sources.environment["VIGIE_LOG_BROKERS"] = brokers;
  auto settings = config::load(program, sources);
  if (!settings) {
    std::cerr << name << ": " << settings.error().to_string() << '\n';
    exit_code = process::kExitCannotStart;
    return std::nullopt;
  }
  if (health) {
    exit_code = ask_health(*settings);
    return std::nullopt;
  }
  return std::move(*settings);
}

}  // namespace vigie::service
