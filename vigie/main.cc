// The command line of vigie.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "crawler/commands/commands.h"
#include "extractor/commands/explain_command.h"
#include "extractor/commands/extract_command.h"
#include "extractor/commands/mine_command.h"
#include "extractor/commands/tag_command.h"
#include "extractor/commands/topics_command.h"
#include "extractor/isolation/worker.h"
#include "extractor/language/language.h"
#include "platform/config/settings.h"
#include "platform/process/process.h"
#include "platform/service/health.h"
#include "platform/service/service.h"
#include "vigie/api_client.h"
#include "vigie/backup_commands.h"
#include "vigie/common_options.h"
#include "vigie/data_commands.h"
#include "vigie/export_command.h"
#include "vigie/key_commands.h"
#include "vigie/log_commands.h"
#include "vigie/mcp_command.h"
#include "vigie/page_sources.h"
#include "vigie/plain_commands.h"
#include "vigie/reindex_command.h"
#include "vigie/sources_commands.h"
#include "vigie/station.h"
#include "vigie/text_format.h"
#include "vigie/topics_commands.h"

namespace vigie::cli {
namespace {

bool progress_is_seen() { return isatty(STDERR_FILENO) == 1; }

/// Where a command writes its lines: as they are, or turned into text for people.
class Output {
 public:
  explicit Output(bool text) {
    if (text) text_.emplace(std::cout);
  }
  std::ostream& stream() { return text_ ? text_->stream() : std::cout; }

 private:
  std::optional<TextLines> text_;
};

/// The packs in force, where the command names none.
void take_packs(const config::Settings& settings, std::vector<std::string>& packs) {
  if (!packs.empty()) return;
  for (const std::string& dir : settings.list("topics.dirs"))
    packs.push_back(config::resource(dir).string());
}

std::string language_of(std::string_view text) { return extractor::language::identify(text).code; }

int cannot(std::string_view command, const Error& error) {
  std::cerr << "vigie " << command << ": " << error.to_string() << '\n';
  return process::kExitCannotStart;
}

const char* const kFooter =
    "Start with `vigie up`, then open the URL it prints. JSON lines go to stdout, words for "
    "people to stderr.\n"
    "Exit codes: 0 all well, 1 some items failed (each has its line on stderr), 2 wrong use, 3 "
    "cannot start.\n"
    "Examples:\n"
    "  vigie up --set fetch.user_agent_contact=https://example.org/bot\n"
    "  vigie search 'topic:export-controls lang:fr within:24h' --sort newest --format text\n"
    "  vigie ingest pages.jsonl --root pages/\n"
    "  vigie extract page.html --url https://example.org/page\n"
    "  source <(vigie completion bash)";

/// Every command with its options; parsing runs the one that was typed.
class CommandLine {
 public:
  CommandLine();
  /// The exit code.
  int run(int argc, char** argv);

 private:
  using Work = std::function<int(const config::Settings&, std::ostream& out)>;
  using ApiWork = std::function<int(Api&, std::ostream& out)>;

  CLI::App& add(CLI::App& parent, const char* name, const char* help) {
    return *parent.add_subcommand(name, help);
  }
  CLI::App& add_group(const char* name, const char* help) {
    CLI::App& group = add(app_, name, help);
    group.require_subcommand(1);
    return group;
  }
  void add_up();
  void add_ingest();
  void add_extract();
  void add_tag();
  void add_search();
  void add_mcp();
  void add_reindex();
  void add_topics();
  void add_topics_explain(CLI::App& topics);
  void add_topics_mine(CLI::App& topics);
  void add_sources();
  void add_feed();
  void add_robots();
  void add_url();
  void add_warc();
  void add_log();
  void add_quarantine();
  void add_config();
  void add_keys();
  void add_keys_add(CLI::App& keys);
  void add_backup();
  void add_restore();
  void add_completion();

