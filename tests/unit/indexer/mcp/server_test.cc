#include "indexer/mcp/server.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/indexer/mcp/fake_api.h"

namespace vigie::indexer::mcp {
namespace {

class ServerTest : public testing::Test {
 protected:
  Reply say(std::string_view text) { return server.handle(text, nullptr, http::Request()); }
  /// The code of the error that a message is answered with; 0: none.
  std::int64_t code(std::string_view text) { return error(text)["code"].as_integer(); }
  Json error(std::string_view text) {
    const Reply reply = say(text);
    return reply.message ? (*reply.message)["error"] : Json();
  }
  Json result(std::string_view text) {
    const Reply reply = say(text);
    EXPECT_TRUE(reply.message) << text;
    return reply.message ? (*reply.message)["result"] : Json();
  }

  FakeApi api;
  Server server{api.ask(), "1.2.3"};
};

TEST_F(ServerTest, SpeaksTheRevisionThatIsAskedForElseTheNewestThatBeginsWithInitialize) {
  const auto chosen = [&](std::string_view asked) {
    return result(earlier("initialize", R"({"protocolVersion":")" + std::string(asked) +
                                            R"(","capabilities":{},"clientInfo":{}})"));
  };
  EXPECT_EQ(chosen("2025-11-25")["protocolVersion"].as_string(), "2025-11-25");
  EXPECT_EQ(chosen("2025-06-18")["protocolVersion"].as_string(), "2025-06-18");
  EXPECT_EQ(chosen("2024-11-05")["protocolVersion"].as_string(), "2025-11-25");
  EXPECT_EQ(chosen("2026-07-28")["protocolVersion"].as_string(), "2025-11-25");
  const Json said = chosen("2025-11-25");
  EXPECT_TRUE(said["capabilities"]["tools"].is_object());
  EXPECT_EQ(said["serverInfo"]["version"].as_string(), "1.2.3");
  EXPECT_FALSE(said["instructions"].as_string().empty());
  EXPECT_EQ(said.find("resultType"), nullptr);
}

TEST_F(ServerTest, DiscoverTellsEveryRevision) {
  const Json said = result(stateless("server/discover"));
  EXPECT_EQ(said["supportedVersions"].dump(), R"(["2026-07-28","2025-11-25","2025-06-18"])");
  EXPECT_EQ(said["resultType"].as_string(), "complete");
  EXPECT_EQ(said["cacheScope"].as_string(), "public");
  EXPECT_GT(said["ttlMs"].as_integer(), 0);
  EXPECT_EQ(said["_meta"]["io.modelcontextprotocol/serverInfo"]["name"].as_string(), "vigie");
}

TEST_F(ServerTest, AnswersPingOnlyWhereTheRevisionHasIt) {
  EXPECT_EQ(result(earlier("ping")).dump(), "{}");
  EXPECT_EQ(code(stateless("ping")), -32601);
}

// JSON-RPC 2.0 §5.1 and §4.2: what is no request has an error without an id.
TEST_F(ServerTest, RefusesWhatIsNoMessage) {
  for (const char* text : {"", "{", "nothing", "{\"a\":1}}", "\xff\xfe"})
    EXPECT_EQ(code(text), -32700) << text;
  const std::string deep(100'000, '[');
  EXPECT_EQ(code(deep), -32700);
  for (const char* text :
       {"1", "[]", "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", "{}",
        R"({"jsonrpc":"1.0","id":1,"method":"ping"})", R"({"jsonrpc":"2.0","id":1,"method":5})",
        R"({"jsonrpc":"2.0","id":null,"method":"ping"})",
        R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})"})
    EXPECT_EQ(code(text), -32600) << text;
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})"), -32602);
  EXPECT_EQ(say("{").message->find("id"), nullptr);
  EXPECT_EQ((*say(R"({"jsonrpc":"1.0","id":4,"method":"ping"})").message)["id"].as_integer(), 4);
  EXPECT_EQ(code("\"" + std::string(kMaxMessageBytes, 'x') + "\""), -32600);
}

TEST_F(ServerTest, SaysNothingToNotificationsAndResponses) {
  for (const char* text :
       {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"search"}})",
        R"({"jsonrpc":"2.0","method":"no/such"})", R"({"jsonrpc":"2.0","id":1,"result":{}})",
        R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}})"})
    EXPECT_FALSE(say(text).message) << text;
  EXPECT_TRUE(api.asked.empty());
}

