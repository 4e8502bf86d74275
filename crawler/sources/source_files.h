#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crawler/sources/sources.h"

namespace vigie::crawler::sources {

/// The source files of the settings, which are read again when one has changed, or when somebody
/// asks for it. One thread, but for request().
class SourceFiles {
 public:
  /// `list`: as they were read last.
  SourceFiles(std::vector<std::string> files, SourceList list)
      : files_(std::move(files)), list_(std::move(list)) {}

  /// Any thread: they are to be read again.
  void request() { requested_.store(true); }
  bool requested() const { return requested_.load(); }
  /// Whether a file was written since it was looked at last, or reading was asked for.
  bool changed();
  /// Errors: a sentence that says what is wrong with the first file that is. What was read before
  /// stays in force until it is mended.
  tl::expected<void, std::string> read();
  /// What the files list, as it is in force.
  const SourceList& list() const { return list_; }
  /// Takes the files as they are now for read.
  void note_read();

 private:
  std::vector<std::string> files_;
  SourceList list_;
  std::atomic<bool> requested_{false};
  std::map<std::string, std::filesystem::file_time_type> seen_;
};

}  // namespace vigie::crawler::sources
