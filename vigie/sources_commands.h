#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "platform/config/settings.h"
#include "vigie/api_client.h"
#include "vigie/common_options.h"

namespace vigie::cli {

/// Runs a command once its settings, or the API, are there.
struct SourcesRunners {
  using Work = std::function<int(const config::Settings&, std::ostream& out)>;
  using ApiWork = std::function<int(Api&, std::ostream& out)>;
  std::function<void(std::string_view command, const Work&)> with_settings;
  /// `must_exist`: there is data already.
  std::function<void(std::string_view command, bool must_exist, const ApiWork&)> with_api;
};

/// Adds `sources check`, `discover`, `import` and `export` to the group. `common` must outlive it.
void add_sources_commands(CLI::App& group, Common& common, SourcesRunners runners);

/// `vigie sources import FILE`: POST /v1/sources/opml. FILE may be "-", which is `in`. One line of
/// JSON to `out`, a line to `err` for each source that was refused. Returns an exit code of
/// ops/spec/command_line.md.
int run_sources_import(Api& api, const std::string& file, std::istream& in, std::ostream& out,
                       std::ostream& err);

/// `vigie sources export`: GET /v1/sources.opml, as it is, to `out`.
int run_sources_export(Api& api, std::ostream& out, std::ostream& err);

}  // namespace vigie::cli
