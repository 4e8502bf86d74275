#include "indexer/query/budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

#include "tests/fakes/fake_clock.h"

namespace vigie::indexer::query {
namespace {

using namespace std::chrono_literals;

TEST(Budget, EndsAQuestionAtItsDeadline) {
  FakeClock clock;
  Gate gate(1, 0);
  const Budget budget(clock, gate, {.deadline = 500ms}, {});
  EXPECT_TRUE(budget.check());
  clock.advance(499ms);
  EXPECT_TRUE(budget.check());
  EXPECT_EQ(budget.left(), 1ms);
  clock.advance(1ms);
  const auto late = budget.check();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode("too_expensive"));
  EXPECT_EQ(late.error().disposition, Disposition::kQuarantine);
  EXPECT_NE(late.error().detail.find("within:7d"), std::string::npos);
}

TEST(Budget, RefusesBeforehandWhatIsFarTooMuch) {
  FakeClock clock;
  Gate gate(1, 0);
  const Budget budget(clock, gate, {.free_postings = 10, .most_postings = 100}, {});
  EXPECT_TRUE(budget.expect(60));
  EXPECT_TRUE(budget.expect(40));
  EXPECT_EQ(budget.expect(1).error().code, ErrorCode("too_expensive"));
  EXPECT_EQ(budget.expect(UINT64_MAX).error().code, ErrorCode("too_expensive"));
}

TEST(Budget, StopsWhenNobodyWaitsForTheAnswer) {
  FakeClock clock;
  Gate gate(1, 0);
  std::stop_source gone;
  const Budget budget(clock, gate, {}, gone.get_token());
  gone.request_stop();
  clock.advance(50ms);
  EXPECT_TRUE(budget.check()) << "what comes at once is still told";
  clock.advance(60ms);
  EXPECT_EQ(budget.check().error().code, ErrorCode("busy"));
}

TEST(Budget, TakesASlotOnceItHasWorkedForAWhileOrWillWorkMuch) {
  FakeClock clock;
  Gate gate(1, 0);
  {
    const Budget first(clock, gate, {.free_postings = 10}, {});
    const Budget second(clock, gate, {.free_postings = 10}, {});
    EXPECT_TRUE(first.expect(11));
    EXPECT_TRUE(second.expect(10)) << "cheap ones need none";
    EXPECT_EQ(second.expect(1).error().code, ErrorCode("busy"));
    const Budget third(clock, gate, {.free = 5ms}, {});
    EXPECT_TRUE(third.check());
    const std::clock_t begin = std::clock();  // work of 20 ms
    while ((std::clock() - begin) * 50 < CLOCKS_PER_SEC) {
    }
    EXPECT_TRUE(first.check());
    EXPECT_EQ(third.check().error().code, ErrorCode("busy"));
  }
  const Budget later(clock, gate, {.free_postings = 10}, {});
  EXPECT_TRUE(later.expect(11)) << "a slot comes back with its budget";
}

TEST(Budget, FailsInsteadOfTakingLongWhereItMayNot) {
  FakeClock clock;
  Gate gate(1, 1);
  const Budget budget(clock, gate, {.free_postings = 10, .may_take_long = false}, {});
  EXPECT_TRUE(budget.expect(10)) << "what is cheap is answered";
  EXPECT_EQ(budget.expect(1).error().code, ErrorCode("takes_long"));
  const Budget other(clock, gate, {.free = 5ms, .may_take_long = false}, {});
  EXPECT_TRUE(other.check());
  const std::clock_t begin = std::clock();  // work of 20 ms
  while ((std::clock() - begin) * 50 < CLOCKS_PER_SEC) {
  }
  EXPECT_EQ(other.check().error().code, ErrorCode("takes_long"));
  const Budget third(clock, gate, {.free_postings = 10}, {});
  EXPECT_TRUE(third.expect(11)) << "and holds no slot";
}

TEST(Gate, LetsWaitersInWhenASlotIsFree) {
  Gate gate(2, 8);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] {
      ASSERT_EQ(gate.enter(10s, {}), Gate::Entry::kEntered);
      const int now = ++inside;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::sleep_for(5ms);
      --inside;
      gate.leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 2);
}

TEST(Gate, GivesUpInTimeOrWhenTheCallerIsGone) {
  Gate gate(1, 1);
  ASSERT_EQ(gate.enter(0ms, {}), Gate::Entry::kEntered);
  EXPECT_EQ(gate.enter(20ms, {}), Gate::Entry::kTooLate);
  std::stop_source gone;
  std::thread waiter([&] { EXPECT_EQ(gate.enter(10s, gone.get_token()), Gate::Entry::kTooLate); });
  std::this_thread::sleep_for(30ms);
  EXPECT_EQ(gate.enter(10s, {}), Gate::Entry::kFull);
  gone.request_stop();
  waiter.join();
}

}  // namespace
}  // namespace vigie::indexer::query
