#include "indexer/trend/judge.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vigie::indexer::trend {
namespace {

/// 28 days of `counts` over and over, then today.
std::vector<Day> days_of(const std::vector<std::uint64_t>& counts, std::uint64_t today,
                         std::uint64_t coverage = 1'000, std::uint64_t coverage_today = 1'000) {
  std::vector<Day> out;
  for (std::size_t i = 0; i < kDaysBefore; ++i)
    out.push_back({counts[i % counts.size()], coverage});
  out.push_back({today, coverage_today});
  return out;
}

struct Row {
  std::string what;
  std::vector<std::uint64_t> before;
  std::uint64_t today = 0;
  Verdict verdict = Verdict::kUsual;
  Direction direction = Direction::kNone;
};

TEST(Judge, SaysWhatIsUnusual) {
  const std::vector<Row> rows{
      {"the issue's example", {3, 4, 2, 5, 3, 4, 3}, 41, Verdict::kVeryUnusual, Direction::kUp},
      {"as ever", {3, 4, 2, 5, 3, 4, 3}, 4, Verdict::kUsual, Direction::kNone},
      {"a few more", {3, 4, 2, 5, 3, 4, 3}, 7, Verdict::kUsual, Direction::kNone},
      {"one where there never is any", {0}, 1, Verdict::kUsual, Direction::kNone},
      {"six where there never are any", {0}, 6, Verdict::kVeryUnusual, Direction::kUp},
      {"none of few says nothing", {2, 1, 3}, 0, Verdict::kUsual, Direction::kNone},
      {"none of many", {40, 44, 38, 41}, 0, Verdict::kVeryUnusual, Direction::kDown},
      {"half of many", {100, 104, 96}, 45, Verdict::kVeryUnusual, Direction::kDown},
      {"a Saturday as Saturdays are",
       {4, 100, 100, 100, 100, 100, 4},
       5,
       Verdict::kUsual,
       Direction::kNone},
      {"a Monday's count on a Saturday",
       {4, 100, 100, 100, 100, 100, 4},
       100,
       Verdict::kVeryUnusual,
       Direction::kUp},
      {"days that vary by themselves",
       {5, 60, 20, 90, 10, 45, 30, 70, 15},
       95,
       Verdict::kUsual,
       Direction::kNone},
      {"great counts", {20'000, 20'300, 19'800}, 20'200, Verdict::kUsual, Direction::kNone},
      {"great counts, doubled",
       {20'000, 20'300, 19'800},
       40'000,
       Verdict::kVeryUnusual,
       Direction::kUp},
  };
  for (const Row& row : rows) {
    const Judgement judged = judge_days(days_of(row.before, row.today, 100'000, 100'000));
    EXPECT_EQ(judged.verdict, row.verdict)
        << row.what << ": expected " << judged.expected << ", " << judged.low << " to "
        << judged.high << ", surprise " << judged.surprise_up << " / " << judged.surprise_down;
    EXPECT_EQ(judged.direction, row.direction) << row.what;
  }
}

TEST(Judge, GivesTheRangeThatIsUsual) {
  const Judgement judged = judge_days(days_of({3, 4, 2, 5, 3, 4, 3}, 41));
  EXPECT_NEAR(judged.expected, 3.4, 0.8);
  EXPECT_GE(judged.low, 0U);
  EXPECT_LE(judged.low, 2U);
  EXPECT_GE(judged.high, 5U);
  EXPECT_LE(judged.high, 8U);
  EXPECT_DOUBLE_EQ(judged.share, 0.041);
  EXPECT_DOUBLE_EQ(judged.usual_share, 0.003);
}

TEST(Judge, ABurstOfLastWeekHidesNoneOfToday) {
  std::vector<Day> days = days_of({4, 5, 3, 4}, 40);
  days[22].count = 60;  // the same weekday, a week ago less one
  days[21].count = 55;  // the same weekday
  const Judgement judged = judge_days(days);
  EXPECT_EQ(judged.verdict, Verdict::kVeryUnusual);
  EXPECT_LT(judged.expected, 9);
}

TEST(Judge, GapsOfTheCollectionAreNoEvidence) {
  std::vector<Day> days = days_of({40, 42, 38}, 41);
  for (const std::size_t gap : {3U, 9U, 10U, 11U, 20U, 27U}) days[gap] = {0, 20};
  const Judgement judged = judge_days(days);
  EXPECT_EQ(judged.verdict, Verdict::kUsual);
  EXPECT_NEAR(judged.expected, 40, 2);
  EXPECT_TRUE(judged.gaps[9]);
  EXPECT_FALSE(judged.gaps[12]);
}

TEST(Judge, NothingIsSaidWhileTheCollectionIsDown) {
  const Judgement judged = judge_days(days_of({40, 42, 38}, 0, 1'000, 100));
  EXPECT_EQ(judged.verdict, Verdict::kUnknown);
  EXPECT_EQ(judged.why_unknown, Unknown::kCoverageGap);
  EXPECT_EQ(spike_of(judged, 0, Sensitivity::kHigh, true), Direction::kNone);
}

TEST(Judge, NothingIsSaidOfAYoungCollection) {
  std::vector<Day> days(22, Day{});  // before the first article of all
  for (int i = 0; i < 6; ++i) days.push_back({3, 100});
  days.push_back({30, 130});
  const Judgement judged = judge_days(days);
  EXPECT_EQ(judged.verdict, Verdict::kUnknown);
  EXPECT_EQ(judged.why_unknown, Unknown::kTooFewDays);
  EXPECT_EQ(judge_days({}).why_unknown, Unknown::kTooFewDays);
}

TEST(Judge, SourcesThatWereAddedRaiseNoAlarm) {
  // All subjects have three times as many articles since today.
  EXPECT_EQ(judge_days(days_of({40, 42, 38}, 120, 1'000, 3'000)).direction, Direction::kNone);
  EXPECT_EQ(judge_days(days_of({40, 42, 38}, 120, 1'000, 1'080)).direction, Direction::kUp);
  // And a third fewer of all subjects are no drop of one.
  EXPECT_EQ(judge_days(days_of({40, 42, 38}, 18, 1'000, 450)).direction, Direction::kNone);
  EXPECT_EQ(judge_days(days_of({40, 42, 38}, 12, 1'000, 980)).direction, Direction::kDown);
}

TEST(Judge, AQueryThatFindsEverythingIsJudgedToo) {
  std::vector<Day> days = days_of({100}, 400, 100, 400);
  EXPECT_EQ(judge_days(days).direction, Direction::kUp);
}

TEST(SpikeOf, NeedsMoreTheLessSensitiveItIs) {
  const std::vector<std::uint64_t> before{20, 22, 18, 21};
  const auto at = [&](std::uint64_t today, Sensitivity sensitivity) {
    return spike_of(judge_days(days_of(before, today)), today, sensitivity, true);
  };
  std::uint64_t least[3] = {0, 0, 0};
  for (std::uint64_t today = 100; today > 20; --today) {
    if (at(today, Sensitivity::kHigh) == Direction::kUp) least[0] = today;
    if (at(today, Sensitivity::kMedium) == Direction::kUp) least[1] = today;
    if (at(today, Sensitivity::kLow) == Direction::kUp) least[2] = today;
  }
  EXPECT_GT(least[0], 30U);
  EXPECT_LT(least[0], least[1]);
  EXPECT_LT(least[1], least[2]);
  EXPECT_LT(least[2], 80U);
}

TEST(SpikeOf, DropsAreToldWhereTheyAreWanted) {
  const Judgement judged = judge_days(days_of({40, 44, 38, 41}, 0));
  EXPECT_EQ(spike_of(judged, 0, Sensitivity::kMedium, true), Direction::kDown);
  EXPECT_EQ(spike_of(judged, 0, Sensitivity::kMedium, false), Direction::kNone);
}

TEST(SpikeOf, WhatIsCertainButSmallIsNone) {
  const Judgement judged = judge_days(days_of({20'000, 20'300, 19'800}, 23'000, 100'000, 100'000));
  EXPECT_EQ(judged.direction, Direction::kUp);
  EXPECT_EQ(spike_of(judged, 23'000, Sensitivity::kHigh, true), Direction::kNone);
}

}  // namespace
}  // namespace vigie::indexer::trend
