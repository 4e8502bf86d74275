#pragma once

#include <cstddef>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace vigie::extractor {

/// `vigie extract` as typed.
struct ExtractArguments {
  std::vector<std::string> files;           // HTML files, plain or .gz; "-" is `in`
  std::string manifest;                     // JSON lines {"id","url","html"}; "-" is `in`; empty: none
  std::string root;                         // folder that the paths of the manifest start from; empty: the manifest's own
  std::string url;                          // address that the files came from; empty: each page's own (rel=canonical, og:url), else its path stands in
  int jobs = 1;                             // threads, 1 to 256
  bool text = false;                        // for people; else JSON as in contract.md, one object a line
  bool progress = false;                    // counts on `err` while it works, for terminals
  std::size_t max_page_bytes = 8ULL << 20;  // extract.max_page_bytes
  std::vector<std::string> worker_command;  // of isolation::WorkerOptions, so that a page that crashes the parser costs one line; empty: in this process
};

/// Reads pages, writes articles in the order of the input. A page or line that fails is one line on `err` and none on `out`; work goes on.
/// A manifest is streamed: memory depends on the jobs and the largest page, not on its length.
/// Returns the exit code of contract.md: 0, 1 some items failed, 2 wrong use, 3 the manifest cannot be read.
int run_extract(const ExtractArguments& arguments, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace vigie::extractor
