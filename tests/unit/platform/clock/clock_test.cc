#include "platform/clock/clock.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

namespace vigie {
namespace {

using std::chrono::milliseconds;

TEST(FakeClock, StandsStillUntilAdvanced) {
  FakeClock clock(1000);
  EXPECT_EQ(clock.now_unix_ms(), 1000);
  EXPECT_EQ(clock.since_boot(), milliseconds(0));
  clock.advance(milliseconds(250));
  EXPECT_EQ(clock.now_unix_ms(), 1250);
  EXPECT_EQ(clock.since_boot(), milliseconds(250));
}

TEST(FakeClock, AJumpOfTheWallClockDoesNotTouchTheTimeSinceBoot) {
  FakeClock clock(1000);
  clock.jump_wall(milliseconds(-600));
  EXPECT_EQ(clock.now_unix_ms(), 400);
  EXPECT_EQ(clock.since_boot(), milliseconds(0));
}

TEST(FakeClock, SleepEndsWhenTheDeadlineIsPassed) {
  FakeClock clock;
  std::atomic<bool> woken{false};
  const std::stop_source never;
  std::thread sleeper([&] {
    EXPECT_TRUE(clock.sleep_until(milliseconds(100), never.get_token()));
    woken = true;
  });
  clock.advance(milliseconds(99));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(woken);
  clock.advance(milliseconds(1));
  sleeper.join();
  EXPECT_TRUE(woken);
}

TEST(FakeClock, SleepEndsWithFalseWhenAStopIsAskedFor) {
  FakeClock clock;
  std::stop_source stop;
  std::thread sleeper(
      [&] { EXPECT_FALSE(clock.sleep_for(std::chrono::hours(1), stop.get_token())); });
  stop.request_stop();
  sleeper.join();
}

TEST(SystemClock, SleepsAtLeastAsLongAsAsked) {
  SystemClock clock;
  const std::stop_source never;
  const auto before = clock.since_boot();
  EXPECT_TRUE(clock.sleep_for(milliseconds(20), never.get_token()));
  EXPECT_GE(clock.since_boot() - before, milliseconds(20));
  EXPECT_TRUE(clock.sleep_until(before, never.get_token())) << "a deadline in the past is reached";
}

TEST(SystemClock, SleepEndsAtOnceWhenAStopIsAskedFor) {
  SystemClock clock;
  std::stop_source stop;
  const auto before = clock.since_boot();
  std::thread sleeper(
      [&] { EXPECT_FALSE(clock.sleep_for(std::chrono::minutes(5), stop.get_token())); });
  stop.request_stop();
  sleeper.join();
  EXPECT_LT(clock.since_boot() - before, std::chrono::minutes(1));
}

TEST(SystemClock, WallTimeIsOfThisCentury) {
  EXPECT_GT(SystemClock().now_unix_ms(), 1'577'836'800'000);
}

TEST(Random, UnitLiesBetweenZeroAndOne) {
  SeededRandom random(3);
  double least = 1;
  double most = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = random.unit();
    ASSERT_TRUE(value >= 0 && value < 1);
    least = std::min(least, value);
    most = std::max(most, value);
  }
  EXPECT_LT(least, 0.01);
  EXPECT_GT(most, 0.99);
}

TEST(Random, SeededRepeatsItselfAndTheSystemsDoesNot) {
  SeededRandom one(7);
  SeededRandom two(7);
  SeededRandom other(8);
  EXPECT_EQ(one.next(), two.next());
  EXPECT_NE(one.next(), other.next());
  SystemRandom system;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(system.next());
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace vigie
