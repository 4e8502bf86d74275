#include "crawler/queue/domain_queues.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace vigie::crawler::queue {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kNow{10'000};
constexpr milliseconds kIpGap{500};
constexpr milliseconds kInUse = milliseconds::max();

TEST(WakeTime, IsWhenTheLastOfItsConditionsHolds) {
  struct Row {
    const char* name;
    Readiness readiness;
    std::int64_t wake_ms;
  };
  const auto at = [](std::int64_t ms) { return std::optional(milliseconds(ms)); };
  for (const auto& [name, readiness, wake_ms] :
       {Row{"due long ago", {at(1), milliseconds(0), {}}, 10'000},
        Row{"due later", {at(12'000), milliseconds(0), {}}, 12'000},
        Row{"the gap is not over", {at(1), milliseconds(11'000), {}}, 11'000},
        Row{"due after the gap", {at(12'000), milliseconds(11'000), {}}, 12'000},
        Row{"addresses are awaited", {at(1), milliseconds(0), at(11'500)}, 11'500},
        Row{"addresses are awaited no longer", {at(1), milliseconds(0), at(9'000)}, 10'000},
        Row{"an address is in use", {at(1), kInUse, {}}, 10'125},
        Row{"in use, and due later", {at(12'000), kInUse, {}}, 12'000}})
    EXPECT_EQ(wake_time(readiness, kIpGap, kNow), milliseconds(wake_ms)) << name;
  EXPECT_FALSE(wake_time({}, kIpGap, kNow)) << "nothing is ever due";
}

TEST(WakeTime, LooksAgainAtABusyAddressWithinBounds) {
  const Readiness busy{milliseconds(0), kInUse, {}};
  EXPECT_EQ(wake_time(busy, milliseconds(0), kNow), kNow + kBusyWait);
  EXPECT_EQ(wake_time(busy, milliseconds(60'000), kNow), kNow + kMaxBusyWait);
}

TEST(DomainQueues, GiveTheDomainsInTheOrderOfTheirTimesAndEachOnce) {
  DomainQueues queues;
  queues.schedule("b", milliseconds(20));
  queues.schedule("a", milliseconds(30));
  queues.schedule("c", milliseconds(10));
  EXPECT_EQ(queues.next_wake(), milliseconds(10));
  EXPECT_FALSE(queues.next(milliseconds(9)));
  EXPECT_EQ(queues.next(milliseconds(25)), "c");
  EXPECT_EQ(queues.next(milliseconds(25)), "b");
  EXPECT_FALSE(queues.next(milliseconds(25)));
  EXPECT_EQ(queues.next_wake(), milliseconds(30));
}

TEST(DomainQueues, KeepOneTimeOfEachDomain) {
  DomainQueues queues;
  queues.schedule("a", milliseconds(10));
  queues.schedule("a", milliseconds(50));
  EXPECT_FALSE(queues.next(milliseconds(20)));
  queues.schedule("a", std::nullopt);
  EXPECT_FALSE(queues.next_wake());
}

TEST(DomainQueues, PassOverADomainWithARequestInHand) {
  DomainQueues queues;
  queues.schedule("a", milliseconds(10));
  queues.hold("a");
  EXPECT_TRUE(queues.busy("a"));
  EXPECT_FALSE(queues.next(milliseconds(20)));
  queues.schedule("a", milliseconds(10));
  EXPECT_FALSE(queues.next_wake()) << "it is scheduled when it is released";
  queues.release("a");
  queues.schedule("a", milliseconds(10));
  EXPECT_EQ(queues.next(milliseconds(20)), "a");
}

TEST(DomainQueues, GiveThoseThatSourcesListBeforeAnyNumberOfOthers) {
  DomainQueues queues;
  for (int i = 0; i < 1'000; ++i) queues.schedule("other" + std::to_string(i), milliseconds(10));
  queues.schedule("a", milliseconds(20));
  queues.schedule("b", milliseconds(20));
  queues.schedule("c", milliseconds(20));
  queues.set_listed({"a", "b", "c"});
  std::set<std::string> first;
  for (unsigned i = 0; i < DomainQueues::kTurnOfOthers; ++i)
    first.insert(queues.next(milliseconds(30)).value_or(""));
  EXPECT_TRUE(first.contains("a") && first.contains("b") && first.contains("c"));
  EXPECT_EQ(first.size(), DomainQueues::kTurnOfOthers) << "the others have a turn too";
  EXPECT_TRUE(queues.next(milliseconds(30)));
  EXPECT_FALSE(queues.next(milliseconds(30), true)) << "none of the listed ones is left";
  EXPECT_EQ(queues.next_wake(), milliseconds(10));
  EXPECT_FALSE(queues.next_wake(true));
  queues.schedule("b", milliseconds(40));
  EXPECT_EQ(queues.next_wake(true), milliseconds(40));
  queues.set_listed({"a"});
  EXPECT_FALSE(queues.next_wake(true)) << "no longer listed";
  EXPECT_EQ(queues.next_wake(), milliseconds(10)) << "nothing of it is lost";
}

TEST(DomainQueues, CountTheOthersThatHaveARequestInHand) {
  DomainQueues queues;
  queues.set_listed({"a"});
  for (const char* domain : {"a", "b", "b", "c"}) queues.hold(domain);
  EXPECT_EQ(queues.others_in_hand(), 2U);
  queues.set_listed({"a", "b"});
  queues.release("b");
  queues.release("b");
  EXPECT_EQ(queues.others_in_hand(), 1U) << "counted when it was held";
  queues.release("a");
  queues.clear();
  EXPECT_EQ(queues.others_in_hand(), 0U);
}

TEST(DomainQueues, GiveTheFetchesOfADomainInTheirOrder) {
  DomainQueues queues;
  EXPECT_FALSE(queues.front("a"));
  queues.push("a", 1);
  queues.push("a", 2);
  queues.push_front("a", 3);
  for (const std::uint64_t expected : {3U, 1U, 2U}) {
    EXPECT_EQ(queues.front("a"), expected);
    queues.pop("a");
  }
  EXPECT_FALSE(queues.front("a"));
  EXPECT_FALSE(queues.front("b"));
}

TEST(DomainQueues, CountWhatWaitsAndRememberWhatWasTouched) {
  DomainQueues queues;
  EXPECT_EQ(queues.waiting("a"), 0);
  EXPECT_FALSE(queues.knows("a")) << "asking makes no queue";
  queues.set_waiting("a", 5);
  queues.add_waiting("a", -2);
  EXPECT_EQ(queues.waiting("a"), 3);
  queues.touch("b");
  queues.touch("b");
  queues.touch(std::set<std::string>{"a", "c"});
  EXPECT_EQ(queues.take_touched(), (std::set<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(queues.take_touched().empty());
  queues.clear();
  EXPECT_FALSE(queues.knows("a"));
}

}  // namespace
}  // namespace vigie::crawler::queue
