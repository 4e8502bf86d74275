#include "platform/json/strict.h"

#include <gtest/gtest.h>

namespace vigie {
namespace {

TEST(ParseStrictJson, ReadsWhatHasEachNameOnce) {
  for (const char* text :
       {R"({"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]})", R"([])", R"("a")", R"({"a":1,"A":2})"}) {
    const auto strict = parse_strict_json(text);
    ASSERT_TRUE(strict) << text;
    EXPECT_EQ(*strict, parse_json(text).value());
  }
}

TEST(ParseStrictJson, NamesTheMemberThatIsThereTwiceHoweverDeepAndHoweverWritten) {
  for (const char* text :
       {R"({"name":1,"name":1})", R"({"x":[{"y":{"name":1,"z":2,"name":null}}]})",
        R"({"name":1,"n\u0061me":2})", R"({"name":{"name":1},"b":0,"name":[]})"}) {
    const auto strict = parse_strict_json(text);
    ASSERT_FALSE(strict) << text;
    EXPECT_EQ(strict.error().code, ErrorCode("bad_json"));
    EXPECT_NE(strict.error().detail.find("'name' is there twice"), std::string::npos)
        << strict.error().detail;
  }
}

TEST(ParseStrictJson, ShowsOfALongNameItsBeginningAndIsStrictAboutTheRest) {
  const std::string name(10'000, 'n');
  const auto refused = parse_strict_json("{\"" + name + "\":1,\"" + name + "\":2}");
  ASSERT_FALSE(refused);
  EXPECT_LT(refused.error().detail.size(), 200U);
  EXPECT_FALSE(parse_strict_json("{\"a\":1,}"));
  EXPECT_FALSE(parse_strict_json("{\"a\":1} x"));
}

}  // namespace
}  // namespace vigie
