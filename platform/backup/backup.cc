#include "platform/backup/backup.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "platform/backup/files.h"
#include "platform/backup/freezer.h"
#include "platform/process/process.h"

namespace vigie::backup {
namespace {

namespace fs = std::filesystem;

// platform/process refuses to start where it is
constexpr const char* kRestoring = "restore.unfinished";
constexpr const char* kLock = "lock";  // of the folder of backups

tl::unexpected<Error> io(const std::string& what, const std::error_code& error,
                         const fs::path& where) {
  return failure(Disposition::kStop, "io",
                 what + ": " + error.message() + "; look at the disk and the permissions",
                 where.string());
}

/// "20261130T101500.123Z": names sort by time.
std::string name_at(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(unix_ms % 1000));
  return std::string(text, size) + fraction;
}

bool is_name(const std::string& name) {
  const std::string like = "dddddddd-dddddd.ddd-";
  if (name.size() != like.size() || name[8] != 'T' || name[15] != '.' || name[19] != 'Z')
    return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (like[i] == 'd' && (name[i] < '0' || name[i] > '9')) return false;
  }
  return true;
}

/// What an open database writes for itself and nobody needs: its own log, its lock.
bool is_of_the_process(const fs::path& file) {
  const std::string name = file.filename().string();
  return name == "LOCK" || name == "LOG" || name.starts_with("LOG.old.");
}

/// Every file that belongs into a backup of `top`, by its path below it.
Result<std::vector<std::string>> files_of(const fs::path& top) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator entry(top, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_regular_file() && is_kept_file(entry->path()))
      out.push_back(entry->path().filename().string());
  }
  if (error) return io("a folder cannot be read", error, top);
  for (const char* store : kStores) {
    if (!fs::exists(top / store, error)) continue;
    for (fs::recursive_directory_iterator entry(top / store, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->is_regular_file() && !is_of_the_process(entry->path()))
        out.push_back(fs::relative(entry->path(), top).string());
    }
    if (error) return io("a folder cannot be read", error, top / store);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Nothing but backups, finished or not, and the lock.
Result<void> check_folder(const fs::path& to) {
  std::error_code error;
  if (!fs::exists(to, error)) return {};
  for (fs::directory_iterator entry(to, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (is_name(name) || name.starts_with(kUnfinished) || name == kLock || name == "lost+found")
      continue;
    return failure(Disposition::kStop, "conflict",
                   "the folder holds something else than backups of vigie ('" + name +
                       "'); name a folder of its own",
                   to.string());
  }
  if (error) return io("the folder of backups cannot be read", error, to);
  return {};
}

Result<process::DataDir> lock_folder(const fs::path& to) {
  auto locked = process::DataDir::lock(to);
  if (!locked && locked.error().code == ErrorCode("locked")) {
    return failure(Disposition::kStop, "locked",
                   "another command writes a backup there; wait until it is done", to.string());
  }
  return locked;
}

class Maker {
 public:
  Maker(const fs::path& frozen, const MakeOptions& options) : from_(frozen), options_(options) {}

  Result<void> use(const fs::path& last) {
    auto manifest = read_manifest(last, options_.version);
    if (!manifest) return {};  // nothing is shared with a backup that cannot be read
    for (FileEntry& file : manifest->files) last_.emplace(file.path, std::move(file));
    last_dir_ = last;
    return {};
  }

  Result<Manifest> copy(const fs::path& part) {
    VIGIE_ASSIGN(const std::vector<std::string> paths, files_of(from_));
    std::error_code error;
    progress_.files = paths.size();
    for (const std::string& path : paths) {
      const std::uintmax_t bytes = fs::file_size(from_ / path, error);
      progress_.bytes += error ? 0 : bytes;
    }
    Manifest manifest;
    manifest.vigie = options_.version;
    for (const std::string& path : paths) {
      fs::create_directories((part / kData / path).parent_path(), error);
      if (error) return io("a folder cannot be made", error, part);
      VIGIE_ASSIGN(FileEntry file, take(path, part / kData / path));
      manifest.files.push_back(std::move(file));
      ++progress_.files_done;
      tell(0);
    }
    return manifest;
  }
  std::uint64_t written_bytes() const { return written_; }

 private:
  void tell(std::uint64_t bytes) {
    progress_.bytes_done += bytes;
    if (options_.on_progress) options_.on_progress(progress_);
  }

  bool share(const FileEntry& before, const fs::path& to) const {
    std::error_code error;
    fs::create_hard_link(last_dir_ / kData / before.path, to, error);
    return !error;  // else it is copied: a file has a limit of links
  }

  Result<FileEntry> take(const std::string& path, const fs::path& to) {
    std::error_code error;
    FileEntry file;
    file.path = path;
    file.modified_ns = modified_ns(from_ / path);
    file.bytes = fs::file_size(from_ / path, error);
    if (error) return io("a file cannot be read", error, from_ / path);
    const auto before = last_.find(path);
    const bool known = before != last_.end() && before->second.bytes == file.bytes;
    if (known && before->second.modified_ns == file.modified_ns && share(before->second, to)) {
      file.sha256 = before->second.sha256;
      tell(file.bytes);
      return file;
    }
    VIGIE_ASSIGN(file.sha256,
                 copy_synced(from_ / path, to, [this](std::uint64_t bytes) { tell(bytes); }));
    if (known && before->second.sha256 == file.sha256) {
      fs::remove(to, error);
      if (share(before->second, to)) return file;
      VIGIE_ASSIGN(file.sha256, copy_synced(from_ / path, to, {}));
    }
    file.bytes = fs::file_size(to, error);
    written_ += file.bytes;
    return file;
  }

  const fs::path& from_;
  const MakeOptions& options_;
  fs::path last_dir_;
  std::map<std::string, FileEntry> last_;
  Progress progress_;
  std::uint64_t written_ = 0;
};

std::vector<fs::path> whole_ones(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_name(entry->path().filename().string())) out.push_back(entry->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// What killed commands left behind.
void remove_unfinished(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with(kUnfinished)) left.push_back(entry->path());
  }
  for (const fs::path& each : left) fs::remove_all(each, error);
}

}  // namespace

