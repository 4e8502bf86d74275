#include "crawler/robots/robots_cache.h"
#include "tests/fakes/fake_clock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace vigie::crawler::robots {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kOrigin = "http://a.example:80";
const fetch::RetrySchedule kRetry{seconds(30), hours(1)};

net::HttpResponse response_of(int status, std::string body = {}) {
  net::HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Result<net::HttpResponse> no_response() {
  return failure(Disposition::kRetry, "connect", "no connection");
}

bool allows(const RobotsEntry& entry, const char* path) {
  return entry.rules.verdict_for(kProductToken, path).allowed;
}

// RFC 9309 §2.3.1: successful, unavailable (4xx, and redirects that lead nowhere), unreachable.
TEST(RobotsAvailability, OfEachResponse) {
  struct Row {
    int status;
    Availability availability;
  };
  for (const auto& [status, availability] : {Row{200, Availability::kRules},
                                             {204, Availability::kRules},
                                             {301, Availability::kNone},
                                             {304, Availability::kNone},
                                             {400, Availability::kNone},
                                             {401, Availability::kNone},
                                             {403, Availability::kNone},
                                             {404, Availability::kNone},
                                             {410, Availability::kNone},
                                             {429, Availability::kUnreachable},
                                             {500, Availability::kUnreachable},
                                             {503, Availability::kUnreachable}})
    EXPECT_EQ(availability_of(response_of(status)), availability) << status;
  EXPECT_EQ(availability_of(no_response()), Availability::kUnreachable);
}

TEST(RobotsEntry, TakesTheRulesOfASuccessAndNoneOfA404) {
  const milliseconds now = seconds(100);
  const RobotsEntry rules = after_response(
      {}, response_of(200, "User-agent: *\nDisallow: /no\nCrawl-delay: 7\n"), kRetry, now);
  EXPECT_TRUE(allows(rules, "/yes"));
  EXPECT_FALSE(allows(rules, "/no"));
  EXPECT_EQ(crawl_delay_s(rules), 7);
  EXPECT_EQ(rules.fetched, now);
  EXPECT_EQ(rules.check_again, now + kFresh);
  const RobotsEntry none = after_response(rules, response_of(404, "Disallow: /"), kRetry, now);
  EXPECT_TRUE(allows(none, "/no"));
  EXPECT_EQ(crawl_delay_s(none), 0);
  EXPECT_FALSE(none.unreachable);
}

// RFC 9309 §2.3.1.4: unreachable means complete disallow.
TEST(RobotsEntry, RefusesAllWhileNothingIsKnownAndAsksAgainLaterAndLater) {
  RobotsEntry entry;
  milliseconds now = seconds(100);
  for (const std::int64_t wait_s : {30, 60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    entry = after_response(std::move(entry), response_of(503), kRetry, now);
    EXPECT_FALSE(allows(entry, "/x"));
    EXPECT_TRUE(entry.unreachable);
    EXPECT_EQ(entry.reason, "robots_http_503");
    EXPECT_EQ(entry.check_again - now, seconds(wait_s));
    now = entry.check_again;
  }
  entry = after_response(std::move(entry), no_response(), kRetry, now);
  EXPECT_EQ(entry.reason, "connect");
  EXPECT_EQ(entry.detail, "no connection");
  entry = after_response(std::move(entry), response_of(200, ""), kRetry, now);
  EXPECT_TRUE(allows(entry, "/x"));
  EXPECT_FALSE(entry.unreachable);
  EXPECT_EQ(entry.failures, 0U);
}

// RFC 9309 §2.4: rules stay in force for a day while robots.txt cannot be had.
TEST(RobotsEntry, KeepsRulesForADayWhileRobotsCannotBeHad) {
  const milliseconds fetched = seconds(100);
  const RobotsEntry rules =
      after_response({}, response_of(200, "User-agent: *\nDisallow: /no\n"), kRetry, fetched);
  const RobotsEntry stale =
      after_response(rules, response_of(500), kRetry, fetched + kStale - milliseconds(1));
  EXPECT_TRUE(allows(stale, "/yes"));
  EXPECT_FALSE(allows(stale, "/no"));
  EXPECT_FALSE(stale.unreachable);
  const RobotsEntry outdated = after_response(stale, response_of(500), kRetry, fetched + kStale);
  EXPECT_FALSE(allows(outdated, "/yes"));
  EXPECT_TRUE(outdated.unreachable);
}

TEST(RobotsUrl, IsTheSameForAllUrlsOfAnOrigin) {
  EXPECT_EQ(robots_url_of(*url::parse("https://a.example:8443/x/y?q=1#z")).href(),
            "https://a.example:8443/robots.txt");
}

class RobotsCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("vigie-robots-cache-test-" + std::to_string(getpid()));
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path dir_;
  FakeClock clock_;
};

TEST_F(RobotsCacheTest, KnowsOverARestartWhatAnOriginSaid) {
  {
    RobotsCache cache(dir_, kRetry, clock_);
    EXPECT_EQ(cache.find(kOrigin).entry, nullptr);
    cache.on_response(kOrigin, response_of(200, "User-agent: *\nDisallow: /no\n"));
    ASSERT_NE(cache.find(kOrigin).entry, nullptr);
    EXPECT_FALSE(cache.find(kOrigin).from_disk);
  }
  clock_.advance(hours(1));
  RobotsCache cache(dir_, kRetry, clock_);
  const RobotsCache::Known known = cache.find(kOrigin);
  ASSERT_NE(known.entry, nullptr);
  EXPECT_TRUE(known.from_disk);
  EXPECT_FALSE(allows(*known.entry, "/no"));
  EXPECT_EQ(known.entry->check_again - clock_.since_boot(), kFresh - hours(1))
      << "its age counts from when it came";
  EXPECT_FALSE(cache.find(kOrigin).from_disk);
}

TEST_F(RobotsCacheTest, DoesNotKeepAFailureOnDisk) {
  {
    RobotsCache cache(dir_, kRetry, clock_);
    EXPECT_TRUE(cache.on_response(kOrigin, response_of(500)).unreachable);
  }
  RobotsCache cache(dir_, kRetry, clock_);
  EXPECT_EQ(cache.find(kOrigin).entry, nullptr);
}

TEST_F(RobotsCacheTest, CountsFailuresInARow) {
  RobotsCache cache(dir_, kRetry, clock_);
  cache.on_response(kOrigin, response_of(500));
  EXPECT_EQ(cache.on_response(kOrigin, no_response()).failures, 2U);
  EXPECT_EQ(cache.on_response(kOrigin, response_of(404)).failures, 0U);
}

}  // namespace
}  // namespace vigie::crawler::robots
