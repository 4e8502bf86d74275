// The command line of vigie.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "crawler/commands/commands.h"
#include "extractor/commands/extract_command.h"
#include "extractor/language/language.h"
#include "extractor/tagging/commands.h"
#include "platform/config/settings.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "vigie/api_client.h"
#include "vigie/data_commands.h"
#include "vigie/log_commands.h"
#include "vigie/plain_commands.h"
#include "vigie/station.h"

namespace vigie::cli {
namespace {

/// What every command takes.
struct Common {
  std::string config_file;
  std::vector<std::string> sets;
  std::string server;
  std::string data;
  std::string format = "json";
  const Common* before = nullptr;  // the settings written before the command; those after it win
};

void add_settings_options(CLI::App& command, Common& common) {
  command.add_option("--config", common.config_file, "Settings file (YAML)")->type_name("FILE");
  command.add_option("--set", common.sets, "One setting, e.g. --set fetch.min_gap_ms=3000; may be repeated; wins over the file")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_data_options(CLI::App& command, Common& common) {
  add_settings_options(command, common);
  command.add_option("--server", common.server, "Ask a vigie that runs at this address (VIGIE_API_KEY holds the key, if it wants one)")->type_name("URL");
  command.add_option("--data", common.data, "Data directory; the process that holds it is asked, or the work is done here where none does")->type_name("DIR");
}

void add_format_option(CLI::App& command, Common& common) {
  command.add_option("--format", common.format, "json: one object a line; text: for people")->check(CLI::IsMember({"json", "text"}))->capture_default_str();
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
  if (const char* brokers = std::getenv("VIGIE_LOG_BROKERS")) sources.environment["VIGIE_LOG_BROKERS"] = brokers;
  // A command's own words on stderr are enough; only what goes wrong inside is logged beside them.
  if (quiet) sources.sets.insert(sources.sets.begin(), "log.level=error");
  return config::load(config::Program::kUp, sources);
}

int cannot(std::string_view command, const Error& error) {
  std::cerr << "vigie " << command << ": " << error.to_string() << '\n';
  return process::kExitCannotStart;
}

/// For commands that read no setting but take one file of settings like all others: what is wrong in it is said. True if there is nothing.
bool settings_are_right(const Common& common, std::string_view command, int& code) {
  if (auto settings = load_settings(common, true); !settings) code = cannot(command, settings.error());
  return code == process::kExitOk;
}

/// Runs a command that needs the API.
int with_api(const Common& common, std::string_view command, StationParts parts, bool must_exist, const std::function<int(Api&)>& work) {
  auto settings = load_settings(common, true);
  if (!settings) return cannot(command, settings.error());
  service::configure_logging(*settings);
  auto api = connect(*settings, {common.server}, make_station(parts), must_exist);
  if (!api) return cannot(command, api.error());
  return work(**api);
}

/// `log setup` and `log check`: the embedded log makes its topics itself; those on Kafka are looked at where they are.
int log_topics(const Common& common, std::string_view command, bool make) {
  const auto settings = load_settings(common, true);
  if (!settings) return cannot(command, settings.error());
  service::configure_logging(*settings);
  if (settings->text("log.engine") == "kafka") return run_kafka_topics(*settings, make, std::cout, std::cerr);
  return with_api(common, command, {}, !make, [](Api& api) { return run_log_check(api, std::cout, std::cerr); });
}

int default_jobs() { return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 256U)); }

const char* const kFooter =
    "Start with `vigie up`, then open the address it prints. JSON lines go to stdout, words for people to stderr.\n"
    "Exit codes: 0 all well, 1 some items failed (each has its line on stderr), 2 wrong use, 3 cannot start.\n"
    "Examples:\n"
    "  vigie up --set fetch.user_agent_contact=https://example.org/bot\n"
    "  vigie search 'topic:export-controls lang:fr within:24h' --sort newest --format text\n"
    "  vigie ingest pages.jsonl --root pages/\n"
    "  vigie extract page.html --url https://example.org/page\n"
    "  source <(vigie completion bash)";

int run(int argc, char** argv) {
  CLI::App app("vigie: a lookout for the geopolitics of AI. Crawls news, extracts and tags articles, indexes them, and alerts.", "vigie");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("vigie ") + VIGIE_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every command");
  int code = process::kExitOk;
  Common before;
  add_settings_options(app, before);
  Common common;
  common.before = &before;

  CLI::App& up = *app.add_subcommand("up", "Run crawler, extractor and indexer in this process, on the embedded log, with the web page");
  add_settings_options(up, common);
  up.footer("SIGTERM and Ctrl-C stop cleanly, within 10 s; SIGHUP reads sources and topics again. `vigie config` shows the settings.");
  up.callback([&] {
    auto settings = load_settings(common, false);
    if (!settings) {
      code = cannot("up", settings.error());
      return;
    }
    code = service::run(*settings, make_station({.crawler = true, .extractor = true}));
  });

  CLI::App& ingest = *app.add_subcommand("ingest", "Send pages you have through the pipeline: manifests (JSON lines with id, url, html) and WARC files");
  IngestArguments ingest_arguments;
  ingest.add_option("FILE", ingest_arguments.files, "Manifest (- for standard input), .warc or .warc.gz")->required();
  ingest.add_option("--root", ingest_arguments.root, "Folder that the manifest's html paths are relative to (default: the manifest's own)")->type_name("DIR");
  ingest.add_flag("--alerts", ingest_arguments.alerts, "Let these pages raise alerts");
  std::size_t ignored_jobs = 1;
  ingest.add_option("--jobs", ignored_jobs, "Accepted like other commands do; the pipeline's own settings decide")->type_name("N");
  add_data_options(ingest, common);
  ingest.footer("Waits until everything is searchable, then prints {\"read\",\"ingested\",\"duplicates\",\"quarantined\"}.");
  ingest.callback([&] {
    ingest_arguments.progress = isatty(STDERR_FILENO) == 1;
    code = with_api(common, "ingest", {.crawler = false, .extractor = true}, false, [&](Api& api) { return run_ingest(api, ingest_arguments, std::cout, std::cerr); });
  });

  CLI::App& extract = *app.add_subcommand("extract", "Turn HTML pages into articles: title, authors, dates, text, language");
  extractor::ExtractArguments extract_arguments;
  extract_arguments.jobs = default_jobs();
  extract.add_option("FILE", extract_arguments.files, "HTML files, may end in .gz; - for standard input");
  extract.add_option("--manifest", extract_arguments.manifest, "JSON lines with id, url and html (a path); - for standard input")->type_name("FILE");
  extract.add_option("--root", extract_arguments.root, "Folder that html paths are relative to")->type_name("DIR");
  extract.add_option("--url", extract_arguments.url, "Address that the pages given as files came from")->type_name("URL");
  extract.add_option("--jobs", extract_arguments.jobs, "Pages at a time; the order of output is that of input")->type_name("N")->check(CLI::Range(1, 256))->capture_default_str();
  add_format_option(extract, common);
  add_settings_options(extract, common);
  extract.callback([&] {
    if (extract_arguments.files.empty() == extract_arguments.manifest.empty()) throw CLI::RequiredError("FILE… or --manifest");
    auto settings = load_settings(common, true);
    if (!settings) {
      code = cannot("extract", settings.error());
      return;
    }
    extract_arguments.max_page_bytes = static_cast<std::size_t>(settings->integer("extract.max_page_bytes"));
    extract_arguments.text = common.format == "text";
    extract_arguments.progress = isatty(STDERR_FILENO) == 1;
    code = extractor::run_extract(extract_arguments, std::cin, std::cout, std::cerr);
  });

  CLI::App& tag = *app.add_subcommand("tag", "Tag texts with topics and actors, with the evidence for each");
  extractor::tagging::TagArguments tag_arguments;
  tag.add_option("--manifest", tag_arguments.manifest, "JSON lines with id, title and text; - for standard input")->required()->type_name("FILE");
  tag.add_option("--pack", tag_arguments.packs, "Topic pack or folder of packs (default: topics.dirs)")->type_name("DIR");
  tag.add_option("--jobs", tag_arguments.jobs, "Texts at a time")->type_name("N")->check(CLI::Range(1, 256))->capture_default_str();
  add_settings_options(tag, common);
  tag.callback([&] {
    auto settings = load_settings(common, true);
    if (!settings) {
      code = cannot("tag", settings.error());
      return;
    }
    if (tag_arguments.packs.empty()) {
      for (const std::string& dir : settings->list("topics.dirs")) tag_arguments.packs.push_back(config::resource(dir).string());
    }
    code = extractor::tagging::run_tag(
        tag_arguments, [](std::string_view text) { return extractor::language::identify(text).code; }, std::cin, std::cout, std::cerr);
  });

  CLI::App& search = *app.add_subcommand("search", "Search the index");
  SearchArguments search_arguments;
  search
      .add_option("QUERY", search_arguments.query,
                  "Words, \"phrases\", AND OR NOT, prefix*, a NEAR/5 b, title:word, topic:ID, actor:ID, lang:fr, country:CN, source:\"Name\", after:2026-01-31, within:24h")
      ->required();
  search.add_option("--sort", search_arguments.sort, "relevance or newest")->check(CLI::IsMember({"relevance", "newest"}))->capture_default_str();
  search.add_option("--limit", search_arguments.limit, "Hits in all")->check(CLI::Range(0, 1'000'000'000))->type_name("N")->capture_default_str();
  add_format_option(search, common);
  add_data_options(search, common);
  search.callback([&] {
    search_arguments.text = common.format == "text";
    code = with_api(common, "search", {}, true, [&](Api& api) { return run_search(api, search_arguments, std::cout, std::cerr); });
  });

  CLI::App& topics = *app.add_subcommand("topics", "Check, test and list topic packs");
  topics.require_subcommand(1);
  std::string pack;
  struct PackCommand {
    const char* name;
    const char* help;
    int (*run)(const std::string&, std::ostream&, std::ostream&);
  };
  static const PackCommand kPackCommands[] = {
      {"lint", "Problems as FILE:LINE:COL: message on stderr", &extractor::tagging::run_topics_lint},
      {"test", "Run the examples inside the pack: those that must match and those that must not", &extractor::tagging::run_topics_test},
      {"list", "Topics and actors, one JSON object a line", &extractor::tagging::run_topics_list},
  };
  for (const PackCommand& entry : kPackCommands) {
    CLI::App& command = *topics.add_subcommand(entry.name, entry.help);
    command.add_option("PACK", pack, "Folder of the pack, e.g. ops/topics/ai-geopolitics")->required()->type_name("DIR");
    add_settings_options(command, common);
    command.callback([&code, &common, &pack, &entry] {
      if (settings_are_right(common, "topics", code)) code = entry.run(pack, std::cout, std::cerr);
    });
  }

  CLI::App& sources = *app.add_subcommand("sources", "Check source lists, find the feeds of a site");
  sources.require_subcommand(1);
  std::vector<std::string> source_files;
  CLI::App& sources_check = *sources.add_subcommand("check", "Problems as FILE:LINE:COL: message on stderr");
  sources_check.add_option("FILE", source_files, "Source lists (YAML)")->required();
  add_settings_options(sources_check, common);
  sources_check.callback([&] {
    if (settings_are_right(common, "sources check", code)) code = crawler::run_sources_check(source_files, std::cout, std::cerr);
  });
  std::string domain;
  CLI::App& sources_discover = *sources.add_subcommand("discover", "Propose an entry for a site, from its homepage and the feeds it names");
  sources_discover.add_option("DOMAIN", domain, "Domain or address of the homepage")->required();
  add_settings_options(sources_discover, common);
  sources_discover.callback([&] {
    auto settings = load_settings(common, true);
    code = settings ? crawler::run_sources_discover(domain, *settings, std::cout, std::cerr) : cannot("sources discover", settings.error());
  });

  CLI::App& feed = *app.add_subcommand("feed", "Read a feed file (RSS, RDF, Atom, JSON Feed; malformed ones too): one object for the feed, then one an entry");
  crawler::FeedCommand feed_command;
  feed.add_option("FILE", feed_command.file, "Feed; - for standard input")->required();
  feed.add_option("--base", feed_command.base_url, "Address that relative links are resolved against")->type_name("URL");
  add_settings_options(feed, common);
  feed.callback([&] {
    if (settings_are_right(common, "feed", code)) code = crawler::run_feed(feed_command, std::cout, std::cerr);
  });

  CLI::App& robots = *app.add_subcommand("robots", "Say what a robots.txt allows (RFC 9309)");
  crawler::RobotsCommand robots_command;
  robots.add_option("--agent", robots_command.agent, "Product token of the crawler, e.g. vigie")->required()->type_name("NAME");
  robots.add_option("--robots", robots_command.robots_file, "robots.txt file; - for standard input")->required()->type_name("FILE");
  robots.add_option("URL", robots_command.urls, "Addresses to judge; - for one a line on standard input")->required();
  add_settings_options(robots, common);
  robots.callback([&] {
    if (!settings_are_right(common, "robots", code)) return;
    if (robots_command.robots_file == "-" && std::find(robots_command.urls.begin(), robots_command.urls.end(), "-") != robots_command.urls.end()) {
      throw CLI::ValidationError("URL", "standard input cannot be both the robots.txt and the addresses");
    }
    robots_command.urls = with_lines_of(std::cin, std::move(robots_command.urls));
    code = crawler::run_robots(robots_command, std::cout, std::cerr);
  });

  CLI::App& url = *app.add_subcommand("url", "Show how addresses are read: canonical form, host, registrable domain");
  std::vector<std::string> urls;
  url.add_option("URL", urls, "Addresses; - for one a line on standard input")->required();
  add_settings_options(url, common);
  url.callback([&] {
    if (settings_are_right(common, "url", code)) code = run_url(urls, std::cin, std::cout);
  });

  CLI::App& log = *app.add_subcommand("log", "Look at the log, check its topics, acknowledge a gap");
  log.require_subcommand(1);
  CLI::App& log_setup = *log.add_subcommand("setup", "Create the topics, or say what differs");
  add_data_options(log_setup, common);
  log_setup.callback([&] { code = log_topics(common, "log setup", true); });
  CLI::App& log_check = *log.add_subcommand("check", "Say what differs: partitions, retention, compaction, sizes");
  add_data_options(log_check, common);
  log_check.callback([&] { code = log_topics(common, "log check", false); });
  LogCatArguments cat_arguments;
  CLI::App& log_cat = *log.add_subcommand("cat", "Records as JSON lines");
  log_cat.add_option("TOPIC", cat_arguments.topic, "pages, articles, fingerprints, stories, subscriptions, matches, deliveries, status, control, frontier, quarantine")->required();
  log_cat.add_option("--partition", cat_arguments.partition, "Only this partition")->type_name("N");
  log_cat.add_option("--from", cat_arguments.from, "Offset to begin at")->type_name("OFFSET");
  log_cat.add_option("--limit", cat_arguments.limit, "Records in all")->check(CLI::Range(0, 1'000'000'000))->type_name("N");
  add_data_options(log_cat, common);
  log_cat.callback([&] { code = with_api(common, "log cat", {}, true, [&](Api& api) { return run_log_cat(api, cat_arguments, std::cout, std::cerr); }); });
  LogSkipArguments skip_arguments;
  CLI::App& log_skip = *log.add_subcommand("skip", "Acknowledge a gap that stopped a service: go on at OFFSET; the range that was lost is recorded in quarantine");
  log_skip.add_option("TOPIC", skip_arguments.topic, "Topic")->required();
  log_skip.add_option("PARTITION", skip_arguments.partition, "Partition")->required();
  log_skip.add_option("OFFSET", skip_arguments.offset, "Offset to go on at")->required();
  add_settings_options(log_skip, common);
  log_skip.callback([&] {
    auto settings = load_settings(common, true);
    code = settings ? run_log_skip(*settings, skip_arguments, std::cout, std::cerr) : cannot("log skip", settings.error());
  });

  CLI::App& quarantine = *app.add_subcommand("quarantine", "Records that failed: list, show, replay");
  quarantine.require_subcommand(1);
  CLI::App& quarantine_list = *quarantine.add_subcommand("list", "Every record with its stage and reason, newest first");
  add_format_option(quarantine_list, common);
  add_data_options(quarantine_list, common);
  quarantine_list.callback(
      [&] { code = with_api(common, "quarantine list", {}, true, [&](Api& api) { return run_quarantine_list(api, common.format == "text", std::cout, std::cerr); }); });
  std::vector<std::string> quarantine_ids;
  CLI::App& quarantine_show = *quarantine.add_subcommand("show", "One record, whole");
  quarantine_show.add_option("ID", quarantine_ids, "Id of the record")->required()->expected(1);
  add_data_options(quarantine_show, common);
  quarantine_show.callback(
      [&] { code = with_api(common, "quarantine show", {}, true, [&](Api& api) { return run_quarantine_show(api, quarantine_ids.front(), std::cout, std::cerr); }); });
  CLI::App& quarantine_replay = *quarantine.add_subcommand("replay", "Send records to their topic again; they keep their origin");
  quarantine_replay.add_option("ID", quarantine_ids, "Ids of the records")->required();
  add_data_options(quarantine_replay, common);
  quarantine_replay.callback([&] {
    code = with_api(common, "quarantine replay", {.crawler = false, .extractor = true}, true,
                    [&](Api& api) { return run_quarantine_replay(api, quarantine_ids, std::cout, std::cerr); });
  });

  CLI::App& config = *app.add_subcommand("config", "Print the effective settings with their origin; secrets are masked");
  std::string config_format = "text";
  config.add_option("--format", config_format, "text: as in a settings file; json: one object a line")->check(CLI::IsMember({"json", "text"}))->capture_default_str();
  add_settings_options(config, common);
  config.callback([&] {
    auto settings = load_settings(common, false);
    code = settings ? run_config(*settings, config_format == "json", std::cout) : cannot("config", settings.error());
  });

  CLI::App& completion = *app.add_subcommand("completion", "Print a completion script: source <(vigie completion bash)");
  std::string shell = "bash";
  completion.add_option("SHELL", shell, "bash, zsh or fish")->check(CLI::IsMember({"bash", "zsh", "fish"}))->capture_default_str();
  completion.callback([&] { code = run_completion(app, shell, std::cout); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? process::kExitOk : process::kExitUsage;
  }
  std::cout.flush();
  return code;
}

}  // namespace
}  // namespace vigie::cli

int main(int argc, char** argv) { return vigie::cli::run(argc, argv); }
