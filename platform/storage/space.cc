#include "platform/storage/space.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <string>

#include "platform/logging/logging.h"

namespace vigie::storage {
namespace {

constexpr std::int64_t kLookEveryMs = 500;
constexpr std::uint64_t kMiB = 1ULL << 20;

}  // namespace

std::optional<FileSystemBytes> file_system_bytes(const std::filesystem::path& path) {
  struct statvfs found {};
  if (::statvfs(path.c_str(), &found) != 0 || found.f_blocks == 0) return std::nullopt;
  return FileSystemBytes{static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize,
                         static_cast<std::uint64_t>(found.f_blocks) * found.f_frsize};
}

std::uint64_t DiskSpace::reserve(std::uint64_t total_bytes) {
  const std::uint64_t least = std::min(64 * kMiB, total_bytes / 8);
  return std::clamp<std::uint64_t>(total_bytes / 20, least, 2'048 * kMiB);
}

bool DiskSpace::has_room() {
  const std::int64_t now = clock_.since_boot().count();
  std::int64_t due = look_at_ms_.load();
  if (now < due || !look_at_ms_.compare_exchange_strong(due, now + kLookEveryMs)) return has_room_;
  const std::optional<FileSystemBytes> bytes = measure_();
  if (!bytes) return has_room_;
  const std::uint64_t least = reserve(bytes->total);
  const bool had = has_room_;
  const bool has = bytes->free >= (had ? least : least + least / 4);
  has_room_ = has;
  if (had && !has) {
    logging::error("the disk is nearly full: nothing more is taken in until there is room",
                   {{"free_mib", static_cast<long>(bytes->free / kMiB)},
                    {"needed_mib", static_cast<long>((least + least / 4) / kMiB)}});
  } else if (!had && has) {
    logging::info("the disk has room again", {{"free_mib", static_cast<long>(bytes->free / kMiB)}});
  }
  return has;
}

}  // namespace vigie::storage
