#include "platform/backup/backup.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "platform/process/process.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::backup {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVersion = "1.2.3";

class BackupTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "vigie_backup_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    dir_ = name;
    data_ = dir_ / "data";
    to_ = dir_ / "backups";
    fs::create_directories(data_ / "log");
    fs::create_directories(data_ / "shards" / "000" / "segments");
    fs::create_directories(data_ / "frontier");
    put("log/000001.sst", std::string(3'000'000, 'a'));
    put("log/CURRENT", "MANIFEST-1\n");
    put("log/LOCK", "");
    put("log/LOG", "chatter");
    put("shards/000/segments/1", "postings");
    put("frontier/000001.sst", "made again from the log");
    put("instance", "one");
    put("http.addr", "127.0.0.1:1");
    put("lock", "1");
  }
  void TearDown() override { fs::remove_all(dir_); }

  void put(const std::string& name, const std::string& text) const {
    std::ofstream(data_ / name, std::ios::binary) << text;
  }
  static std::string read(const fs::path& file) {
    std::ostringstream out;
    out << std::ifstream(file, std::ios::binary).rdbuf();
    return out.str();
  }
  static ino_t inode(const fs::path& file) {
    struct stat found {};
    EXPECT_EQ(::stat(file.c_str(), &found), 0) << file;
    return found.st_ino;
  }
  Result<Made> make(std::size_t keep = 0) {
    clock_.advance(std::chrono::seconds(1));
    return make_backup(data_, {.to = to_, .version = kVersion, .keep = keep}, clock_);
  }
  Made made(std::size_t keep = 0) {
    auto result = make(keep);
    EXPECT_TRUE(result.has_value()) << result.error().to_string();
    return result ? *result : Made{};
  }
  Error refused(const Result<Manifest>& restored) {
    EXPECT_FALSE(restored.has_value());
    return restored ? Error{} : restored.error();
  }

  fs::path dir_, data_, to_;
  FakeClock clock_;
};

TEST_F(BackupTest, HoldsTheStoresAndTheNamesAndNothingOfTheProcess) {
  const Made backup = made();
  const fs::path files = to_ / backup.name / "data";
  EXPECT_EQ(read(files / "log/000001.sst"), read(data_ / "log/000001.sst"));
  EXPECT_EQ(read(files / "shards/000/segments/1"), "postings");
  EXPECT_EQ(read(files / "instance"), "one");
  for (const char* not_there : {"lock", "http.addr", "frontier", "log/LOCK", "log/LOG"})
    EXPECT_FALSE(fs::exists(files / not_there)) << not_there;
  EXPECT_EQ(backup.files, 4U);
  EXPECT_EQ(backup.written_bytes, backup.bytes);
  EXPECT_EQ(fs::status(files / "instance").permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(BackupTest, WhatDidNotChangeIsSharedWithTheLastOne) {
  const Made first = made();
  put("log/000002.sst", "new");
  // as a checkpoint leaves it: the same bytes, another time
  put("log/CURRENT", "MANIFEST-1\n");
  put("instance", "two");
  const Made second = made();
  EXPECT_EQ(second.written_bytes, 6U) << "000002.sst and instance";
  EXPECT_EQ(second.bytes, first.bytes + 3);
  for (const char* same : {"data/log/000001.sst", "data/log/CURRENT"})
    EXPECT_EQ(inode(to_ / first.name / same), inode(to_ / second.name / same)) << same;
  EXPECT_EQ(read(to_ / first.name / "data/instance"), "one");
  EXPECT_EQ(read(to_ / second.name / "data/instance"), "two");
}

TEST_F(BackupTest, AFileOfTheSameNameAndSizeIsNotTakenForTheSame) {
  made();
  std::string other(3'000'000, 'a');
  other[1'500'000] = 'b';
  put("log/000001.sst", other);
  const Made second = made();
  EXPECT_EQ(read(to_ / second.name / "data/log/000001.sst"), other);
  EXPECT_EQ(second.written_bytes, other.size());
}

TEST_F(BackupTest, KeepsTheNewest) {
  made();
  const Made second = made();
  const Made third = made(2);
  EXPECT_EQ(third.removed.size(), 1U);
  const auto left = list_backups(to_);
  ASSERT_TRUE(left.has_value());
  ASSERT_EQ(left->size(), 2U);
  EXPECT_EQ(left->front().filename(), second.name);
  const auto verified = verify_backup(left->front(), kVersion);
  ASSERT_TRUE(verified.has_value());
  EXPECT_TRUE(verified->damaged.empty()) << "what it shared is still there";
}

TEST_F(BackupTest, AnUnfinishedOneIsNoBackupAndIsRemovedByTheNext) {
  fs::create_directories(to_ / ".part-20260101T000000.000Z" / "data");
  EXPECT_FALSE(list_backups(to_).has_value());
  EXPECT_FALSE(list_backups(to_ / ".part-20260101T000000.000Z").has_value());
  made();
  EXPECT_FALSE(fs::exists(to_ / ".part-20260101T000000.000Z"));
}

TEST_F(BackupTest, AFolderOfOtherThingsIsRefusedByName) {
  fs::create_directories(to_);
  std::ofstream(to_ / "holiday.jpg") << "x";
  const auto result = make();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode("conflict"));
  EXPECT_NE(result.error().detail.find("holiday.jpg"), std::string::npos);
}

TEST_F(BackupTest, TwoCommandsDoNotWriteIntoOneFolder) {
  const auto held = process::DataDir::lock(to_);
  ASSERT_TRUE(held.has_value());
  const auto result = make();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode("locked"));
}

