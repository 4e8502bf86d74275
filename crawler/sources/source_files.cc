#include "crawler/sources/source_files.h"

#include <system_error>

namespace vigie::crawler::sources {

bool SourceFiles::changed() {
  bool changed = requested_.exchange(false);
  for (const std::string& file : files_) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error);
    if (error || written == seen_[file]) continue;
    seen_[file] = written;
    changed = true;
  }
  return changed;
}

tl::expected<void, std::string> SourceFiles::read() {
  Result<SourceList> list = load_sources(files_);
  if (!list) return tl::make_unexpected(list.error().to_string());
  if (!list->problems.empty()) return tl::make_unexpected(list->problems.front().to_string());
  list_ = std::move(*list);
  return {};
}

void SourceFiles::note_read() {
  for (const std::string& file : files_) {
    std::error_code error;
    seen_[file] = std::filesystem::last_write_time(file, error);
  }
}

}  // namespace vigie::crawler::sources
