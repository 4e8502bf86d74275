#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "platform/result/result.h"

/// What copying asks of the disk. Private to platform/backup.
namespace vigie::backup {

/// Called as bytes pass, with their number.
using OnBytes = std::function<void(std::uint64_t)>;

/// Copies a file, syncs the copy (mode 0600) and gives the SHA-256 of what it read, hexadecimal.
/// Errors: kStop io, disk_full.
Result<std::string> copy_synced(const std::filesystem::path& from, const std::filesystem::path& to,
                                const OnBytes& on_bytes);
/// Errors: kStop io.
Result<std::string> digest_of_file(const std::filesystem::path& file, const OnBytes& on_bytes);
/// Makes the names in it outlive a power failure; and those of all folders below.
Result<void> sync_folders(const std::filesystem::path& top);
Result<void> sync_folder(const std::filesystem::path& folder);
/// Of the last change, Unix ns; 0 where the file is gone.
std::int64_t modified_ns(const std::filesystem::path& file);

}  // namespace vigie::backup
