#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "platform/result/result.h"

/// Files of segments: written once from beginning to end, then read in place.
namespace vigie::indexer::segments {

/// A file that grows at its end.
class FileWriter {
 public:
  FileWriter() = default;
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  Result<void> open(const std::filesystem::path& path);
  void append(std::string_view bytes) {
    buffer_.append(bytes);
    size_ += bytes.size();
    if (buffer_.size() >= kBufferBytes) flush();
  }
  std::uint64_t size() const { return size_; }
  /// On disk on return. The first error of all that was written.
  Result<void> finish();

 private:
  static constexpr std::size_t kBufferBytes = 1ULL << 18;
  void flush();
  std::filesystem::path path_;
  int descriptor_ = -1;
  int error_ = 0;
  std::string buffer_;
  std::uint64_t size_ = 0;
};

/// The bytes of a file, mapped: pages come from the page cache and go with it.
class MappedFile {
 public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  Result<void> open(const std::filesystem::path& path);
  std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Makes names in a folder last through a loss of power.
Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace vigie::indexer::segments
