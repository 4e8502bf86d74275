#include "crawler/politeness/request_gate.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

#include <gtest/gtest.h>

namespace vigie::crawler::politeness {
namespace {

using std::chrono::milliseconds;
using Addresses = RequestGate::Addresses;

class RequestGateTest : public testing::Test {
 protected:
  static PolitenessOptions options() {
    PolitenessOptions options;
    options.owner = "me";
    return options;
  }
  milliseconds ready_at(const char* host) { return gate_.ready_at(gate_.keys_of(host)); }
  net::HttpResponse response(int status = 200) {
    net::HttpResponse out;
    out.status = status;
    out.peer = "192.0.2.1";
    return out;
  }
  double violations() {
    return registry_
        ->counter("vigie_crawler_politeness_violations_total", "", {{"scope", "domain"}})
        .value();
  }

  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<metrics::Registry> registry_ = metrics::make_registry();
  RequestGate gate_{options(), clock_, random_, *registry_};
};

TEST_F(RequestGateTest, HoldsTheHostFromTheReservationToTheGapAfterTheEnd) {
  EXPECT_TRUE(gate_.idle());
  EXPECT_FALSE(gate_.may_send(1));
  EXPECT_EQ(gate_.reserve(1, gate_.keys_of("www.a.example")).size(), 2U) << "host and domain";
  EXPECT_EQ(ready_at("a.example"), Politeness::kBusy);
  EXPECT_EQ(gate_.in_flight(), 1U);
  EXPECT_FALSE(gate_.idle());
  EXPECT_TRUE(gate_.may_send(1));
  gate_.sent(1);
  clock_.advance(milliseconds(300));
  const auto ended = gate_.ended(1, response());
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->took, milliseconds(300));
  EXPECT_EQ(ended->keys.domain, "a.example");
  EXPECT_EQ(ended->records.size(), 2U);
  EXPECT_FALSE(ended->abandoned);
  EXPECT_EQ(ready_at("a.example") - clock_.since_boot(), options().min_gap);
  EXPECT_EQ(gate_.in_flight(), 0U);
  EXPECT_FALSE(gate_.ended(1, response())) << "a request ends once";
  EXPECT_EQ(violations(), 0);
}

TEST_F(RequestGateTest, AReservationThatIsNotUsedInTimeMayNotBeUsedAnyMore) {
  gate_.reserve(1, gate_.keys_of("a.example"));
  clock_.advance(options().reservation);
  EXPECT_FALSE(gate_.may_send(1));
  EXPECT_EQ(gate_.cancel(1).size(), 1U);
  EXPECT_TRUE(gate_.idle());
  EXPECT_EQ(ready_at("a.example"), milliseconds(0)) << "nothing was sent, so there is no gap";
  EXPECT_TRUE(gate_.cancel(1).empty());
}

// The partitions go to another crawler while a request is out: nobody waits for its response, and
// this process keeps the gap all the same.
TEST_F(RequestGateTest, AnAbandonedRequestStillCountsUntilItEnds) {
  gate_.reserve(1, gate_.keys_of("a.example"));
  gate_.sent(1);
  gate_.reserve(2, gate_.keys_of("b.example"));
  gate_.abandon_all();
  EXPECT_TRUE(gate_.idle());
  EXPECT_EQ(gate_.in_flight(), 1U);
  EXPECT_EQ(ready_at("a.example"), Politeness::kBusy);
  EXPECT_EQ(ready_at("b.example"), milliseconds(0)) << "it was reserved for and never sent";
  clock_.advance(milliseconds(100));
  const auto ended = gate_.ended(1, response(429));
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->abandoned);
  EXPECT_TRUE(gate_.backs_off("a.example"));
  EXPECT_EQ(gate_.in_flight(), 0U);
}

TEST_F(RequestGateTest, AsksForTheAddressesOfAHostOnceAndWaitsForAWhile) {
  EXPECT_EQ(gate_.addresses_of("a.example"), Addresses::kAsk);
  EXPECT_EQ(gate_.addresses_of("a.example"), Addresses::kAwaited);
  EXPECT_EQ(gate_.awaited_until("a.example"), clock_.since_boot() + RequestGate::kResolveTime);
  EXPECT_TRUE(gate_.resolved("a.example", {"192.0.2.7"}));
  EXPECT_FALSE(gate_.awaited_until("a.example"));
  EXPECT_EQ(gate_.addresses_of("a.example"), Addresses::kKnown);
  EXPECT_EQ(gate_.keys_of("a.example").ips, std::vector<std::string>{"192.0.2.7"});
  EXPECT_EQ(gate_.addresses_of("b.example"), Addresses::kAsk);
  clock_.advance(RequestGate::kResolveTime);
  EXPECT_EQ(gate_.addresses_of("b.example"), Addresses::kKnown) << "it goes on without";
  EXPECT_FALSE(gate_.resolved("b.example", {"192.0.2.8"})) << "too late";
  EXPECT_EQ(gate_.addresses_of("192.0.2.9"), Addresses::kKnown);
}

TEST_F(RequestGateTest, PassesOverWhatItWroteItself) {
  v1::Reservation reservation;
  reservation.set_name("a.example");
  reservation.set_owner("me");
  gate_.restore_of_another(reservation);
  EXPECT_EQ(ready_at("a.example"), milliseconds(0));
  reservation.set_owner("another");
  gate_.restore_of_another(reservation);
  EXPECT_GT(ready_at("a.example") - clock_.since_boot(), options().reservation)
      << "its request may be sent still, and last";
}

}  // namespace
}  // namespace vigie::crawler::politeness
