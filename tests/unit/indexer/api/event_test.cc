#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;
constexpr std::int64_t kHour = 3'600'000;

class EventsOf : public Api {
 protected:
  std::string report(const std::string& url, const std::string& language, const char* source,
                     const std::string& story, const std::string& event, std::int64_t time) {
    auto one = article(url, "Chips", "", time);
    one.set_language(language);
    one.mutable_source()->set_id(source);
    shard_->put(one, story, event);
    return one.article_id();
  }
};

// ops/spec/http_api.md, GET /v1/articles/{id}: reports
TEST_F(EventsOf, AnArticleShowsWhoElseReportedIt) {
  const std::string first = report("https://a.example/1", "en", "a", "s1", "e1", kNow - 3 * kHour);
  report("https://b.example/1", "en", "b", "s1", "e1", kNow - 2 * kHour);
  const std::string french = report("https://c.example/1", "fr", "c", "s2", "e1", kNow - kHour);
  report("https://d.example/1", "fr", "d", "s3", "e2", kNow);
  const Json page = get("/v1/articles/" + first);
  EXPECT_EQ(page["event"].as_string(), "e1");
  ASSERT_EQ(page["reports"].as_array().size(), 1U) << "without copies";
  EXPECT_EQ(page["reports"].as_array()[0]["id"].as_string(), french);
  EXPECT_EQ(page["reported"]["articles"].as_integer(), 3);
  EXPECT_EQ(page["reported"]["languages"].as_array().size(), 2U);
  EXPECT_EQ(page["reported"]["sources"].as_integer(), 3);
  EXPECT_EQ(page["copies"].as_array().size(), 2U);
}

TEST_F(EventsOf, AnArticleOfBeforeThereWereEventsHasNone) {
  const std::string id = report("https://a.example/1", "en", "a", "s1", "", kNow);
  const Json page = get("/v1/articles/" + id);
  EXPECT_TRUE(page["event"].is_null());
  EXPECT_TRUE(page["reported"].is_null());
  EXPECT_TRUE(page["reports"].as_array().empty());
}

TEST_F(EventsOf, SearchGroupsByEventAndFindsOne) {
  report("https://a.example/1", "en", "a", "s1", "e1", kNow - 3 * kHour);
  report("https://c.example/1", "fr", "c", "s2", "e1", kNow - kHour);
  report("https://d.example/1", "fr", "d", "s3", "e2", kNow);
  const Json found = get("/v1/search", {{"q", "chips"}, {"group", "event"}, {"sort", "newest"}});
  ASSERT_EQ(found["hits"].as_array().size(), 2U);
  const Json& hit = found["hits"].as_array()[1];
  EXPECT_EQ(hit["event"].as_string(), "e1");
  EXPECT_EQ(hit["language"].as_string(), "en") << "shown by the first";
  EXPECT_EQ(hit["reported"]["sources"].as_integer(), 2);
  EXPECT_EQ(hit["copies"].as_integer(), 1);
  EXPECT_EQ(get("/v1/search", {{"q", "event:e1"}})["hits"].as_array().size(), 2U);
  EXPECT_TRUE(get("/v1/search", {{"q", "chips"}})["hits"].as_array()[0]["reported"].is_null());
  const Json stories = get("/v1/search", {{"q", "event:e1"}, {"group", "story"}});
  EXPECT_EQ(stories["hits"].as_array()[0]["reported"]["articles"].as_integer(), 2);
}

TEST_F(EventsOf, AreNothingThatASubscriptionCanAsk) {
  const Json draft = Json::object({{"name", "n"}, {"query", "chips event:e1"}});
  const auto refused = call("POST", "/v1/subscriptions", {}, draft);
  EXPECT_EQ(refused.status, 400);
}

}  // namespace
}  // namespace vigie::indexer::api
