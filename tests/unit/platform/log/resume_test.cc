#include "platform/log/resume.h"

#include <gtest/gtest.h>

namespace vigie::log {
namespace {

using proto::Topic;
using Offset = std::optional<std::int64_t>;
constexpr Offset kNone = std::nullopt;

struct Case {
  const char* what;
  OffsetRange range;
  Offset stored;
  Offset acknowledged;
  Offset offset;    // nullopt: log_gap
  Offset gap_from;  // of an acknowledged gap
};

TEST(Resume, GoesOnOnlyWhereNothingIsPassedOverUnseen) {
  const Case cases[] = {
      {"never read, all there", {0, 10}, kNone, kNone, 0, kNone},
      {"never read, the oldest gone", {4, 10}, kNone, kNone, 4, kNone},
      {"never read, an old acknowledgement", {4, 10}, kNone, 7, 4, kNone},
      {"never read, empty log", {0, 0}, kNone, kNone, 0, kNone},
      {"in the middle", {0, 10}, 5, kNone, 5, kNone},
      {"in the middle, an acknowledgement ahead", {0, 10}, 5, 8, 5, kNone},
      {"in the middle, an acknowledgement behind", {0, 10}, 5, 2, 5, kNone},
      {"at the beginning", {4, 10}, 4, kNone, 4, kNone},
      {"at the end", {4, 10}, 10, kNone, 10, kNone},
      {"at the end of what is empty", {10, 10}, 10, kNone, 10, kNone},
      {"overtaken", {4, 10}, 3, kNone, kNone, kNone},
      {"overtaken, acknowledged", {4, 10}, 3, 4, 4, 3},
      {"overtaken, acknowledged farther than need be", {4, 10}, 3, 9, 9, 3},
      {"overtaken, acknowledged to the end", {4, 10}, 3, 10, 10, 3},
      {"overtaken again since the acknowledgement", {6, 10}, 3, 4, kNone, kNone},
      {"before the first record of a moved log", {4, 10}, 0, kNone, kNone, kNone},
      {"beyond the end", {0, 10}, 11, kNone, kNone, kNone},
      {"beyond the end, acknowledged", {0, 10}, 11, 10, 10, 11},
      {"beyond the end, read again", {0, 10}, 11, 0, 0, 11},
      {"beyond the end, the acknowledgement, too", {0, 10}, 15, 12, kNone, kNone},
      {"beyond the end of an empty log", {0, 0}, 3, kNone, kNone, kNone},
      {"beyond the end of an empty log, acknowledged", {0, 0}, 3, 0, 0, 3},
  };
  for (const Case& each : cases) {
    const auto resumed =
        resume({Topic::kMatches, 2}, each.range, each.stored, each.acknowledged, "the alerter");
    if (!each.offset) {
      ASSERT_FALSE(resumed) << each.what;
      EXPECT_EQ(resumed.error().code, ErrorCode("log_gap")) << each.what;
      continue;
    }
    ASSERT_TRUE(resumed) << each.what << ": " << resumed.error().to_string();
    EXPECT_EQ(resumed->offset, *each.offset) << each.what;
    EXPECT_EQ(resumed->gap_from, each.gap_from) << each.what;
  }
}

TEST(Resume, AGapIsOneSentenceWithTheWayOut) {
  const auto overtaken = resume({Topic::kMatches, 2}, {4, 10}, 3, kNone, "the alerter");
  ASSERT_FALSE(overtaken);
  EXPECT_EQ(overtaken.error().disposition, Disposition::kStop);
  EXPECT_EQ(overtaken.error().where, "matches/2");
  EXPECT_EQ(overtaken.error().detail,
            "the alerter has read to offset 3 but the log holds 4 to 10; restore the log or a "
            "checkpoint of the reader, or stop vigie and go on without the records between by "
            "`vigie log skip matches 2 4`");
  const auto beyond = resume({Topic::kArticles, 0}, {0, 7}, 9, kNone, "the index");
  ASSERT_FALSE(beyond);
  EXPECT_NE(beyond.error().detail.find("`vigie log skip articles 0 7`"), std::string::npos)
      << beyond.error().detail;
}

TEST(Resume, ACompactedTopicIsReadAgainWhereItNoLongerHoldsThePosition) {
  const struct {
    OffsetRange range;
    Offset stored;
    std::int64_t offset;
  } cases[] = {{{0, 10}, kNone, 0}, {{3, 10}, kNone, 3}, {{3, 10}, 3, 3},  {{3, 10}, 7, 7},
               {{3, 10}, 10, 10},   {{3, 10}, 2, 3},     {{3, 10}, 11, 3}, {{0, 0}, 5, 0}};
  for (const auto& each : cases)
    EXPECT_EQ(resume_compacted(each.range, each.stored), each.offset)
        << each.range.begin << ".." << each.range.end << " " << each.stored.value_or(-1);
}

TEST(Resume, AMirrorStopsWhereTheLogHasLostRecordsAndIsReadAgainWhereItWasCompactedAway) {
  const struct {
    OffsetRange range;
    Offset stored;
    Offset offset;  // nullopt: log_gap
  } cases[] = {{{0, 10}, kNone, 0}, {{3, 10}, kNone, 3},  {{3, 10}, 3, 3},   {{3, 10}, 10, 10},
               {{3, 10}, 2, 3},     {{3, 10}, 11, kNone}, {{0, 0}, 5, kNone}};
  for (const auto& each : cases) {
    const auto offset = resume_mirror({Topic::kFrontier, 1}, each.range, each.stored, "/data/f");
    EXPECT_EQ(offset ? Offset(*offset) : kNone, each.offset)
        << each.range.begin << ".." << each.range.end << " " << each.stored.value_or(-1);
  }
  const auto lost = resume_mirror({Topic::kFrontier, 1}, {3, 10}, 11, "/data/f");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode("log_gap"));
  EXPECT_EQ(lost.error().disposition, Disposition::kStop);
  EXPECT_EQ(lost.error().detail,
            "the frontier was read up to offset 11 and the log ends at 10: it has lost records. "
            "To go on from what it holds, remove /data/f");
  EXPECT_EQ(lost.error().where, "topic frontier, partition 1");
}

}  // namespace
}  // namespace vigie::log
