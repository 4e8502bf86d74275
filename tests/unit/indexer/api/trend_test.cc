#include <string>

#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

class TrendOf : public Api {
 protected:
  /// `count` articles of a day before now (0: the last 24 hours), from a source of a country.
  void put(int days_ago, int count, const std::string& text, const std::string& source,
           const std::string& country) {
    for (int i = 0; i < count; ++i) {
      const std::int64_t time = kNow - days_ago * kDay - kHour - i * 60'000;
      auto one = article("https://" + source + ".example/" + std::to_string(++number_), "News",
                         text, time);
      one.mutable_source()->set_id(source);
      one.mutable_source()->set_country(country);
      shard_->put(one);
    }
  }

  int number_ = 0;
};

// ops/spec/http_api.md, GET /v1/trend
TEST_F(TrendOf, SaysThatManyAreUnusualAndWhereTheyComeFrom) {
  for (int day = 1; day <= 28; ++day) {
    put(day, 2 + day % 3, "chips", "wire", "FR");
    put(day, 30, "weather", "wire", "FR");
  }
  put(0, 3, "chips", "wire", "FR");
  put(0, 38, "chips", "portal", "CN");
  put(0, 30, "weather", "wire", "FR");
  const Json trend = get("/v1/trend", {{"q", "chips"}, {"at", "2026-01-01T00:00:00Z"}});
  EXPECT_EQ(trend["count"].as_integer(), 41);
  EXPECT_EQ(trend["verdict"].as_string(), "very_unusual");
  EXPECT_EQ(trend["direction"].as_string(), "up");
  EXPECT_TRUE(trend["reason"].is_null());
  EXPECT_EQ(trend["end"].as_string(), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(trend["days"].as_array().size(), 29U);
  EXPECT_EQ(trend["days"].as_array().back()["coverage"].as_integer(), 71);
  EXPECT_NEAR(trend["share"].as_double(), 41.0 / 71, 1e-6);
  EXPECT_NEAR(trend["usual_share"].as_double(), 3.0 / 33, 1e-6);
  const Json& country = trend["by"].as_array()[0];
  EXPECT_EQ(country["field"].as_string(), "country");
  EXPECT_EQ(country["values"].as_array()[0]["value"].as_string(), "CN");
  EXPECT_EQ(country["values"].as_array()[0]["count"].as_integer(), 38);
  const std::string sentence(trend["sentence"].as_string());
  EXPECT_TRUE(sentence.starts_with("41 in the last 24 hours, usual ")) << sentence;
  EXPECT_TRUE(sentence.ends_with(": very unusual; mostly CN: portal")) << sentence;
}

TEST_F(TrendOf, AnHourThatHasBegunCountsWhole) {
  put(0, 1, "chips", "wire", "FR");  // 23:00
  const auto end = [&](const char* at) {
    return std::string(get("/v1/trend", {{"q", "chips"}, {"at", at}})["end"].as_string());
  };
  EXPECT_EQ(end("2025-12-31T23:00:01Z"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(end("2025-12-31T23:00:00Z"), "2025-12-31T23:00:00.000Z");
  EXPECT_EQ(
      get("/v1/trend", {{"q", "chips"}, {"at", "2025-12-31T23:00:00Z"}})["count"].as_integer(), 0);
}

TEST_F(TrendOf, SaysNothingOfWhatIsNotKnown) {
  put(0, 5, "chips", "wire", "FR");
  const Json trend = get("/v1/trend", {{"q", "chips"}, {"at", "2026-01-01"}});
  EXPECT_EQ(trend["verdict"].as_string(), "unknown");
  EXPECT_EQ(trend["reason"].as_string(), "too_few_days");
  EXPECT_TRUE(trend["usual"].is_null());
}

TEST_F(TrendOf, RefusesWhatItCannotRead) {
  EXPECT_EQ(call("GET", "/v1/trend", {{"q", "chips"}, {"at", "yesterday"}}).status, 400);
  EXPECT_EQ(call("GET", "/v1/trend", {{"q", "chips"}, {"field", "colour"}}).status, 400);
  EXPECT_EQ(call("GET", "/v1/trend", {{"q", "("}}).status, 400);
  for (const char* q : {"chips within:7d", "chips -after:2026-01-01", "before:2026-01-01"})
    EXPECT_EQ(call("GET", "/v1/trend", {{"q", q}}).status, 400) << q;
  EXPECT_EQ(call("GET", "/v1/trend", {{"q", "chips"}, {"days", "7"}}).status, 400);
}

}  // namespace
}  // namespace vigie::indexer::api
