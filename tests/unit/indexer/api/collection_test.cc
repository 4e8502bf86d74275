#include <gtest/gtest.h>

#include "indexer/collections/store.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

class CollectionCalls : public Api {
 protected:
  void SetUp() override {
    Api::SetUp();
    for (const char* name : {"a", "b", "c"}) {
      auto one = article(url(name), std::string("Headline ") + name,
                         "Rules on chips widen. Producers ask for licences.", clock_.now_unix_ms());
      shard_->put(one, "");
    }
  }
  static std::string url(const std::string& name) { return "https://example.org/" + name; }
  static std::string id_of(const std::string& name) { return proto::article_id(url(name)); }

  Json make_collection(const std::string& name = "Monday") {
    const auto made = call("POST", "/v1/collections", {}, Json::object({{"name", name}}));
    EXPECT_EQ(made.status, 201) << made.body;
    return json_of(made);
  }
  http::Response add(const Json& to, const std::string& name, Json quotation = {}) {
    return call("POST", path(to) + "/items", {},
                Json::object({{"article", id_of(name)},
                              {"note", "on " + name},
                              {"quotation", std::move(quotation)}}));
  }
  static std::string path(const Json& collection) {
    return "/v1/collections/" + collection["id"].as_string();
  }
  std::string code(const http::Response& response) { return json_of(response)["code"].as_string(); }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [known, value] : response.headers) {
      if (known == name) return value;
    }
    return {};
  }
};

TEST_F(CollectionCalls, KeepAStoryWithItsFacts) {
  const Json made = make_collection();
  const auto added = add(made, "a", Json::object({{"text", "chips\nwiden."}}));
  ASSERT_EQ(added.status, 201) << added.body;
  const Json item = get(path(made))["items"].as_array()[0];
  EXPECT_EQ(item["title"].as_string(), "Headline a");
  EXPECT_EQ(item["url"].as_string(), url("a"));
  EXPECT_EQ(item["note"].as_string(), "on a");
  EXPECT_EQ(item["quotation"]["text"].as_string(), "chips widen.");
  EXPECT_EQ(item["quotation"]["offset"].as_integer(), 9);
  EXPECT_EQ(item["quotation"]["length"].as_integer(), 12);
  EXPECT_EQ(item["source"]["name"].as_string(), "Daily");
  EXPECT_EQ(item["version"].as_string(), get("/v1/articles/" + id_of("a"))["version"].as_string());
  EXPECT_EQ(add(made, "a").status, 200) << "it is there";
  EXPECT_EQ(get(path(made))["items"].as_array().size(), 1U);
  EXPECT_EQ(get("/v1/collections", {{"article", id_of("a")}})["collections"].as_array().size(), 1U);
  EXPECT_TRUE(get("/v1/collections", {{"article", id_of("b")}})["collections"].as_array().empty());
}

TEST_F(CollectionCalls, KeepAQuotationThroughAnEditOfTheArticle) {
  const Json made = make_collection();
  ASSERT_EQ(add(made, "a", Json::object({{"text", "Producers ask"}})).status, 201);
  shard_->put(article(url("a"), "Headline a", "All is new.", clock_.now_unix_ms()), "");
  Json back = get(path(made));
  auto changed = call("PUT", path(made), {}, back);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json_of(changed)["items"], back["items"]) << "what GET gave may be put back";
  // Another quotation is looked for in the version that was kept.
  back = json_of(changed);
  back.mutable_object();
  Json items = back["items"];
  items.mutable_array()[0].set("quotation", Json::object({{"text", "licences"}}));
  back.set("items", items);
  changed = call("PUT", path(made), {}, back);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json_of(changed)["items"].as_array()[0]["quotation"]["offset"].as_integer(), 40);
  items.mutable_array()[0].set("quotation", Json::object({{"text", "All is new."}}));
  back = get(path(made));
  back.set("items", items);
  EXPECT_EQ(code(call("PUT", path(made), {}, back)), "bad_argument");
}

