#include "extractor/commands/topics_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "extractor/commands/explain_command.h"
#include "extractor/commands/mine_command.h"
#include "platform/json/json.h"

namespace vigie::extractor::commands {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPack = "ops/topics/ai-geopolitics";

// ops/spec/command_line.md: problems of a pack; the pack that is shipped has none.
TEST(Pack, HasNoProblems) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_topics_lint("ops/topics", out, err), 0) << err.str();
}

TEST(Pack, PassesItsOwnExamples) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_topics_test(kPack, out, err), 0) << err.str();
}

class TopicsCommands : public testing::Test {
 protected:
  TopicsCommands()
      : dir_(fs::temp_directory_path() / ("vigie-topics-" + std::to_string(getpid()))) {
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  ~TopicsCommands() override { fs::remove_all(dir_); }

  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name) << text;
  }
  static std::string topic(const std::string& id, const std::string& term) {
    return "topics:\n  - {id: " + id + ", name: T, definition: d, strong: {en: [\"" + term +
           "\"]}, tests: {must: {en: \"" + term + "\"}, must_not: {en: y}}}\n";
  }

  fs::path dir_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(TopicsCommands, ANewPackIsRightAndIsNotWrittenOverAnother) {
  ASSERT_EQ(run_topics_new(path("my-pack"), out_, err_), 0) << err_.str();
  EXPECT_EQ(run_topics_lint(path("my-pack"), out_, err_), 0) << err_.str();
  EXPECT_EQ(run_topics_test(path("my-pack"), out_, err_), 0) << err_.str();
  EXPECT_EQ(run_topics_new(path("my-pack"), out_, err_), 3);
  EXPECT_EQ(run_topics_new(path("My Pack"), out_, err_), 2);
}

// A private pack beside the shipped one: a folder more among topics.dirs.
TEST_F(TopicsCommands, TwoPacksShareNoId) {
  write("a/pack.yaml", "pack: a\n" + topic("one", "alpha"));
  write("b/pack.yaml", "pack: b\n" + topic("two", "beta"));
  EXPECT_EQ(run_topics_lint(dir_.string(), out_, err_), 0) << err_.str();
  write("b/pack.yaml", "pack: b\n" + topic("one", "beta"));
  EXPECT_EQ(run_topics_lint(path("b"), out_, err_), 0) << err_.str();
  EXPECT_EQ(run_topics_lint(dir_.string(), out_, err_), 1);
  EXPECT_NE(err_.str().find("b/pack.yaml:3:5: 'one' is declared already at"), std::string::npos)
      << err_.str();
}

TEST_F(TopicsCommands, ABadPackIsOneMessageWithItsPlace) {
  write("p/pack.yaml", "pack: p\n" + topic("one", std::string(300, 'x')));
  EXPECT_EQ(run_topics_lint(dir_.string(), out_, err_), 1);
  const std::string told = err_.str();
  EXPECT_NE(told.find("p/pack.yaml:3:"), std::string::npos) << told;
  EXPECT_NE(told.find("at most 200 characters"), std::string::npos) << told;
  EXPECT_LT(told.size(), 700U);
}

TEST_F(TopicsCommands, ExplainTellsEveryHit) {
  write("p/pack.yaml", "pack: p\n" + topic("one", "alpha"));
  write("text", "A title\nwith alpha in it.");
  std::istringstream in;
  const auto articles = read_article_texts(path("text"), in);
  ASSERT_TRUE(articles);
  ASSERT_EQ(articles->size(), 1U);
  EXPECT_EQ(articles->front().title, "A title");
  ASSERT_EQ(run_topics_explain({dir_.string()}, *articles, {}, out_, err_), 0) << err_.str();
  const auto line = parse_json(out_.str());
  ASSERT_TRUE(line);
  const Json& topic = (*line)["topics"].as_array().at(0);
  EXPECT_EQ(topic["id"].as_string(), "one");
  EXPECT_EQ(topic["level"].as_string(), "mention");
  EXPECT_FALSE(topic["why"].as_string().empty());
  ASSERT_NE(topic.find("standing"), nullptr);
  EXPECT_GT(topic["standing"].as_double(), 0);
  const Json& hit = topic["hits"].as_array().at(0);
  EXPECT_EQ(hit["text"].as_string(), "alpha");
  EXPECT_EQ(hit["rule"].as_string(), "en/alpha");
  EXPECT_EQ(hit["fate"].as_string(), "counts");
}

TEST_F(TopicsCommands, ExplainReadsLinesOfJsonAndNamesTheBadOne) {
  std::istringstream good("{\"id\":1,\"title\":\"a\",\"lang\":\"fr\"}\n\n{\"text\":\"b\"}\n");
  const auto articles = read_article_texts("-", good);
  ASSERT_TRUE(articles);
  ASSERT_EQ(articles->size(), 2U);
  EXPECT_EQ((*articles)[0].language, "fr");
  std::istringstream bad("{\"title\":\"a\"}\nno json\n");
  const auto refused = read_article_texts("-", bad);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("line 2"), std::string::npos);
}

TEST_F(TopicsCommands, MineProposesWhatStandsNearATopic) {
  write("p/pack.yaml", "pack: p\n" + topic("one", "export controls"));
  std::string lines;
  for (int i = 0; i < 30; ++i) {
    const bool near = i % 5 == 0;
    const std::string number = std::to_string(i);
    lines +=
        "{\"id\":" + number + ",\"lang\":\"en\",\"title\":\"Item " + number + "\",\"text\":\"" +
        (near ? "Export controls, export controls: a licence regime for China." : "The weather.") +
        " Day " + number + "\"}\n";
  }
  std::istringstream in(lines + "no json\n");
  MineArguments arguments;
  arguments.files = {"-"};
  arguments.language = "en";
  arguments.packs = {dir_.string()};
  EXPECT_EQ(run_topics_mine(arguments, {}, in, out_, err_), 1);  // one line is bad
  const std::string mined = out_.str();
  EXPECT_NE(mined.find("\"term\":\"a licence regime\""), std::string::npos) << mined;
  EXPECT_EQ(mined.find("weather"), std::string::npos) << mined;
  EXPECT_EQ(mined.find("\"term\":\"Export controls"), std::string::npos) << "it has that term";
}

}  // namespace
}  // namespace vigie::extractor::commands
