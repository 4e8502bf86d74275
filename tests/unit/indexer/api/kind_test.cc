// What a subscription tells: its members, its preview, its alerts; and the days of a zone.
#include <string>

#include "indexer/spikes/judging.h"
#include "indexer/trend/measure.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;  // 2026-01-01T00:00Z, what the clock says
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

class KindOf : public Api {
 protected:
  /// `count` articles in an hour that ended so many hours ago.
  void put(std::int64_t hours_ago, int count, const std::string& text) {
    for (int i = 0; i < count; ++i)
      shard_->put(article("https://wire.example/" + std::to_string(++number_), "News", text,
                          kNow - hours_ago * kHour - kHour / 2 - i * 1'000));
  }
  /// Sixty days, each with three or so of chips and thirty of other things.
  void put_usual_days() {
    for (int day = 0; day < 62; ++day) {
      put(day * 24 + 5, 2 + day % 3, "chips");
      put(day * 24 + 9, 30, "weather");
    }
  }
  Json preview(std::vector<std::pair<std::string, Json>> members) {
    Json body = Json::object({{"query", "chips"}});
    for (auto& [name, value] : members) body.set(name, std::move(value));
    const auto response = call("POST", "/v1/subscriptions/preview", {}, body);
    EXPECT_EQ(response.status, 200) << response.body;
    return json_of(response);
  }
  http::Response make(std::vector<std::pair<std::string, Json>> members) {
    Json body = Json::object({{"name", "a"}, {"query", "chips"}});
    for (auto& [name, value] : members) body.set(name, std::move(value));
    return call("POST", "/v1/subscriptions", {}, body);
  }

  int number_ = 0;
};

TEST_F(KindOf, IsSaidKeptAndRefused) {
  const Json plain = json_of(make({}));
  EXPECT_EQ(plain["kind"].as_string(), "articles");
  EXPECT_TRUE(plain["sensitivity"].is_null());
  EXPECT_FALSE(plain["one_per_event"].as_bool());
  const Json spike = json_of(make({{"kind", "spike"}, {"drops", true}}));
  EXPECT_EQ(spike["kind"].as_string(), "spike");
  EXPECT_EQ(spike["sensitivity"].as_string(), "medium");
  EXPECT_TRUE(spike["drops"].as_bool());
  EXPECT_TRUE(json_of(make({{"one_per_event", true}}))["one_per_event"].as_bool());
  const auto refused = make({{"kind", "spyke"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("did you mean spike?"), std::string::npos) << refused.body;
  const std::string path = "/v1/subscriptions/" + spike["id"].as_string();
  EXPECT_EQ(call("PUT", path, {}, get(path)).status, 200) << "what GET gave is put back";
  EXPECT_EQ(get(path)["sensitivity"].as_string(), "medium");
  EXPECT_EQ(call("PUT", path, {}, Json::object({{"name", "a"}, {"query", "chips"}})).status, 422)
      << "it keeps its kind";
}

TEST_F(KindOf, APreviewSaysWhichDaysASpikeWouldHaveTold) {
  put_usual_days();
  put(10 * 24 + 3, 40, "chips");  // ten days ago
  const Json found = preview({{"kind", "spike"}, {"within", "30d"}});
  const Json& spikes = found["spikes"];
  ASSERT_EQ(spikes.as_array().size(), 1U) << found.dump();
  const Json& spike = spikes.as_array()[0];
  EXPECT_EQ(spike["direction"].as_string(), "up");
  EXPECT_EQ(spike["verdict"].as_string(), "very_unusual");
  EXPECT_GE(spike["count"].as_integer(), 40);
  EXPECT_EQ(spike["end"].as_string(), "2025-12-21T21:00:00Z") << "the hour it was over";
  EXPECT_EQ(found["estimate"]["text"].as_string(), "1 time in 30 days");
  EXPECT_EQ(found["estimate"]["messages"].as_integer(), 1);
  EXPECT_TRUE(preview({{"kind", "articles"}})["spikes"].is_null());
  EXPECT_EQ(preview({{"kind", "spike"}, {"within", "24h"}})["spikes"].as_array().size(), 0U);
}

TEST_F(KindOf, ADropIsFoundWhereItIsAskedFor) {
  for (int day = 3; day < 62; ++day) put(day * 24 + 5, 40 + day % 5, "chips");
  for (int day = 0; day < 62; ++day) put(day * 24 + 9, 300, "weather");
  const Json without = preview({{"kind", "spike"}, {"within", "7d"}});
  EXPECT_EQ(without["spikes"].as_array().size(), 0U) << without["spikes"].dump();
  const Json with = preview({{"kind", "spike"}, {"drops", true}, {"within", "7d"}});
  ASSERT_GE(with["spikes"].as_array().size(), 1U);
  EXPECT_EQ(with["spikes"].as_array()[0]["direction"].as_string(), "down");
}

/// The days that one count of hours gives are those that /v1/trend counts one by one.
TEST_F(KindOf, DaysByHourAreThoseOfTheTrend) {
  for (int i = 0; i < 400; ++i) {
    put(i * 7 % (40 * 24), 1 + i % 3, "chips");
    put(i * 11 % (40 * 24), 1, "weather");
  }
  const auto query = query::parse("chips").value();
  search::Coverage coverage;
  const auto hours = trend::days_by_hour(*index_, query, kNow - 2 * kDay, kNow, coverage);
  ASSERT_TRUE(hours.has_value()) << hours.error().to_string();
  ASSERT_EQ(hours->size(), 48U);
  for (const std::size_t i : {0U, 1U, 23U, 47U}) {
    const trend::DayByHour& one = (*hours)[i];
    const auto reading = trend::measure(*index_, query, one.end_unix_ms, {});
    ASSERT_TRUE(reading.has_value());
    ASSERT_EQ(reading->days.size(), one.days.size());
    for (std::size_t day = 0; day < one.days.size(); ++day) {
      EXPECT_EQ(one.days[day].count, reading->days[day].count) << i << " " << day;
      EXPECT_EQ(one.days[day].coverage, reading->days[day].coverage) << i << " " << day;
    }
  }
}

TEST_F(KindOf, ADayIsJudgedAsTheTrendDoesWithItsNewestArticle) {
  put_usual_days();
  put(2, 40, "chips");
  const auto query = query::parse("chips").value();
  v1::SubscriptionRecord subscription;
  subscription.set_sensitivity("low");
  const auto say = [](const trend::Reading& reading) {
    return std::to_string(reading.count()) + " of " + std::to_string(reading.by.size());
  };
  const auto judged = spikes::judge_day(*index_, query, subscription, kNow, say);
  ASSERT_TRUE(judged.has_value()) << judged.error().to_string();
  ASSERT_TRUE(judged->spike.has_value());
  EXPECT_TRUE(judged->complete);
  const Json trend = get("/v1/trend", {{"q", "chips"}, {"at", "2026-01-01T00:00:00Z"}});
  EXPECT_EQ(static_cast<std::int64_t>(judged->spike->count()), trend["count"].as_integer());
  EXPECT_EQ(static_cast<std::int64_t>(judged->spike->usual_high()),
            trend["usual"]["high"].as_integer());
  EXPECT_EQ(judged->spike->sentence(), std::to_string(judged->spike->count()) + " of 2");
  EXPECT_EQ(judged->spike->end_unix_ms(), kNow);
  EXPECT_EQ(judged->article.discovered_at_unix_ms(), kNow - 2 * kHour - kHour / 2);
  const auto usual = spikes::judge_day(*index_, query, subscription, kNow - 3 * kDay, say);
  ASSERT_TRUE(usual.has_value());
  EXPECT_FALSE(usual->spike.has_value());
}

TEST_F(KindOf, AnAlertSaysItsSpikeAndHowFarItsEventIsReported) {
  const std::string id = json_of(make({{"one_per_event", true}}))["id"].as_string();
  v1::AlertGroup& group = alerter_.groups.emplace_back();
  group.set_delivery_id("d");
  group.set_subscription_id(id);
  group.mutable_reach()->set_event_id("E");
  group.mutable_reach()->set_articles(12);
  group.mutable_reach()->add_languages("en");
  group.mutable_reach()->add_languages("zh");
  group.mutable_reach()->set_sources(10);
  const auto alert = [&] {
    return get("/v1/subscriptions/" + id + "/matches")["matches"].as_array()[0];
  };
  EXPECT_EQ(alert()["reported"]["sources"].as_integer(), 10);
  EXPECT_EQ(alert()["reported"]["languages"].as_array().size(), 2U);
  EXPECT_TRUE(alert()["spike"].is_null());
  v1::Spike& spike = *alerter_.groups.back().mutable_spike();
  spike.set_count(41);
  spike.set_end_unix_ms(kNow);
  spike.set_sentence("41 in the last 24 hours, usual 2–5: very unusual");
  EXPECT_EQ(alert()["spike"]["count"].as_integer(), 41);
  const auto feed = call("GET", "/v1/subscriptions/" + id + "/feed.atom");
  EXPECT_NE(feed.body.find("41 in the last 24 hours"), std::string::npos) << feed.body;
}

TEST_F(KindOf, DaysOfAPreviewAndOfCountsAreThoseOfTheZone) {
  // 22:30Z and 23:30Z of 30 December: one day in UTC, two in Paris
  put(25, 1, "chips");
  put(24, 2, "chips");
  using Days = std::vector<std::pair<std::string, std::int64_t>>;
  const auto days = [&](const char* zone) {
    Days out;
    const Json found = preview({{"within", "7d"}, {"tz", zone}});
    EXPECT_EQ(found["tz"].as_string(), zone);
    for (const Json& bin : found["per_day"].as_array())
      out.emplace_back(bin["begin"].as_string(), bin["count"].as_integer());
    return out;
  };
  EXPECT_EQ(days("UTC"), (Days{{"2025-12-30T00:00:00.000Z", 3}}));
  EXPECT_EQ(days("Europe/Paris"),
            (Days{{"2025-12-29T23:00:00.000Z", 1}, {"2025-12-30T23:00:00.000Z", 2}}));
  EXPECT_EQ(days("Asia/Kolkata"), (Days{{"2025-12-30T18:30:00.000Z", 3}}));
  const std::string path = "/v1/subscriptions/" + json_of(make({}))["id"].as_string();
  const auto first = [&](const Json& counted) {
    return counted["alerts_per_day"].as_array()[0]["begin"].as_string();
  };
  EXPECT_NE(first(get(path)), first(get(path, {{"tz", "Asia/Kolkata"}})));
  EXPECT_EQ(
      first(get("/v1/subscriptions", {{"tz", "Asia/Kolkata"}})["subscriptions"].as_array()[0]),
      first(get(path, {{"tz", "Asia/Kolkata"}})));
  EXPECT_EQ(call("GET", "/v1/subscriptions", {{"tz", "Europe/Pariss"}}).status, 400);
  EXPECT_EQ(call("GET", path, {{"tz", "CET+1"}}).status, 400);
  EXPECT_EQ(call("POST", "/v1/subscriptions/preview", {},
                 Json::object({{"query", "chips"}, {"tz", "nowhere"}}))
                .status,
            400);
}

}  // namespace
}  // namespace vigie::indexer::api
