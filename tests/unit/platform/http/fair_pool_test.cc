#include "platform/http/fair_pool.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace vigie::http {
namespace {

TEST(FairPool, TakesTheWorkOfItsOwnersInTurns) {
  FairPool pool(1);
  const auto say = [](std::string& order, char letter) {
    return [&order, letter](FairPool::Turn) {
      order += letter;
      return FairPool::Outcome::kDone;
    };
  };
  std::promise<void> begin;
  std::promise<void> began;
  pool.post("first", [&](FairPool::Turn turn) {
    EXPECT_TRUE(turn.is_patient) << "there is but one kind of thread";
    began.set_value();
    begin.get_future().wait();
    return FairPool::Outcome::kDone;
  });
  began.get_future().wait();
  std::string order;  // one thread works
  for (int i = 0; i < 4; ++i) pool.post("much", say(order, 'm'));
  pool.post("little", say(order, 'l'));
  pool.post("some", say(order, 's'));
  pool.post("some", say(order, 's'));
  begin.set_value();
  pool.join();
  EXPECT_EQ(order, "mlsmsmm");
}

TEST(FairPool, DoesAllThatWasGivenBeforeItEnds) {
  std::mutex mutex;
  int done = 0;
  {
    FairPool pool(3);
    for (int i = 0; i < 100; ++i) {
      pool.post(std::to_string(i % 7), [&, i](FairPool::Turn turn) {
        const std::lock_guard lock(mutex);
        if (i % 3 == 0 && !turn.is_patient) return FairPool::Outcome::kLater;
        ++done;
        return FairPool::Outcome::kDone;
      });
    }
  }
  EXPECT_EQ(done, 100);
}

/// Who keeps its threads busy leaves half of the prompt ones to others, and all of them once its
/// work was long.
TEST(FairPool, KeepsPromptThreadsForOthers) {
  FairPool pool(4, 2);
  std::atomic<int> begun{0};
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  for (int i = 0; i < 10; ++i) {
    pool.post("much", [&](FairPool::Turn) {
      ++begun;
      ended.wait();
      return FairPool::Outcome::kDone;
    });
  }
  std::promise<void> other;
  pool.post("other", [&](FairPool::Turn turn) {
    EXPECT_FALSE(turn.is_patient);
    other.set_value();
    return FairPool::Outcome::kDone;
  });
  EXPECT_EQ(other.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_LE(begun, 2);
  end.set_value();
}

TEST(FairPool, WorkThatIsLongAndWhatFollowsGoToPatientThreads) {
  FairPool pool(2, 1);
  std::promise<bool> first;
  pool.post("one", [&](FairPool::Turn turn) {
    if (!turn.is_patient) return FairPool::Outcome::kLater;
    first.set_value(turn.is_patient);
    return FairPool::Outcome::kDone;
  });
  EXPECT_TRUE(first.get_future().get());
  const auto kind_of = [&pool](const std::string& owner) {
    std::promise<bool> kind;
    pool.post(owner, [&kind](FairPool::Turn turn) {
      kind.set_value(turn.is_patient);
      return FairPool::Outcome::kDone;
    });
    return kind.get_future().get();
  };
  EXPECT_TRUE(kind_of("one"));
  EXPECT_FALSE(kind_of("two"));
  std::promise<void> said;
  pool.post("three", [&said](FairPool::Turn) {
    said.set_value();
    return FairPool::Outcome::kLong;
  });
  said.get_future().get();
  for (int i = 0; i < 100 && !kind_of("three"); ++i) {
  }
  EXPECT_TRUE(kind_of("three")) << "it said so";
  std::promise<void> worked;
  pool.post("two", [&worked](FairPool::Turn) {
    const std::clock_t begin = std::clock();
    while ((std::clock() - begin) * 1'000 < CLOCKS_PER_SEC * 2 * FairPool::kLong.count()) {
    }
    worked.set_value();
    return FairPool::Outcome::kDone;
  });
  worked.get_future().get();
  for (int i = 0; i < 100 && !kind_of("two"); ++i) {
  }
  EXPECT_TRUE(kind_of("two")) << "it used the processor for long";
}

TEST(FairPool, WorkThatIsKnownToBeLongBothersNoPromptThread) {
  const auto policy_of = [](FairPool& pool, bool is_long) {
    std::promise<std::pair<bool, int>> seen;
    pool.post(
        "one",
        [&seen](FairPool::Turn turn) {
          seen.set_value(
              {turn.is_patient, ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()))});
          return FairPool::Outcome::kDone;
        },
        is_long);
    return seen.get_future().get();
  };
  FairPool both(2, 1);
  EXPECT_FALSE(policy_of(both, false).first);
  EXPECT_TRUE(policy_of(both, true).first);
  EXPECT_FALSE(policy_of(both, false).first) << "it says nothing of the owner's other work";
  FairPool none(0, 1);
  EXPECT_TRUE(policy_of(none, false).first);
  EXPECT_GE(policy_of(none, false).second, 10);
}

