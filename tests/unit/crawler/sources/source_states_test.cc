#include "crawler/sources/source_states.h"

#include <gtest/gtest.h>

namespace vigie::crawler::sources {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kHourMs = 3'600'000;

SourceList one_source(std::vector<std::string> feeds = {"http://a.example/feed.xml"}) {
  SourceEntry entry;
  entry.source.set_id("a");
  entry.source.set_name("A");
  entry.source.set_homepage("http://a.example/");
  entry.feeds = std::move(feeds);
  SourceList list;
  list.sources.push_back(std::move(entry));
  return list;
}

v1::UrlState url_of(v1::UrlKind kind, const std::string& url = "http://a.example/feed.xml") {
  v1::UrlState state;
  state.set_url(url);
  state.set_kind(kind);
  state.set_source_id("a");
  state.set_next_due_unix_ms(kNow + 60'000);
  return state;
}

class SourceStatesTest : public testing::Test {
 protected:
  void SetUp() override { states_.apply(one_source()); }

  std::vector<log::NewRecord> report(bool home = true) {
    return states_.report({kNow + now_.count(), now_, [home](const std::string&) { return home; },
                           [this](std::string_view) { return blocked_; }});
  }
  /// What is told after a minute, new or not.
  v1::SourceStatus status() {
    now_ += minutes(1);
    const auto records = report();
    v1::StatusRecord record;
    EXPECT_TRUE(!records.empty() && record.ParseFromString(records.back().value.value_or("")));
    return record.source();
  }
  bool command(v1::ControlAction action, const std::string& target) {
    v1::ControlRecord record;
    record.set_action(action);
    record.set_target(target);
    return states_.apply(record);
  }

  SourceStates states_{"me"};
  milliseconds now_{0};
  bool blocked_ = false;
};

TEST_F(SourceStatesTest, RemembersWhatWasToldBeforeItBegan) {
  v1::SourceStatus told;
  told.set_source_id("a");
  told.set_last_article_unix_ms(kNow - 10 * kHourMs);
  told.set_expected_interval_s(3600);
  states_.recall(told);
  told.set_last_article_unix_ms(kNow - 20 * kHourMs);
  told.set_expected_interval_s(0);
  states_.recall(told);  // by another crawler, for which it had less
  states_.note_contact("a", "a.example", nullptr);
  EXPECT_EQ(status().last_article_unix_ms(), kNow - 10 * kHourMs);
  EXPECT_EQ(status().expected_interval_s(), 3600);
  EXPECT_EQ(status().state(), "quiet") << "ten hours of an article an hour";
  EXPECT_EQ(status().articles(), 0U) << "counts are since the start";
  states_.note_article("a", kNow);
  EXPECT_EQ(status().state(), "ok");
  states_.recall(told);
  EXPECT_EQ(status().last_article_unix_ms(), kNow) << "what came later counts";
  states_.apply(SourceList{});
  states_.apply(one_source());
  EXPECT_EQ(status().last_article_unix_ms(), kNow - 10 * kHourMs) << "of a source listed later";
}

TEST_F(SourceStatesTest, SaysHowASourceDoes) {
  const Error down{"connect", Disposition::kRetry, "no connection", ""};
  EXPECT_EQ(status().state(), "waiting");
  EXPECT_EQ(status().robots(), "unknown");
  states_.note_contact("a", "a.example", nullptr);
  EXPECT_EQ(status().state(), "ok");
  states_.note_failure(url_of(v1::URL_KIND_FEED), "connect", down.detail, kNow);
  EXPECT_EQ(status().state(), "failing");
  EXPECT_EQ(status().last_error(), "http://a.example/feed.xml: no connection");
  ASSERT_EQ(status().errors_size(), 1);
  EXPECT_EQ(status().errors(0).count(), 1U);
  states_.note_poll(url_of(v1::URL_KIND_FEED), kNow);
  EXPECT_EQ(status().state(), "ok");
  states_.note_failure(url_of(v1::URL_KIND_ARTICLE, "http://a.example/x"), "http_404", "", kNow);
  EXPECT_EQ(status().state(), "ok") << "a page that fails is no failing source";
  blocked_ = true;
  EXPECT_EQ(status().state(), "blocked");
  command(v1::CONTROL_ACTION_PAUSE, "a");
  EXPECT_EQ(status().state(), "paused");
}

TEST_F(SourceStatesTest, IsQuietAfterThreeOfItsGapsAndNotBeforeAnHour) {
  struct Row {
    double interval_s;
    std::int64_t silent_ms;
    const char* state;
  };
  states_.note_contact("a", "a.example", nullptr);
  for (const auto& [interval_s, silent_ms, state] : {Row{0, 24 * kHourMs, "ok"},
                                                     {0, 24 * kHourMs + 1, "quiet"},
                                                     {60, kHourMs, "ok"},
                                                     {60, kHourMs + 1, "quiet"},
                                                     {3600, 3 * kHourMs, "ok"},
                                                     {3600, 3 * kHourMs + 1, "quiet"}}) {
    states_.note_item_interval("a", interval_s);
    states_.note_article("a", kNow + (now_ + minutes(1)).count() - silent_ms);
    EXPECT_EQ(status().state(), state) << interval_s << " " << silent_ms;
  }
  EXPECT_EQ(states_.item_interval_s("a"), 3600);
  EXPECT_EQ(states_.item_interval_s("unknown"), 0);
}

TEST_F(SourceStatesTest, FloodsForAnHourAfterSomethingOfItWasLeftOut) {
  states_.note_contact("a", "a.example", nullptr);
  EXPECT_EQ(status().state(), "ok");
  states_.note_flood("a", kNow + now_.count());
  states_.note_flood("unknown", kNow);
  EXPECT_EQ(status().state(), "flooding");
  const auto count = [this] {
    return states_.count_states([](const std::string&) { return true; })[State::kFlooding];
  };
  EXPECT_EQ(count(), 1);
  now_ += minutes(40);
  states_.note_flood("a", kNow + now_.count());
  now_ += minutes(40);
  EXPECT_EQ(status().state(), "flooding") << "of the later one";
  now_ += minutes(20);
  EXPECT_EQ(status().state(), "ok");
  EXPECT_EQ(count(), 0);
}

TEST_F(SourceStatesTest, PausesOneOrAllUntilTheyAreResumed) {
  EXPECT_TRUE(states_.active("a"));
  EXPECT_FALSE(states_.active("unknown"));
  EXPECT_FALSE(command(v1::CONTROL_ACTION_PAUSE, "a"));
  EXPECT_FALSE(states_.active("a"));
  EXPECT_FALSE(all_paused(states_));
  EXPECT_FALSE(command(v1::CONTROL_ACTION_TAKEDOWN, "a"));
  EXPECT_TRUE(command(v1::CONTROL_ACTION_RESUME, "a"));
  EXPECT_TRUE(states_.active("a"));
  command(v1::CONTROL_ACTION_PAUSE, "");
  EXPECT_TRUE(all_paused(states_));
  command(v1::CONTROL_ACTION_RESUME, "");
  EXPECT_FALSE(all_paused(states_));
}

TEST_F(SourceStatesTest, TellsAStatusWhenItIsNewAndOnceAMinute) {
  EXPECT_EQ(report().size(), 1U);
  EXPECT_EQ(report().size(), 0U);
  states_.note_poll(url_of(v1::URL_KIND_FEED), kNow + 1);
  EXPECT_EQ(report().size(), 0U) << "a poll alone is nothing new";
  states_.note_article("a", kNow);
  EXPECT_EQ(report().size(), 1U);
  now_ += minutes(1);
  EXPECT_EQ(report().size(), 1U);
}

TEST_F(SourceStatesTest, StandsBesideTheStatusOfAnotherCrawlerOnlyWhereItDidSomething) {
  EXPECT_TRUE(report(false).empty());
  states_.note_article("a", kNow);
  auto records = report(false);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "source/a/me");
  records = report(true);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].key, "source/a/me");
  EXPECT_FALSE(records[0].value) << "what stood beside goes";
  EXPECT_EQ(records[1].key, "source/a");
  EXPECT_EQ(states_.count_states([](const std::string&) { return true; }).at(State::kWaiting), 1);
}

