#include <algorithm>
#include <iterator>
#include <random>
#include <string_view>
#include <tuple>
#include <vector>

#include "indexer/analysis/first.h"
#include "proto/status.pb.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;

// ops/spec/http_api.md, "First": the article page, the hits by story and the definition agree.
TEST_F(Api, TellsOneTruthAboutWhoWasFirst) {
  std::mt19937_64 random(5);
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  constexpr std::int64_t kDay = 86'400'000;
  for (int round = 0; round < 60; ++round) {
    const std::string story = "story" + std::to_string(round);
    using Key = std::tuple<std::int64_t, std::int64_t, std::string>;
    std::vector<Key> keys;
    std::vector<Key> matching;
    for (std::int64_t i = 0, count = 2 + below(5); i < count; ++i) {
      // few distinct times, so that there are ties
      const std::int64_t discovered = kNow - below(3) * kDay - below(4) * 3'600'000;
      const bool holds = below(2) == 0 || i == 0;
      auto one = article("https://s" + std::to_string(i) + ".example/" + story,
                         holds ? "Chips" : "Wafers", "", discovered);
      std::int64_t first = discovered;
      if (const auto kind = below(4); kind > 0) {
        one.mutable_published()->set_precision(kind == 1 ? v1::DATE_PRECISION_DAY
                                                         : v1::DATE_PRECISION_SECOND);
        std::int64_t published = discovered - kDay + below(6) * 7'200'000 * 2;
        if (kind == 1) published = published / kDay * kDay;
        one.mutable_published()->set_unix_ms(published);
        one.mutable_published()->set_text(kind == 1 ? "2026-01-01" : "2026-01-01T00:00:00Z");
        if (published <= discovered)
          first = kind == 1 ? std::min(published + kDay - 1, discovered) : published;
      }
      keys.emplace_back(first, discovered, one.article_id());
      if (holds) matching.push_back(keys.back());
      shard_->put(one, story);
    }
    const Json page = get("/v1/articles/" + std::get<2>(keys.back()));
    const auto& copies = page["copies"].as_array();
    ASSERT_EQ(copies.size(), keys.size());
    std::sort(keys.begin(), keys.end());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      EXPECT_EQ(copies[i]["id"].as_string(), std::get<2>(keys[i])) << story;
      EXPECT_EQ(copies[i]["first"].as_bool(), i == 0);
    }
    for (const char* sort : {"newest", "relevance"}) {
      const Json found =
          get("/v1/search", {{"q", "chips story:" + story}, {"group", "story"}, {"sort", sort}});
      ASSERT_EQ(found["hits"].as_array().size(), 1U) << story;
      const Json& hit = found["hits"].as_array()[0];
      EXPECT_EQ(hit["id"].as_string(),
                std::get<2>(*std::min_element(matching.begin(), matching.end())))
          << story;
      EXPECT_EQ(hit["first"]["id"].as_string(), std::get<2>(keys[0])) << story;
    }
  }
}

