#include "indexer/rhythm/estimate.h"

#include <gtest/gtest.h>

#include "platform/dates/dates.h"

namespace vigie::indexer::rhythm {
namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

Rule rule_of_text(const std::string& rhythm, const std::string& quiet = "") {
  v1::SubscriptionRecord record;
  record.set_rhythm(rhythm);
  record.set_quiet(quiet);
  return rule_of(record).value();
}

std::int64_t monday() { return dates::parse_rfc3339("2026-06-01T00:00:00Z").value(); }

/// `each` articles in every `step`th hour of a week.
std::vector<HourCount> week(std::uint64_t each, int step) {
  std::vector<HourCount> out;
  for (int hour = 0; hour < 7 * 24; hour += step) out.push_back({monday() + hour * kHour, each});
  return out;
}

Estimate of_week(const Rule& rule, const std::vector<HourCount>& hours, double share = 1) {
  return estimate(rule, hours, share, monday(), monday() + 7 * kDay);
}

TEST(Estimate, ASentenceForEachRate) {
  const std::vector<HourCount> sixty{{monday() + 9 * kHour, 30}, {monday() + 33 * kHour, 30}};
  const Estimate instant = of_week(rule_of_text("instant"), sixty, 41.0 / 60);
  EXPECT_EQ(instant.text(), "about 6 a day: 60 articles, 41 stories");
  EXPECT_EQ(of_week(rule_of_text("daily@08:00 Europe/Paris"), sixty, 41.0 / 60).text(),
            "about 2 a week: 60 articles, 41 stories");
  EXPECT_EQ(of_week(rule_of_text("instant"), {{monday(), 1}}).text(),
            "about 1 a week: 1 article, 1 story");
  EXPECT_EQ(of_week(rule_of_text("instant"), {}).text(), "nothing: 0 articles, 0 stories");
  EXPECT_EQ(
      estimate(rule_of_text("instant"), {{monday(), 1}}, 1, monday(), monday() + 30 * kDay).text(),
      "fewer than one a week: 1 article, 1 story");
}

TEST(Estimate, CountsSlotsThatHaveSomething) {
  const std::vector<HourCount> every = week(2, 1);
  EXPECT_EQ(of_week(rule_of_text("instant"), every).messages, 336U);
  EXPECT_EQ(of_week(rule_of_text("hourly"), every).messages, 168U);
  EXPECT_EQ(of_week(rule_of_text("daily@08:00 Europe/Paris"), every).messages, 8U)
      << "what came on Sunday after 08:00 is told on Monday";
  EXPECT_EQ(of_week(rule_of_text("weekly@mon 00:00 UTC"), every).messages, 1U);
  EXPECT_EQ(of_week(rule_of_text("daily@08:00 Europe/Paris"), {{monday(), 500}}).messages, 1U);
}

TEST(Estimate, QuietHoursAndMostPerHourHoldBack) {
  const std::vector<HourCount> every = week(2, 1);
  const Estimate quiet = of_week(rule_of_text("instant", "22:00-06:00 UTC"), every);
  EXPECT_EQ(quiet.messages, 7U * 16 * 2 + 8) << "a night is one message; there are parts of eight";
  Rule few = rule_of_text("instant");
  few.most_per_hour = 5;
  EXPECT_EQ(of_week(few, week(40, 24)).messages, 7U * 5);
  EXPECT_EQ(of_week(few, week(3, 24)).messages, 7U * 3);
}

TEST(Estimate, EmptyDigestsAreMessagesToo) {
  Rule rule = rule_of_text("daily@08:00 Europe/Paris");
  rule.empty_digests = true;
  EXPECT_EQ(of_week(rule, {}).text(), "about 1 a day: 0 articles, 0 stories");
  EXPECT_EQ(of_week(rule, {}).messages, 7U);
}

}  // namespace
}  // namespace vigie::indexer::rhythm