  /// Runs what needs settings, all of which must be right, also those that the command does not
  /// read.
  void with_settings(std::string_view command, const Work& work);
  /// Runs what needs the API.
  void with_api(std::string_view command, InProcess parts, bool must_exist, const ApiWork& work);
  void log_topics(std::string_view command, bool make);

  CLI::App app_{
      "vigie: a lookout for the geopolitics of AI. Crawls news, extracts and tags articles, "
      "indexes them, and alerts.",
      "vigie"};
  int code_ = process::kExitOk;
  Common before_;
  Common common_;
  bool health_ = false;
  IngestArguments ingest_;
  int ingest_jobs_ = 1;
  extractor::commands::ExtractArguments extract_;
  extractor::commands::TagArguments tag_;
  extractor::commands::MineArguments mine_;
  std::string explained_;
  SearchArguments search_;
  ExportArguments export_;
  bool reindex_sources_ = false;
  std::string pack_;
  crawler::commands::FeedCommand feed_;
  crawler::commands::RobotsCommand robots_;
  std::vector<std::string> urls_;
  std::vector<std::string> warc_files_;
  LogCatArguments log_cat_;
  LogSkipArguments log_skip_;
  std::vector<std::string> quarantine_ids_;
  std::string keys_file_;
  bool keys_show_ = false;
  KeyArguments key_;
  std::string key_revoked_;
  BackupArguments backup_;
  RestoreArguments restore_;
  bool log_setup_tolerates_ = false;
  std::string shell_ = "bash";
};

CommandLine::CommandLine() {
  app_.footer(kFooter);
  app_.set_version_flag("--version", std::string("vigie ") + VIGIE_VERSION);
  app_.require_subcommand(1);
  app_.set_help_all_flag("--help-all", "Help of every command");
  add_settings_options(app_, before_);
  common_.before = &before_;
  add_up();
  add_ingest();
  add_extract();
  add_tag();
  add_search();
  add_mcp();
  add_reindex();
  add_topics();
  add_sources();
  add_feed();
  add_robots();
  add_warc();
  add_url();
  add_log();
  add_quarantine();
  add_config();
  add_keys();
  add_backup();
  add_restore();
  add_completion();
}

int CommandLine::run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_.exit(error) == 0 ? process::kExitOk : process::kExitUsage;
  }
  std::cout.flush();
  return code_;
}

void CommandLine::with_settings(std::string_view command, const Work& work) {
  const auto settings = load_settings(common_, true);
  if (!settings) {
    code_ = cannot(command, settings.error());
    return;
  }
  Output out(common_.text());
  code_ = work(*settings, out.stream());
}

void CommandLine::with_api(std::string_view command, InProcess parts, bool must_exist,
                           const ApiWork& work) {
  with_settings(command, [&](const config::Settings& settings, std::ostream& out) {
    service::configure_logging(settings);
    auto api = connect(settings, {common_.server}, parts, must_exist);
    return api ? work(**api, out) : cannot(command, api.error());
  });
}

void CommandLine::add_up() {
  CLI::App& up = add(
      app_, "up",
      "Run crawler, extractor and indexer in this process, on the embedded log, with the web page");
  add_settings_options(up, common_);
  up.add_flag("--health", health_,
              "Ask the process that runs with these settings whether it is ready, and exit with 0 "
              "or 1: for health checks");
  up.footer(
      "SIGTERM and Ctrl-C stop cleanly, within 10 s; SIGHUP reads sources and topics again. `vigie "
      "config` shows the settings.");
  up.callback([this] {
    const auto settings = load_settings(common_, false);
    if (!settings) {
      code_ = cannot("up", settings.error());
    } else {
      code_ = health_ ? service::ask_health(*settings)
                      : service::run(*settings, make_station({.crawler = true, .extractor = true}));
    }
  });
}

