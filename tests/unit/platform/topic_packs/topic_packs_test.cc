#include "platform/topic_packs/topic_packs.h"

#include <gtest/gtest.h>

#include "platform/topic_packs/pattern.h"

namespace vigie::topic_packs {
namespace {

std::vector<Problem> problems_of(const std::string& yaml) {
  std::vector<Problem> problems;
  read_pack({{"actors/a.yaml", yaml}, {"pack.yaml", "pack: p\n"}}, problems);
  return problems;
}

// ops/spec/command_line.md: problems as FILE:LINE:COL: message.
TEST(Lint, NamesThePlaceOfAnUnknownKey) {
  const auto problems = problems_of("actors:\n  - id: org:x\n    name: Xerxes\n    aliases: [a]\n");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].to_string().rfind("actors/a.yaml:4:5: 'aliases' is no key", 0), 0U)
      << problems[0].to_string();
}

TEST(Lint, RefusesIdsOutsideTheContract) {
  for (const char* id : {"country:cn", "country:CHN", "company:x", "org:", "Org:x"}) {
    EXPECT_FALSE(problems_of("actors:\n  - {id: \"" + std::string(id) + "\", name: X1}\n").empty())
        << id;
  }
  EXPECT_TRUE(problems_of("actors:\n  - {id: \"country:CN\", name: China}\n").empty());
}

TEST(Lint, FindsTheSameIdTwiceAndUnknownReferences) {
  EXPECT_EQ(
      problems_of("actors:\n  - {id: \"org:x\", name: X1}\n  - {id: \"org:x\", name: X2}\n").size(),
      1U);
  EXPECT_FALSE(
      problems_of("topics:\n  - {id: t, name: T, definition: d, strong: [w1], together: [{all: "
                  "[nobody], weight: 1}], tests: {must: {any: w1}, must_not: {any: z}}}\n")
          .empty());
}

TEST(Lint, ToldProblemsOfYamlHaveTheirPlace) {
  const auto problems = problems_of("actors:\n  - {id: [\n");
  ASSERT_FALSE(problems.empty());
  EXPECT_GE(problems[0].line, 2);
}

TEST(ReadPack, TheSameFilesGiveTheSameVersionAndOthersAnother) {
  std::vector<Problem> problems;
  const auto version = [&](const std::string& text) {
    return read_pack({{"pack.yaml", text}}, problems).version;
  };
  EXPECT_EQ(version("pack: a\n"), version("pack: a\n"));
  EXPECT_NE(version("pack: a\n"), version("pack: b\n"));
  EXPECT_EQ(version("pack: a\n").size(), 12U);
}

TEST(Pattern, ReadsWildcardsAlternativesAndNearness) {
  const auto pattern = parse_pattern("Exportkontroll*|*chip~ <6> China", Names::kNo);
  ASSERT_TRUE(pattern);
  ASSERT_EQ(pattern->parts.size(), 2U);
  EXPECT_EQ(pattern->within, 6);
  EXPECT_TRUE(pattern->parts[0][0].chunks[0].open_right);
  EXPECT_TRUE(pattern->parts[0][1].chunks[0].open_left);
  EXPECT_TRUE(pattern->parts[0][1].chunks[0].inflected);
}

TEST(Pattern, RefusesWhatWouldMatchEverything) {
  for (const char* text :
       {"", "*", "a*", "a||b", "a <0> b", "a <x> b", "a <99> b", "a <2> b <2> c <2> d", "=a*"})
    EXPECT_FALSE(parse_pattern(text, Names::kNo)) << text;
}

TEST(FindPacks, SaysWhatToDoWhereThereIsNone) {
  const auto none = find_packs({"tests/unit/platform/topic_packs"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode("no_pack"));
}

}  // namespace
}  // namespace vigie::topic_packs
