#include "platform/process/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

namespace vigie::process {
namespace {

constexpr const char* kLockFile = "lock";
constexpr const char* kAddressFile = "http.addr";
// while platform/backup writes a data directory
constexpr const char* kRestoringFile = "restore.unfinished";

std::string errno_text() {
  std::array<char, 256> buffer{};
  return strerror_r(errno, buffer.data(), buffer.size());
}

Error io_error(const std::filesystem::path& path, const std::string& what) {
  return Error{"io", Disposition::kStop,
               what + ": " + errno_text() + "; check the disk and the permissions", path.string()};
}

/// An open file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() >= 0) ::fsync(descriptor.get());
}

/// The whole of a lock file. Open-file-description locks, not flock: they can be asked about
/// without being taken.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Writes and syncs a file that is open already.
Result<void> write_and_sync(int descriptor, const std::filesystem::path& path,
                            std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failure(io_error(path, "the file cannot be written"));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(descriptor) != 0) return failure(io_error(path, "the file cannot be synced"));
  return {};
}

}  // namespace

struct Signals::Impl {
  std::function<void()> on_hangup;
  std::stop_source stop;
  std::atomic<bool> ending{false};
  sigset_t waited{};
  sigset_t before{};
  std::jthread thread;

  void wait() {
    int stops = 0;
    for (;;) {
      int signal = 0;
      if (sigwait(&waited, &signal) != 0) continue;
      if (ending) return;
      if (signal == SIGHUP) {
        if (on_hangup) on_hangup();
        continue;
      }
      if (++stops > 1) _exit(128 + signal);  // asked twice: at once
      stop.request_stop();
    }
  }
};

Signals::Signals(std::function<void()> on_hangup) : impl_(std::make_unique<Impl>()) {
  impl_->on_hangup = std::move(on_hangup);
  sigemptyset(&impl_->waited);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&impl_->waited, signal);
  // Blocked here, so in every thread started later: only the waiting thread takes them.
  pthread_sigmask(SIG_BLOCK, &impl_->waited, &impl_->before);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  impl_->thread = std::jthread([this] { impl_->wait(); });
}

Signals::~Signals() {
  impl_->ending = true;
  pthread_kill(impl_->thread.native_handle(), SIGHUP);
  impl_->thread.join();
  pthread_sigmask(SIG_SETMASK, &impl_->before, nullptr);
}

std::stop_token Signals::token() const { return impl_->stop.get_token(); }
void Signals::request_stop() { impl_->stop.request_stop(); }

Result<DataDir> DataDir::lock(const std::filesystem::path& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error)
    return failure(Disposition::kStop, "io",
                   "the data directory cannot be made: " + error.message() +
                       "; choose another with --set data_dir=…",
                   dir.string());
  if (std::filesystem::exists(dir / kRestoringFile, error)) {
    return failure(Disposition::kStop, "corrupt",
                   "a restore into this directory did not finish; run `vigie restore` again",
                   dir.string());
  }
  // Also one that was made before, by a shell or a package. Where it belongs to somebody else, as
  // volumes of containers do, its owner decides.
  ::chmod(dir.c_str(), 0700);
  const std::filesystem::path file = dir / kLockFile;
  Descriptor descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (descriptor.get() < 0)
    return failure(io_error(file, "the lock of the data directory cannot be opened"));
  struct flock wanted = whole_file();
  if (::fcntl(descriptor.get(), F_OFD_SETLK, &wanted) != 0) {
    if (errno != EAGAIN && errno != EACCES)
      return failure(io_error(file, "the data directory cannot be locked"));
    std::array<char, 32> process{};
    const ssize_t count = ::pread(descriptor.get(), process.data(), process.size() - 1, 0);
    std::string detail = "the data directory is in use by process " +
                         (count > 0 ? std::string(process.data()) : std::string("?"));
    if (const std::string address = holder_address(dir); !address.empty())
      detail += ", which answers at http://" + address;
    return failure(Disposition::kStop, "locked",
                   detail + "; stop it, or choose another directory with --set data_dir=…",
                   dir.string());
  }
  const std::string process = std::to_string(::getpid());
  if (::ftruncate(descriptor.get(), 0) != 0 ||
      ::pwrite(descriptor.get(), process.data(), process.size(), 0) !=
          static_cast<ssize_t>(process.size())) {
    return failure(io_error(file, "the lock of the data directory cannot be written"));
  }
  std::filesystem::remove(dir / kAddressFile, error);  // of the last process
  return DataDir(dir, descriptor.release());
}