TEST_F(BackupTest, VerifyFindsWhatIsDamagedMissingOrTooMuch) {
  const Made backup = made();
  const fs::path files = to_ / backup.name / "data";
  {
    std::fstream sst(files / "log/000001.sst", std::ios::in | std::ios::out | std::ios::binary);
    sst.seekp(1'234'567);
    sst.put('z');
  }
  fs::remove(files / "instance");
  std::ofstream(files / "log" / "more") << "x";
  const auto verified = verify_backup(to_ / backup.name, kVersion);
  ASSERT_TRUE(verified.has_value());
  ASSERT_EQ(verified->damaged.size(), 3U);
  EXPECT_TRUE(verified->damaged[0].starts_with("instance: "));
  EXPECT_TRUE(verified->damaged[1].starts_with("log/000001.sst: "));
  EXPECT_TRUE(verified->damaged[2].starts_with("log/more: "));
}

TEST_F(BackupTest, RestoresTheSameBytesToADirectoryThatAProcessMayTake) {
  const Made backup = made();
  const fs::path target = dir_ / "elsewhere" / "data";
  const auto restored = restore_backup(to_ / backup.name, target, "1.10.0");
  ASSERT_TRUE(restored.has_value()) << restored.error().to_string();
  EXPECT_EQ(read(target / "log/000001.sst"), read(data_ / "log/000001.sst"));
  EXPECT_EQ(read(target / "shards/000/segments/1"), "postings");
  EXPECT_NE(inode(target / "log/000001.sst"), inode(to_ / backup.name / "data/log/000001.sst"))
      << "a data directory shares nothing with its backup";
  EXPECT_TRUE(process::DataDir::lock(target).has_value());
}

TEST_F(BackupTest, ATargetThatIsNotEmptyIsRefused) {
  const Made backup = made();
  EXPECT_EQ(refused(restore_backup(to_ / backup.name, data_, kVersion)).code,
            ErrorCode("conflict"));
  EXPECT_EQ(read(data_ / "instance"), "one");
}

TEST_F(BackupTest, ARestoreThatDidNotFinishIsNoDataDirectoryAndCanBeDoneAgain) {
  const Made backup = made();
  const fs::path target = dir_ / "target";
  fs::rename(to_ / backup.name / "data/shards", dir_ / "away");
  EXPECT_EQ(refused(restore_backup(to_ / backup.name, target, kVersion)).code, ErrorCode("io"));
  EXPECT_TRUE(fs::exists(target / "log"));
  const auto locked = process::DataDir::lock(target);
  ASSERT_FALSE(locked.has_value());
  EXPECT_NE(locked.error().detail.find("vigie restore"), std::string::npos);
  fs::rename(dir_ / "away", to_ / backup.name / "data/shards");
  EXPECT_TRUE(restore_backup(to_ / backup.name, target, kVersion).has_value());
  EXPECT_TRUE(process::DataDir::lock(target).has_value());
}

TEST_F(BackupTest, ADamagedFileIsNotRestored) {
  const Made backup = made();
  { std::ofstream(to_ / backup.name / "data/instance") << "two"; }
  const Error error = refused(restore_backup(to_ / backup.name, dir_ / "target", kVersion));
  EXPECT_EQ(error.code, ErrorCode("corrupt"));
  EXPECT_NE(error.where.find("instance"), std::string::npos);
}

TEST_F(BackupTest, ABackupOfALaterVersionIsRefusedByName) {
  const Made backup = made();
  const Error error = refused(restore_backup(to_ / backup.name, dir_ / "target", "1.2.2"));
  EXPECT_EQ(error.code, ErrorCode("schema"));
  EXPECT_NE(error.detail.find("1.2.3"), std::string::npos);
  EXPECT_NE(error.detail.find("1.2.2"), std::string::npos);
  EXPECT_FALSE(fs::exists(dir_ / "target"));
}

TEST_F(BackupTest, AManifestThatWasChangedIsRefusedAndNamesNoFileElsewhere) {
  const Made backup = made();
  const fs::path manifest = to_ / backup.name / "manifest.json";
  std::string text = read(manifest);
  text.replace(text.find("\"instance\""), 10, "\"../../bad\"");
  std::ofstream(manifest) << text;
  EXPECT_EQ(refused(restore_backup(to_ / backup.name, dir_ / "target", kVersion)).code,
            ErrorCode("corrupt"));
  text = read(manifest);
  text.replace(text.find("../../bad"), 9, "harmless1");
  std::ofstream(manifest) << text;
  EXPECT_EQ(refused(restore_backup(to_ / backup.name, dir_ / "target", kVersion)).code,
            ErrorCode("corrupt"));
}

}  // namespace
}  // namespace vigie::backup
