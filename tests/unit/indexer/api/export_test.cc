#include <algorithm>
#include <string>
#include <vector>

#include "indexer/api/export_api.h"
#include "indexer/api/kept_exports.h"
#include "platform/http/finite_body.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;

class Exports : public Api {
 protected:
  void put(int number, const std::string& title = "Chips") {
    shard_->put(article("https://example.org/" + std::to_string(number), title, "The text.",
                        kNow + number * 60'000));
  }
  struct File {
    int status = 0;
    std::string body;
    std::string id;
    std::string rows;
    std::string disposition;
    std::string type;
    bool whole = true;
  };
  static std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [one, value] : response.headers) {
      if (one == name) return value;
    }
    return {};
  }
  static std::string drain(http::FiniteBody& stream) {
    const std::stop_token never;
    std::string out;
    while (auto piece = stream.next(never)) out += *piece;
    return out;
  }
  File file(std::vector<std::pair<std::string, std::string>> query) {
    auto response = call("GET", "/v1/export", std::move(query));
    File out{response.status,
             response.body,
             header(response, "Vigie-Export"),
             header(response, "Vigie-Rows"),
             header(response, "Content-Disposition"),
             header(response, "Content-Type")};
    if (response.finite != nullptr) {
      out.body = drain(*response.finite);
      out.whole = response.finite->is_whole();
    }
    return out;
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      out.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return out;
  }
};

TEST_F(Exports, HaveEveryArticleOnceNewestFirst) {
  for (int i = 0; i < 53; ++i) put(i);
  put(60, "Models");
  const File csv = file({{"q", "chips"}, {"fields", "url"}});
  ASSERT_EQ(csv.status, 200) << csv.body;
  EXPECT_TRUE(csv.whole);
  EXPECT_EQ(csv.rows, "53");
  const auto rows = lines(csv.body);
  ASSERT_EQ(rows.size(), 54U);
  EXPECT_EQ(rows[0], "\"url\"\r");
  for (int i = 0; i < 53; ++i)
    EXPECT_EQ(rows[static_cast<std::size_t>(i) + 1],
              "\"https://example.org/" + std::to_string(52 - i) + "\"\r");
  EXPECT_EQ(lines(file({{"q", "chips"}, {"limit", "7"}}).body).size(), 8U);
  EXPECT_EQ(lines(file({{"q", "nothing"}}).body).size(), 1U) << "a file without rows has its head";
  EXPECT_EQ(lines(file({{"q", "chips"}, {"format", "jsonl"}}).body).size(), 53U);
  const Json one = *parse_json(lines(file({{"format", "jsonl"}, {"text", "1"}}).body)[0]);
  EXPECT_EQ(one["title"].as_string(), "Models");
  EXPECT_EQ(one["text"].as_string(), "The text.");
}

TEST_F(Exports, NameTheQueryAndTheTime) {
  put(1);
  const File csv = file({{"q", "topic:export-controls Müller/../x"}});
  EXPECT_TRUE(
      csv.disposition.starts_with("attachment; filename=\"vigie-topic-export-controls-M_ller-x-"))
      << csv.disposition;
  EXPECT_NE(csv.disposition.find("filename*=UTF-8''vigie-topic-export-controls-M%C3%BCller-x-"),
            std::string::npos);
  EXPECT_TRUE(csv.disposition.ends_with("Z.csv")) << csv.disposition;
  EXPECT_TRUE(csv.type.starts_with("text/csv"));
  EXPECT_NE(file({{"q", ""}, {"format", "bibtex"}}).disposition.find("vigie-all-"),
            std::string::npos);
}

