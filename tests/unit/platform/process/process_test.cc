#include "platform/process/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace vigie::process {
namespace {

class ProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vigie-process-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir_),
                                                  std::filesystem::directory_iterator()));
  }
  std::filesystem::path dir_;
};

/// Runs `work` in a child and returns how it ended, as waitpid tells it.
template <class Work>
int in_child(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);  // a child that hangs fails the test instead of stopping it
    work();
    _exit(99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST_F(ProcessTest, LockMakesADirectoryOfItsOwnerAlone) {
  auto locked = DataDir::lock(dir_ / "a" / "data");
  ASSERT_TRUE(locked) << locked.error().to_string();
  struct stat figures {};
  ASSERT_EQ(stat(locked->path().c_str(), &figures), 0);
  EXPECT_EQ(figures.st_mode & 0777U, 0700U);
}

TEST_F(ProcessTest, SecondLockIsRefusedAndNamesProcessAndAddress) {
  auto first = DataDir::lock(dir_ / "data");
  ASSERT_TRUE(first);
  ASSERT_TRUE(write_file_atomically(dir_ / "data" / "http.addr", "127.0.0.1:4242"));
  const auto second = DataDir::lock(dir_ / "data");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode("locked"));
  EXPECT_EQ(second.error().disposition, Disposition::kStop);
  EXPECT_NE(second.error().detail.find("process " + std::to_string(getpid())), std::string::npos)
      << second.error().detail;
  EXPECT_NE(second.error().detail.find("http://127.0.0.1:4242"), std::string::npos)
      << second.error().detail;
}

TEST_F(ProcessTest, LockIsFreeAfterItsOwnerAndTheOldAddressGone) {
  {
    auto first = DataDir::lock(dir_);
    ASSERT_TRUE(first);
    ASSERT_TRUE(write_file_atomically(dir_ / "http.addr", "127.0.0.1:1"));
    DataDir moved = std::move(*first);
    EXPECT_FALSE(DataDir::lock(dir_)) << "a move must keep the lock";
  }
  EXPECT_FALSE(std::filesystem::exists(dir_ / "http.addr"));
  EXPECT_TRUE(DataDir::lock(dir_));
}

TEST_F(ProcessTest, LockOfAKilledProcessIsFree) {
  const int status = in_child([&] {
    auto locked = DataDir::lock(dir_);
    if (locked)
      static_cast<void>(write_file_atomically(dir_ / "http.addr", "127.0.0.1:1").has_value());
    kill(getpid(), SIGKILL);
  });
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  EXPECT_EQ(holder_address(dir_), "") << "the address of a dead process is nobody's";
  auto again = DataDir::lock(dir_);
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_FALSE(std::filesystem::exists(dir_ / "http.addr"));
}