void CommandLine::add_ingest() {
  CLI::App& ingest = add(app_, "ingest",
                         "Send pages you have through the pipeline: manifests (JSON lines with id, "
                         "url, html) and WARC files");
  ingest.add_option("FILE", ingest_.files, "Manifest (- for standard input), .warc or .warc.gz")
      ->required();
  ingest
      .add_option(
          "--root", ingest_.root,
          "Folder that the manifest's html paths are relative to (default: the manifest's own)")
      ->type_name("DIR");
  ingest.add_flag("--alerts", ingest_.alerts, "Let these pages raise alerts");
  add_jobs_option(ingest, ingest_jobs_,
                  "Accepted like other commands do; the pipeline's own settings decide");
  add_data_options(ingest, common_);
  ingest.footer(
      "Waits until everything is searchable, then prints "
      "{\"read\",\"ingested\",\"duplicates\",\"quarantined\"}. With the log on Kafka, --server "
      "names the indexer that is asked.");
  ingest.callback([this] {
    ingest_.progress = progress_is_seen();
    with_api("ingest", InProcess::kIndexAndExtractor, false, [this](Api& api, std::ostream& out) {
      return run_ingest(api, ingest_, out, std::cerr);
    });
  });
}

void CommandLine::add_extract() {
  CLI::App& extract =
      add(app_, "extract", "Turn HTML pages into articles: title, authors, dates, text, language");
  extract_.jobs = default_jobs();
  extract.add_option("FILE", extract_.files,
                     "HTML files, may end in .gz; http(s) URLs, fetched as a crawler would; "
                     ".warc and .warc.gz; - for standard input");
  extract
      .add_option("--manifest", extract_.manifest,
                  "JSON lines with id, url and html (a path); - for standard input")
      ->type_name("FILE");
  extract.add_option("--root", extract_.root, "Folder that html paths are relative to")
      ->type_name("DIR");
  extract.add_option("--url", extract_.url, "URL that the pages given as files came from")
      ->type_name("URL");
  add_jobs_option(extract, extract_.jobs, "Pages at a time; the order of output is that of input");
  extract
      .add_option("--format", common_.format,
                  "json: one object a line; text: for people; markdown: with headings, lists, "
                  "tables and links")
      ->check(CLI::IsMember({"json", "text", "markdown"}))
      ->capture_default_str();
  extract.add_flag(
      "--explain", extract_.explain,
      "Say which candidate won, which blocks were dropped and why, and where each value came from");
  add_settings_options(extract, common_);
  extract.callback([this] {
    if (extract_.files.empty() == extract_.manifest.empty())
      throw CLI::RequiredError("FILE… or --manifest");
    with_settings("extract", [this](const config::Settings& settings, std::ostream&) {
      extract_.max_page_bytes =
          static_cast<std::size_t>(settings.integer("extract.max_page_bytes"));
      extract_.text = common_.text();
      extract_.markdown = common_.format == "markdown";
      if (std::any_of(extract_.files.begin(), extract_.files.end(), extractor::commands::is_url)) {
        auto fetch = make_page_fetcher(settings);
        if (!fetch) return cannot("extract", fetch.error());
        extract_.fetch = std::move(*fetch);
      }
      extract_.open_archive = [limit = extract_.max_page_bytes](const std::string& path) {
        return open_archive(path, limit);
      };
      extract_.progress = progress_is_seen();
      return extractor::commands::run_extract(extract_, std::cin, std::cout, std::cerr);
    });
  });
}

void CommandLine::add_tag() {
  CLI::App& tag = add(app_, "tag", "Tag texts with topics and actors, with the evidence for each");
  tag.add_option("--manifest", tag_.manifest,
                 "JSON lines with id, title and text; - for standard input")
      ->required()
      ->type_name("FILE");
  tag.add_option("--pack", tag_.packs, "Topic pack or folder of packs (default: topics.dirs)")
      ->type_name("DIR");
  add_jobs_option(tag, tag_.jobs, "Texts at a time");
  add_format_option(tag, common_);
  add_settings_options(tag, common_);
  tag.callback([this] {
    with_settings("tag", [this](const config::Settings& settings, std::ostream& out) {
      take_packs(settings, tag_.packs);
      return extractor::commands::run_tag(tag_, &language_of, std::cin, out, std::cerr);
    });
  });
}

