#include "platform/text/first_letters.h"

#include <gtest/gtest.h>

namespace vigie::text {
namespace {

TEST(FirstLetters, AreThoseOfWordsAlone) {
  const std::uint32_t letters = first_letters("article-label 2col_x");
  for (const char first : {'a', 'l', 'c', 'x'})
    EXPECT_TRUE(may_begin_with(letters, first)) << first;
  for (const char first : {'b', 't', 'z'}) EXPECT_FALSE(may_begin_with(letters, first)) << first;
  // of what is no such letter nothing is known
  EXPECT_TRUE(may_begin_with(letters, '-'));
  EXPECT_EQ(first_letters(""), 0U);
}

}  // namespace
}  // namespace vigie::text
