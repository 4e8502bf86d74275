#include "indexer/api/rates.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "indexer/api/caller_counts.h"
#include "platform/metrics/metrics.h"
#include "tests/fakes/fake_clock.h"

namespace vigie::indexer::api {
namespace {

using std::chrono::milliseconds;

class RatesTest : public ::testing::Test {
 protected:
  int ask(const std::string& caller, const std::string& peer = "10.0.0.1",
          const std::string& path = "/v1/search") {
    http::Request request;
    request.path = path;
    request.peer = peer;
    request.caller = caller;
    const auto refused = rates_.check(request);
    wait_.clear();
    if (!refused) return 200;
    for (const auto& [name, value] : refused->headers) {
      if (name == "Retry-After") wait_ = value;
    }
    return refused->status;
  }

  FakeClock clock_;
  std::unique_ptr<metrics::Registry> registry_ = metrics::make_registry();
  Rates rates_{clock_, *registry_, 30};
  std::string wait_;
};

TEST_F(RatesTest, ACallerAsksSoOftenAMinuteAndTheOthersToo) {
  for (int i = 0; i < 30; ++i) EXPECT_EQ(ask("key 1"), 200);
  EXPECT_EQ(ask("key 1"), 429);
  EXPECT_EQ(wait_, "2");
  EXPECT_EQ(ask("key 2"), 200);
  EXPECT_EQ(ask("key 1", "10.0.0.2"), 200) << "one key serves many machines";
  clock_.advance(milliseconds(1'999));
  EXPECT_EQ(ask("key 1"), 429);
  EXPECT_EQ(wait_, "1");
  clock_.advance(milliseconds(1));
  EXPECT_EQ(ask("key 1"), 200);
  EXPECT_EQ(ask("key 1"), 429);
  clock_.advance(milliseconds(600'000));
  for (int i = 0; i < 30; ++i) EXPECT_EQ(ask("key 1"), 200);
  EXPECT_EQ(ask("key 1"), 429) << "silence saves no more than a minute";
  EXPECT_NE(registry_->expose().find("vigie_api_refused_total{reason=\"too_many_requests\"} 4"),
            std::string::npos);
}

TEST_F(RatesTest, ProbesPagesAndPeersAreNotCounted) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ask("key 1", "10.0.0.1", "/healthz"), 200);
    EXPECT_EQ(ask("key 1", "10.0.0.1", "/v1/peer"), 200);
    EXPECT_EQ(ask(""), 200);
  }
}

TEST_F(RatesTest, RemembersWhoAskedMuchAmongMany) {
  for (int i = 0; i < 30; ++i) ask("key 1");
  for (int i = 0; i < 20'000; ++i) EXPECT_EQ(ask("key 2", std::to_string(i)), 200);
  EXPECT_EQ(ask("key 1"), 429);
}

TEST(CallerCountsTest, WhoAsksForMuchLeavesRoomForTheOthers) {
  CallerCounts counts(3, 2);
  const CallerCounts::Place first(counts, "one");
  {
    const CallerCounts::Place second(counts, "one");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(CallerCounts::Place(counts, "one"));
    EXPECT_FALSE(CallerCounts::Place(counts, "one"));
    EXPECT_TRUE(CallerCounts::Place(counts, "other")) << "what was refused is not counted";
    const CallerCounts::Place third(counts, "other");
    EXPECT_FALSE(CallerCounts::Place(counts, "third")) << "as many as there may be of all";
  }
  EXPECT_TRUE(CallerCounts::Place(counts, "one"));
}

}  // namespace
}  // namespace vigie::indexer::api
