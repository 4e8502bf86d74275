#include "crawler/politeness/gap_watch.h"

#include <gtest/gtest.h>

namespace vigie::crawler::politeness {
namespace {

using std::chrono::milliseconds;

class GapWatchTest : public testing::Test {
 protected:
  double violations(const char* scope) {
    return registry_->counter("vigie_crawler_politeness_violations_total", "", {{"scope", scope}})
        .value();
  }
  double smallest() { return registry_->gauge("vigie_crawler_smallest_gap_ratio", "").value(); }
  void request(const std::string& host, const std::string& domain, const std::string& peer,
               int begun, int ended) {
    watch_.ended({host, domain, {}}, peer, milliseconds(begun), milliseconds(ended));
  }

  std::unique_ptr<metrics::Registry> registry_ = metrics::make_registry();
  GapWatch watch_{milliseconds(2000), milliseconds(500), *registry_};
};

TEST_F(GapWatchTest, CountsNothingWhereEveryGapIsKept) {
  request("a.example.org", "example.org", "192.0.2.1", 0, 100);
  request("b.example.org", "example.org", "192.0.2.1", 2100, 2200);
  request("other.example", "other.example", "192.0.2.1", 2700, 2800);
  EXPECT_EQ(violations("host") + violations("domain") + violations("address"), 0);
  EXPECT_EQ(smallest(), 1) << "500 ms after the response of the same address";
}

TEST_F(GapWatchTest, CountsARequestThatBeganTooSoonByWhatItBurdened) {
  request("a.example.org", "example.org", "192.0.2.1", 0, 100);
  request("b.example.org", "example.org", "192.0.2.2", 2099, 2200);
  EXPECT_EQ(violations("host"), 0) << "another host";
  EXPECT_EQ(violations("domain"), 1);
  EXPECT_EQ(violations("address"), 0);
  request("elsewhere.example", "elsewhere.example", "192.0.2.2", 2450, 2600);
  EXPECT_EQ(violations("address"), 1);
  EXPECT_EQ(smallest(), 0.5);
}

TEST_F(GapWatchTest, CountsTwoRequestsThatWereOutAtOnce) {
  request("a.example.org", "example.org", "", 5000, 7000);
  request("a.example.org", "example.org", "", 0, 10'000);
  EXPECT_EQ(violations("host"), 1) << "the one that ended last began before the other ended";
  EXPECT_LT(smallest(), 0);
}

TEST_F(GapWatchTest, AGapOfZeroCannotBeViolated) {
  GapWatch none(milliseconds(0), milliseconds(0), *registry_);
  none.ended({"a.example.org", "example.org", {}}, "192.0.2.1", milliseconds(0), milliseconds(10));
  none.ended({"a.example.org", "example.org", {}}, "192.0.2.1", milliseconds(1), milliseconds(2));
  EXPECT_EQ(violations("host"), 0);
}

}  // namespace
}  // namespace vigie::crawler::politeness
