#include "platform/backup/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

#include "proto/sha256_stream.h"

namespace vigie::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 1 << 20;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  const int value_;
};

tl::unexpected<Error> failed(const char* what, const fs::path& where) {
  const std::error_code error(errno, std::generic_category());
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return failure(Error{full ? ErrorCode("disk_full") : ErrorCode("io"), Disposition::kStop,
                       std::string(what) + ": " + error.message() +
                           (full ? "; make room there" : "; look at the disk and the permissions"),
                       where.string()});
}

Result<void> write_all(int descriptor, std::string_view bytes, const fs::path& where) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failed("a file cannot be written", where);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

/// Reads a file to its end; each piece goes to `take`.
Result<std::string> read_through(const fs::path& file, const OnBytes& on_bytes,
                                 const std::function<Result<void>(std::string_view)>& take) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (in.get() < 0) return failed("a file cannot be read", file);
  proto::Sha256Stream digest;
  std::vector<char> piece(kPiece);
  for (;;) {
    const ssize_t count = ::read(in.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("a file cannot be read", file);
    if (count == 0) return digest.hex();
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
    digest.add(bytes);
    VIGIE_TRY(take(bytes));
    if (on_bytes) on_bytes(bytes.size());
  }
}

}  // namespace

Result<std::string> copy_synced(const fs::path& from, const fs::path& to, const OnBytes& on_bytes) {
  const Descriptor out(
      ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (out.get() < 0) return failed("a file cannot be made", to);
  VIGIE_ASSIGN(std::string digest, read_through(from, on_bytes, [&](std::string_view bytes) {
                 return write_all(out.get(), bytes, to);
               }));
  if (::fsync(out.get()) != 0) return failed("a file cannot be synced", to);
  return digest;
}

Result<std::string> digest_of_file(const fs::path& file, const OnBytes& on_bytes) {
  return read_through(file, on_bytes, [](std::string_view) -> Result<void> { return {}; });
}

Result<void> sync_folder(const fs::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0 || ::fsync(descriptor.get()) != 0)
    return failed("a folder cannot be synced", folder);
  return {};
}

Result<void> sync_folders(const fs::path& top) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(top, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_directory(error)) VIGIE_TRY(sync_folder(entry->path()));
  }
  if (error)
    return failure(Disposition::kStop, "io", "a folder cannot be read: " + error.message(),
                   top.string());
  return sync_folder(top);
}

std::int64_t modified_ns(const fs::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return 0;
  return static_cast<std::int64_t>(found.st_mtim.tv_sec) * 1'000'000'000 + found.st_mtim.tv_nsec;
}

}  // namespace vigie::backup
