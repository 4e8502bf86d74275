#include "indexer/rhythm/rule.h"

#include <gtest/gtest.h>

namespace vigie::indexer::rhythm {
namespace {

TEST(Rhythm, IsReadInAnySpellingAndWrittenInOne) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "instant"},
      {"instant", "instant"},
      {" Instant ", "instant"},
      {"hourly", "hourly"},
      {"daily@08:00 Europe/Paris", "daily@08:00 Europe/Paris"},
      {"Daily @ 8:05  America/Port-au-Prince", "daily@08:05 America/Port-au-Prince"},
      {"daily@23:59 UTC", "daily@23:59 UTC"},
      {"weekly@mon 08:00 Europe/Paris", "weekly@mon 08:00 Europe/Paris"},
      {"WEEKLY@Sunday 00:00 Australia/Lord_Howe", "weekly@sun 00:00 Australia/Lord_Howe"},
  };
  for (const auto& [said, written] : cases) {
    const auto read = parse_rhythm(said);
    ASSERT_TRUE(read.has_value()) << said << ": " << read.error().to_string();
    EXPECT_EQ(read->text(), written);
    EXPECT_EQ(parse_rhythm(read->text())->text(), written) << "what is written is read again";
  }
}

TEST(Rhythm, WhatIsWrongIsNamedWithTheNearest) {
  const std::pair<std::string, std::string> cases[] = {
      {"dayly@08:00 Europe/Paris", "did you mean daily?"},
      {"weeky", "did you mean weekly?"},
      {"often", "\"often\" is none"},
      {"instant@08:00", "instant stands alone"},
      {"hourly@:30", "at each full hour"},
      {"daily", "needs a time and a zone"},
      {"daily@08:00", "needs a time and a zone"},
      {"daily@08:00 Europe/Paris now", "needs a time and a zone"},
      {"daily@24:00 Europe/Paris", "\"24:00\" is no time of day"},
      {"daily@8 Europe/Paris", "\"8\" is no time of day"},
      {"daily@08:60 Europe/Paris", "\"08:60\" is no time of day"},
      {"daily@-8:00 Europe/Paris", "is no time of day"},
      {"daily@08:00 Europe/Pari", "did you mean Europe/Paris?"},
      {"daily@08:00 CET", "\"CET\" is none"},
      {"daily@08:00 +02:00", "is none"},
      {"weekly@08:00 Europe/Paris", "needs a day, a time and a zone"},
      {"weekly@tues 08:00 Europe/Paris", "did you mean tuesday?"},
      {"@", "is none"},
      {std::string(5'000, 'x'), "too long"},
      {"daily@08:00 \xff\xfe", "is none"},
  };
  for (const auto& [said, sentence] : cases) {
    const auto read = parse_rhythm(said);
    ASSERT_FALSE(read.has_value()) << said;
    EXPECT_EQ(read.error().code, ErrorCode("bad_subscription"));
    EXPECT_NE(read.error().detail.find(sentence), std::string::npos)
        << said << ": " << read.error().detail;
    EXPECT_LT(read.error().detail.size(), 400U);
  }
}

TEST(Quiet, IsReadWithAnyDashAndWrittenInOneForm) {
  const std::pair<std::string, std::string> cases[] = {
      {"22:00-07:00 Europe/Paris", "22:00-07:00 Europe/Paris"},
      {" 22:00 – 7:00 America/Port-au-Prince", "22:00-07:00 America/Port-au-Prince"},
      {"12:30\xE2\x80\x94"
       "13:15 UTC",
       "12:30-13:15 UTC"},
  };
  for (const auto& [said, written] : cases) {
    const auto read = parse_quiet(said);
    ASSERT_TRUE(read.has_value()) << said << ": " << read.error().to_string();
    EXPECT_EQ(read->text(), written);
  }
  const std::pair<std::string, std::string> wrong[] = {
      {"22:00", "two times and a zone"},
      {"22:00-07:00", "two times and a zone"},
      {"22:00 07:00 Europe/Paris", "two times and a zone"},
      {"22:00-25:00 Europe/Paris", "\"25:00\" is no time of day"},
      {"22:00-07:00 Europe/Berln", "did you mean Europe/Berlin?"},
      {"07:00-07:00 Europe/Paris", "begins and ends at the same time"},
      {std::string(5'000, '-'), "two times and a zone"},
  };
  for (const auto& [said, sentence] : wrong) {
    const auto read = parse_quiet(said);
    ASSERT_FALSE(read.has_value()) << said;
    EXPECT_NE(read.error().detail.find(sentence), std::string::npos) << read.error().detail;
  }
}

TEST(Rule, MembersThatDoNotGoTogetherAreRefusedByName) {
  v1::SubscriptionRecord record;
  record.set_rhythm("hourly");
  record.set_most_per_hour(5);
  EXPECT_NE(rule_of(record).error().detail.find("most_per_hour"), std::string::npos);
  record.set_rhythm("instant");
  record.set_most_per_hour(kMaxPerHour + 1);
  EXPECT_NE(rule_of(record).error().detail.find("most_per_hour"), std::string::npos);
  record.set_most_per_hour(0);
  record.set_empty_digests(true);
  EXPECT_NE(rule_of(record).error().detail.find("empty"), std::string::npos);
  record.set_rhythm("daily@08:00 Europe/Paris");
  EXPECT_TRUE(rule_of(record).has_value());
}

TEST(Rule, WhatIsOverGoesAndWhatIsTooFarIsRefused) {
  constexpr std::int64_t kNow = 1'774'771'200'000;
  constexpr std::int64_t kDay = 86'400'000;
  v1::SubscriptionRecord record;
  record.set_rhythm("Daily@8:00 Europe/Paris");
  record.set_snooze_until_unix_ms(kNow);
  record.set_pause_until_unix_ms(kNow + kDay);
  ASSERT_TRUE(settle(record, kNow).has_value());
  EXPECT_EQ(record.rhythm(), "daily@08:00 Europe/Paris");
  EXPECT_EQ(record.snooze_until_unix_ms(), 0);
  EXPECT_EQ(record.pause_until_unix_ms(), kNow + kDay);
  record.set_snooze_until_unix_ms(kNow + (kLongestWaitDays + 1) * kDay);
  const auto refused = settle(record, kNow);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().detail.find("snooze_until"), std::string::npos);
}

}  // namespace
}  // namespace vigie::indexer::rhythm
