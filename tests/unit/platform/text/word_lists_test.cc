#include "platform/text/word_lists.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::text {
namespace {

using Phrases = std::vector<std::string_view>;

TEST(ReadWordLists, GivesPhrasesByNameAndLanguage) {
  const WordLists read = read_word_lists(
      "# words: of nobody\n\nlabel en: written by,  by \nlabel de: von\nopinion path fr: idees\n"
      "label en: photo:, a : b\r\n");
  EXPECT_TRUE(read.problems.empty());
  ASSERT_EQ(read.lines.size(), 4U);
  EXPECT_EQ(read.lines[0].language, "en");
  EXPECT_EQ(read.lines[2].name, "opinion path");
  EXPECT_EQ(read.of("label"), (Phrases{"written by", "by", "von", "photo:", "a : b"}));
  EXPECT_EQ(read.of("path"), Phrases{});
}

TEST(ReadWordLists, NamesLinesOfAnotherForm) {
  for (const char* line : {"label", "label:", "label en:", "label en: , ,", "en: word",
                           "label english: word", ": word", " : "}) {
    const WordLists read = read_word_lists(line);
    EXPECT_TRUE(read.lines.empty()) << line;
    EXPECT_EQ(read.problems.size(), 1U) << line;
  }
}

}  // namespace
}  // namespace vigie::text