DataDir::~DataDir() {
  if (descriptor_ < 0) return;
  std::error_code ignored;
  std::filesystem::remove(path_ / kAddressFile, ignored);
  ::close(descriptor_);
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

DataDir& DataDir::operator=(DataDir&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

std::string holder_address(const std::filesystem::path& dir) {
  const Descriptor descriptor(::open((dir / kLockFile).c_str(), O_RDWR | O_CLOEXEC));
  if (descriptor.get() < 0) return {};
  struct flock asked = whole_file();
  // nobody holds it
  if (::fcntl(descriptor.get(), F_OFD_GETLK, &asked) != 0 || asked.l_type == F_UNLCK) return {};
  auto text = read_file(dir / kAddressFile, 256);
  if (!text) return {};
  while (!text->empty() && (text->back() == '\n' || text->back() == ' ')) text->pop_back();
  return *text;
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  // unique: two writers of one file do not write into each other's
  std::string temporary = path.string() + ".XXXXXX";
  Descriptor descriptor(::mkostemp(temporary.data(), O_CLOEXEC));
  if (descriptor.get() < 0) return failure(io_error(path, "the file cannot be written"));
  auto done = write_and_sync(descriptor.get(), path, text);
  if (done && ::rename(temporary.c_str(), path.c_str()) != 0)
    done = failure(io_error(path, "the file cannot be put in place"));
  if (!done) {
    ::unlink(temporary.c_str());
    return done;
  }
  sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
  return {};
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) {
    if (errno == ENOENT)
      return failure(Disposition::kStop, "not_found", "there is no such file; check the path",
                     path.string());
    return failure(io_error(path, "the file cannot be opened"));
  }
  std::string out;
  std::array<char, 1 << 16> buffer{};
  for (;;) {
    const ssize_t count = ::read(descriptor.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(io_error(path, "the file cannot be read"));
    if (count == 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(count));
    if (out.size() > max_bytes) {
      return failure(
          Disposition::kStop, "too_large",
          "the file is larger than the " + std::to_string(max_bytes) + " bytes that are read",
          path.string());
    }
  }
}

Result<std::string> read_or_make(const std::filesystem::path& path,
                                 const std::function<std::string()>& make) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    VIGIE_ASSIGN(std::string text, read_file(path));
    if (!text.empty()) return text;
  }
  std::string made = make();
  VIGIE_TRY(write_file_atomically(path, made));
  return made;
}

std::uint64_t resident_bytes() {
  auto text = read_file("/proc/self/statm", 4096);
  if (!text) return 0;
  const std::size_t space = text->find(' ');
  if (space == std::string::npos) return 0;
  return std::strtoull(text->c_str() + space + 1, nullptr, 10) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  struct rusage usage {};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t open_files() {
  std::error_code error;
  std::uint64_t count = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    ++count;
  return count > 0 ? count - 1 : 0;  // the one that lists them
}

std::uint64_t max_open_files() {
  struct rlimit limit {};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

std::uint64_t disk_size_bytes(const std::filesystem::path& dir) {
  struct statvfs figures {};
  if (::statvfs(dir.c_str(), &figures) != 0) return 0;
  return static_cast<std::uint64_t>(figures.f_blocks) * figures.f_frsize;
}

std::uint64_t disk_free_bytes(const std::filesystem::path& dir) {
  struct statvfs figures {};
  if (::statvfs(dir.c_str(), &figures) != 0) return 0;
  return static_cast<std::uint64_t>(figures.f_bavail) * figures.f_frsize;
}

}  // namespace vigie::process
