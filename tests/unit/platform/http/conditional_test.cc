#include "platform/http/conditional.h"

#include <gtest/gtest.h>

namespace vigie::http {
namespace {

// RFC 9110 §8.8.3.2 and §13.1.2.
TEST(MatchesTag, ComparesWeaklyEachOfAList) {
  constexpr std::string_view kTag = "\"abc,d\"";
  for (const char* same : {"\"abc,d\"", "W/\"abc,d\"", "\"x\", \"abc,d\"", "\"x\",W/\"abc,d\" ",
                           "*", " * ", "\"\", \"abc,d\"", "x, \"abc,d\"", ",, \"abc,d\""})
    EXPECT_TRUE(matches_tag(same, kTag)) << same;
  for (const char* other : {"", "\"abc\"", "abc,d", "\"abc,d", "\"x\", \"y\"", "w/\"abc,d\"",
                            "\"x*\"", "*, \"x\"", "\"xabc,d\"", "W/", "\"", ","})
    EXPECT_FALSE(matches_tag(other, kTag)) << other;
  EXPECT_TRUE(matches_tag("\"a\"", "W/\"a\"")) << "a weak tag of ours";
}

}  // namespace
}  // namespace vigie::http
