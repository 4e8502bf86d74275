#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "platform/backup/turn_gate.h"
#include "platform/result/result.h"

namespace vigie::backup {

/// What of a data directory a backup holds: these folders, and the files directly in it but for
/// those of the running process. Everything else (the frontier's store, caches) is made again from
/// the log.
inline constexpr const char* kStores[] = {"log", "shards", "clusterer", "alerter"};
bool is_kept_file(const std::filesystem::path& file);

/// Where a running process puts the frozen copy, below its data directory; who copies it holds the
/// lock of this folder (process::DataDir).
inline constexpr const char* kBackupFolder = "backup";
inline constexpr const char* kFrozenFolder = "frozen";

/// Makes a copy of the stores of this process that is consistent: hard links, so that it takes
/// little room and time. Each store is as a crash would have left it, and none is ahead of the log:
/// the log is copied last. Parts add their stores before they run; freeze() and thaw() from any
/// thread.
class Freezer {
 public:
  /// Writes a copy into a folder that must not exist.
  using Write = std::function<Result<void>(const std::filesystem::path& to)>;

  /// Removes what an earlier process has frozen.
  explicit Freezer(std::filesystem::path data_dir);

  /// A store that follows the log, by its folder in the data directory. `write` is called on the
  /// thread of freeze().
  void add(std::string folder, Write write);
  /// A store whose role acts on the world: it stands still at `gate`, which must outlive this,
  /// until the log is copied too, so that nothing it did is unknown to the copy.
  void add_acting(std::string folder, TurnGate& gate, Write write);
  /// Without one there is nothing to freeze: the log is elsewhere.
  void set_log(Write write) { log_ = std::move(write); }
  bool has_log() const { return static_cast<bool>(log_); }

  /// The folder of the copy, which is there until thaw(), the next freeze() or the next start.
  /// Errors: kQuarantine conflict (the log is on Kafka), kRetry busy, kStop io.
  Result<std::filesystem::path> freeze();
  Result<void> thaw();

 private:
  struct Store {
    std::string folder;
    Write write;
    TurnGate* gate = nullptr;
  };
  Result<void> write_all(const std::filesystem::path& to);
  Result<void> link_files(const std::filesystem::path& to);
  Result<void> remove_frozen();

  const std::filesystem::path data_dir_;
  std::mutex mutex_;  // one freeze at a time
  std::vector<Store> following_;
  std::vector<Store> acting_;
  Write log_;
};

}  // namespace vigie::backup
