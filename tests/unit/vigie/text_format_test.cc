#include "vigie/text_format.h"

#include <gtest/gtest.h>

#include <sstream>

namespace vigie::cli {
namespace {

std::string shown(std::string_view json) {
  const auto value = parse_json(json);
  EXPECT_TRUE(value.has_value());
  return value ? text_of(*value) : "";
}

TEST(TextOf, TakesTheFirstMemberForAHeadlineAndPutsTheOthersBelow) {
  EXPECT_EQ(shown(R"({"url":"https://x.example/","canonical":"https://x.example/","allowed":true,)"
                  R"("line":3,"rule":null,"note":""})"),
            "https://x.example/\n  canonical: https://x.example/\n  allowed: yes\n  line: 3\n");
}

TEST(TextOf, GivesEachObjectOfAListItsLineAndItsListsTheirPlaceBelowIt) {
  EXPECT_EQ(shown(R"({"id":"a","topics":[{"id":"ai-chips","level":"about","evidence":)"
                  R"([{"field":"title","offset":3,"text":"chips"}]},{"id":"tariffs"}],)"
                  R"("tags":["x","y"],"actors":[]})"),
            "a\n  topics:\n    ai-chips · about\n      evidence:\n        title · 3 · chips\n    "
            "tariffs\n  tags: x, y\n");
}

TEST(TextOf, KeepsParagraphsAndEscapesWhatWouldMoveTheCursor) {
  EXPECT_EQ(shown("{\"id\":\"a\",\"text\":\"one\\n\\ntwo\"}"), "a\n  text:\n    one\n\n    two\n");
  EXPECT_EQ(shown("{\"id\":\"\\u001b[2J\"}").find('\x1b'), std::string::npos);
  EXPECT_EQ(shown("{}"), "{}\n");
}

TEST(TextOf, ShowsAnObjectThatIsTheFirstMemberByItsName) {
  EXPECT_EQ(shown(R"({"feed":{"title":"T","entries":2}})"), "feed:\n  title: T\n  entries: 2\n");
}

TEST(TextOf, WalksDeepValuesWithoutRecursion) {
  Json value = Json::object({{"x", 1}});
  for (int i = 0; i < 200; ++i) value = Json::object({{"a", i}, {"b", std::move(value)}});
  EXPECT_FALSE(text_of(value).empty());
}

TEST(TextLines, TurnsLinesIntoTextAndPassesOnWhatIsNoObject) {
  std::ostringstream out;
  {
    TextLines lines(out);
    lines.stream() << R"({"id":"a",)"
                   << R"("n":1})" << '\n'
                   << "plain\n"
                   << R"({"id":"b"})";
  }
  EXPECT_EQ(out.str(), "a\n  n: 1\nplain\nb\n");
}

}  // namespace
}  // namespace vigie::cli
