#include "indexer/segments/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vigie::indexer::segments {
namespace {

tl::unexpected<Error> io_error(int error, const std::filesystem::path& path) {
  if (error == ENOSPC || error == EDQUOT)
    return failure(Disposition::kStop, "disk_full",
                   "no space is left on the disk; make room and start again", path.string());
  return failure(Disposition::kStop, "io",
                 "a file of the index cannot be read or written: " +
                     std::string(std::strerror(error)) + "; see to the disk and start again",
                 path.string());
}

}  // namespace

FileWriter::~FileWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> FileWriter::open(const std::filesystem::path& path) {
  path_ = path;
  descriptor_ = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (descriptor_ < 0) return io_error(errno, path);
  return {};
}

void FileWriter::flush() {
  std::string_view left = buffer_;
  while (!left.empty() && error_ == 0) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  buffer_.clear();
}

Result<void> FileWriter::finish() {
  flush();
  if (error_ == 0 && ::fsync(descriptor_) != 0) error_ = errno;
  if (::close(descriptor_) != 0 && error_ == 0) error_ = errno;
  descriptor_ = -1;
  if (error_ != 0) return io_error(error_, path_);
  return {};
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

Result<void> MappedFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return io_error(errno, path);
  struct stat about {};
  int error = ::fstat(descriptor, &about) != 0 ? errno : 0;
  if (error == 0 && about.st_size > 0) {
    void* const mapped = ::mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ,
                                MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED) {
      error = errno;
    } else {
      data_ = static_cast<const char*>(mapped);
      size_ = static_cast<std::size_t>(about.st_size);
    }
  }
  ::close(descriptor);
  if (error != 0) return io_error(error, path);
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return io_error(errno, folder);
  const int error = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  if (error != 0) return io_error(error, folder);
  return {};
}

}  // namespace vigie::indexer::segments