void CommandLine::add_reindex() {
  CLI::App& reindex = add(app_, "reindex",
                          "Bring stored articles up to date with what this vigie is told now; "
                          "raises no alerts; while no process holds the data");
  reindex.add_flag("--sources", reindex_sources_, "Their sources, by the source files")->required();
  reindex.add_option("--data", common_.data, "Data directory")->type_name("DIR");
  add_format_option(reindex, common_);
  add_settings_options(reindex, common_);
  reindex.callback([this] {
    with_settings("reindex", [](const config::Settings& settings, std::ostream& out) {
      return run_reindex_sources(settings, progress_is_seen(), out, std::cerr);
    });
  });
}

void CommandLine::add_search() {
  CLI::App& search = add(app_, "search", "Search the index");
  search
      .add_option("QUERY", search_.query,
                  "Words, \"phrases\", AND OR NOT, prefix*, a NEAR/5 b, title:word, topic:ID, "
                  "actor:ID, lang:fr, country:CN, source:\"Name\", site:lemonde.fr, "
                  "author:\"Name\", after:2026-01-31, within:24h")
      ->required();
  search.add_option("--sort", search_.sort, "relevance or newest")
      ->check(CLI::IsMember({"relevance", "newest"}))
      ->capture_default_str();
  CLI::Option* limit =
      search
          .add_option("--limit", search_.limit, "Hits in all; of a file by default every article")
          ->check(CLI::Range(0, 1'000'000'000))
          ->type_name("N")
          ->capture_default_str();
  search
      .add_option("--format", common_.format,
                  "json: hits, one object a line; text: for people; csv, jsonl, atom, ris, bibtex: "
                  "a file of articles, newest first")
      ->check(CLI::IsMember({"json", "text", "csv", "jsonl", "atom", "ris", "bibtex"}))
      ->capture_default_str();
  search.add_option("--fields", export_.fields, "Columns of csv, members of jsonl")
      ->type_name("NAME,…");
  search.add_flag("--text", export_.with_text, "A file with the text of each article");
  add_target_options(search, common_);
  search.callback([this, limit] {
    search_.text = common_.text();
    if (common_.format != "json" && !search_.text) {
      export_.query = search_.query;
      export_.format = common_.format;
      export_.limit = limit->count() > 0 ? search_.limit : 0;
      with_api("search", InProcess::kIndex, true, [this](Api& api, std::ostream&) {
        return run_export(api, export_, std::cout, std::cerr);
      });
      return;
    }
    if (!export_.fields.empty() || export_.with_text)
      throw CLI::ValidationError("--fields and --text go with --format csv, jsonl …");
    with_api("search", InProcess::kIndex, true, [this](Api& api, std::ostream&) {
      return run_search(api, search_, std::cout, std::cerr);
    });
  });
}

void CommandLine::add_mcp() {
  CLI::App& mcp = add(app_, "mcp",
                      "Serve the Model Context Protocol on stdin and stdout, for programs with a "
                      "language model: reads, never changes");
  add_target_options(mcp, common_);
  mcp.callback([this] {
    with_api("mcp", InProcess::kIndex, true,
             [](Api& api, std::ostream&) { return run_mcp(api, std::cin, std::cout, std::cerr); });
  });
}

void CommandLine::add_topics() {
  CLI::App& topics = add_group("topics", "Check, test, list, explain and grow topic packs");
  struct PackCommand {
    const char* name;
    const char* help;
    int (*run)(const std::string&, std::ostream&, std::ostream&);
  };
  static const PackCommand kPackCommands[] = {
      {"lint", "Problems and warnings as FILE:LINE:COL: message on stderr",
       &extractor::commands::run_topics_lint},
      {"test", "Run the examples inside the pack: those that must match and those that must not",
       &extractor::commands::run_topics_test},
      {"list", "Topics and actors, one JSON object a line", &extractor::commands::run_topics_list},
      {"new", "Write a small pack to begin with into a new folder",
       &extractor::commands::run_topics_new},
  };
  for (const PackCommand& entry : kPackCommands) {
    CLI::App& command = add(topics, entry.name, entry.help);
    command.add_option("PACK", pack_, "Folder of the pack, e.g. ops/topics/ai-geopolitics")
        ->required()
        ->type_name("DIR");
    add_format_option(command, common_);
    add_settings_options(command, common_);
    command.callback([this, &entry] {
      with_settings("topics", [&](const config::Settings&, std::ostream& out) {
        return entry.run(pack_, out, std::cerr);
      });
    });
  }
  add_topics_explain(topics);
  add_topics_mine(topics);
  CLI::App& retag = add(topics, "retag",
                        "Tag every stored article again with the packs in force; no alert is "
                        "raised. Stop vigie first, unless the log is on Kafka");
  retag.add_option("--data", common_.data, "Data directory")->type_name("DIR");
  add_format_option(retag, common_);
  add_settings_options(retag, common_);
  retag.callback([this] {
    with_settings("topics retag", [](const config::Settings& settings, std::ostream& out) {
      return run_topics_retag(settings, progress_is_seen(), out, std::cerr);
    });
  });
}

void CommandLine::add_topics_explain(CLI::App& topics) {
  CLI::App& explain = add(topics, "explain",
                          "Every hit in an article with its weight, and why it has a tag or not");
  explain
      .add_option("ARTICLE", explained_,
                  "Id of a stored article; or a file, - for standard input: JSON lines with title "
                  "and text, else a text whose first line is the title")
      ->required();
  explain.add_option("--pack", tag_.packs, "Topic pack or folder of packs (default: topics.dirs)")
      ->type_name("DIR");
  add_data_options(explain, common_);
  explain.callback([this] {
    const auto tell = [this](const config::Settings& settings,
                             Result<std::vector<extractor::commands::ArticleText>> articles,
                             std::ostream& out) {
      if (!articles) return cannot("topics explain", articles.error());
      take_packs(settings, tag_.packs);
      return extractor::commands::run_topics_explain(tag_.packs, *articles, &language_of, out,
                                                     std::cerr);
    };
    with_settings("topics explain", [&](const config::Settings& settings, std::ostream& out) {
      if (!is_article_id(explained_))
        return tell(settings, extractor::commands::read_article_texts(explained_, std::cin), out);
      service::configure_logging(settings);
      auto api = connect(settings, {common_.server}, InProcess::kIndex, true);
      if (!api) return cannot("topics explain", api.error());
      auto article = stored_article(**api, explained_);
      if (!article) return cannot("topics explain", article.error());
      return tell(settings, std::vector{std::move(*article)}, out);
    });
  });
}

void CommandLine::add_topics_mine(CLI::App& topics) {
  CLI::App& mine = add(topics, "mine",
                       "Propose terms for each topic: phrases that stand in articles near its "
                       "examples more often than in the others, and that no term covers");
  mine.add_option("FILES", mine_.files, "JSON lines with id, title and text; - for standard input")
      ->required()
      ->type_name("FILE");
  mine.add_option("--lang", mine_.language, "Language of the articles to mine, e.g. ja")
      ->required();
  mine.add_option("--topic", mine_.topics, "Only these topics")->type_name("ID");
  mine.add_option("--limit", mine_.limit, "Phrases for each topic")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  mine.add_option("--pack", mine_.packs, "Topic pack or folder of packs (default: topics.dirs)")
      ->type_name("DIR");
  add_format_option(mine, common_);
  add_settings_options(mine, common_);
  mine.callback([this] {
    with_settings("topics mine", [this](const config::Settings& settings, std::ostream& out) {
      take_packs(settings, mine_.packs);
      return extractor::commands::run_topics_mine(mine_, &language_of, std::cin, out, std::cerr);
    });
  });
}

void CommandLine::add_sources() {
  add_sources_commands(
      add_group("sources", "Check source lists, find the feeds of a site, lists in and out"),
      common_,
      {[this](std::string_view command, const Work& work) { with_settings(command, work); },
       [this](std::string_view command, bool must_exist, const ApiWork& work) {
         with_api(command, InProcess::kLog, must_exist, work);
       }});
}

void CommandLine::add_feed() {
  CLI::App& feed = add(app_, "feed",
                       "Read a feed file (RSS, RDF, Atom, JSON Feed; malformed ones too): one "
                       "object for the feed, then one an entry");
  feed.add_option("FILE", feed_.file, "Feed; - for standard input")->required();
  feed.add_option("--base", feed_.base_url, "URL that relative links are resolved against")
      ->type_name("URL");
  add_format_option(feed, common_);
  add_settings_options(feed, common_);
  feed.callback([this] {
    with_settings("feed", [this](const config::Settings&, std::ostream& out) {
      return crawler::commands::run_feed(feed_, out, std::cerr);
    });
  });
}

void CommandLine::add_robots() {
  CLI::App& robots = add(app_, "robots", "Say what a robots.txt allows (RFC 9309)");
  robots.add_option("--agent", robots_.agent, "Product token of the crawler, e.g. vigie")
      ->required()
      ->type_name("NAME");
  robots.add_option("--robots", robots_.robots_file, "robots.txt file; - for standard input")
      ->required()
      ->type_name("FILE");
  robots.add_option("URL", robots_.urls, "URLs to judge; - for one a line on standard input")
      ->required();
  add_format_option(robots, common_);
  add_settings_options(robots, common_);
  robots.callback([this] {
    if (robots_.robots_file == "-" &&
        std::find(robots_.urls.begin(), robots_.urls.end(), "-") != robots_.urls.end()) {
      throw CLI::ValidationError("URL",
                                 "standard input cannot be both the robots.txt and the URLs");
    }
    with_settings("robots", [this](const config::Settings&, std::ostream& out) {
      robots_.urls = with_lines_of(std::cin, std::move(robots_.urls));
      return crawler::commands::run_robots(robots_, out, std::cerr);
    });
  });
}

void CommandLine::add_warc() {
  CLI::App& verify = add(add_group("warc", "WARC files"), "verify", "Read them to their ends");
  verify.add_option("FILE", warc_files_, "WARC files, plain or gzip by record")->required();
  add_format_option(verify, common_);
  add_settings_options(verify, common_);
  verify.callback([this] {
    with_settings("warc verify", [this](const config::Settings&, std::ostream& out) {
      return crawler::commands::run_warc_verify(warc_files_, out, std::cerr);
    });
  });
}

void CommandLine::add_url() {
  CLI::App& url =
      add(app_, "url", "Show how URLs are read: canonical form, host, registrable domain");
  url.add_option("URL", urls_, "URLs; - for one a line on standard input")->required();
  add_format_option(url, common_);
  add_settings_options(url, common_);
  url.callback([this] {
    with_settings("url", [this](const config::Settings&, std::ostream& out) {
      return run_url(urls_, std::cin, out);
    });
  });
}

/// `log setup` and `log check`: the embedded log makes its topics itself; those on Kafka are looked
/// at where they are.
void CommandLine::log_topics(std::string_view command, bool make) {
  with_settings(command, [&](const config::Settings& settings, std::ostream& out) {
    service::configure_logging(settings);
    if (settings.text("log.engine") == "kafka")
      return run_kafka_topics(settings, make, log_setup_tolerates_, out, std::cerr);
    auto api = connect(settings, {common_.server}, InProcess::kLog, !make);
    return api ? run_log_check(**api, out, std::cerr) : cannot(command, api.error());
  });
}

void CommandLine::add_log() {
  CLI::App& log = add_group("log", "Look at the log, check its topics, acknowledge a gap");
  CLI::App& setup = add(log, "setup", "Create the topics, or say what differs");
  add_data_options(setup, common_);
  setup.add_flag(
      "--tolerate", log_setup_tolerates_,
      "Exit with 0 where every topic is there, also if one differs: for what runs before "
      "each start");
  setup.callback([this] { log_topics("log setup", true); });
  CLI::App& check = add(log, "check", "Say what differs: partitions, retention, compaction, sizes");
  add_data_options(check, common_);
  check.callback([this] { log_topics("log check", false); });

  CLI::App& cat = add(log, "cat", "Records as JSON lines");
  cat.add_option("TOPIC", log_cat_.topic,
                 "pages, articles, fingerprints, stories, subscriptions, matches, deliveries, "
                 "status, control, frontier, quarantine")
      ->required();
  cat.add_option("--partition", log_cat_.partition, "Only this partition")->type_name("N");
  cat.add_option("--from", log_cat_.from, "Offset to begin at")->type_name("OFFSET");
  cat.add_option("--limit", log_cat_.limit, "Records in all")
      ->check(CLI::Range(0, 1'000'000'000))
      ->type_name("N");
  add_data_options(cat, common_);
  cat.callback([this] {
    with_api("log cat", InProcess::kLog, true, [this](Api& api, std::ostream& out) {
      return run_log_cat(api, log_cat_, out, std::cerr);
    });
  });

  CLI::App& skip = add(log, "skip",
                       "Acknowledge a gap that stopped a service: go on at OFFSET; the range that "
                       "was lost is recorded in quarantine");
  skip.add_option("TOPIC", log_skip_.topic, "Topic")->required();
  skip.add_option("PARTITION", log_skip_.partition, "Partition")->required();
  skip.add_option("OFFSET", log_skip_.offset, "Offset to go on at")->required();
  add_format_option(skip, common_);
  add_settings_options(skip, common_);
  skip.callback([this] {
    with_settings("log skip", [this](const config::Settings& settings, std::ostream& out) {
      return run_log_skip(settings, log_skip_, out, std::cerr);
    });
  });
}

void CommandLine::add_quarantine() {
  CLI::App& quarantine = add_group("quarantine", "Records that failed: list, show, replay");
  CLI::App& list = add(quarantine, "list", "Every record with its stage and reason, newest first");
  add_data_options(list, common_);
  list.callback([this] {
    with_api("quarantine list", InProcess::kLog, true, [this](Api& api, std::ostream&) {
      return run_quarantine_list(api, common_.text(), std::cout, std::cerr);
    });
  });
  CLI::App& show = add(quarantine, "show", "One record, whole");
  show.add_option("ID", quarantine_ids_, "Id of the record")->required()->expected(1);
  add_data_options(show, common_);
  show.callback([this] {
    with_api("quarantine show", InProcess::kLog, true, [this](Api& api, std::ostream& out) {
      return run_quarantine_show(api, quarantine_ids_.front(), out, std::cerr);
    });
  });
  CLI::App& replay =
      add(quarantine, "replay", "Send records to their topic again; they keep their origin");
  replay.add_option("ID", quarantine_ids_, "Ids of the records")->required();
  add_data_options(replay, common_);
  replay.callback([this] {
    with_api("quarantine replay", InProcess::kLogAndExtractor, true,
             [this](Api& api, std::ostream& out) {
               return run_quarantine_replay(api, quarantine_ids_, out, std::cerr);
             });
  });
}

void CommandLine::add_config() {
  CLI::App& config =
      add(app_, "config", "Print the effective settings with their origin; secrets are masked");
  config
      .add_option("--format", common_.format,
                  "json: one object a line; text: as in a settings file")
      ->check(CLI::IsMember({"json", "text"}))
      ->capture_default_str();
  add_settings_options(config, common_);
  config.callback([this] {
    const auto settings = load_settings(common_, false);
    code_ = settings ? run_config(*settings, !common_.text(), std::cout)
                     : cannot("config", settings.error());
  });
}

void CommandLine::add_keys() {
  CLI::App& keys =
      add(app_, "keys",
          "Make a file with one API key, for api.keys_file, where there is none yet; or add, list "
          "and revoke named keys");
  keys.require_subcommand(0, 1);
  keys.add_option("FILE", keys_file_,
                  "Where the key is written, mode 0600; a file that is there is left as it is");
  keys.add_flag("--show", keys_show_, "Print the first key of the file too");
  add_format_option(keys, common_);
  add_settings_options(keys, common_);
  keys.callback([this, &keys] {
    if (!keys.get_subcommands().empty()) return;
    if (keys_file_.empty()) throw CLI::RequiredError("FILE");
    with_settings("keys", [this](const config::Settings&, std::ostream& out) {
      return run_keys(keys_file_, keys_show_, out);
    });
  });
  add_keys_add(keys);
  CLI::App& list = add(keys, "list", "Every key with its role, end and last use");
  add_data_options(list, common_);
  list.callback([this] {
    with_api("keys list", InProcess::kLog, true, [this](Api& api, std::ostream&) {
      return run_keys_list(api, common_.text(), std::cout, std::cerr);
    });
  });
  CLI::App& revoke =
      add(keys, "revoke", "Revoke a key; sessions and feeds that it began end with it");
  revoke.add_option("KEY", key_revoked_, "Its id, or its name")->required();
  add_data_options(revoke, common_);
  revoke.callback([this] {
    with_api("keys revoke", InProcess::kLog, true, [this](Api& api, std::ostream& out) {
      return run_keys_revoke(api, key_revoked_, out, std::cerr);
    });
  });
}

void CommandLine::add_keys_add(CLI::App& keys) {
  CLI::App& made = add(keys, "add", "Make a key for a person or program; it is printed once");
  add_key_options(made, key_);
  add_data_options(made, common_);
  made.callback([this] {
    if (!key_.file.empty()) {
      with_settings("keys add", [this](const config::Settings&, std::ostream& out) {
        SystemRandom random;
        return run_keys_add_to_file(key_, random, out, std::cerr);
      });
      return;
    }
    with_api("keys add", InProcess::kLog, false, [this](Api& api, std::ostream& out) {
      const SystemClock clock;
      return run_keys_add(api, key_, clock, out, std::cerr);
    });
  });
}

void CommandLine::add_backup() {
  CLI::App& backup = add(app_, "backup",
                         "Copy the data of a vigie that runs, or of one that does not, into a new "
                         "backup; what did not change is shared with the last one");
  add_backup_options(backup, backup_);
  backup.add_option("--data", common_.data, "Data directory (data_dir)")->type_name("DIR");
  add_format_option(backup, common_);
  add_settings_options(backup, common_);
  backup.callback([this] {
    backup_.progress = progress_is_seen();
    with_settings("backup", [this](const config::Settings& settings, std::ostream& out) {
      return run_backup(settings, backup_, out, std::cerr);
    });
  });
}

void CommandLine::add_restore() {
  CLI::App& restore = add(app_, "restore", "Copy a backup into a new data directory");
  add_restore_options(restore, restore_);
  restore.add_option("--data", common_.data, "Data directory; empty, or not there yet")
      ->type_name("DIR");
  add_format_option(restore, common_);
  add_settings_options(restore, common_);
  restore.callback([this] {
    restore_.progress = progress_is_seen();
    with_settings("restore", [this](const config::Settings& settings, std::ostream& out) {
      return run_restore(settings, restore_, out, std::cerr);
    });
  });
}

void CommandLine::add_completion() {
  CLI::App& completion =
      add(app_, "completion", "Print a completion script: source <(vigie completion bash)");
  completion.add_option("SHELL", shell_, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->capture_default_str();
  completion.callback([this] { code_ = run_completion(app_, shell_, std::cout); });
}

}  // namespace
}  // namespace vigie::cli

int main(int argc, char** argv) {
  namespace isolation = vigie::extractor::isolation;
  return isolation::is_worker(argc, argv) ? isolation::run_worker(argc, argv)
                                          : vigie::cli::CommandLine().run(argc, argv);
}
