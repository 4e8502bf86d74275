#include "indexer/rhythm/slots.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "platform/dates/dates.h"

namespace vigie::indexer::rhythm {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;

std::int64_t at(const std::string& rfc3339) { return dates::parse_rfc3339(rfc3339).value(); }

Rule rule_of_text(const std::string& rhythm, const std::string& quiet = "") {
  v1::SubscriptionRecord record;
  record.set_rhythm(rhythm);
  record.set_quiet(quiet);
  auto rule = rule_of(record);
  EXPECT_TRUE(rule.has_value()) << (rule ? "" : rule.error().to_string());
  return rule.value_or(Rule());
}

struct Row {
  std::string rhythm;
  std::string after;
  std::string name;
  std::string due;
};

// Clocks of Europe/Paris change on 2026-03-29 at 01:00 UTC (02:00 → 03:00) and on 2026-10-25 at
// 01:00 UTC (03:00 → 02:00); of America/New_York on 2026-03-08 at 07:00 UTC and on 2026-11-01 at
// 06:00 UTC; of Australia/Lord_Howe by half an hour, on 2026-04-04 at 15:00 UTC (02:00 → 01:30) and
// on 2026-10-03 at 15:30 UTC (02:00 → 02:30). Source: IANA time zone database, 2025b.
const Row kRows[] = {
    {"hourly", "2026-03-29T00:00:00Z", "hourly 2026-03-29T01:00:00.000Z", "2026-03-29T01:00:00Z"},
    {"hourly", "2026-03-29T00:59:59.999Z", "hourly 2026-03-29T01:00:00.000Z",
     "2026-03-29T01:00:00Z"},
    // the hour is an hour of UTC, whatever clocks do
    {"hourly", "2026-10-25T00:30:00Z", "hourly 2026-10-25T01:00:00.000Z", "2026-10-25T01:00:00Z"},
    // both changes do not move 08:00
    {"daily@08:00 Europe/Paris", "2026-03-28T06:59:59Z", "daily 2026-03-28T08:00 Europe/Paris",
     "2026-03-28T07:00:00Z"},
    {"daily@08:00 Europe/Paris", "2026-03-28T07:00:00Z", "daily 2026-03-29T08:00 Europe/Paris",
     "2026-03-29T06:00:00Z"},
    {"daily@08:00 Europe/Paris", "2026-10-24T06:00:00Z", "daily 2026-10-25T08:00 Europe/Paris",
     "2026-10-25T07:00:00Z"},
    // the hour that is not there: the moment behind the gap, 03:00
    {"daily@02:30 Europe/Paris", "2026-03-28T12:00:00Z", "daily 2026-03-29T02:30 Europe/Paris",
     "2026-03-29T01:00:00Z"},
    {"daily@02:30 Europe/Paris", "2026-03-29T01:00:00Z", "daily 2026-03-30T02:30 Europe/Paris",
     "2026-03-30T00:30:00Z"},
    // the hour that is there twice: the first time
    {"daily@02:30 Europe/Paris", "2026-10-24T12:00:00Z", "daily 2026-10-25T02:30 Europe/Paris",
     "2026-10-25T00:30:00Z"},
    {"daily@02:30 Europe/Paris", "2026-10-25T00:30:00Z", "daily 2026-10-26T02:30 Europe/Paris",
     "2026-10-26T01:30:00Z"},
    {"daily@02:00 Europe/Paris", "2026-10-24T12:00:00Z", "daily 2026-10-25T02:00 Europe/Paris",
     "2026-10-25T00:00:00Z"},
    {"daily@03:00 Europe/Paris", "2026-10-24T12:00:00Z", "daily 2026-10-25T03:00 Europe/Paris",
     "2026-10-25T02:00:00Z"},
    {"daily@03:00 Europe/Paris", "2026-03-28T12:00:00Z", "daily 2026-03-29T03:00 Europe/Paris",
     "2026-03-29T01:00:00Z"},
    {"daily@02:30 America/New_York", "2026-03-07T12:00:00Z",
     "daily 2026-03-08T02:30 America/New_York", "2026-03-08T07:00:00Z"},
    {"daily@01:30 America/New_York", "2026-10-31T12:00:00Z",
     "daily 2026-11-01T01:30 America/New_York", "2026-11-01T05:30:00Z"},
    {"daily@01:30 America/New_York", "2026-11-01T05:30:00Z",
     "daily 2026-11-02T01:30 America/New_York", "2026-11-02T06:30:00Z"},
    // half an hour: 02:15 is left out, 01:45 is there twice
    {"daily@02:15 Australia/Lord_Howe", "2026-10-03T12:00:00Z",
     "daily 2026-10-04T02:15 Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
    {"daily@01:45 Australia/Lord_Howe", "2026-04-04T12:00:00Z",
     "daily 2026-04-05T01:45 Australia/Lord_Howe", "2026-04-04T14:45:00Z"},
    {"daily@01:45 Australia/Lord_Howe", "2026-04-04T14:45:00Z",
     "daily 2026-04-06T01:45 Australia/Lord_Howe", "2026-04-05T15:15:00Z"},
    // zones that do not change, of whole hours and of a quarter
    {"daily@08:00 Asia/Shanghai", "2026-03-28T12:00:00Z", "daily 2026-03-29T08:00 Asia/Shanghai",
     "2026-03-29T00:00:00Z"},
    {"daily@08:00 Asia/Kathmandu", "2026-03-28T12:00:00Z", "daily 2026-03-29T08:00 Asia/Kathmandu",
     "2026-03-29T02:15:00Z"},
    {"daily@00:00 UTC", "2026-02-28T00:00:00Z", "daily 2026-03-01T00:00 UTC",
     "2026-03-01T00:00:00Z"},
    {"daily@08:00 Pacific/Kiritimati", "2026-03-28T12:00:00Z",
     "daily 2026-03-29T08:00 Pacific/Kiritimati", "2026-03-28T18:00:00Z"},
    // Apia left out 2011-12-30: its slot is the first moment behind it
    {"daily@08:00 Pacific/Apia", "2011-12-29T18:00:00Z", "daily 2011-12-30T08:00 Pacific/Apia",
     "2011-12-30T10:00:00Z"},
    {"daily@08:00 Pacific/Apia", "2011-12-30T10:00:00Z", "daily 2011-12-31T08:00 Pacific/Apia",
     "2011-12-30T18:00:00Z"},
    {"weekly@sun 08:00 Europe/Paris", "2026-03-22T08:00:00Z",
     "weekly 2026-03-29T08:00 Europe/Paris", "2026-03-29T06:00:00Z"},
    {"weekly@sun 02:30 Europe/Paris", "2026-10-18T12:00:00Z",
     "weekly 2026-10-25T02:30 Europe/Paris", "2026-10-25T00:30:00Z"},
    {"weekly@mon 08:00 Europe/Paris", "2026-11-30T07:00:00Z",
     "weekly 2026-12-07T08:00 Europe/Paris", "2026-12-07T07:00:00Z"},
    // Monday there, Sunday in UTC
    {"weekly@mon 08:00 Asia/Tokyo", "2026-11-28T00:00:00Z", "weekly 2026-11-30T08:00 Asia/Tokyo",
     "2026-11-29T23:00:00Z"},
};

TEST(Slots, TheNextMomentOfARhythm) {
  for (const Row& row : kRows) {
    const Slot slot = next_of_rhythm(rule_of_text(row.rhythm).rhythm, at(row.after));
    EXPECT_EQ(slot.name, row.name) << row.rhythm << " after " << row.after;
    EXPECT_EQ(dates::rfc3339(slot.due_unix_ms), dates::rfc3339(at(row.due))) << row.rhythm;
  }
}

TEST(Slots, EachDayOfAYearHasOneWhateverTheClocksDo) {
  for (const std::string zone :
       {"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Havana",
        "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Chatham", "America/Sao_Paulo", "UTC"}) {
    for (const std::string time : {"00:00", "00:30", "01:45", "02:30", "08:00", "23:59"}) {
      const Rule rule = rule_of_text("daily@" + time + " " + zone);
      std::int64_t now = at("2026-01-01T12:00:00Z");
      std::set<std::string> names;
      for (int i = 0; i < 365; ++i) {
        const Slot slot = next_of_rhythm(rule.rhythm, now);
        ASSERT_GT(slot.due_unix_ms, now) << zone << " " << time;
        ASSERT_LE(slot.due_unix_ms, now + 25 * kHour) << slot.name;
        ASSERT_EQ(next_of_rhythm(rule.rhythm, slot.due_unix_ms - 1).name, slot.name);
        ASSERT_TRUE(names.insert(slot.name).second) << slot.name << " is there twice";
        now = slot.due_unix_ms;
      }
      // As many days as slots: none is left out.
      const std::size_t day = names.begin()->find(' ') + 1;
      const auto day_of = [&](const std::string& name) {
        return at(name.substr(day, 10) + "T00:00:00Z") / dates::kMsPerDay;
      };
      EXPECT_EQ(day_of(*names.rbegin()) - day_of(*names.begin()), 364) << zone << " " << time;
    }
  }
}

TEST(Slots, QuietHoursEndOnceAlsoWhereClocksShowTheEndTwice) {
  const Rule night = rule_of_text("instant", "22:00-07:00 Europe/Paris");
  const std::vector<std::pair<std::string, std::string>> waits{
      {"2026-03-28T20:59:59Z", ""},
      {"2026-03-28T21:00:00Z", "quiet 2026-03-29T07:00 Europe/Paris"},
      {"2026-03-29T04:59:59Z", "quiet 2026-03-29T07:00 Europe/Paris"},
      {"2026-03-29T05:00:00Z", ""},
      {"2026-10-25T05:59:59Z", "quiet 2026-10-25T07:00 Europe/Paris"},
      {"2026-10-25T06:00:00Z", ""},
  };
  for (const auto& [moment, name] : waits) {
    const auto until = waiting_until(night, at(moment));
    EXPECT_EQ(until ? until->name : "", name) << moment;
  }
  const Rule twice = rule_of_text("instant", "01:00-02:30 Europe/Paris");
  EXPECT_EQ(waiting_until(twice, at("2026-10-25T00:15:00Z"))->due_unix_ms,
            at("2026-10-25T00:30:00Z"));
  EXPECT_FALSE(waiting_until(twice, at("2026-10-25T01:15:00Z"))) << "02:15 for the second time";
  const Rule gap = rule_of_text("instant", "01:00-02:30 Europe/Paris");
  EXPECT_EQ(waiting_until(gap, at("2026-03-29T00:30:00Z"))->due_unix_ms,
            at("2026-03-29T01:00:00Z"));
  const Rule inside = rule_of_text("instant", "02:10-02:50 Europe/Paris");
  EXPECT_FALSE(waiting_until(inside, at("2026-03-29T01:00:00Z"))) << "left out as a whole";
}

TEST(Slots, ASlotInQuietHoursMovesToTheirEndAndBehindSnoozeAndPause) {
  Rule rule = rule_of_text("hourly", "22:00-07:00 Europe/Paris");
  const std::int64_t held = at("2026-06-01T20:30:00Z");  // 22:30 in Paris
  const Slot slot = next_slot(rule, held, 0);
  EXPECT_EQ(slot.name, "quiet 2026-06-02T07:00 Europe/Paris");
  EXPECT_EQ(next_slot(rule, at("2026-06-02T04:00:00Z"), 0).due_unix_ms, slot.due_unix_ms);
  rule.snooze_until_unix_ms = at("2026-06-02T20:15:00Z");  // in the next night
  EXPECT_EQ(next_slot(rule, held, 0).name, "quiet 2026-06-03T07:00 Europe/Paris");
  rule.pause_until_unix_ms = at("2026-06-05T10:00:00Z");
  EXPECT_EQ(next_slot(rule, held, 0).name, "pause 2026-06-05T10:00:00.000Z");
}

TEST(Slots, WhatComesLateGoesIntoTheNext) {
  const Rule rule = rule_of_text("daily@08:00 Europe/Paris");
  const std::int64_t closed = at("2026-06-02T06:00:00Z");
  EXPECT_EQ(next_slot(rule, closed - kMinute, 0).due_unix_ms, closed);
  EXPECT_EQ(next_slot(rule, closed - kMinute, closed).name, "daily 2026-06-03T08:00 Europe/Paris");
  const Rule instant = rule_of_text("instant", "22:00-07:00 Europe/Paris");
  EXPECT_EQ(next_slot(instant, at("2026-06-02T04:59:00Z"), at("2026-06-02T05:00:00Z")).name,
            "hourly 2026-06-02T06:00:00.000Z");
}

TEST(Telling, AtMostSoManyMessagesAnHour) {
  Rule rule = rule_of_text("instant");
  rule.most_per_hour = 3;
  const std::int64_t found = at("2026-06-02T06:10:00Z");
  EXPECT_EQ(telling_of(rule, found, 1), Telling::kAtOnce);
  EXPECT_EQ(telling_of(rule, found, 2), Telling::kAtOnce);
  EXPECT_EQ(telling_of(rule, found, 3), Telling::kHeld) << "the third message holds the rest";
  EXPECT_EQ(telling_of(rule, found, 400), Telling::kHeld);
  EXPECT_EQ(next_slot(rule, found, 0).name, "hourly 2026-06-02T07:00:00.000Z");
  rule.most_per_hour = 1;
  EXPECT_EQ(telling_of(rule, found, 1), Telling::kHeld);
}

TEST(Telling, SnoozedIsHeldAndPausedIsNotTold) {
  Rule rule = rule_of_text("instant");
  const std::int64_t found = at("2026-06-02T06:10:00Z");
  EXPECT_EQ(telling_of(rule, found, 1), Telling::kAtOnce);
  rule.snooze_until_unix_ms = found + kMinute;
  EXPECT_EQ(telling_of(rule, found, 1), Telling::kHeld);
  EXPECT_EQ(telling_of(rule, found + kMinute, 1), Telling::kAtOnce);
  EXPECT_EQ(next_slot(rule, found, 0).due_unix_ms, found + kMinute);
  rule.pause_until_unix_ms = found + kMinute;
  EXPECT_EQ(telling_of(rule, found, 1), Telling::kUntold);
  EXPECT_EQ(telling_of(rule_of_text("daily@08:00 Europe/Paris"), found, 1), Telling::kHeld);
}

}  // namespace
}  // namespace vigie::indexer::rhythm
