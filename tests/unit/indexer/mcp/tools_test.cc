#include "indexer/mcp/tools.h"

#include <gtest/gtest.h>

#include "indexer/mcp/citations.h"
#include "platform/text/utf8.h"
#include "tests/unit/indexer/mcp/fake_api.h"

namespace vigie::indexer::mcp {
namespace {

constexpr std::string_view kText =
    "Des puces sont chères. Le ministère étend les contrôles à l'exportation de puces d'IA. "
    "Fin.\n\n"
    "Un second alinéa.";

Json evidence(std::string_view words, std::string_view sentence) {
  return Json::object({{"field", "text"},
                       {"offset", kText.find(words)},
                       {"length", words.size()},
                       {"text", words},
                       {"sentence", sentence},
                       {"clause", "x"}});
}

Json article(const std::string& id, Json words = Json::array()) {
  return Json::object({{"id", id},
                       {"url", "https://news.example/" + id},
                       {"title", "Contrôles"},
                       {"text", kText},
                       {"published", "2026-11-05T10:00:00+01:00"},
                       {"discovered", "2026-11-05T09:01:00.000Z"},
                       {"source", Json::object({{"id", "news"}, {"name", "News"}})},
                       {"language", "fr"},
                       {"topics", json_of(R"([{"id":"export-controls","level":"about","score":2,
                           "evidence":[{"field":"text","offset":0,"length":9,"rule":"r"}]},
                           {"id":"chips","level":"mention","score":1,"evidence":[]}])")},
                       {"actors", Json::array()},
                       {"story", "s1"},
                       {"event", nullptr},
                       {"authors", Json::array()},
                       {"copies", Json::array()},
                       {"reports", Json::array()},
                       {"reported", nullptr},
                       {"partial", false},
                       {"evidence", std::move(words)}});
}

/// That a quotation stands in the article where it says.
void expect_exact(const Json& quotation, const Json& from) {
  const std::string& field = from[quotation["field"].as_string()].as_string();
  const auto offset = static_cast<std::size_t>(quotation["offset"].as_integer());
  const auto length = static_cast<std::size_t>(quotation["length"].as_integer());
  ASSERT_LE(offset + length, field.size());
  EXPECT_EQ(field.substr(offset, length), quotation["text"].as_string());
  EXPECT_TRUE(text::is_valid_utf8(quotation["text"].as_string()));
}

TEST(Quotations, AreTheSentencesAroundTheWordsEachOnce) {
  const std::string sentence = "Le ministère étend les contrôles à l'exportation de puces d'IA.";
  Json words = Json::array();
  words.push(evidence("contrôles", sentence));
  words.push(evidence("exportation", sentence));
  words.push(evidence("second", "Un second alinéa."));
  const Json from = article("a", std::move(words));
  const Json said = quotations_of(from, 3);
  ASSERT_EQ(said.as_array().size(), 2U);
  EXPECT_EQ(said.as_array()[0]["text"].as_string(), sentence);
  EXPECT_EQ(said.as_array()[1]["text"].as_string(), "Un second alinéa.");
  for (const Json& one : said.as_array()) expect_exact(one, from);
  EXPECT_EQ(quotations_of(from, 1).as_array().size(), 1U);
}

TEST(Quotations, KeepToTheWordsWhereTheSentenceIsNotInTheText) {
  Json words = Json::array();
  words.push(evidence("contrôles", "another sentence with contrôles"));
  const Json from = article("a", std::move(words));
  const Json said = quotations_of(from, 3);
  EXPECT_EQ(said.as_array()[0]["text"].as_string(), "contrôles");
  expect_exact(said.as_array()[0], from);
}

TEST(Quotations, OfALongSentenceHaveTheWordsAndWholeCodePoints) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "é";
  text += "puces";
  for (int i = 0; i < 600; ++i) text += "语";
  Json from = article("a");
  from.set("text", text);
  const Json words =
      Json::object({{"field", "text"}, {"offset", 1200}, {"length", 5}, {"sentence", text}});
  const Json said = quotation_of(from, words);
  EXPECT_LE(said["length"].as_integer(), static_cast<std::int64_t>(kQuotationBytes));
  EXPECT_NE(said["text"].as_string().find("puces"), std::string::npos);
  expect_exact(said, from);
}

