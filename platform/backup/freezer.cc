#include "platform/backup/freezer.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "platform/logging/logging.h"

namespace vigie::backup {
namespace {

namespace fs = std::filesystem;

/// An attempt of a delivery may take 15 s; its end is waited for.
constexpr std::chrono::milliseconds kRestTime{30'000};
// of the process that holds the directory, and what it writes for others to find it
constexpr std::array<std::string_view, 4> kLeftOut{"lock", "http.addr", "health.addr",
                                                   "restore.unfinished"};

tl::unexpected<Error> io(const std::string& what, const std::error_code& error,
                         const fs::path& where) {
  return failure(Disposition::kStop, "io",
                 what + ": " + error.message() + "; look at the disk and the permissions",
                 where.string());
}

}  // namespace

bool is_kept_file(const fs::path& file) {
  const std::string name = file.filename().string();
  return std::ranges::find(kLeftOut, name) == kLeftOut.end();
}

Freezer::Freezer(fs::path data_dir) : data_dir_(std::move(data_dir)) {
  static_cast<void>(remove_frozen().has_value());
}

void Freezer::add(std::string folder, Write write) {
  following_.push_back({std::move(folder), std::move(write)});
}

void Freezer::add_acting(std::string folder, TurnGate& gate, Write write) {
  acting_.push_back({std::move(folder), std::move(write), &gate});
}

Result<void> Freezer::remove_frozen() {
  std::error_code error;
  const fs::path frozen = data_dir_ / kBackupFolder / kFrozenFolder;
  fs::remove_all(frozen, error);
  if (error) return io("the last frozen copy cannot be removed", error, frozen);
  return {};
}

Result<fs::path> Freezer::freeze() {
  const std::lock_guard lock(mutex_);
  if (!has_log()) {
    return failure(Disposition::kQuarantine, "conflict",
                   "the log is on Kafka, whose brokers keep and copy it; the index is made again "
                   "from it, or taken from indexer.checkpoint_dir");
  }
  VIGIE_TRY(remove_frozen());
  const fs::path frozen = data_dir_ / kBackupFolder / kFrozenFolder;
  std::error_code error;
  fs::create_directories(frozen, error);
  if (error) return io("the folder of the frozen copy cannot be made", error, frozen);
  if (auto written = write_all(frozen); !written) {
    static_cast<void>(remove_frozen().has_value());
    return failure(std::move(written.error()));
  }
  logging::info("the stores were frozen for a backup");
  return frozen;
}

Result<void> Freezer::thaw() {
  const std::lock_guard lock(mutex_);
  return remove_frozen();
}

Result<void> Freezer::write_all(const fs::path& to) {
  for (const Store& store : following_) VIGIE_TRY(store.write(to / store.folder));
  {
    std::vector<TurnGate::Hold> standing;
    for (const Store& store : acting_) {
      VIGIE_ASSIGN(TurnGate::Hold hold, store.gate->hold(kRestTime));
      standing.push_back(std::move(hold));
      VIGIE_TRY(store.write(to / store.folder));
    }
    VIGIE_TRY(log_(to / kStores[0]));
  }
  return link_files(to);
}

/// Names and keys of the directory. They are replaced, never written in place.
Result<void> Freezer::link_files(const fs::path& to) {
  std::error_code error;
  for (fs::directory_iterator entry(data_dir_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file() || !is_kept_file(entry->path())) continue;
    const fs::path place = to / entry->path().filename();
    fs::create_hard_link(entry->path(), place, error);
    if (error) return io("a file cannot be linked", error, entry->path());
  }
  if (error) return io("the data directory cannot be read", error, data_dir_);
  return {};
}

}  // namespace vigie::backup