// The same order in alerts and their feeds: an alert is shown by the first of its articles.
TEST_F(Api, AlertsAndFeedsShowTheFirst) {
  const std::string id = json_of(call("POST", "/v1/subscriptions", {},
                                      Json::object({{"name", "a"}, {"query", "chips"}})))["id"]
                             .as_string();
  std::mt19937_64 random(17);
  for (int round = 0; round < 30; ++round) {
    alerter_.groups.clear();
    v1::AlertGroup& group = alerter_.groups.emplace_back();
    group.set_delivery_id("d");
    group.set_subscription_id(id);
    group.set_first_matched_at_unix_ms(kNow);
    group.set_last_matched_at_unix_ms(kNow + 60'000);
    const std::string story = "story" + std::to_string(round);
    std::vector<v1::ArticleRecord> articles;
    for (int i = 0; i < 3; ++i) {
      articles.push_back(article("https://s" + std::to_string(i) + ".example/" + story, "Chips", "",
                                 kNow - static_cast<std::int64_t>(random() % 3) * 3'600'000));
      v1::WrittenTime& published = *articles.back().mutable_published();
      published.set_precision(v1::DATE_PRECISION_SECOND);
      published.set_unix_ms(kNow - static_cast<std::int64_t>(random() % 4) * 3'600'000);
      published.set_text("2026-01-01T00:00:00Z");
      shard_->put(articles.back(), story);
    }
    // As the alerter keeps it: what was told, and the first of what matched.
    *group.mutable_article() = matching::summarize(articles[0], {}, {});
    for (const v1::ArticleRecord& one : articles) {
      const v1::ArticleSummary summary = matching::summarize(one, {}, {});
      if (analysis::is_earlier(summary, alerting::shown_article(group)))
        *group.mutable_first() = summary;
    }
    const Json page = get("/v1/articles/" + articles[0].article_id());
    const std::string first = page["copies"].as_array()[0]["id"].as_string();
    const Json found = get("/v1/search", {{"q", "chips story:" + story}, {"group", "story"}});
    const Json alerts = get("/v1/subscriptions/" + id + "/matches");
    const Json& shown = alerts["matches"].as_array()[0]["article"];
    EXPECT_EQ(found["hits"].as_array()[0]["id"].as_string(), first);
    EXPECT_EQ(shown["id"].as_string(), first);
    // What was told is named beside what is shown.
    const std::string told = articles[0].article_id();
    const Json& copies = alerts["matches"].as_array()[0]["copies"];
    EXPECT_EQ(copies.as_array().size(), first == told ? 0U : 1U);
    if (first != told) {
      EXPECT_EQ(copies.as_array()[0].as_string(), told);
    }
    const auto feed = call("GET", "/v1/subscriptions/" + id + "/feed.atom");
    EXPECT_NE(feed.body.find("href=\"" + shown["url"].as_string() + "\""), std::string::npos)
        << feed.body;
    EXPECT_NE(feed.body.find("<updated>2026-01-01T00:01:00.000Z</updated>"), std::string::npos);
  }
}

TEST_F(Api, ASubscriptionSaysWhatItWasNotTold) {
  const Json made = json_of(
      call("POST", "/v1/subscriptions", {}, Json::object({{"name", "Chips"}, {"query", "chips"}})));
  const std::string path = "/v1/subscriptions/" + made["id"].as_string();
  EXPECT_TRUE(get(path)["left_out"].is_null());
  alerter_.left_out_ = {1'767'225'600'000, 12};
  const Json shown = get(path);
  EXPECT_EQ(shown["left_out"]["count"].as_integer(), 12);
  EXPECT_EQ(shown["left_out"]["hour"].as_string(), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(call("PUT", path, {}, shown).status, 200) << "what GET gave may be put back";
}

// One receiver that works does not hide another that does not, and what arrived ends the row.
TEST_F(Api, ASubscriptionSaysWhatIsNotDeliveredAndSinceWhen) {
  const Json made = json_of(
      call("POST", "/v1/subscriptions", {}, Json::object({{"name", "Chips"}, {"query", "chips"}})));
  const std::string path = "/v1/subscriptions/" + made["id"].as_string();
  EXPECT_TRUE(get(path)["undelivered"].is_null());
  std::int64_t begun = 1'767'225'600'000;
  const auto older = [&](const char* channel, v1::DeliveryState state, std::uint32_t attempts) {
    v1::DeliveryRecord& delivery = alerter_.rows.emplace_back();
    delivery.set_channel_id(channel);
    delivery.set_state(state);
    delivery.set_attempts(attempts);
    delivery.set_created_at_unix_ms(begun);
    begun -= 60'000;
  };
  older("broken", v1::DELIVERY_STATE_PENDING, 0);  // not tried yet
  older("works", v1::DELIVERY_STATE_DELIVERED, 1);
  EXPECT_TRUE(get(path)["undelivered"].is_null());
  older("broken", v1::DELIVERY_STATE_PENDING, 3);
  older("works", v1::DELIVERY_STATE_FAILED, 9);  // before one that arrived
  older("broken", v1::DELIVERY_STATE_FAILED, 9);
  older("broken", v1::DELIVERY_STATE_DELIVERED, 1);
  older("broken", v1::DELIVERY_STATE_FAILED, 9);
  const Json shown = get(path);
  EXPECT_EQ(shown["undelivered"]["count"].as_integer(), 2);
  EXPECT_EQ(shown["undelivered"]["since"].as_string(), "2025-12-31T23:56:00.000Z");
  EXPECT_EQ(call("PUT", path, {}, shown).status, 200) << "what GET gave may be put back";
}

TEST_F(Api, StreamOfAnUnknownSubscriptionIsNone) {
  EXPECT_EQ(call("GET", "/v1/stream", {{"subscription", "nope"}}).status, 404);
  const Json made = json_of(
      call("POST", "/v1/subscriptions", {}, Json::object({{"name", "a"}, {"query", "chips"}})));
  EXPECT_NE(call("GET", "/v1/stream", {{"subscription", made["id"].as_string()}}).stream, nullptr);
}

struct Naive {
  const char* query;
  int status;
  const char* says;
};
const Naive kNaive[] = {
    {"topic:export-control", 400, "did you mean topic:export-controls?"},
    {"topic:exportcontrols", 400, "did you mean topic:export-controls?"},
    {"topic:export_controls", 400, "did you mean topic:export-controls?"},
    {"topic:\"Export controls\"", 400, "did you mean topic:export-controls?"},
    {"chips -topic:«Exprot controls»", 400, "did you mean topic:export-controls?"},
    {"(topic:\"no such topic\")", 400, "such as topic:export-controls\""},
    {"actor:nvidia", 400, "did you mean actor:org:nvidia?"},
    {"(chips actor:Nvidea)", 400, "did you mean actor:org:nvidia?"},
    {"about:exprot-controls", 400, "did you mean about:export-controls?"},
    {"mention:no-such-topic", 400, "is none: GET /v1/topics lists them"},
    {"topic:nvidia", 400, "did you mean actor:org:nvidia?"},
    {"about:nvidia", 400, "did you mean about:org:nvidia?"},
    {"actor:org:nvidea", 400, "did you mean actor:org:nvidia?"},
    {"actor:person:nvidia", 400, "did you mean actor:org:nvidia?"},
    {"actor:org:qwxzv", 400, "is none: GET /v1/actors lists them"},
    {"actor:country:XX", 400, "expected an actor of the topic packs; \\\"country:XX\\\" is none"},
    {"chips -topic:export-control", 400, "did you mean topic:export-controls?"},
    {"source:Reuters", 200, "There is no source \\\"reuters\\\""},
    {"source:\"harbor ledger\"", 200, "the nearest is \\\"harbour ledger\\\""},
    {"chips -source:reuters", 200, "There is no source"},
    {"site:reuters.example", 200, "No article has the site \\\"reuters.example\\\" so far"},
    {"author:smith", 200, "No article has the author \\\"smith\\\" so far"},
    {"section:sport", 200, "No article has the section \\\"sport\\\" so far"},
    {"nvidia or huawei", 200, "write OR in capitals"},
    {"huawei", 200, "No article has huawei so far"},
    {"chips huawei", 200, "No article has huawei so far"},
    {"\"chips export\"", 200, "No article has \\\"chips export\\\" so far"},
    {"chips lang:fr", 200, "No article has lang:fr so far"},
    {"title:export", 200, "No article has title:export so far"},
    {"chips -nvidia", 200, "each part of this, but none with all"},
    {"chips after:2999-01-01", 200, "No article has after:2999-01-01 so far"},
    {"nvidia", 200, "Nvidia is also an actor: 1 article in 1 language."},
    {"NVIDIA", 200, "Nvidia is also an actor"},
    {"\"export controls\"", 200, "Export controls is also a topic: 1 article"},
    {"export controls", 200, "Export controls is also a topic"},
    {"contrôle des exportations", 200, "Export controls is also a topic"},
    {"topics:export-controls", 400, "expected topic: instead of topics:, which is no field"},
    {"topic:", 400, "a value right after topic:"},
    {"lang:french", 400, "did you mean lang:fr?"},
    {"lang:xx", 400,
     "expected a language of two letters (ISO 639-1), such as lang:fr; \\\"xx\\\" is none"},
    {"language:german", 400, "did you mean lang:de?"},
    {"country:china", 400, "did you mean country:CN?"},
    {"country:XX", 400,
     "expected a country of two letters (ISO 3166-1), such as country:CN; \\\"XX\\\" is none"},
    {"kind:newspapers", 400, "did you mean kind:newspaper?"},
    {"affiliation:state", 400, "did you mean affiliation:state-run?"},
    {"actor:qwxzv", 400, "which begins with one of country, org"},
    {"actor:country:China", 400, "did you mean actor:country:CN?"},
    {"after:yesterday", 400, "a day such as 2026-01-31"},
    {"after:31.01.2026", 400, "a day such as 2026-01-31"},
    {"within:week", 400, "a length of time such as 24h"},
    {"within:1y", 400, "a length of time such as 24h"},
    {"chips | models", 400,
     "expected OR between words of which one is enough; | means nothing here"},
    {"!chips", 400, "expected - or NOT before what is to be left out; ! means nothing here"},
    {"--chips", 400, "expected one - before what is to be left out"},
    {"chip~", 400,
     "expected NEAR/5 between words that are to be near each other; ~ means nothing here"},
    {"chip^2", 400,
     "expected NEAR/5 between words that are to be near each other; ^ means nothing here"},
    {"ch?p", 400, "expected * at the end of a word; ? stands for no letter here"},
    {"ch*p", 400, "expected * only at the end of a word, as in semicond*"},
    {"\"export con*\"", 400, "expected no * inside a phrase; write the words with NEAR/1 between"},
    {"c*", 400, "at least two letters or digits before *"},
    {"chips AND", 400,
     "expected a word, a \\\"phrase\\\", a filter such as topic:… or an opening parenthesis"},
    {"OR chips", 400, "or an opening parenthesis before OR"},
    {"chips AND OR export", 400, "or an opening parenthesis before OR"},
    {"(chips", 400, "a closing parenthesis"},
    {"chips)", 400, "an opening parenthesis"},
    {"\"export controls", 400, "expected a closing quotation mark for the phrase that begins here"},
    {"[chips OR models]", 400,
     "expected ( and ) around what belongs together; other brackets mean nothing"},
    {"chips NEAR/500 export", 400, "expected NEAR/ and a number of words from 1 to 100"},
    {"...", 400, "punctuation alone cannot be searched for"},
    {"chips and huawei", 200,
     "\\\"and\\\" was taken for a word; leave it out: all words must be in an article anyway."},
    {"chips not nvidia", 200,
     "\\\"not\\\" was taken for a word; write NOT in capitals, or - before what is to be left "
     "out."},
    {"chips ODER models", 200,
     "\\\"ODER\\\" was taken for a word; write OR in capitals for articles with either side."},
    {"site:lemonde", 200, "No article has the site \\\"lemonde\\\" so far."},
    {"source:le monde", 200,
     "There is no source \\\"le\\\"; the nearest is \\\"harbour ledger\\\"."},
    {"qwxzv", 200, "No article has qwxzv so far"},
    {"before:1990-01-01", 200, "No article has before:1990-01-01 so far."},
};
static_assert(std::size(kNaive) >= 60);

// ops/spec/http_api.md, "Hints": no query that is wrong or naive ends in a silent nothing.
TEST_F(Api, AnswersNaiveAndWrongQueriesWithASentence) {
  auto one = article("https://www.daily.example/1", "Nvidia chips for Müller",
                     "Export controls tighten. The chips are sold in Lyon.", kNow);
  one.mutable_source()->set_id("harbour-ledger");
  one.mutable_source()->set_name("Harbour Ledger");
  one.add_authors("Ana Ruiz");
  auto* actor = one.add_actors();
  actor->set_id("org:nvidia");
  actor->set_level(v1::TAG_LEVEL_ABOUT);
  shard_->put(one);
  for (const Naive& naive : kNaive) {
    const auto response = call("GET", "/v1/search", {{"q", naive.query}});
    EXPECT_EQ(response.status, naive.status) << naive.query << ": " << response.body;
    EXPECT_NE(response.body.find(naive.says), std::string::npos)
        << naive.query << " should say " << naive.says << ": " << response.body;
    if (naive.status != 400) continue;
    for (const char* path : {"/v1/subscriptions", "/v1/subscriptions/preview"}) {
      const Json body = std::string_view(path).ends_with("preview")
                            ? Json::object({{"query", naive.query}})
                            : Json::object({{"name", "a"}, {"query", naive.query}});
      const auto refused = call("POST", path, {}, body);
      EXPECT_EQ(refused.status, 400) << naive.query;
      EXPECT_NE(refused.body.find("position"), std::string::npos) << refused.body;
    }
  }
  for (const char* good :
       {"chips", "source:ledger", "site:daily.example", "author:ruiz", "topic:*", ""})
    EXPECT_EQ(get("/v1/search", {{"q", good}})["hints"].as_array().size(), 0U) << good;
}

TEST_F(Api, ASiteThatNobodyReadsNamesTheNearest) {
  v1::StatusRecord source;
  source.mutable_source()->set_source_id("daily");
  source.mutable_source()->set_homepage("https://www.daily-ledger.example/news");
  ASSERT_TRUE(
      log::append(*log_, {{proto::Topic::kStatus, "source/daily", source.SerializeAsString()}}));
  const auto hints = [&](const char* query) {
    return call("GET", "/v1/search", {{"q", query}}).body;
  };
  EXPECT_NE(hints("chips site:dailyledger.example")
                .find("The nearest that is read is \\\"daily-ledger.example\\\"."),
            std::string::npos)
      << hints("chips site:dailyledger.example");
  EXPECT_NE(hints("chips site:dailyledger.example").find("chips site:daily-ledger.example"),
            std::string::npos);
  EXPECT_EQ(hints("site:other.example").find("nearest"), std::string::npos);
  EXPECT_EQ(hints("site:daily-ledger.example").find("nearest"), std::string::npos);
}

TEST_F(Api, DaysAndHoursAreThoseOfTheZone) {
  const auto put = [this](int number, std::int64_t time) {
    shard_->put(article("https://example.org/" + std::to_string(number), "Chips", "", time));
  };
  constexpr std::int64_t kHour = 3'600'000;
  constexpr std::int64_t kSpring = 1'774'738'800'000;  // 2026-03-28T23:00Z, midnight in Paris
  for (int hour = -2; hour < 26; ++hour) put(hour + 2, kSpring + hour * kHour);
  const auto counts = [&](const std::string& zone, const std::string& interval = "day") {
    std::vector<std::pair<std::string, std::int64_t>> out;
    const Json response =
        get("/v1/timeline", {{"q", "chips"}, {"interval", interval}, {"tz", zone}});
    EXPECT_EQ(response["tz"].as_string(), zone.empty() ? "UTC" : zone);
    for (const Json& bin : response["bins"].as_array())
      out.emplace_back(bin["begin"].as_string(), bin["count"].as_integer());
    return out;
  };
  using Days = std::vector<std::pair<std::string, std::int64_t>>;
  EXPECT_EQ(counts("Europe/Paris"), (Days{{"2026-03-27T23:00:00.000Z", 2},
                                          {"2026-03-28T23:00:00.000Z", 23},
                                          {"2026-03-29T22:00:00.000Z", 3}}));
  EXPECT_EQ(counts(""), counts("UTC"));
  EXPECT_EQ(counts("UTC"), (Days{{"2026-03-28T00:00:00.000Z", 3},
                                 {"2026-03-29T00:00:00.000Z", 24},
                                 {"2026-03-30T00:00:00.000Z", 1}}));
  EXPECT_EQ(counts("Asia/Kolkata"),
            (Days{{"2026-03-28T18:30:00.000Z", 22}, {"2026-03-29T18:30:00.000Z", 6}}));
  EXPECT_EQ(counts("Asia/Kolkata", "hour")[0].first, "2026-03-28T20:30:00.000Z");
  // What a day means in a query; an instant is one wherever it is asked.
  const auto total = [&](const std::string& query, const std::string& zone) {
    return get("/v1/search", {{"q", query}, {"tz", zone}})["total"]["value"].as_integer();
  };
  EXPECT_EQ(total("after:2026-03-29 before:2026-03-30", "Europe/Paris"), 23);
  EXPECT_EQ(total("after:2026-03-29 before:2026-03-30", "UTC"), 24);
  EXPECT_EQ(total("after:2026-03-29T00:00:00Z before:2026-03-30T00:00:00Z", "Europe/Paris"), 24);
  EXPECT_EQ(
      get("/v1/search", {{"q", "after:2026-03-29"}, {"tz", "Europe/Paris"}})["query"].as_string(),
      "after:2026-03-28T23:00:00Z");
  for (const char* path : {"/v1/search", "/v1/timeline", "/v1/facets", "/v1/export"}) {
    const auto refused = call("GET", path, {{"tz", "Europe/Pariss"}});
    EXPECT_EQ(refused.status, 400) << path;
    EXPECT_NE(refused.body.find("did you mean Europe/Paris?"), std::string::npos) << refused.body;
  }
}

TEST_F(Api, TakesAliasesOfTopics) {
  shard_->put(article("https://example.org/1", "Chips", "", kNow));
  EXPECT_EQ(get("/v1/search", {{"q", "topic:export-licences"}})["total"]["value"].as_integer(), 1);
  EXPECT_EQ(get("/v1/search", {{"q", "topic:export-licences"}})["query"].as_string(),
            "topic:export-controls");
  EXPECT_EQ(get("/v1/topics/export-licences")["id"].as_string(), "export-controls");
  const Json made = json_of(
      call("POST", "/v1/subscriptions", {},
           Json::object({{"name", "a"}, {"query", "chips -(about:export-licences OR lang:fr)"}})));
  EXPECT_EQ(made["query"].as_string(), "chips -(about:export-controls OR lang:fr)");
}

}  // namespace
}  // namespace vigie::indexer::api
