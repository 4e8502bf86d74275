#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "platform/clock/clock.h"

namespace vigie::storage {

/// Free and total bytes of the file system that holds `path`; nothing if that cannot be told.
struct FileSystemBytes {
  std::uint64_t free = 0;
  std::uint64_t total = 0;
};
std::optional<FileSystemBytes> file_system_bytes(const std::filesystem::path& path);

/// Whether a disk has room for more than what was begun. Below a reserve it has none until a
/// quarter more than the reserve is free, so that it does not change its mind with every file.
/// Thread-safe.
class DiskSpace {
 public:
  using Measure = std::function<std::optional<FileSystemBytes>()>;
  /// `clock` must outlive it.
  DiskSpace(Clock& clock, Measure measure) : clock_(clock), measure_(std::move(measure)) {}

  /// The bytes that work under way may still take: a twentieth of the disk, from 64 MiB (an eighth
  /// of a small disk) to 2 GiB.
  static std::uint64_t reserve(std::uint64_t total_bytes);

  /// As of at most half a second ago. Says in the log when it changes.
  bool has_room();

 private:
  Clock& clock_;
  const Measure measure_;
  std::atomic<std::int64_t> look_at_ms_{0};  // since boot
  std::atomic<bool> has_room_{true};
};

}  // namespace vigie::storage