TEST(Quotations, OutsideTheTextAreNone) {
  const Json from = article("a");
  for (const char* wrong :
       {R"({"field":"text","offset":100000,"length":1})",
        R"({"field":"text","offset":0,"length":100000})",
        R"({"field":"text","offset":-1,"length":1})", R"({"field":"text","offset":0,"length":0})",
        R"({"field":"authors","offset":0,"length":1})", "{}"})
    EXPECT_TRUE(quotation_of(from, json_of(wrong)).is_null()) << wrong;
}

TEST(Quotations, WithoutEvidenceAreTheBeginningOfTheTextElseTheTitle) {
  Json from = article("a");
  EXPECT_EQ(quotations_of(from, 3).as_array().at(0)["text"].as_string(),
            kText.substr(0, kText.find("\n\n")));
  from.set("text", "");
  EXPECT_EQ(quotations_of(from, 3).as_array().at(0)["field"].as_string(), "title");
}

class ToolsTest : public testing::Test {
 protected:
  Json run(std::string_view tool, std::string_view arguments) {
    const auto checked = check_arguments(tool, json_of(arguments));
    EXPECT_TRUE(checked) << arguments;
    const http::Request like;
    const Ask ask = api.ask();
    ApiReader reader(ask, like);
    auto response = find_tool(tool)->run(reader, *checked);
    EXPECT_TRUE(response) << (response ? "" : response.error().to_string());
    return response ? *response : Json();
  }

  FakeApi api;
};

TEST_F(ToolsTest, SearchCitesEachHitWithTheWordsOfTheQuery) {
  api.responses["/v1/search"] = json_of(R"({"query":"contrôles","total":{"value":3,"exact":true},
      "hits":[{"id":"a1"},{"id":"gone"},{"id":"a2"}],"cursor":"c","partial":false,
      "hints":[{"text":"perhaps another"}]})");
  Json words = Json::array();
  words.push(evidence("contrôles", ""));
  for (const char* id : {"a1", "a2"})
    api.responses[std::string("/v1/articles/") + id] = article(id, words);
  const Json said = run("search", R"({"query":"contrôles","group":"story","limit":3})");
  ASSERT_EQ(said["articles"].as_array().size(), 2U) << "the one that is gone is left out";
  const Json& first = said["articles"].as_array()[0];
  EXPECT_EQ(first["url"].as_string(), "https://news.example/a1");
  EXPECT_EQ(first["about"]["topics"].dump(), R"(["export-controls"])");
  EXPECT_EQ(first["quotations"].as_array().at(0)["text"].as_string(), "contrôles");
  EXPECT_EQ(said["hints"].dump(), R"(["perhaps another"])");
  EXPECT_EQ(said["cursor"].as_string(), "c");
  EXPECT_EQ(api.asked[0].parameter("group"), "story");
  EXPECT_EQ(api.asked[0].parameter("limit"), "3");
  EXPECT_EQ(api.asked[1].parameter("q"), "contrôles");
}

