#include <gtest/gtest.h>

#include <string>

#include "tests/unit/indexer/api/people_fixture.h"

namespace vigie::indexer::api {
namespace {

/// What makes a document that readers give up at: XML 1.0 §2.2, UTF-8, tags that stand in texts.
const std::string kHostile =
    std::string(
        "Chips \x01\x08\x0b\x1f\x7f & <i>sons</i> ]]> <![CDATA[ \xef\xbf\xbe\xef\xbf\xbf ") +
    "\xed\xa0\x80 \xff \"'\xe2\x80\xa8 " + std::string(1, '\0') + "end";

/// Feeds with keys on.
class Feeds : public People {
 protected:
  void SetUp() override {
    People::SetUp();
    use_keys(root_ + "\n");
    make();
    reader_ = key_of("Ana", "reader");
    subscription_ = alert(root_);
    v1::ArticleRecord first = article("https://a.example/1", "Chips one", "About chips.", 1'000);
    v1::ArticleRecord second = article("https://a.example/2", kHostile, "More chips.", 2'000);
    shard_->put(first);
    shard_->put(second);
    v1::AlertGroup group;
    group.set_delivery_id("d1");
    group.set_subscription_id(subscription_);
    group.set_first_matched_at_unix_ms(5'000);
    group.mutable_article()->set_article_id("a");
    group.mutable_article()->set_url("https://a.example/?a=1&b=<2>");
    group.mutable_article()->set_title(kHostile);
    group.mutable_article()->set_snippet(kHostile);
    alerter_.groups.push_back(group);
    alerter_.partitions = {0, 1, 2};
  }

  /// The URL that POST /v1/feeds tells, without its origin.
  std::string made(const std::string& body, const char* form, const std::string& key) {
    EXPECT_EQ(status("POST", "/v1/feeds", bearer(key), body), 201) << last_.body;
    const std::string url = json_of(last_)[form].as_string();
    EXPECT_EQ(url.rfind("http://news.example/", 0), 0U) << url;
    return url.substr(std::string("http://news.example").size());
  }
  std::string of_alert() const { return "{\"subscription\":\"" + subscription_ + "\"}"; }

  /// Nothing in it ends a document early; its tags are balanced.
  static void expect_well_formed(const std::string& xml) {
    EXPECT_EQ(xml.find(']'), xml.find("]]&gt;")) << "]]> is not character data";
    int depth = 0;
    for (std::size_t at = 0; at < xml.size(); ++at) {
      const auto byte = static_cast<unsigned char>(xml[at]);
      EXPECT_TRUE(byte >= 0x20 || byte == '\n' || byte == '\t') << static_cast<int>(byte);
      if (xml[at] != '<' || xml[at + 1] == '?') continue;
      const std::size_t end = xml.find('>', at);
      ASSERT_NE(end, std::string::npos);
      if (xml[at + 1] == '/') --depth;
      else if (xml[end - 1] != '/') ++depth;
      EXPECT_GE(depth, 0);
    }
    EXPECT_EQ(depth, 0);
    for (const char* never : {"\xef\xbf\xbe", "\xef\xbf\xbf", "\xed\xa0\x80", "<i>", "<!["})
      EXPECT_EQ(xml.find(never), std::string::npos) << never;
  }

  std::string reader_;
  std::string subscription_;
};

TEST_F(Feeds, OpenByBasicAsFeedReadersDo) {
  const std::string path = "/v1/subscriptions/" + subscription_ + "/feed.atom";
  EXPECT_EQ(status("GET", path, {}), 401);
  EXPECT_EQ(header("WWW-Authenticate").rfind("Basic ", 0), 0U);
  EXPECT_EQ(status("GET", path, basic("anything:" + reader_)), 200);
  EXPECT_EQ(status("GET", path, basic(reader_ + ":")), 200);
  EXPECT_EQ(status("HEAD", path, basic("x:" + reader_)), 200);
  EXPECT_EQ(status("GET", path, basic("x:wrong-wrong-wrong-wrong")), 401);
  EXPECT_EQ(status("GET", "/v1/feed.atom?q=chips", basic("x:" + reader_)), 200);
  EXPECT_EQ(status("GET", "/v1/search", basic("x:" + reader_)), 401) << "feeds alone";
}

TEST_F(Feeds, OpenByATokenThatOpensNothingElse) {
  const std::string atom = made(of_alert(), "atom", reader_);
  EXPECT_EQ(status("GET", atom, {}), 200);
  EXPECT_EQ(last_.body.find(atom.substr(atom.find("token="))), std::string::npos)
      << "who is shown the document does not get the token";
  const std::string token = atom.substr(atom.find("token=") + 6);
  const std::string base = "/v1/subscriptions/" + subscription_;
  EXPECT_EQ(status("GET", base + "/feed.json?token=" + token, {}), 200) << "the same feed";
  EXPECT_EQ(status("GET", base + "?token=" + token, {}), 401);
  EXPECT_EQ(status("GET", "/v1/feed.atom?q=chips&token=" + token, {}), 401);
  EXPECT_EQ(status("GET", "/v1/search", {{"cookie", "vigie_session=" + token}}), 401);
  EXPECT_EQ(status("GET", "/v1/search", bearer(token)), 401);
  const std::string other = alert(root_);
  EXPECT_EQ(status("GET", "/v1/subscriptions/" + other + "/feed.atom?token=" + token, {}), 401);
  const std::string search = made(R"({"query":"chips one"})", "json", reader_);
  EXPECT_EQ(status("GET", search, {}), 200) << search;
  EXPECT_EQ(
      status("GET", "/v1/feed.json?q=chips&token=" + search.substr(search.find("token=") + 6), {}),
      401)
      << "another query";
}

TEST_F(Feeds, TokensAreOnePersonsAndEnd) {
  const std::string first = made(of_alert(), "atom", reader_);
  const std::string second = made(of_alert(), "atom", reader_);
  EXPECT_EQ(status("GET", first, {}), 401) << "one for each person and feed";
  EXPECT_EQ(status("GET", second, {}), 200);
  const std::string bo = key_of("Bo", "operator");
  const std::string bos = made(of_alert(), "atom", bo);
  EXPECT_EQ(status("GET", second, {}), 200);
  EXPECT_EQ(status("GET", "/v1/feeds", bearer(reader_)), 200);
  const Json own = json_of(last_)["feeds"];
  ASSERT_EQ(own.as_array().size(), 1U);
  EXPECT_EQ(own.as_array()[0]["who"].as_string(), "Ana");
  EXPECT_EQ(own.as_array()[0]["subscription"].as_string(), subscription_);
  const std::string id = own.as_array()[0]["id"].as_string();
  EXPECT_EQ(status("DELETE", "/v1/feeds/" + id, bearer(bo)), 404) << "not Bo's";
  EXPECT_EQ(status("GET", "/v1/sessions", bearer(root_)), 200);
  EXPECT_TRUE(json_of(last_)["sessions"].as_array().empty()) << "a feed is no session";
  EXPECT_EQ(status("DELETE", "/v1/sessions/" + id, bearer(root_)), 404);
  clock_.advance(std::chrono::hours(24 * 500));
  EXPECT_EQ(status("GET", second, {}), 200) << "time alone does not end it";
  EXPECT_EQ(status("DELETE", "/v1/feeds/" + id, bearer(reader_)), 204);
  EXPECT_EQ(status("GET", second, {}), 401);
  EXPECT_EQ(status("GET", bos, {}), 200);
  EXPECT_EQ(status("DELETE", "/v1/keys/" + ids_["Bo"], bearer(root_)), 204);
  EXPECT_EQ(status("GET", bos, {}), 401) << "it ends with the key of who made it";
}

TEST_F(Feeds, AreAskedForInOneWay) {
  for (const char* body : {"{}", R"({"subscription":"x","query":"chips"})"})
    EXPECT_EQ(status("POST", "/v1/feeds", bearer(reader_), body), 400) << body;
  EXPECT_EQ(status("POST", "/v1/feeds", bearer(reader_), R"({"subscription":"none"})"), 404);
  EXPECT_EQ(status("POST", "/v1/feeds", bearer(reader_), R"({"query":"(chips"})"), 400);
}

TEST_F(Feeds, WithoutKeysNeedNoToken) {
  settings_.values["api.keys_file"] = {Json(), "--set"};
  make();
  const auto response = call("POST", "/v1/feeds", {}, Json::object({{"query", ""}}));
  ASSERT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(json_of(response)["atom"].as_string(), "http://localhost/v1/feed.atom?q=");
  EXPECT_TRUE(json_of(response)["id"].is_null());
}

TEST_F(Feeds, StayWellFormedWhateverATitleHolds) {
  for (const std::string& path : {"/v1/subscriptions/" + subscription_ + "/feed.atom",
                                  std::string("/v1/feed.atom?q=chips")}) {
    ASSERT_EQ(status("GET", path, bearer(reader_)), 200);
    EXPECT_EQ(header("Content-Type"), "application/atom+xml; charset=utf-8");
    EXPECT_NE(last_.body.find("&amp; &lt;i&gt;sons&lt;/i&gt; ]]&gt;"), std::string::npos);
    expect_well_formed(last_.body);
    EXPECT_NE(last_.body.find("<link rel=\"self\" type=\"application/atom+xml\" "
                              "href=\"http://news.example/v1/"),
              std::string::npos);
    EXPECT_NE(last_.body.find("<link rel=\"alternate\" type=\"text/html\" "
                              "href=\"http://news.example/"),
              std::string::npos);
  }
  for (const std::string& path : {"/v1/subscriptions/" + subscription_ + "/feed.json",
                                  std::string("/v1/feed.json?q=chips")}) {
    ASSERT_EQ(status("GET", path, bearer(reader_)), 200);
    EXPECT_EQ(header("Content-Type"), "application/feed+json; charset=utf-8");
    const Json feed = json_of(last_);
    EXPECT_EQ(feed["version"].as_string(), "https://jsonfeed.org/version/1.1");
    EXPECT_EQ(feed["feed_url"].as_string(), "http://news.example" + path);
    ASSERT_FALSE(feed["items"].as_array().empty());
    bool found = false;
    for (const Json& item : feed["items"].as_array())
      found = found || item["title"].as_string().find("<i>sons</i> ]]>") != std::string::npos;
    EXPECT_TRUE(found);
  }
}

TEST_F(Feeds, OfASearchHaveTheNewestFirstAndAnAddressThatIsSet) {
  set("api.public_url", "https://watch.example/vigie/");
  make();
  ASSERT_EQ(status("GET", "/v1/feed.json?q=chips", bearer(reader_)), 200);
  const Json feed = json_of(last_);
  EXPECT_EQ(feed["feed_url"].as_string(), "https://watch.example/vigie/v1/feed.json?q=chips");
  EXPECT_EQ(feed["home_page_url"].as_string(), "https://watch.example/vigie/?q=chips");
  ASSERT_EQ(feed["items"].as_array().size(), 2U);
  EXPECT_EQ(feed["items"].as_array()[0]["url"].as_string(), "https://a.example/2");
  ASSERT_EQ(status("GET", "/v1/feed.json?q=chips&limit=1", bearer(reader_)), 200);
  EXPECT_EQ(json_of(last_)["items"].as_array().size(), 1U);
  EXPECT_EQ(status("GET", "/v1/feed.atom?q=(", bearer(reader_)), 400);
}

TEST_F(Feeds, ARepeatedQuestionIsAnsweredByItsTag) {
  const std::string path = "/v1/feed.atom?q=chips";
  ASSERT_EQ(status("GET", path, bearer(reader_)), 200);
  const std::string tag = header("ETag");
  for (const std::string& value : {tag, "W/" + tag, "\"x\", " + tag, std::string("*")}) {
    Headers headers = bearer(reader_);
    headers["if-none-match"] = value;
    EXPECT_EQ(status("GET", path, headers), 304) << value;
    EXPECT_TRUE(last_.body.empty());
    EXPECT_EQ(header("ETag"), tag);
  }
  shard_->put(article("https://a.example/3", "Chips three", "New chips.", 3'000));
  Headers headers = bearer(reader_);
  headers["if-none-match"] = tag;
  EXPECT_EQ(status("GET", path, headers), 200);
}

}  // namespace
}  // namespace vigie::indexer::api
