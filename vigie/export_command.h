#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

#include "vigie/api_client.h"

namespace vigie::cli {

struct ExportArguments {
  std::string query;
  std::string format;  // csv jsonl atom ris bibtex
  std::string fields;  // comma separated; empty: those of every article
  bool with_text = false;
  std::size_t limit = 0;  // articles, the newest; 0: all
};

/// `vigie search --format csv` and its like: the file of GET /v1/export, piece by piece, so that
/// memory does not grow with it. Returns an exit code of ops/spec/command_line.md; the file goes to
/// `out`, people's text to `err`.
int run_export(Api& api, const ExportArguments& arguments, std::ostream& out, std::ostream& err);

}  // namespace vigie::cli
