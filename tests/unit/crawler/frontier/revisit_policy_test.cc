#include "crawler/frontier/revisit_policy.h"

#include <gtest/gtest.h>

namespace vigie::crawler::frontier {
namespace {

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
    EXPECT_EQ(page.next_due_unix_ms() - now, wait_s * 1000);
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
  EXPECT_EQ(failed(feed, kDiscovered, gone).next_due_unix_ms(), after(seconds(30)));
  EXPECT_NE(failed(page, after(kGiveUpAfter), down).next_due_unix_ms(), 0);
  EXPECT_EQ(failed(page, after(kGiveUpAfter) + 1, down).next_due_unix_ms(), 0);
  EXPECT_NE(failed(feed, after(kGiveUpAfter) + 1, down).next_due_unix_ms(), 0);
}

TEST(RevisitPolicy, PollsAtTheFloorWhileThereIsNewsAndSlowerAfterTenPollsWithout) {
  v1::UrlState feed = state_of(v1::URL_KIND_FEED);
  std::int64_t now = kDiscovered;
  fetch::Served nothing_new;
  nothing_new.had_new = false;
  const auto poll = [&](const fetch::Served& what, double interval_s) {
    feed = after_fetch(RevisitPolicy{}, feed, what, interval_s, now);
    const std::int64_t interval = feed.next_due_unix_ms() - now;
    now = feed.next_due_unix_ms();
    return interval / 1000;
  };
  for (int polls = 0; polls < 9; ++polls) EXPECT_EQ(poll(nothing_new, kUnknown), 60) << polls;
  EXPECT_EQ(poll(nothing_new, kUnknown), 90) << "the tenth without anything new";
  EXPECT_EQ(poll(nothing_new, kUnknown), 135);
  EXPECT_EQ(poll(nothing_new, 300), 150) << "at most half of the feed's own interval";
  EXPECT_EQ(poll(nothing_new, 1), 60) << "never below the floor";
  for (int polls = 0; polls < 20; ++polls) poll(nothing_new, kUnknown);
  EXPECT_EQ(poll(nothing_new, kUnknown), 3600) << "at most an hour";
  EXPECT_EQ(poll(nothing_new, 1e300), 3600);
  fetch::Served news;
  news.had_new = true;
  EXPECT_EQ(poll(news, kUnknown), 60);
  EXPECT_EQ(feed.recent_new_size(), 10);
  EXPECT_EQ(served(state_of(v1::URL_KIND_SECTION), kDiscovered, news).next_due_unix_ms(),
            after(minutes(5)));
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
       {Row{"new ones", {"\"new\"", "Tue", false}, "\"new\"", "Tue"},
        Row{"none any more", {"", "", false}, "", ""},
        Row{"of another URL", {"\"new\"", "Tue", true}, "", ""},
        Row{"the ETag lies", {"\"old\"", "Tue", false}, "", ""},
        Row{"the date lies", {"", "Mon", false}, "", ""},
        Row{"the date stayed, the ETag did not", {"\"new\"", "Mon", false}, "\"new\"", "Mon"},
        Row{"too long", {std::string(2000, 'x'), "Tue", false}, "", "Tue"}}) {
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
  same.validators = fetch::Validators{"\"old\"", "Mon", false};
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

}  // namespace
}  // namespace vigie::crawler::frontier
