#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <future>
#include <string>
#include <thread>

#include "platform/storage/figures.h"
#include "platform/storage/storage.h"

namespace {

/// While set, writes to files below `g_folder` meet a full disk.
std::atomic<bool> g_full{false};
/// While set, the next such write writes half.
std::atomic<bool> g_half{false};
std::atomic<int> g_refused{0};
std::string g_folder;  // NOLINT: set before there are threads

bool meets_full_disk(int file) {
  if (!g_full) return false;
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  if (size <= 0 || !std::string_view(path, static_cast<std::size_t>(size)).starts_with(g_folder))
    return false;
  ++g_refused;
  errno = ENOSPC;
  return true;
}

ssize_t at_place(int file, const void* bytes, std::size_t size, off64_t offset) {
  if (!meets_full_disk(file)) return ::syscall(SYS_pwrite64, file, bytes, size, offset);
  if (size < 2 || !g_half.exchange(false)) return -1;
  return ::syscall(SYS_pwrite64, file, bytes, size / 2, offset);
}

}  // namespace

// The database's own calls of the system end here: a symbol of the program goes before that of a
// library (ld.so(8)).
extern "C" ssize_t write(int file, const void* bytes, std::size_t size) {
  return meets_full_disk(file) ? -1 : ::syscall(SYS_write, file, bytes, size);
}
extern "C" ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
  return at_place(file, bytes, size, offset);
}
extern "C" ssize_t pwrite64(int file, const void* bytes, std::size_t size, off64_t offset) {
  return at_place(file, bytes, size, offset);
}

namespace vigie::storage {
namespace {

using namespace std::chrono_literals;

class DiskFull : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::canonical(std::filesystem::temp_directory_path()) /
              ("vigie_disk_full_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    g_folder = folder_.string();
    open();
  }
  void TearDown() override {
    g_full = false;
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    database_.reset();
    Options options;
    options.dir = folder_ / "rows";
    options.families = {{"rows", Use::kSmall}, {"queue", Use::kQueue}};
    auto opened = storage::open(options);
    ASSERT_TRUE(opened) << opened.error().to_string();
    database_ = std::move(*opened);
  }
  Result<void> put(const std::string& key, Durability durability) {
    Batch batch;
    batch.put(0, key, std::string(10'000, 'x'));
    batch.put(1, key, key);
    return database_->write(batch, durability);
  }

  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(DiskFull, AWriteWaitsReadsAnswerAndAllGoesOnByItself) {
  constexpr int kCycles = 3;
  ASSERT_TRUE(put("before", Durability::kSynced));
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const std::string key = "during " + std::to_string(cycle);
    const Durability durability = cycle % 2 == 0 ? Durability::kSynced : Durability::kBuffered;
    g_refused = 0;
    g_full = true;
    std::future<Result<void>> written =
        std::async(std::launch::async, [&] { return put(key, durability); });
    EXPECT_EQ(written.wait_for(1'200ms), std::future_status::timeout) << "it waits for room";
    EXPECT_GT(g_refused, 0);
    EXPECT_TRUE(database_->get(0, "before").value()) << "reads answer";
    EXPECT_FALSE(database_->get(0, key).value()) << "nothing of it is there";
    g_full = false;
    ASSERT_EQ(written.wait_for(60s), std::future_status::ready);
    EXPECT_TRUE(written.get());
    ASSERT_TRUE(put("after " + std::to_string(cycle), Durability::kSynced));
  }
  open();
  EXPECT_TRUE(database_->get(0, "before").value());
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    for (const char* name : {"during ", "after "}) {
      const std::string key = name + std::to_string(cycle);
      EXPECT_TRUE(database_->get(0, key).value()) << key;
      EXPECT_EQ(database_->get(1, key).value(), key) << "whole batches";
    }
  }
}

// With nothing to flush RocksDB resumes at once and keeps the log that met the full disk.
TEST_F(DiskFull, AWriteWaitsAlsoWhereNothingIsLeftToFlush) {
  constexpr int kCycles = 2;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    ASSERT_TRUE(put("before " + std::to_string(cycle), Durability::kSynced));
    ASSERT_TRUE(database_->compact(0));
    ASSERT_TRUE(database_->compact(1));
    g_full = true;
    const std::string first = "first " + std::to_string(cycle);
    const std::string second = "second " + std::to_string(cycle);
    std::future<Result<void>> one =
        std::async(std::launch::async, [&] { return put(first, Durability::kSynced); });
    std::future<Result<void>> other =
        std::async(std::launch::async, [&] { return put(second, Durability::kBuffered); });
    EXPECT_EQ(one.wait_for(2'500ms), std::future_status::timeout) << "it waits for room";
    EXPECT_EQ(other.wait_for(0ms), std::future_status::timeout);
    g_full = false;
    EXPECT_TRUE(one.get());
    EXPECT_TRUE(other.get());
  }
  open();
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    for (const char* name : {"before ", "first ", "second "})
      EXPECT_TRUE(database_->get(0, name + std::to_string(cycle)).value()) << name << cycle;
  }
}

TEST_F(DiskFull, AFlushThatFailsIsCounted) {
  const auto failed = [] { return figures()["other"].background_errors; };
  const std::uint64_t before = failed();
  ASSERT_TRUE(put("before", Durability::kSynced));
  g_full = true;
  EXPECT_FALSE(database_->compact(0));
  EXPECT_GT(failed(), before);
  g_full = false;
  EXPECT_TRUE(put("after", Durability::kSynced));
  EXPECT_TRUE(database_->get(0, "before").value());
}

/// A disk that takes half of a record and then no more.
TEST_F(DiskFull, WhatWasWrittenInPartIsWrittenAgainOverItself) {
  ASSERT_TRUE(put("before", Durability::kSynced));
  g_half = true;
  g_full = true;
  std::future<Result<void>> written =
      std::async(std::launch::async, [&] { return put("torn", Durability::kSynced); });
  EXPECT_EQ(written.wait_for(1'200ms), std::future_status::timeout);
  EXPECT_FALSE(g_half) << "half of it was written";
  g_full = false;
  EXPECT_TRUE(written.get());
  ASSERT_TRUE(put("after", Durability::kSynced));
  open();
  for (const char* key : {"before", "torn", "after"})
    EXPECT_EQ(database_->get(0, key).value(), std::string(10'000, 'x')) << key;
}

}  // namespace
}  // namespace vigie::storage
