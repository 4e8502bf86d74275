#include "extractor/metadata/date.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::extractor::metadata {
namespace {

std::string read(std::string_view value, std::string_view language = {}) {
  const std::optional<Date> date = parse_date(value, {language});
  return date ? date->text : "";
}

// ops/spec/command_line.md, `vigie extract`: RFC 3339 with the day and offset that the publisher
// wrote, or a date alone.
TEST(ParseDate, KeepsDayAndOffsetAsWritten) {
  EXPECT_EQ(read("2024-03-05T23:30:00-05:00"), "2024-03-05T23:30:00-05:00");
  EXPECT_EQ(read("2024-03-05T23:30:00.123Z"), "2024-03-05T23:30:00Z");
  EXPECT_EQ(read("2024-03-05T23:30:00+0100"), "2024-03-05T23:30:00+01:00");
  EXPECT_EQ(read("2024-03-05 23:30"), "2024-03-05");
  EXPECT_EQ(read("2024-03-05"), "2024-03-05");
  EXPECT_EQ(read("Tue, 05 Mar 2024 23:30:00 GMT"), "2024-03-05T23:30:00Z");
  EXPECT_EQ(read("Tue Mar 05 2024 23:30:00 GMT+0200 (EET)"), "2024-03-05T23:30:00+02:00");
  EXPECT_EQ(read("20240305T233000Z"), "2024-03-05T23:30:00Z");
  EXPECT_EQ(read("20240305"), "2024-03-05");
  EXPECT_EQ(read("1709681400"), "2024-03-05T23:30:00Z");
  EXPECT_EQ(read("1709681400000"), "2024-03-05T23:30:00Z");
}

TEST(ParseDate, CountsTheInstant) {
  const std::optional<Date> date = parse_date("2024-03-05T23:30:00-05:00");
  ASSERT_TRUE(date);
  EXPECT_EQ(date->unix_ms, 1709699400000);
  EXPECT_FALSE(date->day_only);
  const std::optional<Date> day = parse_date("5 March 2024");
  ASSERT_TRUE(day);
  EXPECT_EQ(day->unix_ms, 1709596800000);
  EXPECT_TRUE(day->day_only);
}

TEST(ParseDate, ReadsMonthsInManyLanguages) {
  EXPECT_EQ(read("March 5, 2024"), "2024-03-05");
  EXPECT_EQ(read("Published: Mar 5th, 2024 at 10:30 am"), "2024-03-05");
  EXPECT_EQ(read("5. März 2024, 10:30 Uhr"), "2024-03-05");
  EXPECT_EQ(read("5 de marzo de 2024"), "2024-03-05");
  EXPECT_EQ(read("le 5 août 2024 à 10h30"), "2024-08-05");
  EXPECT_EQ(read("5 марта 2024 г."), "2024-03-05");
  EXPECT_EQ(read("5 Μαρτίου 2024"), "2024-03-05");
  EXPECT_EQ(read("5 września 2024"), "2024-09-05");
  EXPECT_EQ(read("2024. március 5."), "2024-03-05");
  EXPECT_EQ(read("2024年3月5日"), "2024-03-05");
  EXPECT_EQ(read("2024년 3월 5일"), "2024-03-05");
  EXPECT_EQ(read("5 مارس 2024"), "2024-03-05");
}

TEST(ParseDate, ReadsNumbersByTheHabitOfTheLanguage) {
  EXPECT_EQ(read("05.03.2024"), "2024-03-05");
  EXPECT_EQ(read("03/05/2024", "en"), "2024-03-05");
  EXPECT_EQ(read("05/03/2024", "fr"), "2024-03-05");
  EXPECT_EQ(read("05/03/2024", "en-GB"), "2024-03-05");
  EXPECT_EQ(read("25/03/2024", "en"), "2024-03-25");
  EXPECT_EQ(read("2024/3/5"), "2024-03-05");
}

// A date that no calendar has is none.
TEST(ParseDate, GivesNothingForWhatIsNoDay) {
  for (const char* value :
       {"", "today", "31 February 2024", "0000-00-00", "9999-99-99", "2024-13-01",
        "2147483648000000000", "1000000000000000000", "99999999999999999999999", "12:30", "1 2 3",
        "-", "T", "2024", "March 2024", "\xFF\xFE\xFD", "0001-01-01T00:00:00Z"}) {
    EXPECT_EQ(read(value), "") << value;
  }
  EXPECT_EQ(read(std::string(100'000, '1')), "");
}

TEST(DateInUrl, ReadsThePathsOfBlogsAndPapers) {
  const auto of = [](std::string_view url) {
    const std::optional<Date> date = date_in_url(url);
    return date ? date->text : "";
  };
  EXPECT_EQ(of("https://a.example/2024/03/05/story"), "2024-03-05");
  EXPECT_EQ(of("https://a.example/news/2024-03-05-story"), "2024-03-05");
  EXPECT_EQ(of("https://a.example/20240305/story"), "2024-03-05");
  EXPECT_EQ(of("https://a.example/2024/3/5/story"), "2024-03-05");
  EXPECT_EQ(of("https://a.example/id/1234567890123"), "");
  EXPECT_EQ(of("https://a.example/2024/13/05"), "");
  EXPECT_EQ(of(""), "");
}

}  // namespace
}  // namespace vigie::extractor::metadata
