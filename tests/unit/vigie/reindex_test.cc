#include "vigie/reindex_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "platform/process/process.h"
#include "platform/service/service.h"
#include "proto/article.pb.h"

namespace vigie::cli {
namespace {

class Reindex : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() / ("vigie_reindex_" + std::to_string(getpid()));
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
    list("FR");
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  void list(const std::string& country) {
    std::ofstream(dir_ / "sources.yaml") << "sources:\n"
                                            "  - name: Le Monde\n"
                                            "    homepage: https://www.lemonde.fr/\n"
                                            "    feeds: [https://www.lemonde.fr/rss/une.xml]\n"
                                            "    country: "
                                         << country << "\n    kind: newspaper\n";
  }
  config::Settings settings() {
    config::Sources sources;
    sources.sets = {"data_dir=" + (dir_ / "data").string(), "log.partitions=2",
                    "sources.files=[" + (dir_ / "sources.yaml").string() + "]"};
    auto loaded = config::load(config::Program::kUp, sources);
    EXPECT_TRUE(loaded) << loaded.error().to_string();
    return *loaded;
  }
  void store(const std::string& id, const std::string& url, const std::string& source) {
    v1::ArticleRecord article;
    article.set_article_id(id);
    article.set_url(url);
    article.set_canonical_url(url);
    article.set_fetched_at_unix_ms(1'000);
    article.set_raise_alerts(true);
    article.mutable_source()->set_id(source);
    article.mutable_source()->set_name(source);
    const auto log = service::open_log(settings(), dir_ / "data", clock_).value();
    ASSERT_TRUE(
        log::append(*log, {{proto::Topic::kArticles, id, article.SerializeAsString(), {}}}));
  }
  /// The newest record of each article, and how many there are.
  std::map<std::string, v1::ArticleRecord> stored() {
    std::map<std::string, v1::ArticleRecord> out;
    records_ = 0;
    const auto log = service::open_log(settings(), dir_ / "data", clock_).value();
    EXPECT_TRUE(log::read_to_end(*log, proto::Topic::kArticles,
                                 [&](const log::Record& record) -> Result<void> {
                                   v1::ArticleRecord article;
                                   EXPECT_TRUE(article.ParseFromString(*record.value));
                                   ++records_;
                                   v1::ArticleRecord& known = out[article.article_id()];
                                   if (known.fetched_at_unix_ms() <= article.fetched_at_unix_ms())
                                     known = article;
                                   return {};
                                 }));
    return out;
  }
  std::vector<Json> run(int code = process::kExitOk) {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(run_reindex_sources(settings(), false, out, err), code) << err.str();
    std::vector<Json> lines;
    std::istringstream in(out.str());
    for (std::string line; std::getline(in, line);) lines.push_back(*parse_json(line));
    return lines;
  }

  std::filesystem::path dir_;
  SystemClock clock_;
  std::size_t records_ = 0;
};

TEST_F(Reindex, GivesArticlesTheirListedSourceAndSaysSo) {
  store("a", "https://www.lemonde.fr/story", "lemonde-fr");
  store("b", "https://www.lemonde.fr/other", "lemonde-fr");
  store("c", "https://elsewhere.example/story", "elsewhere-example");
  store("d", "https://aggregator.example/story", "le-monde");  // crawled for a listed source
  const auto said = run();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0].dump(), R"({"from":"le-monde","to":"le-monde","articles":1})");
  EXPECT_EQ(said[1].dump(), R"({"from":"lemonde-fr","to":"le-monde","articles":2})");
  EXPECT_EQ(said[2].dump(), R"({"articles":4,"changed":3,"unreadable":0})");
  auto articles = stored();
  EXPECT_EQ(records_, 7U);
  for (const char* id : {"a", "b", "d"}) {
    EXPECT_EQ(articles[id].source().id(), "le-monde") << id;
    EXPECT_EQ(articles[id].source().name(), "Le Monde") << id;
    EXPECT_EQ(articles[id].source().country(), "FR") << id;
    EXPECT_EQ(articles[id].source().kind(), "newspaper") << id;
    EXPECT_EQ(articles[id].fetched_at_unix_ms(), 1'001) << id;
    EXPECT_FALSE(articles[id].raise_alerts()) << "alerts do not fire again";
  }
  EXPECT_EQ(articles["c"].source().id(), "elsewhere-example");
  // A second time changes nothing; a list that says something else is followed.
  EXPECT_EQ(run().back().dump(), R"({"articles":4,"changed":0,"unreadable":0})");
  list("BE");
  EXPECT_EQ(run().back()["changed"].as_integer(), 3);
  EXPECT_EQ(stored()["a"].source().country(), "BE");
}

TEST_F(Reindex, ABadListChangesNothing) {
  store("a", "https://www.lemonde.fr/story", "lemonde-fr");
  std::ofstream(dir_ / "sources.yaml") << "sources:\n  - nam: x\n";
  run(process::kExitCannotStart);
  stored();
  EXPECT_EQ(records_, 1U);
}

}  // namespace
}  // namespace vigie::cli
