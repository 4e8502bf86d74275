#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "platform/result/result.h"

/// The index beside each WARC file, as replay software reads it: a line for each capture, "SURT
/// TIME {JSON}", in the order of the C locale.
namespace vigie::crawler::archive {

/// What one line tells.
struct Capture {
  std::string url;
  std::int64_t fetched_unix_ms = 0;
  std::string mime;  // "warc/revisit" for a revisit
  int status = 0;    // 0: not told
  std::string digest;
  std::string file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of the compressed record
};

/// The URL turned so that what belongs together sorts together: "com,example,news)/a?b=1&c" for
/// https://www.news.example.com/a?c&b=1. URLs in numbers stay as they are; scheme and a
/// leading www. are left out; the URL itself where it cannot be read.
std::string surt(std::string_view url);

/// With its line break.
std::string cdxj_line(const Capture& capture);

/// Sorts the lines of `unsorted` into `sorted` and removes the first. Lines that a crash cut are
/// left out. Errors: kRetry io.
Result<void> sort_cdxj(const std::filesystem::path& unsorted, const std::filesystem::path& sorted);

}  // namespace vigie::crawler::archive
