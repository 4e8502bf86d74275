#include "indexer/trend/sentence.h"

#include <gtest/gtest.h>

#include <vector>

namespace vigie::indexer::trend {
namespace {

Judgement judged(Verdict verdict, Direction direction, double expected, std::uint64_t low,
                 std::uint64_t high) {
  Judgement out;
  out.verdict = verdict;
  out.direction = direction;
  out.expected = expected;
  out.low = low;
  out.high = high;
  return out;
}

const std::vector<Part> kCountries{{"United States", 6, 2}, {"China", 31, 1}};
const std::vector<Part> kSources{{"Reuters", 4, 1}, {"人民网", 10, 0.2}, {"36氪", 14, 0.3}};

TEST(Sentence, SaysHowManyHowUnusualAndWho) {
  EXPECT_EQ(
      sentence(judged(Verdict::kVeryUnusual, Direction::kUp, 3.4, 2, 5), 41, kCountries, kSources),
      "41 in the last 24 hours, usual 2–5: very unusual; mostly China: 36氪 and 人民网");
}

TEST(Sentence, NamesNobodyWhereMostIsSpread) {
  const std::vector<Part> spread{{"A", 4, 1}, {"B", 3, 1}, {"C", 3, 1}};
  EXPECT_EQ(sentence(judged(Verdict::kUnusual, Direction::kUp, 3.4, 2, 5), 41, spread, spread),
            "41 in the last 24 hours, usual 2–5: unusual");
}

TEST(Sentence, NamesSourcesAloneWhereNoCountryHasMost) {
  EXPECT_EQ(sentence(judged(Verdict::kUnusual, Direction::kUp, 3.4, 2, 5), 28, {}, kSources),
            "28 in the last 24 hours, usual 2–5: unusual; mostly 36氪 and 人民网");
}

TEST(Sentence, SaysWhatIsMissing) {
  const std::vector<Part> countries{{"China", 1, 18}, {"France", 2, 2.5}};
  EXPECT_EQ(sentence(judged(Verdict::kVeryUnusual, Direction::kDown, 21, 14, 28), 3, countries, {}),
            "3 in the last 24 hours, usual 14–28: very unusually few; mostly missing: China");
}

TEST(Sentence, OfAUsualDayIsShort) {
  EXPECT_EQ(sentence(judged(Verdict::kUsual, Direction::kNone, 3.4, 2, 5), 4, kCountries, kSources),
            "4 in the last 24 hours, usual 2–5");
  EXPECT_EQ(sentence(judged(Verdict::kUsual, Direction::kNone, 0.02, 0, 0), 0, {}, {}),
            "0 in the last 24 hours, usual 0");
}

TEST(Sentence, SaysWhyNothingCanBeSaid) {
  Judgement judgement;
  judgement.why_unknown = Unknown::kTooFewDays;
  EXPECT_EQ(sentence(judgement, 7, {}, {}),
            "7 in the last 24 hours; fewer than seven days before are known, too few to say what "
            "is usual");
  judgement.why_unknown = Unknown::kCoverageGap;
  EXPECT_EQ(sentence(judgement, 0, {}, {}),
            "0 in the last 24 hours; hardly anything of any subject came in, so that nothing can "
            "be said of this one");
}

}  // namespace
}  // namespace vigie::indexer::trend
