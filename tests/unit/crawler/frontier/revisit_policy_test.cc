#include "crawler/frontier/revisit_policy.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>
#include <vector>

namespace vigie::crawler::frontier {
namespace {

constexpr std::int64_t kHubNow = 1'800'000'000'000;

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kDiscovered = 1'700'000'000'000;
constexpr double kUnknown = 0;

std::int64_t after(milliseconds time) { return kDiscovered + time.count(); }

v1::UrlState state_of(v1::UrlKind kind) {
  v1::UrlState state;
  state.set_url("http://a.example/x");
  state.set_kind(kind);
  state.set_discovered_at_unix_ms(kDiscovered);
  state.set_next_due_unix_ms(kDiscovered);
  return state;
}

v1::UrlState served(const v1::UrlState& before, std::int64_t now, const fetch::Served& what = {}) {
  return after_fetch(RevisitPolicy{}, before, what, kUnknown, now);
}

v1::UrlState failed(const v1::UrlState& before, std::int64_t now, const fetch::Failed& what) {
  return after_fetch(RevisitPolicy{}, before, what, kUnknown, now);
}

// Production's own schedule: 10 min, 1 h, 6 h and 24 h after the discovery of a page.
TEST(RevisitPolicy, LooksAtAPageAgainFourTimesAndNeverAfterADay) {
  struct Row {
    milliseconds fetched;
    milliseconds due;  // 0: never
  };
  for (const auto& [fetched, due] : {Row{seconds(0), minutes(10)},
                                     {minutes(10) - milliseconds(1), minutes(10)},
                                     {minutes(10), hours(1)},
                                     {minutes(59), hours(1)},
                                     {hours(1), hours(6)},
                                     {hours(7), hours(24)},
                                     {hours(24), {}},
                                     {hours(1000), {}}}) {
    EXPECT_EQ(served(state_of(v1::URL_KIND_ARTICLE), after(fetched)).next_due_unix_ms(),
              due == milliseconds(0) ? 0 : after(due))
        << fetched.count();
  }
}

TEST(RevisitPolicy, TakesTheTimesOfTheSettings) {
  RevisitPolicy policy;
  policy.revisits = {seconds(20)};
  const auto due = [&](std::int64_t now) {
    return after_fetch(policy, state_of(v1::URL_KIND_ARTICLE), fetch::Served{}, kUnknown, now)
        .next_due_unix_ms();
  };
  EXPECT_EQ(due(kDiscovered), after(seconds(20)));
  EXPECT_EQ(due(after(seconds(20))), 0);
  policy.revisits = {};
  EXPECT_EQ(due(kDiscovered), 0) << "no page is looked at again";
}

TEST(RevisitPolicy, DoesNotLookAgainAtAnOldPageNorAtOneThatIsAnothers) {
  v1::UrlState page = state_of(v1::URL_KIND_ARTICLE);
  page.mutable_feed_item()->set_published("2023-11-10T00:00:00Z");  // four days before
  page.mutable_feed_item()->set_updated("2023-11-14T00:00:00Z");
  page.mutable_feed_item()->set_summary("long");
  page.mutable_feed_item()->add_categories("x");
  const v1::UrlState old = served(page, kDiscovered);
  EXPECT_EQ(old.next_due_unix_ms(), 0);
  EXPECT_EQ(old.feed_item().summary(), "") << "a finished page keeps little of its feed item";
  EXPECT_EQ(old.feed_item().categories_size(), 0);
  EXPECT_EQ(old.feed_item().updated(), "2023-11-14T00:00:00Z");
  page.mutable_feed_item()->set_published("2023-11-13T00:00:00Z");
  const v1::UrlState recent = served(page, kDiscovered);
  EXPECT_EQ(recent.next_due_unix_ms(), after(minutes(10)));
  EXPECT_EQ(recent.feed_item().summary(), "long");
  fetch::Served elsewhere;
  elsewhere.left_to_another = true;
  EXPECT_EQ(served(page, kDiscovered, elsewhere).next_due_unix_ms(), 0);
}

TEST(RevisitPolicy, ASuccessEndsARowOfFailures) {
  v1::UrlState page = state_of(v1::URL_KIND_ARTICLE);
  page.set_failures(3);
  page.set_refusals(2);
  page.set_last_error("http_404");
  page.set_fetches(4);
  const v1::UrlState out = served(page, kDiscovered + 5);
  EXPECT_EQ(out.failures(), 0U);
  EXPECT_EQ(out.refusals(), 0U);
  EXPECT_EQ(out.last_error(), "");
  EXPECT_EQ(out.fetches(), 5U);
  EXPECT_EQ(out.last_fetch_unix_ms(), kDiscovered + 5);
}

TEST(RevisitPolicy, BacksOffFromAFailureUpToItsCeiling) {
  v1::UrlState page = state_of(v1::URL_KIND_ARTICLE);
  std::int64_t now = kDiscovered;
  for (const std::int64_t wait_s : {30, 60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    page = failed(page, now, {"http_5xx", "status 500"});
    EXPECT_GE(page.next_due_unix_ms() - now, wait_s * 800);
    EXPECT_LE(page.next_due_unix_ms() - now, wait_s * 1200);
    now = page.next_due_unix_ms();
  }
  EXPECT_EQ(page.failures(), 9U);
  EXPECT_EQ(page.refusals(), 0U);
  EXPECT_EQ(page.last_error(), "http_5xx");
  EXPECT_EQ(page.fetches(), 0U);
  fetch::Failed later{"http_503", "status 503"};
  later.not_before_ms = now + 1'000'000'000;
  EXPECT_EQ(failed(page, now, later).next_due_unix_ms(), later.not_before_ms);
}

TEST(RevisitPolicy, GivesUpAPageButNeverAPoll) {
  fetch::Failed gone{"http_410", "status 410"};
  gone.permanent = true;
  gone.refused = true;
  const fetch::Failed down{"connect", "no connection"};
  const v1::UrlState page = state_of(v1::URL_KIND_ARTICLE);
  const v1::UrlState feed = state_of(v1::URL_KIND_FEED);
  EXPECT_EQ(failed(page, kDiscovered, gone).next_due_unix_ms(), 0);
  EXPECT_EQ(failed(page, kDiscovered, gone).refusals(), 1U);
  EXPECT_LE(failed(feed, kDiscovered, gone).next_due_unix_ms(), after(seconds(36)));
  EXPECT_NE(failed(page, after(kGiveUpAfter), down).next_due_unix_ms(), 0);
  EXPECT_EQ(failed(page, after(kGiveUpAfter) + 1, down).next_due_unix_ms(), 0);
  EXPECT_NE(failed(feed, after(kGiveUpAfter) + 1, down).next_due_unix_ms(), 0);
}

TEST(RevisitPolicy, WhatFailedTogetherDoesNotComeBackTogether) {
  std::set<std::int64_t> times;
  for (int i = 0; i < 50; ++i) {
    v1::UrlState page = state_of(v1::URL_KIND_ARTICLE);
    page.set_url("http://a.example/" + std::to_string(i));
    times.insert(failed(page, kDiscovered, {"connect", ""}).next_due_unix_ms());
  }
  EXPECT_GT(times.size(), 40U);
}

/// Lets a page fail in the same way until it is due no more. Out: how long after its discovery.
std::int64_t given_up_after_ms(v1::UrlState& page, const fetch::Failed& how) {
  std::int64_t now = kDiscovered;
  while (true) {
    page = failed(page, now, how);
    if (page.next_due_unix_ms() == 0) return now - kDiscovered;
    EXPECT_GT(page.next_due_unix_ms(), now);
    now = page.next_due_unix_ms();
  }
}

TEST(RevisitPolicy, ARefusalIsTriedAgainForTwoDays) {
  for (const char* reason :
       {"http_404", "http_denied", "redirect_loop", "redirect_home", "empty_body", "not_html"}) {
    v1::UrlState page = state_of(v1::URL_KIND_ARTICLE);
    fetch::Failed refusal{reason, ""};
    refusal.refused = true;
    const std::int64_t after_ms = given_up_after_ms(page, refusal);
    EXPECT_GT(after_ms, kGiveUpAfter.count()) << reason;
    EXPECT_LT(after_ms, kGiveUpAfter.count() + 5'000'000) << reason;
    EXPECT_GT(page.failures(), 45U);
    EXPECT_TRUE(page.gave_up());
    EXPECT_TRUE(refused_for_good(page));
    EXPECT_FALSE(may_ask_again(page, kDiscovered + after_ms + 1));
    EXPECT_TRUE(may_ask_again(page, kDiscovered + after_ms + kAskAgainAfter.count()));
  }
}

TEST(RevisitPolicy, ARefusalOfLawIsFinalAfterADay) {
  v1::UrlState page = state_of(v1::URL_KIND_ARTICLE);
  fetch::Failed refusal{"http_denied", ""};
  refusal.refused = refusal.legal = true;
  const std::int64_t after_ms = given_up_after_ms(page, refusal);
  EXPECT_GE(after_ms, kLegalAfter.count());
  EXPECT_LT(after_ms, kLegalAfter.count() + 5'000'000);
  EXPECT_FALSE(page.gave_up());
  EXPECT_FALSE(may_ask_again(page, kDiscovered + 100 * kGiveUpAfter.count()));
  EXPECT_TRUE(refused_for_good(page));
}

TEST(RevisitPolicy, APollThatIsGoneIsAskedOnceADay) {
  fetch::Failed gone{"http_410", ""};
  gone.refused = true;
  v1::UrlState feed = failed(state_of(v1::URL_KIND_FEED), kDiscovered, gone);
  EXPECT_LE(feed.next_due_unix_ms(), after(seconds(36))) << "one response is no proof";
  feed = failed(feed, after(seconds(40)), gone);
  EXPECT_GE(feed.next_due_unix_ms(), after(hours(19)));
  fetch::Failed missing{"http_404", ""};
  missing.refused = true;
  v1::UrlState other = state_of(v1::URL_KIND_FEED);
  std::int64_t now = kDiscovered;
  int asked = 0;
  for (; now < after(hours(24 * 10)); now = other.next_due_unix_ms(), ++asked)
    other = failed(other, now, missing);
  EXPECT_LT(asked, 48 + 25) << "two days of an hour, then once a day";
  EXPECT_GT(asked, 40);
  v1::UrlState down = state_of(v1::URL_KIND_FEED);
  for (int i = 0; i < 100; ++i) down = failed(down, after(hours(i)), {"http_5xx", ""});
  EXPECT_LE(down.next_due_unix_ms(), after(hours(99) + minutes(72))) << "it is there, and broken";
  EXPECT_EQ(served(feed, after(hours(30))).refused_since_unix_ms(), 0);
}

TEST(RevisitPolicy, RemembersWhereAPollHasMoved) {
  v1::UrlState feed = state_of(v1::URL_KIND_FEED);
  fetch::Served moved;
  moved.moved_to = "http://b.example/new";
  feed = served(feed, kDiscovered, moved);
  feed = served(feed, after(minutes(1)), moved);
  EXPECT_EQ(feed.moved_polls(), 2U);
  EXPECT_EQ(feed.moved_since_unix_ms(), kDiscovered);
  fetch::Served there;
  there.at_moved = true;
  feed = served(feed, after(minutes(2)), there);
  EXPECT_EQ(feed.moved_to(), "http://b.example/new") << "asked at the new address itself";
  EXPECT_EQ(feed.moved_polls(), 3U);
  moved.moved_to = "http://c.example/newer";
  feed = served(feed, after(minutes(3)), moved);
  EXPECT_EQ(feed.moved_polls(), 1U);
  EXPECT_EQ(served(feed, after(minutes(4))).moved_to(), "") << "the old address answers again";
}

/// A feed that is polled as its state says, in seconds.
class Polled {
 public:
  explicit Polled(v1::UrlKind kind = v1::URL_KIND_FEED) : state_(state_of(kind)) {}
  /// Out: the time until the next.
  std::int64_t poll(std::size_t fresh, double interval_s = kUnknown) {
    fetch::Served what;
    what.fresh = fresh;
    state_ = after_fetch(RevisitPolicy{}, state_, what, interval_s, now_);
    const std::int64_t pause_ms = state_.next_due_unix_ms() - now_;
    now_ = state_.next_due_unix_ms();
    return pause_ms / 1000;
  }
  /// Polls for so long, of a feed with an item each `gap`. Out: the last pause.
  std::int64_t live(seconds gap, seconds time) {
    std::int64_t pause = 0;
    for (const std::int64_t end = now_ + milliseconds(time).count(); now_ < end;) {
      const std::int64_t items = now_ / milliseconds(gap).count();
      pause = poll(static_cast<std::size_t>(items - seen_));
      seen_ = items;
    }
    return pause;
  }
  const v1::UrlState& state() const { return state_; }

 private:
  v1::UrlState state_;
  std::int64_t now_ = kDiscovered;
  std::int64_t seen_ = 0;
};

TEST(RevisitPolicy, PollsAtTheFloorWhileAFeedIsNewAndSlowerWithoutNews) {
  Polled feed;
  for (int polls = 0; polls < 9; ++polls) EXPECT_EQ(feed.poll(0), 60) << polls;
  EXPECT_EQ(feed.poll(0), 90) << "the tenth";
  EXPECT_EQ(feed.poll(0), 135);
  for (int polls = 0; polls < 20; ++polls) feed.poll(0);
  EXPECT_EQ(feed.poll(0), 3600) << "at most an hour";
  EXPECT_EQ(feed.state().recent_new_size(), 10);
  Polled section(v1::URL_KIND_SECTION);
  EXPECT_EQ(section.poll(1), 300);
}

TEST(RevisitPolicy, TheFloorIsTheLeastPauseAndNotThePause) {
  for (const auto& [gap, least, most] :
       std::vector<std::tuple<seconds, std::int64_t, std::int64_t>>{{minutes(2), 60, 110},
                                                                    {minutes(15), 180, 280},
                                                                    {hours(1), 360, 600},
                                                                    {hours(6), 1'500, 3'600},
                                                                    {hours(48), 3'600, 3'600}}) {
    Polled feed;
    const std::int64_t pause = feed.live(gap, hours(24 * 14));
    EXPECT_GE(pause, least) << gap.count();
    EXPECT_LE(pause, most) << gap.count();
  }
}

TEST(RevisitPolicy, PollsAtTheFloorInABurstAndSlowerInASilence) {
  Polled feed;
  const std::int64_t usual = feed.live(minutes(30), hours(24 * 7));
  EXPECT_GT(usual, 120);
  EXPECT_EQ(feed.poll(6), 60) << "six at once";
  Polled silent;
  silent.live(minutes(30), hours(24 * 7));
  std::int64_t pause = 0;
  for (int polls = 0; polls < 60; ++polls) pause = silent.poll(0);
  EXPECT_GT(pause, 2 * usual) << "the night";
  EXPECT_LT(silent.poll(1), pause) << "the morning";
}

// ops/spec/records.md: a record of before the gap was learned, and a feed without dates.
TEST(RevisitPolicy, GuessesTheGapOfAFeedOfWhichOnlyTheLastPollsAreKnown) {
  v1::UrlState feed = state_of(v1::URL_KIND_FEED);
  feed.set_discovered_at_unix_ms(kDiscovered - milliseconds(hours(24 * 400)).count());
  feed.set_fetches(5'000);
  feed.set_last_fetch_unix_ms(kDiscovered - 60'000);
  for (int i = 0; i < 10; ++i) feed.add_recent_new(i % 2 == 0);
  fetch::Served nothing;
  nothing.fresh = 0;
  std::int64_t now = kDiscovered;
  for (int polls = 0; polls < 5; ++polls) {
    feed = after_fetch(RevisitPolicy{}, feed, nothing, kUnknown, now);
    EXPECT_LE(feed.next_due_unix_ms() - now, 300'000) << polls;
    now = feed.next_due_unix_ms();
  }
}

TEST(RevisitPolicy, BelievesTheDatesOfAFeedUntilItHasLearned) {
  Polled feed;
  for (int polls = 0; polls < 12; ++polls) feed.poll(polls == 0 ? 20 : 0, 900);
  EXPECT_EQ(feed.state().item_gap_s(), 900);
  feed.poll(0, 1e300);
  EXPECT_EQ(feed.state().item_gap_s(), 900);
  Polled odd;
  odd.poll(20, 1e300);
  EXPECT_LE(odd.state().item_gap_s(), 1e6);
}

TEST(RevisitPolicy, RemembersValidatorsThatMayBeSentAgain) {
  struct Row {
    const char* name;
    fetch::Validators validators;
    const char* etag;
    const char* modified;
  };
  v1::UrlState page = state_of(v1::URL_KIND_ARTICLE);
  page.set_etag("\"old\"");
  page.set_last_modified("Mon");
  page.set_body_sha256("old body");
  for (const auto& [name, validators, etag, modified] :
       {Row{"new ones", {"\"new\"", "Tue"}, "\"new\"", "Tue"},
        Row{"none any more", {"", ""}, "", ""},
        Row{"of another URL", {"\"new\"", "Tue", "http://b.example/"}, "\"new\"", "Tue"},
        Row{"the ETag lies", {"\"old\"", "Tue"}, "", ""}, Row{"the date lies", {"", "Mon"}, "", ""},
        Row{"the date stayed, the ETag did not", {"\"new\"", "Mon"}, "\"new\"", "Mon"},
        Row{"too long", {std::string(2000, 'x'), "Tue"}, "", "Tue"}}) {
    fetch::Served what;
    what.validators = validators;
    what.body_sha256 = "new body";
    const v1::UrlState out = served(page, kDiscovered, what);
    EXPECT_EQ(out.etag(), etag) << name;
    EXPECT_EQ(out.last_modified(), modified) << name;
    EXPECT_EQ(out.body_sha256(), "new body");
    EXPECT_EQ(validators_lie(page, what), std::string(name).find("lies") != std::string::npos);
  }
  const v1::UrlState not_modified = served(page, kDiscovered);
  EXPECT_EQ(not_modified.etag(), "\"old\"");
  EXPECT_EQ(not_modified.body_sha256(), "old body");
  fetch::Served same;
  same.validators = fetch::Validators{"\"old\"", "Mon"};
  same.body_sha256 = "old body";
  EXPECT_FALSE(validators_lie(page, same));
  EXPECT_EQ(served(page, kDiscovered, same).etag(), "\"old\"");
}

TEST(RevisitPolicy, RemembersWhatAListingHandedOver) {
  v1::UrlState feed = state_of(v1::URL_KIND_FEED);
  feed.add_handed_over(1);
  fetch::Served what;
  EXPECT_EQ(served(feed, kDiscovered, what).handed_over_size(), 1) << "a 304 names the same";
  what.handed_over = {2, 3};
  const v1::UrlState out = served(feed, kDiscovered, what);
  ASSERT_EQ(out.handed_over_size(), 2);
  EXPECT_EQ(out.handed_over(0), 2U);
  what.handed_over.emplace();
  EXPECT_EQ(served(feed, kDiscovered, what).handed_over_size(), 0);
}

/// A feed with an item every ten minutes, of which a hub pushes.
v1::UrlState pushed_feed(std::uint32_t proofs) {
  v1::UrlState state;
  state.set_url("https://news.example/feed.xml");
  state.set_kind(v1::URL_KIND_FEED);
  state.set_fetches(50);
  state.set_item_gap_s(600);
  state.set_last_fetch_unix_ms(kHubNow - 200'000);
  state.set_next_due_unix_ms(kHubNow);
  state.set_last_new_unix_ms(kHubNow - 60'000);
  state.mutable_push()->set_state("active");
  state.mutable_push()->set_lease_until_unix_ms(kHubNow + 86'400'000);
  state.mutable_push()->set_proofs(proofs);
  return state;
}

fetch::Served polled(std::size_t fresh, bool told_by_hub = false) {
  fetch::Served served;
  served.fresh = fresh;
  served.told_by_hub = told_by_hub;
  return served;
}

std::int64_t wait_after(v1::UrlState state, const fetch::Served& served) {
  return after_fetch({}, std::move(state), served, 0, kHubNow).next_due_unix_ms() - kHubNow;
}

TEST(PushedPollsTest, BecomeRareWhileTheHubProvesItself) {
  const std::int64_t unproved = wait_after(pushed_feed(0), polled(0));
  std::int64_t before = unproved;
  v1::UrlState state = pushed_feed(0);
  for (std::uint32_t proofs = 1; proofs <= 4; ++proofs) {
    state.mutable_push()->set_told_since_poll(true);
    v1::UrlState after = after_fetch({}, state, polled(0), 0, kHubNow);
    EXPECT_EQ(after.push().proofs(), proofs);
    EXPECT_FALSE(after.push().told_since_poll());
    const std::int64_t wait = after.next_due_unix_ms() - kHubNow;
    EXPECT_GE(wait, before);
    before = wait;
    state.mutable_push()->set_proofs(proofs);
  }
  // At most three usual gaps: a hub that works has told something by then.
  EXPECT_EQ(before, 1'800'000);
  EXPECT_LT(unproved, 300'000);
}

TEST(PushedPollsTest, AQuietPollProvesNothing) {
  EXPECT_EQ(after_fetch({}, pushed_feed(2), polled(0), 0, kHubNow).push().proofs(), 2U);
}

TEST(PushedPollsTest, OnePollThatFindsMoreEndsTheTrust) {
  v1::UrlState state = pushed_feed(5);
  state.mutable_push()->set_told_since_poll(true);
  const v1::UrlState after = after_fetch({}, state, polled(1), 0, kHubNow);
  EXPECT_EQ(after.push().proofs(), 0U);
  EXPECT_LT(after.next_due_unix_ms() - kHubNow, 300'000);
}

TEST(PushedPollsTest, WhatAPollFindsThatTheHubAskedForIsAProof) {
  EXPECT_EQ(after_fetch({}, pushed_feed(1), polled(2, true), 0, kHubNow).push().proofs(), 2U);
  EXPECT_EQ(after_fetch({}, pushed_feed(1), polled(0, true), 0, kHubNow).push().proofs(), 1U);
}

TEST(PushedPollsTest, WithoutALeaseTheFeedIsPolledAsBefore) {
  const std::int64_t usual = wait_after(pushed_feed(0), polled(0));
  for (const char* word : {"asked", "refused", "failed"}) {
    v1::UrlState state = pushed_feed(6);
    state.mutable_push()->set_state(word);
    EXPECT_EQ(wait_after(state, polled(0)), usual) << word;
  }
  v1::UrlState over = pushed_feed(6);
  over.mutable_push()->set_lease_until_unix_ms(kHubNow);
  EXPECT_EQ(wait_after(over, polled(0)), usual);
  v1::UrlState ending = pushed_feed(6);
  ending.mutable_push()->set_lease_until_unix_ms(kHubNow + 600'000);
  EXPECT_LE(wait_after(ending, polled(0)), 600'000);
}

TEST(PushedPollsTest, APushMovesTheNextPollBackWhereTheHubIsTrusted) {
  const v1::UrlState trusted = after_push(pushed_feed(3), 1, 0, kHubNow);
  // Three gaps, of which the push just taught: 0.9 × 600 s + 0.1 × 60 s.
  EXPECT_EQ(trusted.next_due_unix_ms() - kHubNow, 3 * 546'000);
  EXPECT_TRUE(trusted.push().told_since_poll());
  EXPECT_EQ(trusted.push().last_push_unix_ms(), kHubNow);
  EXPECT_EQ(trusted.last_new_unix_ms(), kHubNow);
  EXPECT_EQ(after_push(pushed_feed(0), 1, 0, kHubNow).next_due_unix_ms(), kHubNow);
  EXPECT_FALSE(after_push(pushed_feed(3), 0, 0, kHubNow).push().told_since_poll());
  // However much is pushed, the hub is looked after once in kMaxPushedInterval.
  v1::UrlState old = pushed_feed(3);
  old.set_last_fetch_unix_ms(kHubNow - kMaxPushedInterval.count());
  EXPECT_EQ(after_push(old, 1, 0, kHubNow).next_due_unix_ms(), kHubNow);
}

}  // namespace
}  // namespace vigie::crawler::frontier
