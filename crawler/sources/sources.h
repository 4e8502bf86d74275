#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result/result.h"
#include "proto/source.pb.h"

namespace vigie::crawler::sources {

/// One entry of a source file.
struct SourceEntry {
  v1::Source source;               // as it travels with each page
  std::vector<std::string> feeds;  // normalised
  std::vector<std::string> sitemaps;
  std::vector<std::string> sections;
  std::string where;  // FILE:LINE:COL
};

/// Something wrong with a source file.
struct SourceProblem {
  std::string where;    // FILE:LINE:COL
  std::string message;  // what is wrong and what to do
  /// "FILE:LINE:COL: message".
  std::string to_string() const { return where + ": " + message; }
};

struct SourceList {
  std::vector<SourceEntry> sources;  // those without problems, in order
  std::vector<SourceProblem> problems;
};

/// Most sources of a deployment and most URLs of one source.
inline constexpr std::size_t kMaxSources = 20'000;
inline constexpr std::size_t kMaxUrlsPerSource = 1'000;

/// Reads the text of one source file (ops/spec/command_line.md, "Source files"). Total: what is
/// wrong becomes a problem, and the sources around it stand. Ids are slugs of the names, of the
/// homepage's host where a name has no Latin letters; a second one of the same slug gets "-2".
SourceList read_sources(std::string_view yaml, std::string_view file);

/// Reads several files as one list: ids are unique over all, a URL that two sources name is a
/// problem of the second. Errors: kStop not_found, io for a file that cannot be read.
Result<SourceList> load_sources(const std::vector<std::string>& files);

/// Slug of a name, lower-case ASCII [a-z0-9-]{1,64}; "" where nothing of it is Latin.
std::string source_slug(std::string_view name);

}  // namespace vigie::crawler::sources
