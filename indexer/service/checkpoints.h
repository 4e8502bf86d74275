#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platform/result/result.h"

namespace vigie::indexer::service {

/// The folder of checkpoints that all indexers of a system share:
/// DIR/PARTITION/OFFSET-UNIXMS-INSTANCE, each a whole index with its own log position. A name is
/// there when the checkpoint is whole. One thread; other processes may use the folder at the same
/// time.
class Checkpoints {
 public:
  struct Entry {
    std::filesystem::path dir;
    std::int64_t offset = 0;  // of `articles` to read next
    std::int64_t made_at_unix_ms = 0;
    std::string instance;  // of the process that made it
  };

  /// `dir` empty: there are none, and none are made.
  Checkpoints(std::filesystem::path dir, std::string instance)
      : dir_(std::move(dir)), instance_(std::move(instance)) {}
  bool enabled() const { return !dir_.empty(); }

  /// Farthest in the log first.
  std::vector<Entry> list(std::int32_t partition) const;
  /// Farthest checkpoint whose offset lies within [begin, end].
  std::optional<Entry> newest_within(std::int32_t partition, std::int64_t begin,
                                     std::int64_t end) const;
  /// Has `write` make a checkpoint, names it, and removes this process's older ones but two.
  /// Errors: kStop io.
  Result<void> make(
      std::int32_t partition, std::int64_t offset, std::int64_t now_unix_ms,
      const std::function<Result<void>(const std::filesystem::path& to)>& write) const;
  /// Copies a checkpoint to where a shard will be opened; `to` must not exist, and is there when
  /// the copy is whole. Errors: kStop io.
  static Result<void> restore(const Entry& entry, const std::filesystem::path& to);

 private:
  std::filesystem::path folder(std::int32_t partition) const;
  std::filesystem::path dir_;
  std::string instance_;
};

/// Name of the folder of a partition: 007.
std::string partition_folder(std::int32_t partition);

}  // namespace vigie::indexer::service
