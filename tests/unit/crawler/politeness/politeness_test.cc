#include "crawler/politeness/politeness.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/seeded_random.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

namespace vigie::crawler::politeness {
namespace {

using std::chrono::milliseconds;

PolitenessOptions options() {
  PolitenessOptions out;
  out.min_gap = milliseconds(2000);
  out.ip_gap = milliseconds(500);
  out.owner = "test";
  return out;
}

class PolitenessTest : public testing::Test {
 protected:
  FakeClock clock_;
  SeededRandom random_{1};
  Politeness politeness_{options(), clock_, random_};
};

TEST_F(PolitenessTest, CountsTheGapFromTheEndOfTheAnswer) {
  const PolitenessKeys keys = politeness_.keys_of("www.example.org");
  EXPECT_EQ(keys.domain, "example.org");
  EXPECT_EQ(politeness_.ready_at(keys), milliseconds(0));
  const auto records = politeness_.reserve(keys);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].name(), "www.example.org");
  EXPECT_EQ(records[1].name(), "example.org");
  EXPECT_EQ(records[0].owner(), "test");
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("news.example.org")), Politeness::kBusy);
  clock_.advance(milliseconds(5000));
  politeness_.ended(keys, 200, "", "192.0.2.1");
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("news.example.org")), milliseconds(7000));
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("example.com")), milliseconds(0));
}

TEST_F(PolitenessTest, KeepsTheGapOfAnAddressThatTwoDomainsShare) {
  for (const char* host : {"one.example", "two.example"}) {
    const PolitenessKeys keys = politeness_.keys_of(host);
    politeness_.reserve(keys);
    politeness_.ended(keys, 200, "", "192.0.2.1");
    clock_.advance(milliseconds(2000));
  }
  const PolitenessKeys one = politeness_.keys_of("one.example");
  const PolitenessKeys two = politeness_.keys_of("two.example");
  politeness_.reserve(one);
  EXPECT_EQ(politeness_.ready_at(two), Politeness::kBusy);
  politeness_.ended(one, 200, "", "192.0.2.1");
  EXPECT_EQ(politeness_.ready_at(two), clock_.since_boot() + milliseconds(500));
}

// ops/spec/settings.md, fetch.ip_gap_ms: per IP within one crawler, also where the address of
// neither host was met before.
TEST_F(PolitenessTest, KeepsTheGapOfAnAddressThatTwoNewHostsMayShare) {
  EXPECT_FALSE(politeness_.knows_addresses("one.example"));
  politeness_.learn_addresses("one.example", {"192.0.2.1", "192.0.2.2"});
  politeness_.learn_addresses("two.example", {"192.0.2.2", "192.0.2.3"});
  politeness_.learn_addresses("three.example", {"192.0.2.3"});
  EXPECT_TRUE(politeness_.knows_addresses("one.example"));
  const PolitenessKeys one = politeness_.keys_of("one.example");
  politeness_.reserve(one);
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("two.example")), Politeness::kBusy);
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("three.example")), milliseconds(0));
  politeness_.ended(one, 200, "", "192.0.2.2");
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("two.example")), milliseconds(500));
  EXPECT_EQ(politeness_.keys_of("one.example").ips, std::vector<std::string>{"192.0.2.2"})
      << "the address that answered stands for the host from now on";
}

TEST_F(PolitenessTest, BurdensAllAddressesOfAHostThatDidNotAnswerAndAsksForThemAnew) {
  politeness_.learn_addresses("one.example", {"192.0.2.1", "192.0.2.2"});
  politeness_.learn_addresses("two.example", {"192.0.2.2"});
  const PolitenessKeys one = politeness_.keys_of("one.example");
  politeness_.reserve(one);
  politeness_.ended(one, 0, "", "");
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("two.example")), milliseconds(500));
  EXPECT_FALSE(politeness_.knows_addresses("one.example"));
}

TEST_F(PolitenessTest, KnowsALiteralAddress) {
  EXPECT_EQ(politeness_.keys_of("127.0.10.1").ips, std::vector<std::string>{"127.0.10.1"});
  EXPECT_EQ(politeness_.keys_of("[2001:db8::1]").ips, std::vector<std::string>{"2001:db8::1"});
  EXPECT_TRUE(politeness_.knows_addresses("127.0.10.1"));
  EXPECT_FALSE(politeness_.knows_addresses("127.example"));
}

TEST_F(PolitenessTest, WaitsForTheGapOfAddressesAfterARestart) {
  v1::Reservation reservation;
  reservation.set_name("example.org");
  reservation.set_owner("test");
  reservation.set_ended_at_unix_ms(clock_.now_unix_ms() - 100'000);
  politeness_.restore(reservation);
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("example.org")), milliseconds(0));
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("192.0.2.1")), milliseconds(500));
}

