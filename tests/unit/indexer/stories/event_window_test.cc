#include "indexer/stories/event_window.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vigie::indexer::stories {
namespace {

using vigie::traits::Kind;
using vigie::traits::make;

constexpr std::int64_t kNow = 1'767'225'600'000;
constexpr std::int64_t kHour = 3'600'000;

std::string traits(const std::vector<const char*>& numbers,
                   const std::vector<const char*>& actors = {"org:asml", "country:CN"}) {
  std::vector<vigie::traits::Trait> out{make(Kind::kTopic, "export-controls")};
  for (const char* actor : actors) out.push_back(make(Kind::kActor, actor));
  for (const char* number : numbers) out.push_back(make(Kind::kNumber, number));
  return vigie::traits::encode(out);
}

/// A window in which the actors and the topic are those of many.
EventWindow busy() {
  EventWindow window;
  for (int i = 0; i < 60; ++i)
    window.add(kNow, kNow, traits({std::to_string(10'000 + i).c_str()}), "e" + std::to_string(i));
  return window;
}

TEST(EventWindow, FindsTheArticleThatSharesWhatIsRare) {
  EventWindow window = busy();
  window.add(kNow, kNow, traits({"214", "6.3"}), "event");
  const auto found = window.find(traits({"214", "6.3", "77"}), kNow + kHour);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->event_id, "event");
  EXPECT_GT(found->similarity, 0.5);
  EXPECT_LE(found->similarity, 1.0);
}

TEST(EventWindow, TheSameActorsAndTopicAreNoEvent) {
  EventWindow window = busy();
  EXPECT_FALSE(window.find(traits({"999"}), kNow));
  EXPECT_FALSE(window.find(traits({}), kNow));
  EventWindow quiet;  // where nothing is known to be usual
  quiet.add(kNow, kNow, traits({}), "event");
  EXPECT_FALSE(quiet.find(traits({}), kNow));
}

TEST(EventWindow, WhatIsDaysApartIsAnotherEvent) {
  EventWindow window = busy();
  window.add(kNow, kNow, traits({"214", "6.3"}), "event");
  EXPECT_TRUE(window.find(traits({"214", "6.3"}), kNow + EventWindow::kMostApartMs));
  EXPECT_TRUE(window.find(traits({"214", "6.3"}), kNow - EventWindow::kMostApartMs));
  EXPECT_FALSE(window.find(traits({"214", "6.3"}), kNow + EventWindow::kMostApartMs + 1));
}

TEST(EventWindow, OfEqualsTheFirstCounts) {
  EventWindow window = busy();
  window.add(kNow, kNow, traits({"214"}), "first");
  window.add(kNow, kNow, traits({"214"}), "second");
  EXPECT_EQ(window.find(traits({"214"}), kNow)->event_id, "first");
}

TEST(EventWindow, ForgetsWhatIsOld) {
  EventWindow window;
  for (int i = 0; i < 100; ++i)
    window.add(kNow + i * kHour, kNow, traits({"214", std::to_string(500 + i).c_str()}), "old");
  window.forget_before(kNow + 99 * kHour);
  EXPECT_EQ(window.size(), 1U);
  EXPECT_TRUE(window.find(traits({"214", "599"}), kNow));
  window.forget_before(kNow + 100 * kHour);
  EXPECT_EQ(window.size(), 0U);
  EXPECT_FALSE(window.find(traits({"214", "599"}), kNow));
}

TEST(EventWindow, TakesNothingMalformed) {
  EventWindow window;
  window.add(kNow, kNow, "abc", "event");
  window.add(kNow, kNow, "", "event");
  EXPECT_EQ(window.size(), 0U);
  EXPECT_FALSE(window.find("abc", kNow));
}

// A flood of pages that all say the same costs no more than so many comparisons.
TEST(EventWindow, IsNotStalledByAFlood) {
  EventWindow window;
  for (int i = 0; i < 30'000; ++i) window.add(kNow, kNow, traits({"214", "6.3"}), "flood");
  EXPECT_FALSE(window.find(traits({"214", "6.3"}), kNow));  // what all say is no event
  window.add(kNow, kNow, traits({"214", "777777"}), "rare");
  EXPECT_EQ(window.find(traits({"777777"}), kNow)->event_id, "rare");
}

}  // namespace
}  // namespace vigie::indexer::stories
