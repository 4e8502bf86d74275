#include "crawler/frontier/due_clock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/fakes/fake_clock.h"

namespace vigie::crawler::frontier {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class DueClockTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }
  DueClock open(FakeClock& clock, const std::string& boot = "one") { return {file_, clock, boot}; }

  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("vigie-due-clock-" + std::to_string(getpid()));
  FakeClock clock_;
};

TEST_F(DueClockTest, BeginsAsTheWallClockAndRunsByTheBootClock) {
  const std::int64_t began = clock_.now_unix_ms();
  const DueClock due = open(clock_);
  EXPECT_EQ(due.now_unix_ms(), began);
  clock_.jump_wall(hours(24));
  EXPECT_EQ(due.now_unix_ms(), began);
  EXPECT_EQ(due.ahead_ms(), -milliseconds(hours(24)).count());
  EXPECT_EQ(due.to_wall(due.now_unix_ms()), clock_.now_unix_ms());
  EXPECT_EQ(due.from_wall(clock_.now_unix_ms()), due.now_unix_ms());
  EXPECT_EQ(due.to_wall(0), 0);
  clock_.advance(milliseconds(500));
  EXPECT_EQ(due.now_unix_ms(), began + 500);
}

TEST_F(DueClockTest, ARestartGoesOnByTheBootClockWhateverTheWallClockDid) {
  clock_.jump_wall(hours(1'000));
  const std::int64_t began = clock_.now_unix_ms();
  open(clock_).keep();
  clock_.jump_wall(-hours(1'000));
  clock_.advance(milliseconds(60'000));
  EXPECT_EQ(open(clock_).now_unix_ms(), began + 60'000);
}

TEST_F(DueClockTest, AnotherBootGoesOnByTheWallClockAndNeverBack) {
  const std::int64_t began = clock_.now_unix_ms();
  clock_.advance(milliseconds(60'000));
  open(clock_).keep();
  FakeClock later(began + 7'200'000);
  EXPECT_EQ(open(later, "two").now_unix_ms(), began + 7'200'000);
  FakeClock set_back(began - 86'400'000);
  EXPECT_EQ(open(set_back, "two").now_unix_ms(), began + 60'000);
  // The same name and a boot clock that went back: a fake, or a copy of a machine.
  FakeClock copied(began - 86'400'000);
  EXPECT_EQ(open(copied).now_unix_ms(), began + 60'000);
}

TEST_F(DueClockTest, WithoutANameOfTheBootTheWallClockCounts) {
  const std::int64_t began = clock_.now_unix_ms();
  open(clock_, "").keep();
  clock_.jump_wall(hours(2));
  EXPECT_EQ(open(clock_, "").now_unix_ms(), began + 7'200'000);
}

TEST_F(DueClockTest, ABrokenFileIsNone) {
  for (const char* text : {"", "x", "12", "-5 3 one", "99999999999999999999 1 one", "1 x one"}) {
    std::ofstream(file_) << text;
    EXPECT_EQ(open(clock_).now_unix_ms(), clock_.now_unix_ms()) << text;
  }
}

TEST_F(DueClockTest, ThisMachineNamesItsBoot) {
  EXPECT_EQ(boot_of_machine().size(), 36U);
  EXPECT_EQ(boot_of_machine(), boot_of_machine());
}

}  // namespace
}  // namespace vigie::crawler::frontier
