#include "crawler/websub/subscription.h"

#include <gtest/gtest.h>

#include "crawler/websub/hub_feeds.h"

namespace vigie::crawler::websub {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr const char* kFeed = "https://news.example/feed.xml";
constexpr const char* kHub = "https://hub.example/";

v1::HubSubscription begun() { return begin(kHub, kFeed, "hash", kNow); }

TEST(SubscriptionTest, IsAskedForAtOnceAndRenewedBeforeItsLeaseEnds) {
  v1::HubSubscription one = begun();
  EXPECT_EQ(one.state(), kAsked);
  EXPECT_EQ(one.next_ask_unix_ms(), kNow);
  note_taken(one, kNow);
  EXPECT_FALSE(is_active(one, kNow));
  note_verified(one, std::chrono::seconds(1'000), kNow + 500);
  EXPECT_TRUE(is_active(one, kNow + 1'000'499));
  EXPECT_FALSE(is_active(one, kNow + 1'000'500));
  EXPECT_EQ(one.next_ask_unix_ms(), kNow + 500 + 800'000);
  note_taken(one, kNow + 800'500);  // it is renewed: it goes on meanwhile
  EXPECT_EQ(one.state(), kActive);
  note_verified(one, std::chrono::seconds(1'000), kNow + 801'000);
  EXPECT_TRUE(is_active(one, kNow + 1'800'999));
  EXPECT_EQ(one.since_unix_ms(), kNow + 500);
}

TEST(SubscriptionTest, AnEndlessLeaseIsNotBelieved) {
  v1::HubSubscription one = begun();
  note_verified(one, std::chrono::seconds(std::int64_t{1} << 40), kNow);
  EXPECT_EQ(one.lease_until_unix_ms(), kNow + std::int64_t{30} * 86'400'000);
}

TEST(SubscriptionTest, AHubThatRefusesOrFailsIsAskedEverMoreRarely) {
  v1::HubSubscription one = begun();
  std::int64_t now = kNow;
  std::int64_t before = 0;
  for (int i = 0; i < 12; ++i) {
    note_failed(one, true, "the hub answers 403: no\nway", now);
    const std::int64_t wait = one.next_ask_unix_ms() - now;
    EXPECT_GE(wait, before);
    before = wait;
    now = one.next_ask_unix_ms();
  }
  EXPECT_EQ(before, kLastRetry.count());
  EXPECT_EQ(one.state(), kRefused);
  EXPECT_EQ(one.last_error(), "the hub answers 403: no way");
}

TEST(SubscriptionTest, ARenewalThatFailsIsTriedAgainWhileTheLeaseRuns) {
  v1::HubSubscription one = begun();
  one.set_proofs(4);
  note_verified(one, std::chrono::seconds(1'000), kNow);
  note_failed(one, false, "no connection", kNow + 800'000);
  EXPECT_EQ(one.state(), kActive);
  EXPECT_EQ(one.next_ask_unix_ms(), kNow + 900'000);
  EXPECT_EQ(one.proofs(), 4U);
  note_failed(one, false, "no connection", kNow + 1'000'000);
  EXPECT_EQ(one.state(), kFailed);
  EXPECT_EQ(one.proofs(), 0U);
}

TEST(SubscriptionTest, AHubThatDoesNotAskBackIsSilent) {
  v1::HubSubscription one = begun();
  EXPECT_FALSE(is_silent(one, kNow));
  note_taken(one, kNow);
  EXPECT_FALSE(is_silent(one, kNow + kVerifyTime.count() - 1));
  EXPECT_TRUE(is_silent(one, kNow + kVerifyTime.count()));
}

// WebSub §5.1.
TEST(SubscriptionTest, TheFormIsEncoded) {
  EXPECT_EQ(form_of({"subscribe", "https://n.example/f?a=b&c", "https://v.example/w/id", "s3"}),
            "hub.mode=subscribe&hub.topic=https%3A%2F%2Fn.example%2Ff%3Fa%3Db%26c&hub.callback="
            "https%3A%2F%2Fv.example%2Fw%2Fid&hub.lease_seconds=864000&hub.secret=s3");
  EXPECT_EQ(form_of({"unsubscribe", "t", "c", ""}),
            "hub.mode=unsubscribe&hub.topic=t&hub.callback=c");
}

class HubFeedsTest : public testing::Test {
 protected:
  HubFeeds feeds_{CallbackNames(std::string(32, 'k'), "https://vigie.example/w")};
  v1::UrlState state_ = [] {
    v1::UrlState state;
    state.set_url(kFeed);
    return state;
  }();
};

TEST_F(HubFeedsTest, ASubscriptionIsKeptWithItsFeedAndComesBack) {
  feeds_.named(kFeed, {kHub, kFeed}, kNow);
  ASSERT_NE(feeds_.find(kFeed), nullptr);
  note_verified(*feeds_.find(kFeed), std::chrono::seconds(100), kNow);
  feeds_.give_to(state_);
  EXPECT_EQ(state_.push().state(), kActive);
  feeds_.clear();
  feeds_.load(state_, kNow + 1);
  EXPECT_EQ(feeds_.find(kFeed)->state(), kActive);
}

TEST_F(HubFeedsTest, AnotherCallbackUrlSubscribesAnew) {
  feeds_.named(kFeed, {kHub, kFeed}, kNow);
  note_verified(*feeds_.find(kFeed), std::chrono::seconds(100), kNow);
  feeds_.give_to(state_);
  HubFeeds moved(CallbackNames(std::string(32, 'k'), "https://vigie.example/elsewhere"));
  moved.load(state_, kNow + 1);
  EXPECT_EQ(moved.find(kFeed)->state(), kAsked);
  HubFeeds off(std::nullopt);
  off.load(state_, kNow + 1);
  off.give_to(state_);
  EXPECT_FALSE(state_.has_push());
}

TEST_F(HubFeedsTest, AHubIsLeftWhereItIsNamedNoMoreOrAnotherIs) {
  feeds_.named(kFeed, {kHub, kFeed}, kNow);
  feeds_.named(kFeed, {}, kNow);
  feeds_.named(kFeed, {}, kNow);
  feeds_.named(kFeed, {kHub, kFeed}, kNow);  // one response is no proof
  feeds_.named(kFeed, {}, kNow);
  feeds_.named(kFeed, {}, kNow);
  EXPECT_TRUE(feeds_.take_left().empty());
  feeds_.named(kFeed, {}, kNow);
  ASSERT_EQ(feeds_.take_left().size(), 1U);
  EXPECT_EQ(feeds_.find(kFeed), nullptr);
  feeds_.named(kFeed, {kHub, kFeed}, kNow);
  feeds_.named(kFeed, {"https://other.example/", kFeed}, kNow);
  ASSERT_EQ(feeds_.take_left().size(), 1U);
  EXPECT_EQ(feeds_.find(kFeed)->hub(), "https://other.example/");
}

}  // namespace
}  // namespace vigie::crawler::websub