Result<Made> make_backup(const fs::path& frozen, const MakeOptions& options, Clock& clock) {
  VIGIE_TRY(check_folder(options.to));
  VIGIE_ASSIGN(const process::DataDir lock, lock_folder(options.to));
  remove_unfinished(options.to);
  Maker maker(frozen, options);
  const std::vector<fs::path> before = whole_ones(options.to);
  if (!before.empty()) VIGIE_TRY(maker.use(before.back()));
  const std::int64_t now = clock.now_unix_ms();
  Made made;
  made.name = name_at(now);
  if (!before.empty() && before.back().filename().string() >= made.name) {
    return failure(Disposition::kStop, "conflict",
                   "the newest backup there is of a later time (" +
                       before.back().filename().string() + "); look at the clock of this machine",
                   options.to.string());
  }
  const fs::path part = options.to / (kUnfinished + made.name);
  std::error_code error;
  fs::create_directories(part / kData, error);
  if (error) return io("a folder cannot be made", error, part);
  VIGIE_ASSIGN(Manifest manifest, maker.copy(part));
  manifest.made_at_unix_ms = now;
  VIGIE_TRY(write_manifest(part, manifest));
  VIGIE_TRY(sync_folders(part));
  fs::rename(part, options.to / made.name, error);  // from here on it is a backup
  if (error) return io("the backup cannot be named", error, part);
  VIGIE_TRY(sync_folder(options.to));
  made.files = manifest.files.size();
  made.bytes = manifest.bytes();
  made.written_bytes = maker.written_bytes();
  for (std::size_t i = 0; options.keep > 0 && i + options.keep < before.size() + 1; ++i) {
    // no whole name may stand for half a backup, should this be killed
    const fs::path going = options.to / (kUnfinished + before[i].filename().string());
    fs::rename(before[i], going, error);
    if (!error) fs::remove_all(going, error);
    if (error) return io("an older backup cannot be removed", error, before[i]);
    made.removed.push_back(before[i].filename().string());
  }
  return made;
}