// An export that goes on has the articles of its beginning, whatever came since.
TEST_F(Exports, GoOnWithTheSameArticles) {
  for (int i = 0; i < 30; ++i) put(i);
  const File whole = file({{"q", "chips"}, {"format", "atom"}});
  const File begun = file({{"q", "chips"}, {"format", "atom"}, {"rows", "11"}});
  EXPECT_EQ(begun.rows, "30");
  for (int i = 30; i < 45; ++i) put(i);
  shard_->put(article("https://example.org/early", "Chips", "", kNow + 3 * 60'000 + 1));
  const File middle = file(
      {{"q", "chips"}, {"format", "atom"}, {"resume", begun.id}, {"from", "11"}, {"rows", "9"}});
  const File rest =
      file({{"q", "chips"}, {"format", "atom"}, {"resume", begun.id}, {"from", "20"}});
  const std::string joined = begun.body + middle.body + rest.body;
  EXPECT_EQ(std::count(joined.begin(), joined.end(), '\n'),
            std::count(whole.body.begin(), whole.body.end(), '\n'));
  EXPECT_EQ(joined.substr(joined.find("<entry")), whole.body.substr(whole.body.find("<entry")));
  EXPECT_TRUE(joined.ends_with("</feed>\n"));
  EXPECT_EQ(joined.find("early"), std::string::npos);
  EXPECT_TRUE(file({{"q", "chips"}, {"resume", begun.id}, {"from", "30"}}).body.empty());
}

TEST_F(Exports, RefuseWhatTheyCannotDo) {
  put(1);
  const std::string id = file({{"q", "chips"}}).id;
  struct Case {
    std::vector<std::pair<std::string, std::string>> query;
    const char* code;
  };
  const Case cases[] = {
      {{{"format", "xlsx"}}, "bad_parameter"},
      {{{"fields", "titel"}}, "bad_parameter"},
      {{{"fields", "title"}, {"format", "ris"}}, "bad_parameter"},
      {{{"q", "chips"}, {"resume", "nope"}}, "bad_cursor"},
      {{{"q", "models"}, {"resume", id}}, "bad_cursor"},
      {{{"from", "1"}}, "bad_parameter"},
      {{{"q", "chips"}, {"resume", id}, {"from", "2"}}, "bad_parameter"},
      {{{"q", "topic:exprot"}}, "bad_query"},
      {{{"query", "chips"}}, "unknown_parameter"},
  };
  for (const Case& one : cases) {
    const auto refused = call("GET", "/v1/export", one.query);
    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_EQ(json_of(refused)["code"].as_string(), one.code) << refused.body;
  }
}

TEST_F(Exports, AreNotMadeOfAPartOfTheIndex) {
  put(1);
  index_->expect_shards(2);
  const auto refused = call("GET", "/v1/export", {{"q", "chips"}});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(json_of(refused)["code"].as_string(), "shard_missing");
}

TEST_F(Exports, ThatBreakOffAreNotWhole) {
  for (int i = 0; i < 50; ++i) put(i);
  auto response = call("GET", "/v1/export", {{"q", "chips"}});
  const std::stop_token never;
  ASSERT_TRUE(response.finite->next(never));
  index_->remove_shard(0);
  index_->expect_shards(1);
  drain(*response.finite);
  EXPECT_FALSE(response.finite->is_whole());
}

TEST_F(Exports, RunAFewAtATime) {
  put(1);
  std::vector<http::Response> running;
  for (int i = 0; i < ExportApi::kMostAtATime; ++i)
    running.push_back(call("GET", "/v1/export", {{"q", "chips"}}));
  EXPECT_EQ(call("GET", "/v1/export", {{"q", "chips"}}).status, 503);
  running.pop_back();
  EXPECT_EQ(call("GET", "/v1/export", {{"q", "chips"}}).status, 200);
}

TEST(KeptExports, MakeRoomForNewOnes) {
  FakeClock clock;
  KeptExports kept(clock);
  const auto keep = [&](const std::string& id, int rows) {
    KeptExports::Export one;
    one.id = id;
    for (int i = 0; i < rows; ++i) one.listing.add("abc", i);
    kept.keep(std::move(one));
  };
  keep("first", 2);
  keep("second", 2);
  ASSERT_NE(kept.find("first"), nullptr);
  EXPECT_EQ(kept.find("first")->listing.id(1), "abc");
  EXPECT_EQ(kept.find("first")->listing.partition(1), 1);
  for (std::size_t i = 0; i < KeptExports::kMost - 1; ++i) keep("more" + std::to_string(i), 1);
  EXPECT_EQ(kept.find("second"), nullptr) << "used longest ago";
  EXPECT_NE(kept.find("first"), nullptr);
  clock.advance(KeptExports::kKeep + std::chrono::minutes(1));
  EXPECT_EQ(kept.find("first"), nullptr);
}

}  // namespace
}  // namespace vigie::indexer::api
