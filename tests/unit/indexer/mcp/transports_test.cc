#include "indexer/mcp/transports.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/indexer/mcp/fake_api.h"

namespace vigie::indexer::mcp {
namespace {

class TransportsTest : public testing::Test {
 protected:
  http::Response post(std::string body, std::map<std::string, std::string, std::less<>> headers) {
    http::Request request;
    request.method = "POST";
    request.path = "/mcp";
    request.headers = std::move(headers);
    request.body = std::move(body);
    return answer_post(server, request);
  }
  static std::int64_t code_of(const http::Response& response) {
    return json_of(response.body)["error"]["code"].as_integer();
  }
  std::vector<Json> lines(const std::string& in) {
    std::istringstream from(in);
    std::ostringstream out;
    EXPECT_TRUE(serve_lines(server, from, out));
    std::vector<Json> said;
    std::istringstream read(out.str());
    for (std::string line; std::getline(read, line);) said.push_back(json_of(line));
    return said;
  }

  FakeApi api;
  Server server{api.ask(), "1"};
};

TEST_F(TransportsTest, ALineIsAMessageAndAnAnswerIsALine) {
  const auto said = lines("\n" + earlier("ping") + "\r\n  \n" + stateless("tools/list") + "\n" +
                          R"({"jsonrpc":"2.0","method":"notifications/initialized"})" + "\n{\n" +
                          earlier("ping"));
  ASSERT_EQ(said.size(), 4U);
  EXPECT_EQ(said[0]["id"].as_string(), "a");
  EXPECT_EQ(said[1]["id"].as_integer(), 7);
  EXPECT_EQ(said[2]["error"]["code"].as_integer(), -32700);
  EXPECT_EQ(said[3]["id"].as_string(), "a") << "the last line may lack its end";
}

TEST_F(TransportsTest, AHugeLineIsRefusedAndTheNextOneIsRead) {
  const std::string huge(kMaxMessageBytes * 3, 'x');
  const auto said = lines(huge + "\n" + earlier("ping") + "\n" + huge);
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0]["error"]["code"].as_integer(), -32600);
  EXPECT_TRUE(said[1]["result"].is_object());
  EXPECT_EQ(said[2]["error"]["code"].as_integer(), -32600);
}

TEST_F(TransportsTest, StopsWhereNobodyReads) {
  std::istringstream from(earlier("ping") + "\n");
  std::ostringstream out;
  out.setstate(std::ios::failbit);
  EXPECT_FALSE(serve_lines(server, from, out));
}

// 2026-07-28, "Server Validation": what headers say must be what the body says.
TEST_F(TransportsTest, HeadersThatDifferFromTheBodyAreRefused) {
  const std::string list = stateless("tools/list");
  const auto ok =
      post(list, {{"mcp-protocol-version", "2026-07-28"}, {"mcp-method", "tools/list"}});
  EXPECT_EQ(ok.status, 200);
  EXPECT_TRUE(json_of(ok.body)["result"]["tools"].is_array());
  for (const std::map<std::string, std::string, std::less<>>& wrong :
       {std::map<std::string, std::string, std::less<>>{},
        {{"mcp-protocol-version", "2026-07-28"}},
        {{"mcp-protocol-version", "2025-11-25"}, {"mcp-method", "tools/list"}},
        {{"mcp-protocol-version", "2026-07-28"}, {"mcp-method", "tools/call"}}}) {
    const auto refused = post(list, wrong);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_of(refused), -32020);
  }
}

TEST_F(TransportsTest, NamesOfToolsInHeadersMayBeEncoded) {
  const std::string call = stateless("tools/call", R"("name":"search","arguments":{})");
  const auto status = [&](const std::string& name) {
    return post(call, {{"mcp-protocol-version", "2026-07-28"},
                       {"mcp-method", "tools/call"},
                       {"mcp-name", name}})
        .status;
  };
  EXPECT_EQ(status("search"), 200);
  EXPECT_EQ(status("=?base64?c2VhcmNo?="), 200);
  EXPECT_EQ(status("=?base64?dHJlbmQ=?="), 400);
  EXPECT_EQ(status("=?base64?*?="), 400);
  EXPECT_EQ(status("=?base64?="), 400);
  EXPECT_EQ(status("Search"), 400);
}

TEST_F(TransportsTest, StatusesAreThoseOfTheRevision) {
  const std::map<std::string, std::string, std::less<>> now{{"mcp-protocol-version", "2026-07-28"},
                                                            {"mcp-method", "no/such"}};
  EXPECT_EQ(post(stateless("no/such"), now).status, 404);
  const std::map<std::string, std::string, std::less<>> before{
      {"mcp-protocol-version", "2025-11-25"}};
  EXPECT_EQ(post(earlier("no/such"), before).status, 200);
  EXPECT_EQ(post("{", before).status, 400);
  EXPECT_EQ(post("[]", before).status, 400);
  const auto taken = post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", before);
  EXPECT_EQ(taken.status, 202);
  EXPECT_EQ(taken.body, "");
}

TEST_F(TransportsTest, AnEarlierRevisionIsNamedByTheHeaderBehindTheFirstRequest) {
  EXPECT_EQ(post(earlier("initialize", R"({"protocolVersion":"2025-11-25"})"), {}).status, 200);
  EXPECT_EQ(post(earlier("tools/list"), {{"mcp-protocol-version", "2025-06-18"}}).status, 200);
  EXPECT_EQ(code_of(post(earlier("tools/list"), {})), -32020);
  EXPECT_EQ(code_of(post(earlier("tools/list"), {{"mcp-protocol-version", "1900-01-01"}})), -32022);
  const auto bare = post(earlier("tools/list"), {{"mcp-protocol-version", "2026-07-28"}});
  EXPECT_EQ(bare.status, 400);
  EXPECT_EQ(code_of(bare), -32602);
}

TEST_F(TransportsTest, IsPutOffWhereTheApiPutsOff) {
  api.puts_off = true;
  http::Request request;
  request.headers = {{"mcp-protocol-version", "2025-11-25"}};
  request.body = call("article", R"({"id":"a1"})");
  request.may_take_long = false;
  EXPECT_TRUE(answer_post(server, request).is_later);
}

}  // namespace
}  // namespace vigie::indexer::mcp