Result<std::vector<fs::path>> list_backups(const fs::path& place) {
  std::error_code error;
  if (fs::exists(place / kManifest, error) && !place.filename().string().starts_with(kUnfinished))
    return std::vector<fs::path>{place};
  std::vector<fs::path> out = whole_ones(place);
  if (out.empty()) {
    return failure(Disposition::kStop, "not_found",
                   "there is no whole backup of vigie here; `vigie backup DIR` makes one",
                   place.string());
  }
  return out;
}

Result<Verified> verify_backup(const fs::path& backup, const std::string& version,
                               const OnProgress& on_progress) {
  VIGIE_ASSIGN(const Manifest manifest, read_manifest(backup, version));
  Verified out;
  Progress progress{0, manifest.files.size(), 0, manifest.bytes()};
  std::set<std::string> named;
  for (const FileEntry& file : manifest.files) {
    named.insert(file.path);
    const auto digest = digest_of_file(backup / kData / file.path, [&](std::uint64_t bytes) {
      progress.bytes_done += bytes;
      if (on_progress) on_progress(progress);
    });
    if (!digest) out.damaged.push_back(file.path + ": " + digest.error().detail);
    else if (*digest != file.sha256)
      out.damaged.push_back(file.path + ": is not as it was written");
    ++progress.files_done;
    ++out.files;
    out.bytes += file.bytes;
  }
  std::error_code error;
  for (fs::recursive_directory_iterator entry(backup / kData, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_directory()) continue;
    const std::string path = fs::relative(entry->path(), backup / kData).string();
    if (named.count(path) == 0) out.damaged.push_back(path + ": is not in the manifest");
  }
  return out;
}

namespace {

/// Empties what a restore left that did not finish; refuses anything else that is there.
Result<void> prepare_target(const fs::path& data_dir) {
  std::error_code error;
  fs::create_directories(data_dir, error);
  if (error) return io("the data directory cannot be made", error, data_dir);
  fs::permissions(data_dir, fs::perms::owner_all, error);
  const bool unfinished = fs::exists(data_dir / kRestoring, error);
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(data_dir, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name != kRestoring && name != "lost+found") found.push_back(entry->path());
  }
  if (error) return io("the data directory cannot be read", error, data_dir);
  if (!found.empty() && !unfinished) {
    return failure(Disposition::kStop, "conflict",
                   "the data directory is not empty; name one that is not there yet with --data "
                   "DIR, or move this one away",
                   data_dir.string());
  }
  for (const fs::path& each : found) {
    fs::remove_all(each, error);
    if (error) return io("what an earlier restore left cannot be removed", error, each);
  }
  return process::write_file_atomically(data_dir / kRestoring,
                                        "a restore did not finish; run vigie restore again\n");
}

}  // namespace

Result<Manifest> restore_backup(const fs::path& backup, const fs::path& data_dir,
                                const std::string& version, const OnProgress& on_progress) {
  VIGIE_ASSIGN(Manifest manifest, read_manifest(backup, version));
  VIGIE_TRY(prepare_target(data_dir));
  Progress progress{0, manifest.files.size(), 0, manifest.bytes()};
  std::error_code error;
  for (const FileEntry& file : manifest.files) {
    const fs::path to = data_dir / file.path;
    fs::create_directories(to.parent_path(), error);
    if (error) return io("a folder cannot be made", error, to.parent_path());
    VIGIE_ASSIGN(const std::string digest,
                 copy_synced(backup / kData / file.path, to, [&](std::uint64_t bytes) {
                   progress.bytes_done += bytes;
                   if (on_progress) on_progress(progress);
                 }));
    if (digest != file.sha256) {
      return failure(Disposition::kStop, "corrupt",
                     "a file of the backup is not as it was written; restore another backup "
                     "(`vigie backup --verify` finds a whole one)",
                     (backup / kData / file.path).string());
    }
    ++progress.files_done;
  }
  VIGIE_TRY(sync_folders(data_dir));
  fs::remove(data_dir / kRestoring, error);  // from here on it is a data directory
  if (error) return io("the restore cannot be finished", error, data_dir);
  VIGIE_TRY(sync_folder(data_dir));
  return manifest;
}

}  // namespace vigie::backup
