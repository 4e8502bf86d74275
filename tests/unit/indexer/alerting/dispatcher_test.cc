#include "indexer/alerting/dispatcher.h"

#include <gtest/gtest.h>

#include <set>

namespace vigie::indexer::alerting {
namespace {

using std::chrono::milliseconds;

/// Notes rows (as delivery ids) in the order they are sent, and ends them when it is told to.
class HeldSender final : public delivery::Sender {
 public:
  void send(const delivery::Message& message, Done done) override {
    sent.push_back(message.delivery_id);
    open[message.delivery_id] = std::move(done);
  }
  void end(const std::string& row, std::uint32_t status = 200) {
    delivery::Attempt attempt;
    attempt.status = status;
    open.at(row)(attempt);
    open.erase(row);
  }
  std::vector<std::string> take() { return std::exchange(sent, {}); }
  std::vector<std::string> sent;
  std::map<std::string, Done> open;
};

using Rows = std::vector<std::string>;

class DispatcherTest : public testing::Test {
 protected:
  Rows start(int now_ms) {
    EXPECT_TRUE(dispatcher_.start_due(milliseconds(now_ms), [this](const std::string& row) {
      std::optional<delivery::Message> message;
      if (!gone_.contains(row)) message.emplace().delivery_id = row;
      return Result<std::optional<delivery::Message>>(std::move(message));
    }));
    return sender_.take();
  }
  void add(const std::string& channel, const std::string& row, int due_ms) {
    dispatcher_.add(channel, row, milliseconds(due_ms));
  }

  HeldSender sender_;
  Dispatcher dispatcher_{sender_, 4, 2};  // attempts in all; of one channel
  std::set<std::string> gone_;
};

TEST_F(DispatcherTest, StartsWhatIsDueInTheOrderOfItsTime) {
  add("c", "later", 30);
  add("c", "first", 10);
  add("c", "second", 20);
  const struct {
    int now_ms;
    Rows started;
    std::optional<milliseconds> next;
  } steps[] = {{9, {}, milliseconds(10)},
               {10, {"first"}, milliseconds(20)},
               {19, {}, milliseconds(20)},
               {20, {"second"}, milliseconds(30)},
               {30, {}, milliseconds(30)}};  // no room in the channel
  for (const auto& step : steps) {
    EXPECT_EQ(start(step.now_ms), step.started) << step.now_ms;
    EXPECT_EQ(dispatcher_.next_due(), step.next) << step.now_ms;
  }
  sender_.end("first");
  EXPECT_EQ(start(31), Rows{}) << "room comes when the end is taken";
  ASSERT_EQ(dispatcher_.take_finished().size(), 1U);
  EXPECT_EQ(start(31), Rows{"later"});
  EXPECT_EQ(dispatcher_.next_due(), std::nullopt);
}

TEST_F(DispatcherTest, BoundsAttemptsOfAChannelAndInAll) {
  for (const char* channel : {"a", "b", "c"}) {
    for (int i = 0; i < 3; ++i) add(channel, channel + std::to_string(i), 0);
  }
  EXPECT_EQ(start(0), (Rows{"a0", "a1", "b0", "b1"}));
  EXPECT_EQ(dispatcher_.in_flight(), 4U);
  EXPECT_EQ(dispatcher_.waiting(), 5U);
}

TEST_F(DispatcherTest, TheChannelBehindTheLastOneComesNext) {
  for (const char* channel : {"a", "b", "c"}) {
    for (int i = 0; i < 4; ++i) add(channel, channel + std::to_string(i), 0);
  }
  EXPECT_EQ(start(0), (Rows{"a0", "a1", "b0", "b1"}));
  for (const char* row : {"a0", "a1", "b0", "b1"}) sender_.end(row);
  EXPECT_EQ(dispatcher_.take_finished().size(), 4U);
  EXPECT_EQ(start(0), (Rows{"c0", "c1", "a2", "a3"}));
}

TEST_F(DispatcherTest, WhatHasNothingToSendAnyMoreTakesNoRoom) {
  gone_ = {"a0", "a1", "a2"};
  for (int i = 0; i < 5; ++i) add("a", "a" + std::to_string(i), i);
  EXPECT_EQ(start(10), (Rows{"a3", "a4"}));
  EXPECT_EQ(dispatcher_.in_flight(), 2U);
  EXPECT_EQ(dispatcher_.waiting(), 0U);
}

TEST_F(DispatcherTest, ForgetsWhatWaitsAndStillHearsOfWhatIsUnderWay) {
  add("a", "a0", 0);
  EXPECT_EQ(start(0), Rows{"a0"});
  add("a", "a1", 0);
  dispatcher_.clear();
  EXPECT_EQ(start(10), Rows{});
  sender_.end("a0", 503);
  const auto finished = dispatcher_.take_finished();
  ASSERT_EQ(finished.size(), 1U);
  EXPECT_EQ(finished[0].row, "a0");
  EXPECT_EQ(finished[0].attempt.status, 503U);
  EXPECT_EQ(dispatcher_.in_flight(), 0U);
}

TEST_F(DispatcherTest, AnErrorOfTheRowsEndsTheRound) {
  add("a", "a0", 0);
  const auto ended = dispatcher_.start_due(milliseconds(0), [](const std::string&) {
    return Result<std::optional<delivery::Message>>(
        failure(Disposition::kStop, "corrupt", "the row cannot be read"));
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode("corrupt"));
}

}  // namespace
}  // namespace vigie::indexer::alerting