TEST_F(SourceStatesTest, WantsWhatIsListedAndWhatThatLedTo) {
  EXPECT_TRUE(states_.wants(url_of(v1::URL_KIND_FEED)));
  EXPECT_FALSE(states_.wants(url_of(v1::URL_KIND_FEED, "http://a.example/other.xml")));
  EXPECT_TRUE(states_.wants(url_of(v1::URL_KIND_ARTICLE, "http://b.example/x")));
  v1::UrlState sub = url_of(v1::URL_KIND_SITEMAP, "http://a.example/sub.xml");
  sub.set_depth(1);
  EXPECT_TRUE(states_.wants(sub)) << "an index led to it";
  sub.set_via("http://a.example/feed.xml");
  EXPECT_TRUE(states_.wants(sub)) << "a redirect of a listed one led to it";
  sub.set_via("http://a.example/gone.xml");
  EXPECT_FALSE(states_.wants(sub));
}

TEST_F(SourceStatesTest, KeepsWhatIsKnownWhenTheListIsReadAgain) {
  states_.note_article("a", kNow);
  states_.apply(one_source({"http://a.example/new.xml"}));
  EXPECT_EQ(status().articles(), 1U);
  EXPECT_FALSE(states_.listed().contains("http://a.example/feed.xml"));
  EXPECT_EQ(states_.listed().at("http://a.example/new.xml").source_id, "a");
  states_.apply(SourceList{});
  EXPECT_EQ(states_.find("a"), nullptr);
}

TEST_F(SourceStatesTest, KnowsWhetherAnySourceWasReached) {
  const Error down{"dns", Disposition::kRetry, "no such name", ""};
  states_.note_contact("a", "a.example", &down);
  states_.note_contact("unknown", "b.example", nullptr);
  Reachability reach = states_.reachability();
  EXPECT_EQ(reach.tried, 1U);
  EXPECT_EQ(reach.reached, 0U);
  EXPECT_EQ(reach.first_error_reason, "dns");
  EXPECT_EQ(reach.example_detail, "cannot resolve host a.example (dns)");
  states_.note_contact("a", "a.example", nullptr);
  states_.note_contact("a", "a.example", nullptr);
  reach = states_.reachability();
  EXPECT_EQ(reach.tried, 1U);
  EXPECT_EQ(reach.reached, 1U);
}

}  // namespace
}  // namespace vigie::crawler::sources
