#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crawler/sources/rules.h"
#include "platform/result/result.h"
#include "proto/source.pb.h"

namespace vigie::crawler::sources {

/// One source: an entry of a source file, or of people, or both taken together.
struct SourceEntry {
  v1::Source source;               // as it travels with each page
  std::vector<std::string> feeds;  // normalised
  std::vector<std::string> sitemaps;
  std::vector<std::string> sections;
  std::string where;                // FILE:LINE:COL; empty for what people added
  std::uint32_t poll_every_s = 0;   // polled no more often than this; 0: as the settings say
  bool own = false;                 // added by people
  bool refused = false;             // it is told of, and nothing of it is polled
  std::uint64_t edit_revision = 0;  // of what people said of it; 0: nothing
  SourceRules rules = {};           // how it is crawled, where that differs from the settings
  std::string note = {};            // what came of that, where it did not come as written
};

/// The least time between two polls of a URL of it that people asked for; 0: none. Null: none.
inline std::chrono::milliseconds poll_every(const SourceEntry* entry) {
  return std::chrono::seconds(entry == nullptr ? 0 : entry->poll_every_s);
}

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

/// Reads the text of one source file (ops/spec/command_line.md, "Source files"). Total: what is
/// wrong becomes a problem, and the sources around it stand. Ids are slugs of the names, of the
/// homepage's host where a name has no Latin letters; a second one of the same slug gets "-2".
SourceList read_sources(std::string_view yaml, std::string_view file);

/// Reads several files as one list: ids are unique over all, a URL that two sources name is a
/// problem of the second. Errors: kStop not_found, io for a file that cannot be read.
Result<SourceList> load_sources(const std::vector<std::string>& files);

}  // namespace vigie::crawler::sources
