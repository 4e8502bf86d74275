#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "platform/result/result.h"

/// The life of a process: signals, the data directory and its lock, its own figures.
namespace vigie::process {

/// Exit codes of ops/spec/command_line.md.
inline constexpr int kExitOk = 0;
inline constexpr int kExitSomeFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitCannotStart = 3;

/// Waits for SIGTERM and SIGINT (→ stop requested; a second one ends the process at once) and
/// SIGHUP (→ on_hangup). Construct in main() before any thread.
class Signals {
 public:
  explicit Signals(std::function<void()> on_hangup = {});
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  std::stop_token token() const;
  void request_stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Exclusive use of a data directory (made if absent, mode 0700). Released on destruction and by
/// the kernel when the process dies.
class DataDir {
 public:
  /// Errors: kStop locked, naming the process and its http.addr; kStop io (read-only file system,
  /// …).
  static Result<DataDir> lock(const std::filesystem::path& dir);
  ~DataDir();
  DataDir(DataDir&&) noexcept;
  DataDir& operator=(DataDir&&) noexcept;
  const std::filesystem::path& path() const { return path_; }

 private:
  DataDir(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// The endpoint in dir/http.addr if a living process holds the lock of `dir`; empty if none does.
/// Never takes the lock, so it can be asked while another process starts.
std::string holder_address(const std::filesystem::path& dir);

/// Writes text to a temporary file of its own beside it, syncs, renames; the temporary file goes if
/// anything fails. Mode 0600.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text);
Result<std::string> read_file(const std::filesystem::path& path,
                              std::size_t max_bytes = 1ULL << 30);

/// A file's content kept for the life of the data directory: read, or made by `make` and written.
Result<std::string> read_or_make(const std::filesystem::path& path,
                                 const std::function<std::string()>& make);

std::uint64_t resident_bytes();
/// Processor time of this process, user and system, in seconds.
double cpu_seconds();
std::uint64_t open_files();
/// How many this process may have open (RLIMIT_NOFILE, the soft one).
std::uint64_t max_open_files();
std::uint64_t disk_free_bytes(const std::filesystem::path& dir);
/// Size of the file system that holds `dir`.
std::uint64_t disk_size_bytes(const std::filesystem::path& dir);

}  // namespace vigie::process
