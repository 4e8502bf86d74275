#include "platform/dates/loose_date.h"

#include <gtest/gtest.h>

namespace vigie::dates {
namespace {

TEST(LooseDate, ReadsWhatFeedsWrite) {
  const struct {
    const char* written;
    const char* read;
  } kTable[] = {
      {"Sun, 06 Jul 2014 12:56:00 GMT", "2014-07-06T12:56:00Z"},
      {"Sun, 6 Jul 14 12:56 EST", "2014-07-06T12:56:00-05:00"},
      {"06 Jul 2014 12:56:00 +0530", "2014-07-06T12:56:00+05:30"},
      {"2014-07-06T12:56:00.123+02:00", "2014-07-06T12:56:00+02:00"},
      {"2014-07-06 12:56:00", "2014-07-06T12:56:00Z"},
      {"2014-07-06", "2014-07-06"},
      {"20140706T125600Z", "2014-07-06T12:56:00Z"},
      {"Sun Jul  6 12:56:00 2014", "2014-07-06T12:56:00Z"},
      {"Jul 6, 2014 1:05 PM", "2014-07-06T13:05:00Z"},
      {"06.07.2014 12:56", "2014-07-06T12:56:00Z"},
      {"mar., 08 juil. 2014 12:56:00 +0200", "2014-07-08T12:56:00+02:00"},
      {"Вт, 08 июл 2014 12:56:00 +0300", "2014-07-08T12:56:00+03:00"},
      {"Sat, 29 Feb 2020 00:00:00 -0000", "2020-02-29T00:00:00Z"},
  };
  for (const auto& row : kTable) {
    const auto date = read_loose(row.written);
    ASSERT_TRUE(date) << row.written;
    EXPECT_EQ(date->text, row.read) << row.written;
  }
  EXPECT_EQ(read_loose("1970-01-02T00:00:00+01:00")->unix_ms, 23 * 3'600'000LL);
  for (const char* none : {"", "yesterday", "29 Feb 2021", "2014-13-01", "32 Jul 2014", "12:56",
                           "99999999999999999999"})
    EXPECT_FALSE(read_loose(none)) << none;
}

}  // namespace
}  // namespace vigie::dates