TEST_F(PolitenessTest, KeepsCrawlDelayOverARestart) {
  v1::Reservation reservation;
  reservation.set_name("example.org");
  reservation.set_owner("test");
  reservation.set_ended_at_unix_ms(clock_.now_unix_ms() - 3'000);
  politeness_.restore(reservation);
  politeness_.set_crawl_delay("example.org", 10);
  EXPECT_EQ(politeness_.ready_at(politeness_.keys_of("example.org")), milliseconds(7'000));
}

TEST_F(PolitenessTest, ObeysCrawlDelayUpToItsCap) {
  const PolitenessKeys keys = politeness_.keys_of("example.org");
  politeness_.reserve(keys);
  politeness_.ended(keys, 200, "", "");
  politeness_.set_crawl_delay("example.org", 10);
  EXPECT_EQ(politeness_.ready_at(keys), milliseconds(10'000));
  politeness_.set_crawl_delay("example.org", 1e9);
  EXPECT_EQ(politeness_.ready_at(keys), options().max_crawl_delay);
}

// RFC 9110 §10.2.3.
TEST_F(PolitenessTest, ReadsRetryAfterInBothForms) {
  EXPECT_EQ(read_retry_after("120", 0), milliseconds(120'000));
  EXPECT_EQ(read_retry_after("Thu, 01 Jan 1970 00:00:09 GMT", 2000), milliseconds(7000));
  EXPECT_EQ(read_retry_after("Thu, 01 Jan 1970 00:00:09 GMT", 10'000), milliseconds(0));
  EXPECT_LT(read_retry_after("soon", 0), milliseconds(0));
  EXPECT_LT(read_retry_after("-5", 0), milliseconds(0));
}

TEST_F(PolitenessTest, DoublesABlockWithoutRetryAfterAndForgives) {
  const PolitenessKeys keys = politeness_.keys_of("example.org");
  milliseconds expected = options().first_backoff_429;
  for (int i = 0; i < 3; ++i) {
    politeness_.reserve(keys);
    politeness_.ended(keys, 429, "", "");
    const milliseconds block = politeness_.ready_at(keys) - clock_.since_boot();
    EXPECT_GE(block, expected);
    EXPECT_LE(block, expected + expected / 10);
    EXPECT_TRUE(politeness_.backs_off("example.org"));
    clock_.advance(block);
    expected *= 2;
  }
  clock_.advance(options().forgive_after);
  politeness_.reserve(keys);
  politeness_.ended(keys, 429, "", "");
  EXPECT_LE(politeness_.ready_at(keys) - clock_.since_boot(),
            options().first_backoff_429 * 11 / 10);
}

TEST_F(PolitenessTest, ReservationExpiresOnTheBootClock) {
  const PolitenessKeys keys = politeness_.keys_of("example.org");
  politeness_.reserve(keys);
  clock_.jump_wall(std::chrono::hours(1));
  EXPECT_TRUE(politeness_.valid(keys));
  clock_.advance(options().reservation);
  EXPECT_FALSE(politeness_.valid(keys));
  politeness_.cancel(keys);
  EXPECT_EQ(politeness_.ready_at(keys), milliseconds(0));
}

v1::Reservation reservation_of(const std::string& owner, std::int64_t reserved,
                               std::int64_t ended = 0) {
  v1::Reservation reservation;
  reservation.set_name("example.org");
  reservation.set_owner(owner);
  reservation.set_reserved_at_unix_ms(reserved);
  reservation.set_ended_at_unix_ms(ended);
  return reservation;
}

TEST_F(PolitenessTest, OwnReservationsWithoutAnEndCountAsEndedNow) {
  const std::int64_t now = clock_.now_unix_ms();
  const auto ready_after = [&](const v1::Reservation& reservation) {
    Politeness fresh(options(), clock_, random_);
    fresh.restore(reservation);
    return fresh.ready_at(fresh.keys_of("example.org"));
  };
  EXPECT_EQ(ready_after(reservation_of("test", now - 100'000)), milliseconds(2000));
  EXPECT_EQ(ready_after(reservation_of("test", now - 100'000, now - 1500)), milliseconds(500));
  EXPECT_EQ(ready_after(reservation_of("test", now, now + 3'600'000)), milliseconds(2000))
      << "a wall clock set back does not lengthen the gap";
  v1::Reservation blocked = reservation_of("test", now - 100'000, now - 1500);
  blocked.set_blocked_until_unix_ms(now + 60'000);
  EXPECT_EQ(ready_after(blocked), milliseconds(60'000));
}

// crawler/politeness/README.md: who takes over waits out expiry and total clock; whatever the wall
// clocks of the two machines say.
TEST_F(PolitenessTest, WhoTakesOverWaitsOutExpiryAndTotalClockOfTheOtherOwner) {
  const std::int64_t now = clock_.now_unix_ms();
  for (const std::int64_t reserved : {now - 3'600'000, now, now + 3'600'000}) {
    Politeness fresh(options(), clock_, random_);
    v1::Reservation record = reservation_of("other", reserved);
    record.set_crawl_delay_ms(7'000);
    record.set_expires_at_unix_ms(reserved + 10'000);
    fresh.restore(record);
    EXPECT_EQ(fresh.ready_at(fresh.keys_of("www.example.org")),
              options().reservation + options().request + milliseconds(7'000));
  }
  Politeness fresh(options(), clock_, random_);
  fresh.restore(reservation_of("other", now - 7'200'000, now - 3'600'000));
  EXPECT_EQ(fresh.ready_at(fresh.keys_of("example.org")), milliseconds(2'000))
      << "an end that another clock told counts as now";
}

TEST_F(PolitenessTest, ARecordThatComesLaterOnlyAddsToWhatIsKnown) {
  const PolitenessKeys keys = politeness_.keys_of("example.org");
  politeness_.reserve(keys);
  politeness_.restore(reservation_of("test", clock_.now_unix_ms()));
  EXPECT_EQ(politeness_.ready_at(keys), Politeness::kBusy)
      << "a request that is still out stays out, though its partition went and came back";
  clock_.advance(milliseconds(1000));
  politeness_.ended(keys, 200, "", "");
  politeness_.restore(
      reservation_of("test", clock_.now_unix_ms() - 90'000, clock_.now_unix_ms() - 80'000));
  EXPECT_EQ(politeness_.ready_at(keys), milliseconds(3000));
}

TEST_F(PolitenessTest, ACancelledReservationIsToldWithAnEnd) {
  const auto records = politeness_.reserve(politeness_.keys_of("example.org"));
  EXPECT_EQ(records.at(0).ended_at_unix_ms(), 0);
  EXPECT_EQ(records.at(0).expires_at_unix_ms() - records.at(0).reserved_at_unix_ms(),
            options().reservation.count());
  const auto cancelled = politeness_.cancel(politeness_.keys_of("example.org"));
  ASSERT_EQ(cancelled.size(), 1U);
  EXPECT_GT(cancelled[0].ended_at_unix_ms(), 0) << "who takes over need not wait for it";
}

/// Random requests to few hosts on few addresses, restarts included: never two at once, never
/// closer than the gap, by host, domain and known address.
TEST(PolitenessProperty, NoTwoRequestsAreCloserThanTheGap) {
  const char* given = std::getenv("VIGIE_SEED");
  const auto first = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  for (std::uint64_t seed = first; seed < first + (given != nullptr ? 1 : 20); ++seed) {
    SCOPED_TRACE("VIGIE_SEED=" + std::to_string(seed));
    std::mt19937_64 chance(seed);
    FakeClock clock;
    SeededRandom random(seed);
    auto politeness = std::make_unique<Politeness>(options(), clock, random);
    std::map<std::string, v1::Reservation> durable;
    struct Out {
      PolitenessKeys keys;
      milliseconds until;
    };
    std::vector<Out> out;
    std::map<std::string, milliseconds> ended;  // by domain
    std::size_t sent = 0;
    for (int step = 0; step < 3000; ++step) {
      clock.advance(milliseconds(chance() % 400));
      for (auto one = out.begin(); one != out.end();) {
        if (one->until > clock.since_boot()) {
          ++one;
          continue;
        }
        ended[one->keys.domain] = clock.since_boot();
        for (const auto& record :
             politeness->ended(one->keys, chance() % 50 == 0 ? 503 : 200, "",
                               "192.0.2." + std::to_string(one->keys.domain.size() % 3)))
          durable[record.name()] = record;
        one = out.erase(one);
      }
      if (chance() % 500 == 0) {
        // A crash: what was out is answered to nobody; its end is not recorded.
        for (const Out& one : out) ended[one.keys.domain] = clock.since_boot();
        out.clear();
        politeness = std::make_unique<Politeness>(options(), clock, random);
        for (const auto& [name, record] : durable) politeness->restore(record);
      }
      const std::string host = std::string(1, static_cast<char>('a' + chance() % 3)) + ".site" +
                               std::string(chance() % 5, 'x') + ".example";
      const PolitenessKeys keys = politeness->keys_of(host);
      if (politeness->ready_at(keys) > clock.since_boot()) continue;
      for (const Out& other : out)
        ASSERT_NE(other.keys.domain, keys.domain) << "two requests at once";
      if (const auto last = ended.find(keys.domain); last != ended.end())
        ASSERT_GE(clock.since_boot() - last->second, options().min_gap) << keys.domain;
      for (const auto& record : politeness->reserve(keys)) durable[record.name()] = record;
      out.push_back({keys, clock.since_boot() + milliseconds(chance() % 3000)});
      ++sent;
    }
    EXPECT_GT(sent, 100U);
  }
}

}  // namespace
}  // namespace vigie::crawler::politeness
