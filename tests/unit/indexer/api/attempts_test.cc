#include "indexer/api/attempts.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/fakes/fake_clock.h"

namespace vigie::indexer::api {
namespace {

using namespace std::chrono_literals;

TEST(Attempts, MakeAnAddressWaitThatShowedTooManyWrongKeys) {
  FakeClock clock;
  Attempts attempts(clock);
  for (std::size_t i = 1; i < Attempts::kMost; ++i) EXPECT_FALSE(attempts.failed("a"));
  EXPECT_EQ(attempts.wait("a", "right"), 0ms);
  EXPECT_TRUE(attempts.failed("a")) << "this one is said";
  EXPECT_FALSE(attempts.failed("a")) << "and no other";
  EXPECT_GT(attempts.wait("a", "right"), 0ms) << "a right guess tells nothing";
  EXPECT_EQ(attempts.wait("b", "right"), 0ms) << "others are not shut out";
  clock.advance(Attempts::kWithin);
  EXPECT_EQ(attempts.wait("a", "right"), 0ms);
}

TEST(Attempts, LetAKeyThatWorkedGoOn) {
  FakeClock clock;
  Attempts attempts(clock);
  attempts.succeeded("a", "used");
  for (std::size_t i = 0; i < Attempts::kMost; ++i) attempts.failed("a");
  EXPECT_EQ(attempts.wait("a", "used"), 0ms);
  EXPECT_GT(attempts.wait("a", "guess"), 0ms);
}

TEST(Attempts, KeepOnlySoManyAddresses) {
  FakeClock clock;
  Attempts attempts(clock);
  for (std::size_t i = 0; i < Attempts::kMost; ++i) attempts.failed("first");
  clock.advance(1ms);
  for (int i = 0; i < 5'000; ++i) {
    attempts.failed(std::to_string(i));
    attempts.succeeded(std::to_string(i), "key");
  }
  EXPECT_EQ(attempts.wait("first", "x"), 0ms) << "the oldest is forgotten";
}

}  // namespace
}  // namespace vigie::indexer::api
