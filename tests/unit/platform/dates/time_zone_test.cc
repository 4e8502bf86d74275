#include "platform/dates/time_zone.h"

#include <gtest/gtest.h>

#include "platform/dates/dates.h"

namespace vigie::dates {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

std::int64_t at(const char* text) { return parse_rfc3339(text).value(); }

TimeZone zone(const char* name) {
  const auto named = TimeZone::named(name);
  EXPECT_TRUE(named) << name;
  return named ? *named : TimeZone();
}

TEST(TimeZone, DaysBeginByItsClocks) {
  struct Case {
    const char* zone;
    const char* time;
    const char* day;   // in UTC
    const char* next;  // the day after it
  };
  const Case cases[] = {
      {"UTC", "2026-01-31T12:00:00Z", "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"},
      {"Europe/Paris", "2026-01-31T23:30:00Z", "2026-01-31T23:00:00Z", "2026-02-01T23:00:00Z"},
      // 23 and 25 hours
      {"Europe/Paris", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
      {"Europe/Paris", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
      {"America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
      {"Asia/Kolkata", "2026-01-31T18:29:59Z", "2026-01-30T18:30:00Z", "2026-01-31T18:30:00Z"},
      {"Asia/Kathmandu", "2026-01-31T18:15:00Z", "2026-01-31T18:15:00Z", "2026-02-01T18:15:00Z"},
      // midnight is not there: clocks go from 00:00 to 01:00
      {"Asia/Beirut", "2026-03-29T12:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
      // half an hour of summer
      {"Australia/Lord_Howe", "2026-04-05T12:00:00Z", "2026-04-04T13:00:00Z",
       "2026-04-05T13:30:00Z"},
      {"Pacific/Kiritimati", "2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z",
       "2026-02-01T10:00:00Z"},
      {"Europe/London", "1969-12-31T12:00:00Z", "1969-12-30T23:00:00Z", "1969-12-31T23:00:00Z"},
  };
  for (const Case& one : cases) {
    const TimeZone here = zone(one.zone);
    const std::int64_t begin = here.day_begin(at(one.time));
    EXPECT_EQ(rfc3339_seconds(begin), one.day) << one.zone;
    EXPECT_EQ(here.day_begin(begin), begin) << one.zone;
    EXPECT_EQ(rfc3339_seconds(here.day_begin(begin + 36 * kHourMs)), one.next) << one.zone;
    EXPECT_LT(here.day_begin(begin - 1), begin) << one.zone;
  }
}

TEST(TimeZone, EveryInstantIsInOneDay) {
  for (const char* name : {"Europe/Paris", "America/St_Johns", "Asia/Tehran", "Pacific/Apia",
                           "Australia/Lord_Howe", "America/Sao_Paulo"}) {
    const TimeZone here = zone(name);
    std::int64_t begin = here.day_begin(at("2011-01-01T00:00:00Z"));
    for (std::int64_t t = begin; t < at("2026-12-31T00:00:00Z"); t += 7 * kHourMs + 1'234) {
      const std::int64_t now = here.day_begin(t);
      ASSERT_LE(now, t) << name;
      ASSERT_GE(now, begin) << name;
      ASSERT_LE(t - now, 25 * kHourMs) << name;
      begin = now;
    }
  }
}

TEST(TimeZone, HoursBeginByItsClocks) {
  EXPECT_EQ(rfc3339_seconds(zone("Asia/Kolkata").hour_begin(at("2026-01-31T18:29:59Z"))),
            "2026-01-31T17:30:00Z");
  EXPECT_EQ(rfc3339_seconds(zone("Europe/Paris").hour_begin(at("2026-01-31T18:29:59Z"))),
            "2026-01-31T18:00:00Z");
  EXPECT_FALSE(zone("Asia/Kolkata").has_whole_hours());
  EXPECT_FALSE(zone("Australia/Lord_Howe").has_whole_hours());
  EXPECT_TRUE(zone("America/New_York").has_whole_hours());
}

TEST(TimeZone, RefusesWhatSaysNotWhenClocksChange) {
  for (const char* bad : {"", "CET", "EST", "+02:00", "GMT+2", "Europe", "Europe/Pariss", "Mars/X",
                          "europe/paris", "\xFF", "SystemV/PST8"})
    EXPECT_FALSE(TimeZone::named(bad)) << bad;
  const auto refused = TimeZone::named("Europe/Pariss");
  EXPECT_EQ(refused.error().code, ErrorCode("bad_parameter"));
  EXPECT_NE(refused.error().detail.find("did you mean Europe/Paris?"), std::string::npos);
  for (const char* good :
       {"UTC", "GMT", "Etc/UTC", "America/Argentina/Buenos_Aires", "Asia/Calcutta"})
    EXPECT_TRUE(TimeZone::named(good)) << good;
}

}  // namespace
}  // namespace vigie::dates
