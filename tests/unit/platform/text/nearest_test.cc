#include "platform/text/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vigie::text {
namespace {

constexpr std::array<std::string_view, 3> kKnown{"name", "query", "channels"};

TEST(Nearest, IsTheNameOfFewestChanges) {
  EXPECT_EQ(nearest("chanels", kKnown), "channels");
  EXPECT_EQ(nearest("quary", kKnown), "query");
  EXPECT_EQ(nearest("channels", kKnown), "channels");
  EXPECT_EQ(nearest("", kKnown), "name") << "four insertions";
}

TEST(Nearest, OfSeveralIsTheFirst) {
  constexpr std::array<std::string_view, 3> known{"bb", "ca", "ac"};
  EXPECT_EQ(nearest("aa", known), "ca");
}

TEST(Nearest, KnowsNothingWhereNothingIsKnown) { EXPECT_EQ(nearest("x", {}), ""); }

TEST(Nearest, AVeryLongNameCostsLittle) {
  EXPECT_EQ(nearest("channels" + std::string(50'000'000, 'x'), kKnown), "channels");
}

}  // namespace
}  // namespace vigie::text
