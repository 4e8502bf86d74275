#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "indexer/alerting/digest_entries.h"
#include "indexer/rhythm/slots.h"
#include "platform/dates/dates.h"
#include "tests/unit/indexer/alerting/alerter_fixture.h"
#include "tests/unit/indexer/alerting/doomed.h"

namespace vigie::indexer::alerting {
namespace {

constexpr milliseconds kMinute{60'000};
constexpr milliseconds kHour = 60 * kMinute;

std::int64_t at(const std::string& rfc3339) { return dates::parse_rfc3339(rfc3339).value(); }

v1::SubscriptionRecord rule(const std::string& rhythm, const std::string& quiet = "") {
  v1::SubscriptionRecord out;
  out.set_rhythm(rhythm);
  out.set_quiet(quiet);
  return out;
}

class DigestTest : public AlerterTest {
 protected:
  void start_at(const std::string& rfc3339) {
    clock_.jump_wall(milliseconds(at(rfc3339) - clock_.now_unix_ms()));
  }
  void tell(const std::string& id, v1::SubscriptionRecord when, std::uint64_t revision = 1) {
    subscribe(id, revision, false, {"c1"}, std::move(when));
  }
  std::string find(const std::string& subscription, const std::string& article,
                   std::uint64_t revision = 1) {
    return match(subscription, article, "", revision);
  }
  std::vector<v1::Digest> digests() const {
    std::vector<v1::Digest> out;
    for (const delivery::Message& message : sender_.sent()) {
      if (message.digest) out.push_back(*message.digest);
    }
    return out;
  }
  bool comes(std::size_t count) {
    return eventually([&] { return sender_.count() >= count; }) && quiet(count);
  }
  /// Nothing more than `count` came.
  bool quiet(std::size_t count) {
    std::this_thread::sleep_for(milliseconds(60));
    return sender_.count() == count;
  }
};

TEST_F(DigestTest, WhatIsFoundInADayIsToldAtItsSlotInOneMessage) {
  start_at("2026-06-01T09:00:00Z");
  tell("s", rule("daily@08:00 Europe/Paris"));
  start();
  const std::string a = find("s", "a");
  clock_.advance(kHour);
  const std::string b = find("s", "b");
  match("s", "copy of c", fingerprint_of(0, 300));
  match("s", "c", fingerprint_of(0, 300));
  ASSERT_TRUE(all_read(4));
  EXPECT_EQ(alerter_->alerts("s", 10)->size(), 3U) << "alerts are listed at once";
  EXPECT_EQ(sender_.count(), 0U);
  clock_.advance(milliseconds(at("2026-06-02T05:59:59Z") - clock_.now_unix_ms()));
  EXPECT_TRUE(quiet(0));
  clock_.advance(milliseconds(1'000));
  ASSERT_TRUE(comes(1));
  const delivery::Message sent = sender_.sent()[0];
  ASSERT_TRUE(sent.digest && sent.notice);
  EXPECT_EQ(sent.delivery_id, digest_id("s", "daily 2026-06-02T08:00 Europe/Paris"));
  EXPECT_EQ(sent.digest->slot(), "daily 2026-06-02T08:00 Europe/Paris");
  ASSERT_EQ(sent.digest->entries_size(), 3);
  EXPECT_EQ(sent.digest->entries(2).alert_ids(0), a) << "the newest first";
  EXPECT_EQ(sent.digest->entries(1).alert_ids(0), b);
  EXPECT_EQ(sent.digest->entries(0).articles(), 2U);
  EXPECT_EQ(sent.digest->entries(1).sentence(), "because of b");
  EXPECT_EQ(sent.digest->articles(), 4U);
  EXPECT_EQ(sent.notice->items.size(), 3U);
  EXPECT_EQ(sent.notice->items[0].also, 1U);
  EXPECT_EQ(metric("vigie_alerts_held_total"), 3);
  EXPECT_EQ(metric("vigie_digests_closed_total"), 1);
  ASSERT_TRUE(eventually([&] { return state_of_newest("s") == v1::DELIVERY_STATE_DELIVERED; }));
  const auto ended = alerter_->deliveries("s", 1);
  EXPECT_EQ((*ended)[0].digest().alerts(), 3U);
  EXPECT_EQ((*ended)[0].digest().entries_size(), 0) << "its entries are in the list of alerts";
  clock_.advance(48 * kHour);
  EXPECT_TRUE(quiet(1)) << "an empty slot is not told";
}

TEST_F(DigestTest, AnEmptySlotIsToldWhereSomebodyWantsItAndOnlyTheNewestIsMadeUpFor) {
  start_at("2026-06-01T09:00:00Z");
  v1::SubscriptionRecord when = rule("daily@08:00 Europe/Paris");
  when.set_empty_digests(true);
  when.set_rhythm_since_unix_ms(clock_.now_unix_ms());
  tell("s", when);
  start();
  EXPECT_TRUE(quiet(0));
  clock_.advance(24 * kHour);
  ASSERT_TRUE(comes(1));
  EXPECT_EQ(digests()[0].entries_size(), 0);
  stop();
  clock_.advance(10 * 24 * kHour);
  start();
  ASSERT_TRUE(comes(2));
  EXPECT_EQ(digests()[1].slot(), "daily 2026-06-12T08:00 Europe/Paris");
}

TEST_F(DigestTest, QuietHoursHoldWhatFallsInThemAndWhatIsTriedAgain) {
  start_at("2026-06-01T19:59:00Z");
  tell("s", rule("instant", "22:00-07:00 Europe/Paris"));
  start();
  sender_.answer(503);
  find("s", "before");
  ASSERT_TRUE(eventually([&] { return attempts_of_newest("s") == 1; }));
  sender_.answer(200);
  clock_.advance(2 * kMinute);
  find("s", "night 1");
  clock_.advance(4 * kHour);
  find("s", "night 2");
  ASSERT_TRUE(all_read(3));
  EXPECT_TRUE(quiet(1)) << "neither a new one nor another attempt";
  clock_.advance(milliseconds(at("2026-06-02T05:00:00Z") - clock_.now_unix_ms()));
  ASSERT_TRUE(comes(3)) << "the attempt, and a digest of the night";
  ASSERT_EQ(digests().size(), 1U);
  EXPECT_EQ(digests()[0].slot(), "quiet 2026-06-02T07:00 Europe/Paris");
  EXPECT_EQ(digests()[0].entries_size(), 2);
  find("s", "morning");
  ASSERT_TRUE(comes(4));
  EXPECT_FALSE(sender_.sent()[3].digest) << "at once again";
}

TEST_F(DigestTest, OfMostPerHourTheRestComesTogetherAtTheEndOfTheHour) {
  start_at("2026-06-01T09:05:00Z");
  v1::SubscriptionRecord when = rule("instant");
  when.set_most_per_hour(3);
  tell("s", when);
  start();
  for (int i = 0; i < 14; ++i) find("s", "article " + std::to_string(i));
  ASSERT_TRUE(all_read(14));
  EXPECT_TRUE(quiet(2));
  clock_.advance(55 * kMinute);
  ASSERT_TRUE(comes(3));
  EXPECT_EQ(digests()[0].entries_size(), 12) << "and 12 more";
  EXPECT_EQ(digests()[0].slot(), "hourly 2026-06-01T10:00:00.000Z");
}

TEST_F(DigestTest, SnoozedIsToldWhenItEndsAndPausedNeverThoughItIsListed) {
  start_at("2026-06-01T09:05:00Z");
  v1::SubscriptionRecord snoozed = rule("instant");
  snoozed.set_snooze_until_unix_ms(at("2026-06-03T12:00:00Z"));
  tell("s", snoozed);
  v1::SubscriptionRecord paused = rule("daily@08:00 Europe/Paris");
  paused.set_pause_until_unix_ms(at("2026-06-03T12:00:00Z"));
  tell("p", paused);
  start();
  find("s", "a");
  find("p", "a");
  ASSERT_TRUE(all_read(2));
  EXPECT_EQ(alerter_->alerts("p", 10)->size(), 1U);
  EXPECT_EQ(metric("vigie_alerts_untold_total"), 1);
  clock_.advance(milliseconds(at("2026-06-03T12:00:00Z") - clock_.now_unix_ms()));
  ASSERT_TRUE(comes(1));
  EXPECT_EQ(digests()[0].slot(), "snooze 2026-06-03T12:00:00.000Z");
  find("p", "b");
  ASSERT_TRUE(all_read(3));
  clock_.advance(24 * kHour);
  ASSERT_TRUE(comes(2));
  EXPECT_EQ(digests()[1].entries_size(), 1);
  EXPECT_EQ(digests()[1].entries(0).article().article_id(), "b");
}

TEST_F(DigestTest, AnotherRhythmTakesWhatIsHeldWithIt) {
  start_at("2026-06-01T09:05:00Z");
  tell("s", rule("weekly@sun 08:00 Europe/Paris"));
  start();
  find("s", "a");
  ASSERT_TRUE(all_read(1));
  EXPECT_TRUE(quiet(0));
  tell("s", rule("daily@12:00 Europe/Paris"), 2);
  ASSERT_TRUE(eventually([&] { return store_->find("s")->revision() == 2; }));
  clock_.advance(kHour);
  ASSERT_TRUE(comes(1));
  EXPECT_EQ(digests()[0].slot(), "daily 2026-06-01T12:00 Europe/Paris");
}

TEST_F(DigestTest, AnotherProcessKnowsWhatIsHeldAndWhatWasTold) {
  start_at("2026-06-01T09:05:00Z");
  tell("s", rule("daily@08:00 Europe/Paris"));
  start("one");
  find("s", "a");
  ASSERT_TRUE(all_read(1));
  stop();
  start("two");
  clock_.advance(24 * kHour);
  ASSERT_TRUE(comes(1));
  stop();
  start("one");  // it holds the alert, and its position is as far: only the slot says more
  clock_.advance(24 * kHour);
  EXPECT_TRUE(quiet(1));
  find("s", "b");
  ASSERT_TRUE(all_read(2));
  clock_.advance(24 * kHour);
  ASSERT_TRUE(comes(2));
  EXPECT_EQ(digests()[1].entries_size(), 1);
  EXPECT_EQ(digests()[1].entries(0).article().article_id(), "b");
}

TEST_F(DigestTest, ADeletedSubscriptionIsToldNothingAndItsSlotGoesWithIt) {
  start_at("2026-06-01T09:05:00Z");
  tell("s", rule("daily@08:00 Europe/Paris"));
  start();
  find("s", "a");
  ASSERT_TRUE(all_read(1));
  subscribe("s", 2, true);
  ASSERT_TRUE(eventually([&] { return !store_->find("s"); }));
  clock_.advance(24 * kHour);
  EXPECT_TRUE(quiet(0));
}

/// A subscription of the test with clocks, and what was found for it.
struct Watched {
  std::string id;
  rhythm::Rule rule;
  std::map<std::string, std::int64_t> found;  // alert → log time
};

/// Kills at any call of disk, log or receiver, take-overs by another process, over days around a
/// change of clocks. What is expected is arithmetic: the slot of each alert by its log time.
class ClockChangeTest : public DigestTest,
                        public testing::WithParamInterface<std::pair<const char*, unsigned>> {
 protected:
  void watch(const std::string& id, v1::SubscriptionRecord when) {
    when.set_rhythm_since_unix_ms(clock_.now_unix_ms());
    watched_.push_back({id, rhythm::rule_of(when).value(), {}});
    tell(id, std::move(when));
  }
  /// Starts another life, of this process or of one that takes over.
  void live() {
    doom_.set(0);
    start(lives_++ % 3 == 2 ? "two" : "one");
  }
  void find_some() {
    for (Watched& each : watched_) {
      if (each.rule.empty_digests || chance(3) != 0) continue;
      const std::string id = find(each.id, "article " + std::to_string(articles_++));
      each.found[id] = clock_.now_unix_ms();
    }
  }
  std::uint64_t chance(std::uint64_t below) { return engine_() % below; }
  /// Gives the process a moment, and another life where it dies. Empty slots are waited for: those
  /// that pass while nothing runs are not made up for.
  void settle() {
    for (int i = 0; i < 5'000; ++i) {
      std::this_thread::sleep_for(milliseconds(2));
      if (i % 250 == 249) clock_.advance(std::chrono::seconds(5));  // what is tried again later
      if (over_) {
        stop();
        ++kills_;
        live();
      } else if (i >= 4 && told("empty").ids_of_slot.size() >= empty_slots().size()) {
        return;
      }
    }
    ADD_FAILURE() << "an empty slot was never told";
  }
  /// Those that were due since the beginning.
  std::set<std::string> empty_slots() const {
    std::set<std::string> out;
    for (std::int64_t now = begin_;;) {
      const rhythm::Slot slot = rhythm::next_of_rhythm(watched_.back().rule.rhythm, now);
      now = slot.due_unix_ms;
      if (now > clock_.now_unix_ms()) return out;
      out.insert(slot.name);
    }
  }
  /// By alert id and by slot: under which ids each was told.
  struct Told {
    std::map<std::string, std::set<std::string>> slots_of_alert;
    std::map<std::string, std::set<std::string>> ids_of_slot;
    std::map<std::string, std::set<std::string>> contents;  // of an id
  };
  Told told(const std::string& subscription) const {
    Told out;
    for (const delivery::Message& message : sender_.sent()) {
      if (message.subscription_id != subscription) continue;
      std::string content;
      if (!message.digest) {
        out.slots_of_alert[message.delivery_id].insert("");
        continue;
      }
      for (const v1::DigestEntry& entry : message.digest->entries()) {
        for (const std::string& alert : entry.alert_ids()) {
          content += alert + " ";
          out.slots_of_alert[alert].insert(message.digest->slot());
        }
      }
      out.ids_of_slot[message.digest->slot()].insert(message.delivery_id);
      out.contents[message.delivery_id].insert(content);
    }
    return out;
  }
  std::size_t missing() const {
    std::size_t out = 0;
    for (const Watched& each : watched_) {
      const Told so_far = told(each.id);
      for (const auto& [alert, time] : each.found) out += so_far.slots_of_alert.count(alert) == 0;
    }
    return out;
  }

  Doom doom_;
  std::unique_ptr<DoomedLog> doomed_log_;
  std::unique_ptr<DoomedSender> doomed_sender_;
  std::mt19937_64 engine_;
  std::vector<Watched> watched_;
  std::int64_t begin_ = 0;
  int lives_ = 0;
  int kills_ = 0;
  int articles_ = 0;
};

TEST_P(ClockChangeTest, EachSlotIsToldOnceAndEachAlertInExactlyItsOwn) {
  engine_.seed(GetParam().second);
  start_at(GetParam().first);
  doomed_log_ = std::make_unique<DoomedLog>(*log_, doom_);
  doomed_sender_ = std::make_unique<DoomedSender>(sender_, doom_);
  through_ = doomed_log_.get();
  through_sender_ = doomed_sender_.get();
  disk_ = [this](const storage::Options& options) -> Result<std::unique_ptr<storage::Database>> {
    VIGIE_ASSIGN(std::unique_ptr<storage::Database> real, storage::open(options));
    return std::unique_ptr<storage::Database>(
        std::make_unique<DoomedDatabase>(std::move(real), doom_));
  };
  watch("morning", rule("daily@08:00 Europe/Paris"));
  watch("gap", rule("daily@02:30 Europe/Paris"));
  watch("hours", rule("hourly"));
  watch("nights", rule("instant", "22:00-07:00 America/New_York"));
  v1::SubscriptionRecord empty = rule("daily@02:30 Europe/Paris");
  empty.set_empty_digests(true);
  watch("empty", empty);
  begin_ = clock_.now_unix_ms();
  live();
  for (int step = 0; step < 3 * 24; ++step) {
    find_some();
    settle();
    if (chance(2) == 0) doom_.set(static_cast<std::int64_t>(1 + chance(30)));
    clock_.advance(kHour);
    settle();
  }
  doom_.set(0);
  settle();
  clock_.advance(24 * kHour);  // the last slots
  settle();
  ASSERT_TRUE(eventually([&] { return missing() == 0; })) << missing() << " alerts were lost";
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_GT(kills_, 10);
  for (const Watched& each : watched_) {
    const Told so_far = told(each.id);
    for (const auto& [alert, time] : each.found) {
      const bool at_once = telling_of(each.rule, time, 1) == rhythm::Telling::kAtOnce;
      const std::string slot = at_once ? "" : rhythm::next_slot(each.rule, time, 0).name;
      EXPECT_EQ(so_far.slots_of_alert.at(alert), std::set<std::string>{slot}) << each.id;
    }
    for (const auto& [slot, ids] : so_far.ids_of_slot)
      EXPECT_EQ(ids, std::set<std::string>{digest_id(each.id, slot)}) << slot;
    for (const auto& [id, contents] : so_far.contents)
      EXPECT_EQ(contents.size(), 1U) << "a repeat says the same";
  }
  std::set<std::string> empties;
  for (const auto& [slot, ids] : told("empty").ids_of_slot) empties.insert(slot);
  EXPECT_EQ(empties, empty_slots());
}

INSTANTIATE_TEST_SUITE_P(BothChanges, ClockChangeTest,
                         testing::Values(std::pair("2026-03-27T22:10:00Z", 1U),
                                         std::pair("2026-03-27T22:40:00Z", 2U),
                                         std::pair("2026-10-23T22:10:00Z", 3U),
                                         std::pair("2026-10-31T01:40:00Z", 4U)));

v1::AlertGroup group_of(const std::string& id, const std::string& event, const std::string& story,
                        std::int64_t published) {
  v1::AlertGroup out;
  out.set_delivery_id(id);
  out.add_match_ids(id);
  out.mutable_article()->set_article_id("article of " + id);
  out.mutable_article()->set_title("title of " + id);
  out.mutable_article()->set_event_id(event);
  out.mutable_article()->set_story_id(story);
  out.mutable_article()->set_published_unix_ms(published);
  out.mutable_article()->set_discovered_at_unix_ms(published + 1'000'000);
  out.add_evidence()->set_sentence("sentence of " + id);
  return out;
}

TEST(DigestEntries, OneEntryAnEventOrAStoryShownByTheFirstInTime) {
  std::vector<v1::AlertGroup> groups{
      group_of("5", "", "", 5'000'000), group_of("4", "e", "", 4'000'000),
      group_of("3", "", "s", 3'000'000), group_of("2", "e", "t", 2'000'000),
      group_of("1", "", "s", 3'500'000)};
  v1::Digest digest;
  fill_entries(groups, {}, digest);
  ASSERT_EQ(digest.entries_size(), 3);
  EXPECT_EQ(digest.entries(0).alert_ids(0), "5");
  EXPECT_EQ(digest.entries(1).article().article_id(), "article of 2") << "the first in time";
  EXPECT_EQ(digest.entries(1).sentence(), "sentence of 2");
  EXPECT_EQ(digest.entries(1).articles(), 2U);
  EXPECT_EQ(digest.entries(1).event_id(), "e");
  ASSERT_EQ(digest.entries(1).others_size(), 1);
  EXPECT_EQ(digest.entries(1).others(0).article_id(), "article of 4");
  EXPECT_EQ(digest.entries(2).article().article_id(), "article of 3");
  EXPECT_EQ(digest.alerts(), 5U);
  v1::Digest later;
  fill_entries(groups, {{"article of 5", "e"}, {"article of 1", "e"}, {"article of 3", "e"}},
               later);
  EXPECT_EQ(later.entries_size(), 1) << "what is known by now goes before what the match said";
  EXPECT_EQ(later.entries(0).articles(), 5U);
}

TEST(DigestEntries, AreBoundedInNumberAndInBytesAndTheRestIsCounted) {
  std::vector<v1::AlertGroup> groups;
  for (int i = 0; i < 500; ++i) groups.push_back(group_of(std::to_string(i), "", "", 1'000 + i));
  v1::Digest digest;
  fill_entries(groups, {}, digest);
  EXPECT_EQ(digest.entries_size(), static_cast<int>(kMaxEntries));
  EXPECT_EQ(digest.further(), 500 - kMaxEntries);
  EXPECT_EQ(digest.alerts(), 500U);
  for (v1::AlertGroup& group : groups)
    group.mutable_article()->set_url("https://example.org/" + std::string(8'000, 'x'));
  v1::Digest large;
  fill_entries(groups, {}, large);
  EXPECT_LT(large.ByteSizeLong(), std::size_t{1} << 20);
  EXPECT_EQ(static_cast<std::uint64_t>(large.entries_size()) + large.further(), 500U);
  EXPECT_GT(large.entries_size(), 10);
}

}  // namespace
}  // namespace vigie::indexer::alerting
