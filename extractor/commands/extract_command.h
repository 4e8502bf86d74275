#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"
#include "proto/page.pb.h"

namespace vigie::extractor::commands {

/// `vigie extract` as typed.
struct ExtractArguments {
  using NextPage = std::function<Result<std::optional<v1::PageRecord>>()>;

  // HTML files, plain or .gz; "-" is `in`; http(s) URLs; .warc and .warc.gz
  std::vector<std::string> files;
  // JSON lines {"id","url","html"}; "-" is `in`; empty: none
  std::string manifest;
  // folder that the paths of the manifest start from; empty: the manifest's own
  std::string root;
  // URL that the files came from; empty: each page's own (rel=canonical, og:url), else its path
  // stands in
  std::string url;
  int jobs = 1;  // threads, 1 to 256
  // for people; else JSON as in ops/spec/command_line.md, one object a line
  bool text = false;
  bool markdown = false;  // for people and their editors; at most one of the two
  // say which candidate won, which blocks were dropped and why, and where each value came from
  bool explain = false;
  bool progress = false;                    // counts on `err` while it works, for terminals
  std::size_t max_page_bytes = 8ULL << 20;  // extract.max_page_bytes
  // Seams for what is not this folder's: called from several threads at a time (fetch) or from the
  // caller's (open_archive). Without them URLs and archives are files.
  std::function<Result<v1::PageRecord>(const std::string& url)> fetch = {};
  std::function<Result<NextPage>(const std::string& path)> open_archive = {};
};

/// Whether an argument is a page of the web rather than a file: http or https.
bool is_url(std::string_view argument);

/// Reads pages, writes articles in the order of the input. A page or line that fails is one line on
/// `err` and none on `out`; work goes on. A manifest is streamed: memory depends on the jobs and
/// the largest page, not on its length. Returns the exit code of ops/spec/command_line.md: 0, 1
/// some items failed, 2 wrong use, 3 the manifest cannot be read.
int run_extract(const ExtractArguments& arguments, std::istream& in, std::ostream& out,
                std::ostream& err);

}  // namespace vigie::extractor::commands
