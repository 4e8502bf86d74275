#include "vigie/sources_commands.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "crawler/commands/commands.h"
#include "platform/json/json.h"
#include "platform/process/process.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kMaxListBytes = 8ULL << 20;  // as the API takes

/// What the commands read from the command line.
struct Arguments {
  std::vector<std::string> files;
  std::string domain;
  std::string list = "-";
};

/// Errors: kStop io, too_large.
Result<std::string> read_list(const std::string& file, std::istream& in) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) return failure(Disposition::kStop, "io", "cannot be read", file);
  }
  std::istream& from = file == "-" ? in : opened;
  std::string out(kMaxListBytes + 1, '\0');
  from.read(out.data(), static_cast<std::streamsize>(out.size()));
  if (from.bad()) return failure(Disposition::kStop, "io", "cannot be read", file);
  out.resize(static_cast<std::size_t>(from.gcount()));
  if (out.size() > kMaxListBytes)
    return failure(Disposition::kStop, "too_large", "a list has at most 8 MiB", file);
  return out;
}

int failed(std::ostream& err, std::string_view command, const Error& error) {
  err << "vigie sources " << command << ": " << error.to_string() << '\n';
  return error.disposition == Disposition::kQuarantine ? process::kExitSomeFailed
                                                       : process::kExitCannotStart;
}

}  // namespace

int run_sources_import(Api& api, const std::string& file, std::istream& in, std::ostream& out,
                       std::ostream& err) {
  auto list = read_list(file, in);
  if (!list) return failed(err, "import", list.error());
  http::Request request;
  request.method = "POST";
  request.path = "/v1/sources/opml";
  request.headers = {{"content-type", "text/x-opml"}, {"accept", "application/json"}};
  request.body = std::move(*list);
  const auto done = json_response(api.call(std::move(request)), api.where());
  if (!done) return failed(err, "import", done.error());
  out << done->dump() << '\n';
  const Json::Array& refused = (*done)["refused"].as_array();
  for (const Json& one : refused)
    err << "vigie sources import: " << one["name"].as_string() << ": " << one["detail"].as_string()
        << '\n';
  return refused.empty() ? process::kExitOk : process::kExitSomeFailed;
}

int run_sources_export(Api& api, std::ostream& out, std::ostream& err) {
  http::Request request;
  request.path = "/v1/sources.opml";
  auto response = api.call(std::move(request));
  if (!response || response->status >= 400)
    return failed(err, "export", json_response(std::move(response), api.where()).error());
  out << response->body;
  if (out.flush()) return process::kExitOk;
  return failed(err, "export", Error{"io", Disposition::kStop, "cannot write", {}});
}

void add_sources_commands(CLI::App& group, Common& common, SourcesRunners runners) {
  // shared by the callbacks, which CLI11 keeps
  const auto arguments = std::make_shared<Arguments>();
  const auto run = std::make_shared<SourcesRunners>(std::move(runners));
  CLI::App& check = *group.add_subcommand("check", "Problems as FILE:LINE:COL: message on stderr");
  check.add_option("FILE", arguments->files, "Source lists (YAML)")->required();
  add_format_option(check, common);
  add_settings_options(check, common);
  check.callback([run, arguments] {
    run->with_settings("sources check", [&](const config::Settings&, std::ostream& out) {
      return crawler::commands::run_sources_check(arguments->files, out, std::cerr);
    });
  });
  CLI::App& discover = *group.add_subcommand(
      "discover", "Propose an entry for a site, from its homepage and the feeds it names");
  discover.add_option("DOMAIN", arguments->domain, "Domain or URL of the homepage")->required();
  add_settings_options(discover, common);
  discover.callback([run, arguments] {
    run->with_settings("sources discover", [&](const config::Settings& settings,
                                               std::ostream& out) {
      return crawler::commands::run_sources_discover(arguments->domain, settings, out, std::cerr);
    });
  });
  CLI::App& import = *group.add_subcommand(
      "import", "Add the sources of a subscription list (OPML), beside the source files");
  import.add_option("FILE", arguments->list, "OPML; - for standard input")->required();
  add_data_options(import, common);
  import.callback([run, arguments] {
    run->with_api("sources import", false, [&](Api& api, std::ostream& out) {
      return run_sources_import(api, arguments->list, std::cin, out, std::cerr);
    });
  });
  CLI::App& exported =
      *group.add_subcommand("export", "All sources as a subscription list (OPML) on stdout");
  add_target_options(exported, common);
  exported.callback([run] {
    run->with_api("sources export", true, [](Api& api, std::ostream& out) {
      return run_sources_export(api, out, std::cerr);
    });
  });
}

}  // namespace vigie::cli