TEST_F(ProcessTest, LockIsSeenFromAnotherProcess) {
  auto locked = DataDir::lock(dir_);
  ASSERT_TRUE(locked);
  ASSERT_TRUE(write_file_atomically(dir_ / "http.addr", "127.0.0.1:7\n"));
  const int status = in_child([&] {
    if (holder_address(dir_) != "127.0.0.1:7") _exit(1);
    if (DataDir::lock(dir_)) _exit(2);
    _exit(0);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(ProcessTest, LockOfAPathThatIsAFileIsAnErrorThatSaysWhatToDo) {
  ASSERT_TRUE(write_file_atomically(dir_ / "file", "x"));
  const auto locked = DataDir::lock(dir_ / "file" / "data");
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, ErrorCode("io"));
  EXPECT_NE(locked.error().detail.find("data_dir="), std::string::npos);
}

TEST_F(ProcessTest, AskingForTheHolderNeverStandsInTheWayOfAStart) {
  ASSERT_TRUE(DataDir::lock(dir_));  // makes the lock file
  std::atomic<bool> done{false};
  std::vector<std::thread> askers;
  for (int i = 0; i < 2; ++i) {
    askers.emplace_back([&] {
      while (!done) EXPECT_EQ(holder_address(dir_), "");
    });
  }
  int refused = 0;
  for (int i = 0; i < 2000; ++i) refused += DataDir::lock(dir_) ? 0 : 1;
  done = true;
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(refused, 0);
}

TEST_F(ProcessTest, HolderAddressIsEmptyWithoutADirectoryOrAnAddress) {
  EXPECT_EQ(holder_address(dir_ / "nowhere"), "");
  auto locked = DataDir::lock(dir_);
  ASSERT_TRUE(locked);
  EXPECT_EQ(holder_address(dir_), "");
}

TEST_F(ProcessTest, AtomicWriteReplacesTheWholeContentAndLeavesNothingElse) {
  const std::string large(300'000, 'x');
  ASSERT_TRUE(write_file_atomically(dir_ / "file", large));
  ASSERT_TRUE(write_file_atomically(dir_ / "file", "short"));
  EXPECT_EQ(read_file(dir_ / "file").value(), "short");
  EXPECT_EQ(files(), 1U);
}

TEST_F(ProcessTest, AtomicWriteThatFailsLeavesNoTemporaryFile) {
  std::filesystem::create_directory(dir_ / "taken");
  // a folder stands there: rename(2) fails
  const auto written = write_file_atomically(dir_ / "taken", "text");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode("io"));
  EXPECT_EQ(written.error().disposition, Disposition::kStop);
  EXPECT_EQ(files(), 1U);
  EXPECT_FALSE(write_file_atomically(dir_ / "no" / "folder", "text"));
}

TEST_F(ProcessTest, AtomicWritesOfManyThreadsNeverMixOrFail) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&, i] {
      for (int k = 0; k < 25; ++k)
        EXPECT_TRUE(write_file_atomically(
            dir_ / "file",
            std::string(10'000 + static_cast<std::size_t>(i), static_cast<char>('a' + i))));
    });
  }
  for (auto& writer : writers) writer.join();
  const std::string text = read_file(dir_ / "file").value();
  ASSERT_FALSE(text.empty());
  EXPECT_EQ(text, std::string(10'000 + static_cast<std::size_t>(text[0] - 'a'), text[0]));
  EXPECT_EQ(files(), 1U);
}

TEST_F(ProcessTest, ReadFileTellsAbsentFromTooLarge) {
  EXPECT_EQ(read_file(dir_ / "none").error().code, ErrorCode("not_found"));
  ASSERT_TRUE(write_file_atomically(dir_ / "file", "12345"));
  EXPECT_EQ(read_file(dir_ / "file", 5).value(), "12345");
  EXPECT_EQ(read_file(dir_ / "file", 4).error().code, ErrorCode("too_large"));
}

TEST_F(ProcessTest, ReadOrMakeMakesOnceAndAgainWhenEmpty) {
  int made = 0;
  const auto make = [&] { return "made" + std::to_string(++made); };
  EXPECT_EQ(read_or_make(dir_ / "name", make).value(), "made1");
  EXPECT_EQ(read_or_make(dir_ / "name", make).value(), "made1");
  ASSERT_TRUE(write_file_atomically(dir_ / "name", ""));
  EXPECT_EQ(read_or_make(dir_ / "name", make).value(), "made2");
}

TEST_F(ProcessTest, FiguresOfTheProcessAreThere) {
  EXPECT_GT(resident_bytes(), 1U << 20);
  EXPECT_GT(disk_free_bytes(dir_), 0U);
  EXPECT_EQ(disk_free_bytes(dir_ / "none"), 0U);
}

void wait_for_stop(const Signals& signals) {
  while (!signals.token().stop_requested())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(Signals, RequestAStopWhenTermOrInterruptComes) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const int status = in_child([signal] {
      const Signals signals;
      if (signals.token().stop_requested()) _exit(1);
      kill(getpid(), signal);
      wait_for_stop(signals);
      _exit(7);
    });
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 7);
  }
}

TEST(Signals, EndTheProcessAtOnceWhenAskedTwice) {
  const int status = in_child([] {
    const Signals signals;
    kill(getpid(), SIGTERM);
    wait_for_stop(signals);
    kill(getpid(), SIGTERM);
    for (;;) pause();
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGTERM);
}

TEST(Signals, CallReloadOnHangupAndGoOn) {
  const int status = in_child([] {
    std::atomic<int> hangups{0};
    const Signals signals([&] { ++hangups; });
    kill(getpid(), SIGHUP);
    while (hangups < 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    kill(getpid(), SIGHUP);
    while (hangups < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    _exit(signals.token().stop_requested() ? 1 : 0);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Signals, WritingToAClosedPipeIsAnErrorAndNotTheEnd) {
  const int status = in_child([] {
    const Signals signals;
    int ends[2];
    if (pipe(ends) != 0) _exit(2);
    close(ends[0]);
    const ssize_t written = write(ends[1], "x", 1);
    _exit(written == -1 ? 0 : 1);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Signals, AreAsBeforeAfterItsEnd) {
  const int status = in_child([] {
    { const Signals signals; }
    kill(getpid(), SIGTERM);
    for (;;) pause();
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

}  // namespace
}  // namespace vigie::process
