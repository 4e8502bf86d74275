#include <chrono>
#include <string>
#include <thread>

#include "indexer/translation/translator.h"
#include "tests/unit/indexer/api/api_fixture.h"

namespace vigie::indexer::api {
namespace {

using namespace std::chrono_literals;

/// Puts the language in front; refuses what holds "bad".
class FakeEngine final : public translation::Engine {
 public:
  Result<std::vector<std::string>> translate(const translation::Batch& batch,
                                             const std::stop_token&) override {
    std::vector<std::string> out;
    for (const std::string& text : batch.texts) {
      if (text.find("bad") != std::string::npos)
        return failure(Disposition::kQuarantine, "bad_argument", "the translator refused: bad");
      out.push_back("[" + batch.source + ">" + batch.target + "] " + text);
    }
    return out;
  }
};

// ops/spec/http_api.md, GET /v1/reading
class ReadingOf : public Api {
 protected:
  v1::ArticleRecord put(const std::string& name, const std::string& title,
                        const std::string& text) {
    v1::ArticleRecord one = article("https://a.example/" + name, title, text, 1'767'000'000'000);
    one.set_language("zh");
    one.clear_topics();
    shard_->put(one);
    return one;
  }
  void with_translator() {
    own_ = std::make_unique<translation::Translator>(std::make_unique<FakeEngine>(), clock_,
                                                     *metrics_);
    translator_ = own_.get();
    make();
    thread_ = std::jthread([this](const std::stop_token& stop) { EXPECT_TRUE(own_->run(stop)); });
  }
  /// Asks until nothing is waited for.
  Json settled(const std::string& ids, const std::string& to, const std::string& text = "0") {
    for (int i = 0; i < 2000; ++i) {
      Json reading = get("/v1/reading", {{"ids", ids}, {"to", to}, {"text", text}});
      if (!reading["waiting"].as_bool()) return reading;
      std::this_thread::sleep_for(2ms);
    }
    ADD_FAILURE() << "still waiting";
    return {};
  }
  std::unique_ptr<translation::Translator> own_;
  std::jthread thread_;
};

void add_span(v1::Tag& tag, const std::string& field, std::uint32_t offset, std::uint32_t length) {
  v1::Span& span = *tag.add_evidence();
  span.set_field(field);
  span.set_offset(offset);
  span.set_length(length);
}

TEST_F(ReadingOf, NamesActorsBeforeTopicsAndNoneWithinAnother) {
  v1::ArticleRecord one = put("x", "Huawei builds a chip factory", "text");
  v1::Tag& actor = *one.add_actors();
  actor.set_id("org:huawei");
  add_span(actor, "title", 0, 6);
  add_span(actor, "text", 0, 4);
  add_span(actor, "title", 20, 900);  // of no title of ours
  v1::Tag& topic = *one.add_topics();
  topic.set_id("self-reliance");
  add_span(topic, "title", 0, 20);
  add_span(topic, "title", 16, 4);
  shard_->put(one);
  const Json reading = get("/v1/reading", {{"ids", one.article_id()}, {"to", "en"}});
  EXPECT_FALSE(reading["translator"].as_bool());
  const Json& of = reading["articles"].as_array().at(0);
  EXPECT_EQ(of["names"].dump(), R"([{"id":"org:huawei","offset":0,"length":6},)"
                                R"({"id":"self-reliance","offset":16,"length":4}])");
  EXPECT_TRUE(of["title"].is_null());
  EXPECT_TRUE(of["paragraphs"].as_array().empty());
}

TEST_F(ReadingOf, TranslatesTitlesAndTextsWithoutWaiting) {
  const std::string id = put("x", "标题", "一段\n\n二段").article_id();
  with_translator();
  const Json first = get("/v1/reading", {{"ids", id + ",unknown," + id}, {"to", "de"}});
  ASSERT_EQ(first["articles"].as_array().size(), 1U) << "each once, and what is there";
  const Json done = settled(id, "de", "1");
  EXPECT_TRUE(done["translator"].as_bool());
  const Json& of = done["articles"].as_array().at(0);
  EXPECT_EQ(of["title"].dump(), R"({"state":"done","text":"[zh>de] 标题","problem":null})");
  EXPECT_EQ(of["paragraphs"].dump(), R"([{"offset":0,"length":6,"translation":)"
                                     R"({"state":"done","text":"[zh>de] 一段","problem":null}},)"
                                     R"({"offset":8,"length":6,"translation":)"
                                     R"({"state":"done","text":"[zh>de] 二段","problem":null}}])");
  const Json own = get("/v1/reading", {{"ids", id}, {"to", "zh"}, {"text", "1"}});
  EXPECT_TRUE(own["articles"].as_array().at(0)["title"].is_null()) << "it is in that language";
}

TEST_F(ReadingOf, SaysInWordsWhatFailed) {
  const std::string id = put("x", "bad title", "text").article_id();
  with_translator();
  const Json failed = settled(id, "de");
  EXPECT_EQ(failed["articles"].as_array().at(0)["title"].dump(),
            R"({"state":"failed","text":null,"problem":"the translator refused: bad"})");
}

TEST_F(ReadingOf, NoArticleHoldsWhatAMachineSaid) {
  const std::string id = put("x", "标题", "一段").article_id();
  with_translator();
  settled(id, "de", "1");
  for (const std::string& path : {"/v1/articles/" + id, std::string("/v1/search")})
    EXPECT_EQ(call("GET", path).body.find("[zh>de]"), std::string::npos) << path;
}

TEST_F(ReadingOf, RefusesWhatItDoesNotTake) {
  std::string many;
  for (int i = 0; i < 51; ++i) many += "id" + std::to_string(i) + ",";
  using Query = std::vector<std::pair<std::string, std::string>>;
  const Query bad[] = {{{"ids", ""}, {"to", "en"}},
                       {{"ids", many}, {"to", "en"}},
                       {{"ids", "a"}, {"to", "english"}},
                       {{"ids", "a"}, {"to", "E\n"}},
                       {{"ids", "a"}},
                       {{"ids", "a,b"}, {"to", "en"}, {"text", "1"}},
                       {{"ids", "a"}, {"to", "en"}, {"text", "yes"}}};
  for (const Query& query : bad) EXPECT_EQ(call("GET", "/v1/reading", query).status, 400);
}

}  // namespace
}  // namespace vigie::indexer::api