/// An owner whose work was long comes back from the patient threads, but not to the prompt ones:
/// all such owners share threads of their own.
TEST(FairPool, SuspectsLeaveRoomForOthers) {
  using namespace std::chrono_literals;
  FairPool pool(4, 1, {.patient = 0ms, .suspect = 600s});
  for (int i = 0; i < 8; ++i) {
    std::promise<void> said;
    pool.post("bad " + std::to_string(i), [&said](FairPool::Turn) {
      said.set_value();
      return FairPool::Outcome::kLong;
    });
    said.get_future().get();
  }
  std::atomic<int> begun{0};
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  const auto post_bad = [&] {
    for (int i = 0; i < 8; ++i) {
      pool.post("bad " + std::to_string(i), [&](FairPool::Turn) {
        ++begun;
        ended.wait();
        return FairPool::Outcome::kDone;
      });
    }
  };
  std::this_thread::sleep_for(100ms);  // the last that said so is remembered
  post_bad();
  for (int i = 0; i < 20; ++i) {
    std::promise<bool> kind;
    pool.post("good " + std::to_string(i % 2), [&kind](FairPool::Turn turn) {
      kind.set_value(turn.is_patient);
      return FairPool::Outcome::kDone;
    });
    auto told = kind.get_future();
    ASSERT_EQ(told.wait_for(10s), std::future_status::ready);
    EXPECT_FALSE(told.get());
  }
  EXPECT_LE(begun, 1);
  end.set_value();
  pool.join();
  EXPECT_EQ(begun, 8);
}

/// What a thread has of the processor, as the kernel knows it.
struct Claim {
  int niceness = 0;
  int policy = 0;
};
Claim claim_of_this_thread() {
  return {::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())), ::sched_getscheduler(0)};
}

/// Who has good standing never makes suspects wait for ever, and is never interrupted by them.
TEST(FairPool, OneThreadIsForSuspectsEvenBesideManyOthersAndYieldsToThem) {
  using namespace std::chrono_literals;
  FairPool pool(2, 1, {.patient = 0ms, .suspect = 600s});
  std::promise<Claim> good;
  pool.post("good", [&good](FairPool::Turn) {
    good.set_value(claim_of_this_thread());
    return FairPool::Outcome::kDone;
  });
  const Claim own = claim_of_this_thread();
  const Claim prompt = good.get_future().get();
  EXPECT_EQ(prompt.niceness, own.niceness);
  EXPECT_EQ(prompt.policy, own.policy);
  std::promise<void> said;
  pool.post("bad", [&said](FairPool::Turn) {
    said.set_value();
    return FairPool::Outcome::kLong;
  });
  said.get_future().get();
  std::this_thread::sleep_for(100ms);  // it is remembered
  std::atomic<bool> stop{false};
  std::function<void(int)> go_on = [&](int number) {
    pool.post("good " + std::to_string(number), [&, number](FairPool::Turn) {
      if (!stop) go_on(number);
      return FairPool::Outcome::kDone;
    });
  };
  for (int i = 0; i < 8; ++i) go_on(i);
  std::promise<Claim> done;
  pool.post("bad", [&done](FairPool::Turn turn) {
    EXPECT_FALSE(turn.is_patient);
    done.set_value(claim_of_this_thread());
    return FairPool::Outcome::kDone;
  });
  std::future<Claim> suspect = done.get_future();
  ASSERT_EQ(suspect.wait_for(10s), std::future_status::ready);
  const Claim its = suspect.get();
  EXPECT_GE(its.niceness, 10);
  if (own.policy == SCHED_OTHER) EXPECT_EQ(its.policy, SCHED_BATCH);
  stop = true;
  pool.join();
}

}  // namespace
}  // namespace vigie::http
