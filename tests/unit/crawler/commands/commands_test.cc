#include "crawler/commands/commands.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace vigie::crawler::commands {
namespace {

/// A file that is gone after the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_((std::filesystem::temp_directory_path() /
               ("vigie-commands-test-" + std::to_string(getpid())))
                  .string()) {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// ops/spec/command_line.md: {"url","allowed","rule","line","crawl_delay_s"}; exit 0.
TEST(Commands, RobotsPrintsOneLinePerUrl) {
  const TemporaryFile file("User-agent: *\nCrawl-delay: 3\nDisallow: /private\n");
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(
      run_robots({"vigie", file.path(), {"https://a.example/private/x", "https://a.example/"}}, out,
                 err),
      0);
  EXPECT_NE(out.str().find(
                "\"url\":\"https://a.example/private/x\",\"allowed\":false,\"rule\":\"Disallow: "
                "/private\",\"line\":3,\"crawl_delay_s\":3"),
            std::string::npos)
      << out.str();
  EXPECT_NE(
      out.str().find("\"url\":\"https://a.example/\",\"allowed\":true,\"rule\":null,\"line\":null"),
      std::string::npos)
      << out.str();
  EXPECT_EQ(run_robots({"vigie", file.path(), {"nonsense"}}, out, err), 1);
  EXPECT_NE(err.str().find("nonsense"), std::string::npos);
}

// ops/spec/command_line.md: {"feed":{…}}, then one
// {"id","url","title","published","updated","authors","summary"} per entry.
TEST(Commands, FeedPrintsTheFeedThenItsEntries) {
  const TemporaryFile file(
      "<rss "
      "version='2.0'><channel><title>T</title><item><guid>g</guid><title>A</title><link>http://"
      "x.example/1</link><pubDate>Sun, 06 Jul 2014 12:56:00 "
      "+0200</pubDate></item></channel></rss>");
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_feed({file.path()}, out, err), 0);
  EXPECT_EQ(out.str().find("{\"feed\":{\"format\":\"rss\""), 0U) << out.str();
  EXPECT_NE(out.str().find("\n{\"id\":\"g\",\"url\":\"http://x.example/"
                           "1\",\"title\":\"A\",\"published\":\"2014-07-06T12:56:00+02:00\","
                           "\"updated\":null,\"authors\":[],\"summary\":\"\""),
            std::string::npos)
      << out.str();
  EXPECT_EQ(run_feed({"no/such/file"}, out, err), 1);
}

TEST(Commands, SourcesCheckNamesThePlace) {
  const TemporaryFile file(
      "sources:\n  - name: A\n    homepage: https://a.example/\n    feeds: [nonsense]\n");
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_sources_check({file.path()}, out, err), 1);
  EXPECT_NE(err.str().find(file.path() + ":4:13: "), std::string::npos) << err.str();
  EXPECT_NE(out.str().find("\"problems\":1"), std::string::npos) << out.str();
}

}  // namespace
}  // namespace vigie::crawler::commands