TEST_F(ToolsTest, AnAnswerStaysWithinItsBytes) {
  Json page = json_of(R"({"query":"","total":{"value":9,"exact":true},"cursor":null})");
  for (int i = 0; i < 10; ++i) {
    const std::string id = "a" + std::to_string(i);
    Json big = article(id);
    big.set("url", "https://news.example/" + std::string(16'000, 'u'));
    api.responses["/v1/articles/" + id] = big;
    Json hits = page["hits"];
    hits.push(Json::object({{"id", id}}));
    page.set("hits", std::move(hits));
  }
  api.responses["/v1/search"] = page;
  const Json said = run("search", R"({"query":"x","limit":10})");
  EXPECT_LE(said.dump().size(), kMaxResponseBytes);
  EXPECT_EQ(said["articles"].as_array().size(), 3U);
  EXPECT_EQ(said["left_out"].as_integer(), 7);
}

TEST_F(ToolsTest, ArticleGivesAPieceOfWholeCodePointsAndWhereTheNextBegins) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "é";
  Json big = article("a1");
  big.set("text", text);
  api.responses["/v1/articles/a1"] = big;
  std::string read;
  std::int64_t offset = 0;
  for (int pieces = 0; pieces < 5; ++pieces) {
    const Json piece = run(
        "article", R"({"id":"a1","length":201,"offset":)" + std::to_string(offset) + "}")["text"];
    EXPECT_TRUE(text::is_valid_utf8(piece["text"].as_string()));
    EXPECT_EQ(piece["bytes"].as_integer(), 600);
    read += piece["text"].as_string();
    if (piece["next_offset"].is_null()) break;
    offset = piece["next_offset"].as_integer();
  }
  EXPECT_EQ(read, text);
  EXPECT_EQ(run("article", R"({"id":"a1","offset":1})")["text"]["offset"].as_integer(), 0);
  EXPECT_EQ(run("article", R"({"id":"a1","offset":9999})")["text"]["text"].as_string(), "");
}

TEST_F(ToolsTest, ArticleQuotesTheWordsByWhichItHasATopic) {
  const Json stored = article("a1");
  api.responses["/v1/articles/a1"] = stored;
  const Json tags = run("article", R"({"id":"a1"})")["topics"];
  ASSERT_EQ(tags.as_array().size(), 2U);
  EXPECT_EQ(tags.as_array()[0]["level"].as_string(), "about");
  expect_exact(tags.as_array()[0]["quotations"].as_array().at(0), stored);
  EXPECT_TRUE(tags.as_array()[1]["quotations"].as_array().empty());
}

TEST_F(ToolsTest, StoryIsInOrderOfTimeAndSaysWhoWasFirst) {
  Json asked = article("a2");
  asked.set("copies", json_of(R"([{"id":"a1","first":true,"self":false,"share":0.9},
      {"id":"a2","first":false,"self":true,"share":1}])"));
  asked.set("reports", json_of(R"([{"id":"a3"}])"));
  api.responses["/v1/articles/a2"] = asked;
  api.responses["/v1/articles/a1"] = article("a1");
  api.responses["/v1/articles/a3"] = article("a3");
  const Json said = run("story", R"({"article":"a2"})");
  EXPECT_EQ(said["first"].as_string(), "a1");
  std::string order;
  for (const Json& one : said["articles"].as_array())
    order += one["id"].as_string() + " " + one["relation"].as_string() + ", ";
  EXPECT_EQ(order, "a1 copy, a2 self, a3 report, ");
  EXPECT_EQ(run("story", R"({"article":"a2","limit":1})")["left_out"].as_integer(), 2);
}

TEST_F(ToolsTest, SourcesAreFoundByPartsOfNamesAndState) {
  api.responses["/v1/sources"] = json_of(R"({"sources":[
      {"id":"le-monde","name":"Le Monde","country":"FR","state":"ok"},
      {"id":"die-zeit","name":"Die Zeit","country":"DE","state":"failing"},
      {"id":"le-temps","name":"Le Temps","country":"CH","state":"failing"}]})");
  api.responses["/v1/search"] = json_of(R"({"hits":[{"id":"a1"}]})");
  api.responses["/v1/articles/a1"] = article("a1");
  const Json said = run("sources", R"({"name":"LE "})");
  EXPECT_EQ(said["total"].as_integer(), 2);
  EXPECT_EQ(said["sources"].as_array()[0]["newest"].as_array().at(0)["id"].as_string(), "a1");
  EXPECT_EQ(api.asked[1].parameter("q"), "source:\"le-monde\"");
  EXPECT_EQ(run("sources", R"({"state":"failing"})")["total"].as_integer(), 2);
  EXPECT_EQ(run("sources", R"({"country":"de"})")["total"].as_integer(), 1);
  EXPECT_EQ(run("sources", R"({"limit":1})")["left_out"].as_integer(), 2);
}

TEST_F(ToolsTest, TrendHasItsNewestArticles) {
  api.responses["/v1/trend"] =
      json_of(R"({"query":"x","sentence":"41 today","verdict":"unusual"})");
  api.responses["/v1/search"] = json_of(R"({"hits":[{"id":"a1"}]})");
  api.responses["/v1/articles/a1"] = article("a1");
  const Json said = run("trend", R"({"query":"x"})");
  EXPECT_EQ(said["sentence"].as_string(), "41 today");
  EXPECT_EQ(said["articles"].as_array().at(0)["id"].as_string(), "a1");
}

}  // namespace
}  // namespace vigie::indexer::mcp
