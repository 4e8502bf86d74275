#include "crawler/robots/store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace vigie::crawler::robots {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;
constexpr std::int64_t kHour = 3'600'000;

class RobotsStoreTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(dir_); }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::size_t files() const {
    const std::filesystem::directory_iterator at(dir_);
    return static_cast<std::size_t>(std::distance(begin(at), end(at)));
  }
  /// Overwrites the only file.
  void overwrite(const std::string& bytes) const {
    std::ofstream(std::filesystem::directory_iterator(dir_)->path(), std::ios::binary) << bytes;
  }

  std::filesystem::path dir_ = std::filesystem::temp_directory_path() /
                               ("vigie-robots-store-test-" + std::to_string(getpid()));
  RobotsStore store_{dir_};
};

// crawler/robots/README.md: cached per scheme, host and port, persisted.
TEST_F(RobotsStoreTest, GivesBackRulesByOriginWithTheirTime) {
  ASSERT_TRUE(store_.save("https://a.example:443", kNow, false,
                          "User-agent: *\nDisallow: /private\nCrawl-delay: 7\n"));
  ASSERT_TRUE(store_.save("http://a.example:80", kNow, true, "an error page"));
  const RobotsStore after_restart(dir_);
  const auto rules = after_restart.load("https://a.example:443", kNow + kHour);
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->fetched_unix_ms, kNow);
  EXPECT_FALSE(rules->rules.verdict_for("vigie", "/private/x").allowed);
  EXPECT_TRUE(rules->rules.verdict_for("vigie", "/x").allowed);
  EXPECT_EQ(rules->rules.verdict_for("vigie", "/").crawl_delay_s, 7.0);
  const auto none = after_restart.load("http://a.example:80", kNow + kHour);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->rules.verdict_for("vigie", "/private/x").allowed);
  EXPECT_FALSE(after_restart.load("https://b.example:443", kNow));
}

// RFC 9309 §2.4: not longer than 24 hours.
TEST_F(RobotsStoreTest, ForgetsAfterADayAndDoesNotTrustTheFuture) {
  ASSERT_TRUE(store_.save("https://a.example:443", kNow, false, "User-agent: *\nDisallow: /\n"));
  EXPECT_TRUE(store_.load("https://a.example:443", kNow + 24 * kHour - 1));
  EXPECT_FALSE(store_.load("https://a.example:443", kNow + 24 * kHour));
  EXPECT_FALSE(store_.load("https://a.example:443", kNow - 1));
}

TEST_F(RobotsStoreTest, TakesABrokenFileForNone) {
  const std::string origin = "https://a.example:443";
  ASSERT_TRUE(store_.save(origin, kNow, false, "User-agent: *\nDisallow: /\n"));
  const std::string head = "vigie-robots-1 https://a.example:443 " + std::to_string(kNow);
  overwrite(head + " rules 5\nabcde");
  EXPECT_TRUE(store_.load(origin, kNow)) << "the form that is broken below";
  for (const std::string& bytes :
       {std::string(), std::string("vigie-robots-1"), head + " rules 99999999999999999999\n",
        head + " rules 6\nabcde", head + " rules 600000\nabc", head + " maybe 0\n",
        head + " none 0 more\n", std::string("other 1 https://a.example:443 1 none 0\n"),
        "vigie-robots-1 https://b.example:443 " + std::to_string(kNow) + " none 0\n",
        std::string(100'000, 'x'), std::string(600, '\0')}) {
    overwrite(bytes);
    EXPECT_FALSE(store_.load(origin, kNow)) << bytes.substr(0, 80);
  }
}

TEST_F(RobotsStoreTest, RemovesWhatIsOldAndThenTheOldest) {
  EXPECT_EQ(store_.prune(kNow), 0U) << "the folder need not be there";
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(store_.save("https://" + std::to_string(i) + ".example:443", kNow + i * kHour,
                            false, std::string(1000, '#')));
  EXPECT_EQ(store_.prune(kNow + 24 * kHour), 9U);
  EXPECT_EQ(store_.prune(kNow + 24 * kHour, 6), 6U);
  EXPECT_EQ(store_.prune(kNow + 24 * kHour, 6, 3500), 3U);
  EXPECT_EQ(files(), 3U);
  EXPECT_TRUE(store_.load("https://9.example:443", kNow + 24 * kHour));
  EXPECT_FALSE(store_.load("https://6.example:443", kNow + 24 * kHour));
}

}  // namespace
}  // namespace vigie::crawler::robots
