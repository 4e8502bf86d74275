#include "crawler/sources/sources.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace vigie::crawler::sources {
namespace {

TEST(Sources, ReadsTheExampleOfTheContract) {
  const SourceList list = read_sources(
      "sources:\n  - name: Le Monde\n    homepage: https://www.lemonde.fr/\n    feeds: "
      "[https://www.lemonde.fr/rss/une.xml]\n    sitemaps: []\n    sections: []\n"
      "    country: FR\n    language: fr\n    kind: newspaper\n    affiliation: independent\n",
      "s.yaml");
  ASSERT_TRUE(list.problems.empty()) << list.problems[0].to_string();
  ASSERT_EQ(list.sources.size(), 1U);
  EXPECT_EQ(list.sources[0].source.id(), "le-monde");
  EXPECT_EQ(list.sources[0].source.kind(), "newspaper");
  EXPECT_EQ(list.sources[0].feeds, std::vector<std::string>{"https://www.lemonde.fr/rss/une.xml"});
  EXPECT_EQ(list.sources[0].where, "s.yaml:2:5");
}

TEST(Sources, SaysWhereAndWhatIsWrong) {
  const auto problem = [](const std::string& lines) {
    const SourceList list =
        read_sources("sources:\n  - name: A\n    homepage: https://a.example/\n" + lines, "s.yaml");
    return list.problems.size() == 1 ? list.problems[0].to_string()
                                     : std::to_string(list.problems.size()) + " problems";
  };
  EXPECT_NE(problem("    feeds: [nonsense]\n").find("s.yaml:4:13: `nonsense` is no http"),
            std::string::npos);
  EXPECT_NE(problem("    feeds: [https://a.example/f]\n    country: France\n")
                .find("s.yaml:5:14: `France` is no country"),
            std::string::npos);
  EXPECT_NE(problem("    feeds: [https://a.example/f]\n    kind: tabloid\n")
                .find("s.yaml:5:11: `tabloid` is no kind; it is one of: newspaper"),
            std::string::npos);
  EXPECT_NE(problem("    feeds: [https://a.example/f]\n    langage: fr\n")
                .find("s.yaml:5:5: unknown key `langage`"),
            std::string::npos);
  EXPECT_NE(problem("").find("names no feed"), std::string::npos);
  EXPECT_NE(problem("    feeds: [https://a.example/f, https://a.example/f]\n")
                .find("stands at s.yaml:4:13 already"),
            std::string::npos);
  EXPECT_NE(problem("    feeds: [https://user:pw@a.example/f]\n").find("password"),
            std::string::npos);
  EXPECT_EQ(read_sources("sources: [\n", "s.yaml").problems.size(), 1U);
  EXPECT_EQ(read_sources("- a\n", "s.yaml").problems.size(), 1U);
  EXPECT_EQ(read_sources("", "s.yaml").problems.size(), 1U);
}

TEST(Sources, AGoodEntryStandsBesideABadOne) {
  const SourceList list = read_sources(
      "sources:\n  - name: A\n  - name: B\n    homepage: https://b.example/\n    feeds: "
      "[https://b.example/f]\n",
      "s.yaml");
  EXPECT_FALSE(list.problems.empty());
  ASSERT_EQ(list.sources.size(), 1U);
  EXPECT_EQ(list.sources[0].source.name(), "B");
}

TEST(Sources, GivesUniqueIds) {
  const auto entry = [](const std::string& name, const std::string& host) {
    return "  - name: \"" + name + "\"\n    homepage: https://" + host + "/\n    feeds: [https://" +
           host + "/f]\n";
  };
  const SourceList list =
      read_sources("sources:\n" + entry("Süddeutsche Zeitung", "a.example") +
                       entry("新华社", "www.news.example") + entry("Example", "c.example") +
                       entry("EXAMPLE!", "d.example"),
                   "s.yaml");
  ASSERT_EQ(list.sources.size(), 4U);
  EXPECT_EQ(list.sources[0].source.id(), "suddeutsche-zeitung");
  EXPECT_EQ(list.sources[1].source.id(), "news-example");
  EXPECT_EQ(list.sources[2].source.id(), "example");
  EXPECT_EQ(list.sources[3].source.id(), "example-2");
}

TEST(Sources, OurOwnListHasNoProblem) {
  if (!std::filesystem::exists("ops/sources/ai-geopolitics.yaml"))
    GTEST_SKIP() << "ops/sources/ai-geopolitics.yaml is not here";
  const auto list = load_sources({"ops/sources/ai-geopolitics.yaml"});
  ASSERT_TRUE(list) << list.error().to_string();
  for (const SourceProblem& problem : list->problems) ADD_FAILURE() << problem.to_string();
  EXPECT_GE(list->sources.size(), 250U);
}

TEST(Sources, AMissingFileStops) {
  const auto list = load_sources({"no/such/file.yaml"});
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().disposition, Disposition::kStop);
}

}  // namespace
}  // namespace vigie::crawler::sources
