#include "platform/storage/waiting_file_system.h"

#include <rocksdb/file_system.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "platform/logging/logging.h"

namespace vigie::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr int kSecondsBetweenComplaints = 30;
constexpr std::string_view kWalSuffix = ".log";

/// Used by one thread at a time, as RocksDB uses its files.
class WaitingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WaitingFile(std::unique_ptr<FSWritableFile> file, std::string name)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    // At a place, so that what was written in part before the disk was full is written again over
    // itself.
    IOStatus status = target()->PositionedAppend(data, size_, options, debug);
    for (int waited = 0; status.IsNoSpace(); ++waited) {
      if (waited % kSecondsBetweenComplaints == 0)
        logging::error("no space is left on the disk; waiting for room", {{"where", name_}});
      std::this_thread::sleep_for(std::chrono::seconds(1));
      status = target()->PositionedAppend(data, size_, options, debug);
    }
    if (status.ok()) size_ += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);  // the checksum is for file systems that hand it on
  }

 private:
  const std::string name_;
  std::uint64_t size_ = 0;
};

class WaitingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  WaitingFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "WaitingFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(name, options, file, debug);
    if (status.ok() && name.ends_with(kWalSuffix))
      *file = std::make_unique<WaitingFile>(std::move(*file), name);
    return status;
  }
};

}  // namespace

rocksdb::Env* waiting_environment() {
  // never destroyed: databases may be closed by destructors of other static objects
  static rocksdb::Env* const environment =
      rocksdb::NewCompositeEnv(std::make_shared<WaitingFileSystem>()).release();
  return environment;
}

}  // namespace vigie::storage
