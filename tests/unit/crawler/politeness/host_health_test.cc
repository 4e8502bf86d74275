#include "crawler/politeness/host_health.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

namespace vigie::crawler::politeness {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class HostHealthTest : public testing::Test {
 protected:
  HostHealthTest() { clock_.advance(minutes(1)); }
  void fails(const std::string& host, ErrorCode code = "connect") {
    const Error error{code, Disposition::kRetry, "", ""};
    health_.answered(host, &error);
  }
  void answers(const std::string& host) { health_.answered(host, nullptr); }
  double wait_s(const std::string& host) const {
    const auto until = health_.waits_until(host);
    return until ? static_cast<double>((*until - clock_.since_boot()).count()) / 1000 : 0;
  }
  /// Asks every host as soon as it may be, for so long. Out: how often each was asked.
  std::map<std::string, int> ask_all(const std::vector<std::string>& hosts, milliseconds time,
                                     ErrorCode code) {
    std::map<std::string, int> asked;
    for (milliseconds end = clock_.since_boot() + time; clock_.since_boot() < end;
         clock_.advance(seconds(1))) {
      for (const std::string& host : hosts) {
        if (health_.waits_until(host)) continue;
        health_.asked(host);
        ++asked[host];
        fails(host, code);
      }
    }
    return asked;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  HostHealth health_{{seconds(30), hours(1)}, clock_, random_};
};

TEST_F(HostHealthTest, BacksOffUpToAnHourWithAFifthMoreOrLess) {
  EXPECT_EQ(wait_s("a.example"), 0);
  for (const double wanted : {30, 60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    fails("a.example");
    EXPECT_GE(wait_s("a.example"), wanted * 0.8);
    EXPECT_LE(wait_s("a.example"), wanted * 1.2);
    EXPECT_TRUE(health_.any_waits());
    clock_.advance(*health_.waits_until("a.example") - clock_.since_boot());
  }
  EXPECT_EQ(wait_s("b.example"), 0) << "another host";
  answers("a.example");
  EXPECT_EQ(wait_s("a.example"), 0);
  fails("a.example");
  EXPECT_LE(wait_s("a.example"), 36) << "one response forgives all";
}

TEST_F(HostHealthTest, ANameThatIsNotKnownWaitsUpToSixHours) {
  for (int i = 0; i < 20; ++i) fails("gone.example", "dns");
  EXPECT_GE(wait_s("gone.example"), 6 * 3600 * 0.8);
}

TEST_F(HostHealthTest, WhatHttpSaysIsNoFailureOfTheWay) {
  for (const ErrorCode& code :
       {ErrorCode("timeout_total"), ErrorCode("reset"), ErrorCode("protocol"),
        ErrorCode("too_many_headers"), ErrorCode("address_refused")}) {
    fails("a.example", code);
    EXPECT_EQ(wait_s("a.example"), 0) << code;
  }
}

TEST_F(HostHealthTest, DeadHostsCostFewLookUps) {
  std::vector<std::string> hosts;
  for (int i = 0; i < 250; ++i) hosts.push_back("h" + std::to_string(i) + ".example");
  int first_hour = 0;
  for (const auto& [host, asked] : ask_all(hosts, hours(1), "dns")) first_hour += asked;
  EXPECT_LE(first_hour, 250 * 8);
  int next_hour = 0;
  for (const auto& [host, asked] : ask_all(hosts, hours(1), "dns")) next_hour += asked;
  EXPECT_LE(next_hour, 250 * 2);
  EXPECT_FALSE(health_.outage()) << "none of them ever answered";
}

TEST_F(HostHealthTest, AnOutageOfAllIsOneFailureAndEndsForAllAtOnce) {
  std::vector<std::string> hosts;
  for (int i = 0; i < 500; ++i) hosts.push_back("h" + std::to_string(i) + ".example");
  for (const std::string& host : hosts) answers(host);
  int asked_in_all = 0;
  for (const auto& [host, asked] : ask_all(hosts, minutes(30), "dns")) asked_in_all += asked;
  EXPECT_TRUE(health_.outage());
  EXPECT_LE(asked_in_all, 5 + 30 * 2 + 4) << "one host at a time, up to 30 s between them";
  EXPECT_EQ(wait_s("new.example"), 0) << "a host that was never asked may lie elsewhere";
  answers("h499.example");
  EXPECT_FALSE(health_.outage());
  for (const std::string& host : hosts) EXPECT_LE(wait_s(host), 10) << host;
}

TEST_F(HostHealthTest, HostsThatDiedLongAgoAreNotPartOfAnOutage) {
  std::vector<std::string> dead;
  for (int i = 0; i < 50; ++i) dead.push_back("d" + std::to_string(i) + ".example");
  for (const std::string& host : dead) answers(host);
  answers("live.example");
  int asked_in_all = 0;
  for (int minute = 0; minute < 300; ++minute) {
    for (const auto& [host, asked] : ask_all(dead, minutes(1), "connect")) asked_in_all += asked;
    if (!health_.waits_until("live.example")) answers("live.example");
  }
  // Once by its own schedule and a few times for the outages that seemed to end.
  EXPECT_LE(asked_in_all, 50 * 30);
  EXPECT_FALSE(health_.outage());
}

TEST_F(HostHealthTest, TheFirstAnswerOfAllBringsBackWhatFailedBeforeTheNetworkWasThere) {
  for (int i = 0; i < 10; ++i) fails("a.example", "dns");
  EXPECT_GT(wait_s("a.example"), 3600);
  answers("b.example");
  EXPECT_LE(wait_s("a.example"), 10);
}

TEST_F(HostHealthTest, HoldsAHostWhoseRobotsCannotBeHad) {
  health_.hold("a.example", clock_.since_boot() + minutes(5));
  EXPECT_EQ(wait_s("a.example"), 300);
  health_.hold("a.example", clock_.since_boot() + minutes(1));
  EXPECT_EQ(wait_s("a.example"), 300);
}

TEST(HostIn, ReadsAnAddressWithoutParsingIt) {
  EXPECT_EQ(host_in("http://a.example/x?y:z"), "a.example");
  EXPECT_EQ(host_in("https://a.example:8443"), "a.example");
  EXPECT_EQ(host_in("https://[::1]:8443/x"), "[::1]");
  EXPECT_EQ(host_in("nonsense"), "");
}

}  // namespace
}  // namespace vigie::crawler::politeness