TEST_F(ServerTest, NamesUnknownMethodsToolsAndRevisions) {
  EXPECT_EQ(code(earlier("tools/lst")), -32601);
  EXPECT_NE(error(earlier("tools/lst"))["message"].as_string().find("'tools/list'"),
            std::string::npos);
  EXPECT_EQ(code(stateless("resources/list")), -32601);
  EXPECT_EQ(code(call("delete", "{}")), -32602);
  EXPECT_NE(error(call("delete", "{}"))["message"].as_string().find("search, article"),
            std::string::npos);
  std::string other = stateless("tools/list");
  other.replace(other.find("2026-07-28"), 10, "1900-01-01");
  EXPECT_EQ(code(other), -32022);
  EXPECT_EQ(error(other)["data"]["requested"].as_string(), "1900-01-01");
  EXPECT_EQ(error(other)["data"]["supported"].as_array().size(), 3U);
}

TEST_F(ServerTest, ARequestThatCarriesItsRevisionNeedsTheClientsCapabilities) {
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":
                 {"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})"),
            -32602);
}

TEST_F(ServerTest, ListsFiveToolsThatOnlyReadWithClosedSchemas) {
  std::set<std::string> names;
  const Json listed = result(earlier("tools/list"));
  for (const Json& tool : listed["tools"].as_array()) {
    names.insert(tool["name"].as_string());
    EXPECT_TRUE(tool["annotations"]["readOnlyHint"].as_bool());
    EXPECT_EQ(tool["inputSchema"]["type"].as_string(), "object");
    EXPECT_FALSE(tool["inputSchema"]["additionalProperties"].as_bool(true));
    EXPECT_EQ(tool["outputSchema"]["type"].as_string(), "object");
    EXPECT_EQ(tool.dump().find("\"use\""), std::string::npos) << "a schema that is shared";
  }
  EXPECT_EQ(names, (std::set<std::string>{"search", "article", "story", "trend", "sources"}));
  EXPECT_EQ(result(stateless("tools/list"))["cacheScope"].as_string(), "public");
  EXPECT_EQ(result(earlier("tools/list")).find("ttlMs"), nullptr);
}

TEST_F(ServerTest, ArgumentsThatDoNotFitAreAResultThatNamesThem) {
  const auto told = [&](std::string_view tool, std::string_view arguments) {
    const Json said = result(call(tool, arguments));
    EXPECT_TRUE(said["isError"].as_bool()) << arguments;
    return said["content"].as_array().at(0)["text"].as_string();
  };
  EXPECT_EQ(told("search", R"({"query":"x","limt":3})"),
            "there is no argument 'limt'; did you mean 'limit'? search takes query, sort, group, "
            "limit, cursor");
  EXPECT_EQ(told("search", "{}"), "search needs query");
  EXPECT_EQ(told("search", R"({"query":5})"), "query must be a text");
  EXPECT_EQ(told("search", R"({"query":"x","limit":11})"),
            "limit must be a whole number from 1 to 10");
  EXPECT_EQ(told("search", R"({"query":"x","limit":"3"})"),
            "limit must be a whole number from 1 to 10");
  EXPECT_EQ(told("search", R"({"query":"x","sort":"best"})"),
            "sort must be one of relevance, newest");
  EXPECT_EQ(told("story", R"({"article":""})"), "story needs article");
  EXPECT_EQ(code(call("search", "[]")), -32602);
  EXPECT_TRUE(api.asked.empty());
}

TEST_F(ServerTest, WhatTheApiRefusesIsAResultWithItsSentence) {
  const Json said = result(call("article", R"({"id":"none"})"));
  EXPECT_TRUE(said["isError"].as_bool());
  EXPECT_EQ(said["content"].as_array().at(0)["text"].as_string(),
            "There is no such article. (not_found)");
}

TEST_F(ServerTest, AsksForWhatMayNotTakeLongOnceMore) {
  api.puts_off = true;
  http::Request like;
  like.may_take_long = false;
  like.caller = "key 1";
  const Reply reply = server.handle(call("article", R"({"id":"a1"})"), nullptr, like);
  EXPECT_TRUE(reply.put_off);
  EXPECT_FALSE(reply.message);
  ASSERT_EQ(api.asked.size(), 1U);
  EXPECT_EQ(api.asked[0].caller, "key 1");
  EXPECT_TRUE(api.asked[0].peer.empty());
}

}  // namespace
}  // namespace vigie::indexer::mcp
