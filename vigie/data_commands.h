#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "vigie/api_client.h"

/// Commands that read or change what a data directory holds. All speak the HTTP API, whichever
/// process answers it. Each returns an exit code of ops/spec/command_line.md; JSON lines go to
/// `out`, people's text to `err`.
namespace vigie::cli {

struct SearchArguments {
  std::string query;
  std::string sort = "relevance";  // relevance newest
  std::size_t limit = 20;          // hits in all; more than a page is fetched page by page
  bool text = false;               // --format text
};
int run_search(Api& api, const SearchArguments& arguments, std::ostream& out, std::ostream& err);

struct IngestArguments {
  std::vector<std::string> files;  // manifests and WARC files; "-" is a manifest on standard input
  // manifests: `html` is relative to it; empty: relative to the manifest's folder
  std::string root;
  bool alerts = false;
  bool progress = false;
};
int run_ingest(Api& api, const IngestArguments& arguments, std::ostream& out, std::ostream& err);

struct LogCatArguments {
  std::string topic;
  std::int64_t partition = -1;  // -1: all
  std::int64_t from = -1;       // -1: the oldest
  std::size_t limit = 0;        // 0: to the end
};
int run_log_cat(Api& api, const LogCatArguments& arguments, std::ostream& out, std::ostream& err);

int run_quarantine_list(Api& api, bool text, std::ostream& out, std::ostream& err);
int run_quarantine_show(Api& api, const std::string& id, std::ostream& out, std::ostream& err);
int run_quarantine_replay(Api& api, const std::vector<std::string>& ids, std::ostream& out,
                          std::ostream& err);

}  // namespace vigie::cli
