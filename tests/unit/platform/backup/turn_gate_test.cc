#include "platform/backup/turn_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace vigie::backup {
namespace {

using std::chrono::milliseconds;

TEST(TurnGate, ARoleStandsStillWhileItIsHeldAndGoesOnAfterwards) {
  TurnGate gate;
  std::atomic<int> turns{0};
  std::jthread role([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      gate.pass();
      ++turns;
    }
  });
  {
    auto hold = gate.hold(milliseconds(10'000));
    ASSERT_TRUE(hold.has_value());
    EXPECT_TRUE(gate.wanted());
    const int then = turns;
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(turns, then);
    auto other = gate.hold(milliseconds(10'000));
    ASSERT_TRUE(other.has_value()) << "two may look at once";
  }
  EXPECT_FALSE(gate.wanted());
  const int then = turns;
  while (turns == then) std::this_thread::yield();
}

TEST(TurnGate, WhoDoesNotComeToRestIsNotWaitedForForever) {
  TurnGate gate;
  const auto hold = gate.hold(milliseconds(20));
  ASSERT_FALSE(hold.has_value());
  EXPECT_EQ(hold.error().code, ErrorCode("busy"));
  EXPECT_EQ(hold.error().disposition, Disposition::kRetry);
  EXPECT_FALSE(gate.wanted());
  gate.pass();  // and is not held later
}

}  // namespace
}  // namespace vigie::backup