TEST_F(CollectionCalls, OrderStoriesAndTellWhoseChangeIsNotInForce) {
  const Json made = make_collection();
  for (const char* name : {"a", "b", "c"}) ASSERT_EQ(add(made, name).status, 201);
  const Json before = get(path(made));
  Json mine = before;
  Json items = before["items"];
  std::swap(items.mutable_array()[0], items.mutable_array()[2]);
  items.mutable_array().pop_back();
  mine.set("items", items);
  const auto changed = call("PUT", path(made), {}, mine);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json_of(changed)["stories"].as_integer(), 2);
  EXPECT_EQ(json_of(changed)["items"].as_array()[0]["article"].as_string(), id_of("c"));
  const auto late = call("PUT", path(made), {}, before);
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(code(late), "conflict");
  mine = json_of(changed);
  mine.set("items", before["items"]);
  EXPECT_EQ(code(call("PUT", path(made), {}, mine)), "bad_argument") << "a is not there any more";
}

TEST_F(CollectionCalls, AreWrittenAsFiles) {
  const Json made = make_collection("Lundi — 報告");
  ASSERT_EQ(add(made, "a").status, 201);
  const auto brief = [&](const std::string& format, const std::string& download = "") {
    return call("GET", path(made) + "/brief",
                {{"format", format}, {"tz", "Europe/Paris"}, {"download", download}});
  };
  const auto html = brief("html");
  EXPECT_NE(html.body.find("Headline a"), std::string::npos);
  EXPECT_NE(html.body.find("UTC+01:00"), std::string::npos);
  EXPECT_EQ(header(html, "Content-Disposition"), "");
  EXPECT_NE(header(html, "Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  EXPECT_NE(header(brief("html", "1"), "Content-Disposition").find("%E5%A0%B1"), std::string::npos);
  EXPECT_TRUE(brief("docx").body.starts_with("PK"));
  EXPECT_NE(header(brief("docx"), "Content-Disposition").find(".docx"), std::string::npos);
  EXPECT_NE(brief("md").body.find("Headline a"), std::string::npos);
  EXPECT_EQ(code(brief("pdf")), "bad_parameter");
  EXPECT_EQ(code(call("GET", path(made) + "/brief", {{"tz", "Paris"}})), "bad_parameter");
}

TEST_F(CollectionCalls, AreSharedByALinkThatShowsTheBriefAlone) {
  const Json made = make_collection();
  ASSERT_EQ(add(made, "a").status, 201);
  const Json share = json_of(call("POST", path(made) + "/share"));
  const std::string link = share["path"].as_string();
  EXPECT_EQ(get(path(made))["share"].find("token"), nullptr);
  EXPECT_EQ(get(path(made)).dump().find(link.substr(3)), std::string::npos) << "told once";
  const auto shown = call("GET", link);
  EXPECT_EQ(shown.status, 200);
  EXPECT_NE(shown.body.find("Headline a"), std::string::npos);
  EXPECT_NE(header(shown, "X-Robots-Tag").find("noindex"), std::string::npos);
  EXPECT_EQ(call("GET", "/b/" + std::string(64, '0')).status, 404);
  EXPECT_EQ(call("DELETE", path(made) + "/share").status, 204);
  EXPECT_EQ(call("GET", link).status, 404);
}

TEST_F(CollectionCalls, RefuseWhatIsNotThere) {
  const Json made = make_collection();
  EXPECT_EQ(add(made, "none").status, 404);
  EXPECT_EQ(code(add(made, "a", Json::object({{"text", "copper"}}))), "bad_argument");
  EXPECT_EQ(code(call("POST", "/v1/collections", {}, Json::object({{"name", "Monday"}}))),
            "bad_argument");
  EXPECT_EQ(code(call("PUT", path(made), {}, Json::object({{"name", "x"}}))), "bad_parameter");
  EXPECT_EQ(call("DELETE", path(made)).status, 204);
  for (const char* method : {"GET", "DELETE"}) EXPECT_EQ(call(method, path(made)).status, 404);
  EXPECT_EQ(call("GET", path(made) + "/brief").status, 404);
  EXPECT_EQ(add(made, "a").status, 404);
}

}  // namespace
}  // namespace vigie::indexer::api
