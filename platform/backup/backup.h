#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "platform/backup/manifest.h"
#include "platform/clock/clock.h"
#include "platform/result/result.h"

/// Backups of a data directory: a folder of them, each whole or not there, that share the files
/// which did not change (hard links). README.md has the layout. Blocking; one thread.
namespace vigie::backup {

struct Progress {
  std::uint64_t files_done = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes = 0;
};
using OnProgress = std::function<void(const Progress&)>;

struct MakeOptions {
  std::filesystem::path to;  // the folder of backups; made if it is not there
  std::string version;       // of vigie
  std::size_t keep = 0;      // the newest that stay, this one included; 0: all
  OnProgress on_progress = {};
};

struct Made {
  std::string name;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;           // of all files of the backup
  std::uint64_t written_bytes = 0;   // new on the disk; the rest is shared with the last backup
  std::vector<std::string> removed;  // older ones, by `keep`
};

/// Copies `frozen` (a Freezer's copy, or the data directory of nobody: what is_kept_file and
/// kStores say) into a new backup. Errors: kStop conflict (the folder holds something else than
/// backups), locked (another command writes there), disk_full, io.
Result<Made> make_backup(const std::filesystem::path& frozen, const MakeOptions& options,
                         Clock& clock);

/// The whole backups in a folder, oldest first; or the one that `place` itself is. Errors: kStop
/// not_found.
Result<std::vector<std::filesystem::path>> list_backups(const std::filesystem::path& place);

/// Reads every file again. One sentence for each that is missing, too many or not as it was
/// written. Errors: as read_manifest.
struct Verified {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> damaged;
};
Result<Verified> verify_backup(const std::filesystem::path& backup, const std::string& version,
                               const OnProgress& on_progress = {});

/// Copies a backup into a data directory that must not exist or be empty, or where a restore did
/// not finish; no process starts there before it is whole. Each file is checked as it is copied.
/// Errors: as read_manifest; kStop conflict (not empty), corrupt, disk_full, io.
Result<Manifest> restore_backup(const std::filesystem::path& backup,
                                const std::filesystem::path& data_dir, const std::string& version,
                                const OnProgress& on_progress = {});

}  // namespace vigie::backup
