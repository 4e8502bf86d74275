#include "platform/dates/dates.h"

#include <gtest/gtest.h>

namespace vigie::dates {
namespace {

TEST(Dates, WritesRfc3339InUtc) {
  EXPECT_EQ(rfc3339(1'769'882'400'000), "2026-01-31T18:00:00.000Z");
  EXPECT_EQ(rfc3339(1'769'882'400'007), "2026-01-31T18:00:00.007Z");
  EXPECT_EQ(rfc3339_seconds(1'769'882'400'999), "2026-01-31T18:00:00Z");
  EXPECT_EQ(day(1'769'882'400'000), "2026-01-31");
  EXPECT_EQ(compact(1'769'882'400'000), "20260131180000");
  EXPECT_EQ(rfc3339_seconds(-1), "1969-12-31T23:59:59Z") << "before 1970 a second is rounded down";
}

TEST(Dates, ReadsWhatRfc3339Allows) {  // RFC 3339 §5.6
  EXPECT_EQ(parse_rfc3339("2026-01-31"), 1'769'817'600'000);
  EXPECT_EQ(parse_rfc3339("2026-01-31T18:00:00Z"), 1'769'882'400'000);
  EXPECT_EQ(parse_rfc3339("2026-01-31t18:00:00z"), 1'769'882'400'000);
  EXPECT_EQ(parse_rfc3339("2026-01-31T18:00Z"), 1'769'882'400'000);
  EXPECT_EQ(parse_rfc3339("2026-01-31T19:30:00.5+01:30"), 1'769'882'400'500);
  EXPECT_EQ(parse_rfc3339("2026-01-31T18:00:00.123456789Z"), 1'769'882'400'123);
}

TEST(Dates, RefusesWhatIsNoInstant) {
  for (const char* text :
       {"", "2026", "2026-02-30", "2026-13-01", "2026-01-31T24:00:00Z", "2026-01-31T18:60:00Z",
        "2026-01-31T18:00:00", "2026-01-31 18:00:00Z", "2026-01-31T18:00:00+1:00",
        "2026-01-31T18:00:00Zx", "26-01-31", "２０２６-01-31"})
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(Dates, CountsDaysOfTheGregorianCalendar) {
  EXPECT_EQ(days_from_civil(1970, 1, 1), 0);
  EXPECT_EQ(days_from_civil(2000, 2, 29), 11'016);
  EXPECT_EQ(days_from_civil(1969, 12, 31), -1);
  EXPECT_TRUE(is_day(2024, 2, 29));
  EXPECT_FALSE(is_day(2023, 2, 29));
  EXPECT_FALSE(is_day(1900, 2, 29));
}

TEST(Dates, CivilTimeAndInstantAreEachOthersInverse) {
  for (std::int64_t at = -100'000'000'000; at < 4'000'000'000'000; at += 86'399'000'000 / 7) {
    const std::int64_t seconds = at / 1000 * 1000;
    EXPECT_EQ(unix_ms_of(civil_of(seconds)), seconds) << seconds;
  }
  EXPECT_EQ(unix_ms_of({2026, 1, 31, 24, 0, 0}), std::nullopt);
  EXPECT_EQ(unix_ms_of({2016, 12, 31, 23, 59, 60}), 1'483'228'800'000) << "a leap second";
}

TEST(Dates, WritesImfFixdate) {  // RFC 9110 §5.6.7, its own example
  EXPECT_EQ(http_date(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Dates, ReadsBothFormsOfRetryAfter) {  // RFC 9110 §10.2.3
  using std::chrono::seconds;
  EXPECT_EQ(retry_after("120", 0, seconds(3600)), seconds(120));
  EXPECT_EQ(retry_after("99999", 0, seconds(3600)), seconds(3600));
  EXPECT_EQ(retry_after("99999999999999999999999", 0, seconds(3600)), seconds(3600));
  EXPECT_EQ(retry_after("0", 0, seconds(3600)), seconds(0));
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(retry_after(date, 784'111'777'000 - 13'000, seconds(3600)), seconds(13));
  EXPECT_EQ(retry_after(date, 784'111'777'000 + 1, seconds(3600)), seconds(0));
  EXPECT_EQ(retry_after(date, 0, seconds(3600)), seconds(3600));
  for (const char* text : {"", "-1", "soon"})
    EXPECT_EQ(retry_after(text, 0, seconds(3600)), std::nullopt) << text;
}

}  // namespace
}  // namespace vigie::dates
