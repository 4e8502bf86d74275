#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/storage/storage.h"
#include "tests/simulation/world.h"

namespace vigie::simulation {

/// Databases in memory that lose what a disk loses: what was not synced, from some batch on, when
/// the machine goes down; everything when the disk is gone. The death of a process alone loses
/// nothing, as what it wrote is with the kernel.
class MemoryDisk {
 public:
  explicit MemoryDisk(World& world) : world_(world) {}

  storage::Opener opener();
  /// The machine below `prefix` went down: of each database a beginning of the batches that were
  /// not synced is left.
  void lose_unsynced(const std::string& prefix);
  /// The disk below `prefix` is a new one.
  void lose_all(const std::string& prefix);
  /// One write in so many fails; 0: none.
  std::uint64_t fail_one_in = 0;

  using Rows = std::map<std::string, std::string, std::less<>>;
  struct Undo {
    std::size_t family;
    std::string key;
    std::optional<std::string> before;
  };
  struct Store {
    std::vector<std::shared_ptr<Rows>> families;  // a cursor holds the rows of its creation
    std::vector<std::vector<Undo>> unsynced;      // one entry a batch
    bool open = false;
  };

 private:
  World& world_;
  std::map<std::string, std::shared_ptr<Store>> stores_;
};

}  // namespace vigie::simulation
