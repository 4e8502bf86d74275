#include "platform/text/invisible.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::text {
namespace {

struct Case {
  const char* what;
  std::string written;
  std::string seen;
};

TEST(WithoutInvisible, TakesAwayWhatNobodySees) {
  for (const Case& one : {
           Case{"plain", "plain text", "plain text"},
           {"soft hyphen", "Halb\u00ADleiter", "Halbleiter"},
           {"zero-width space", "semi\u200Bconductor", "semiconductor"},
           {"word joiner", "semi\u2060conductor", "semiconductor"},
           {"byte order mark", "\uFEFFsemi\uFEFFconductor", "semiconductor"},
           {"joiners between Latin letters", "se\u200Cmi\u200Dcon", "semicon"},
           {"joiners between Cyrillic letters", "чи\u200Cпы\u200D", "чипы"},
           {"joiners between Han", "半\u200D导\u200C体", "半导体"},
           {"grapheme joiner", "a\u034Fb", "ab"},
           {"direction within a word", "se\u200Emi", "semi"},
           {"direction in a line from left to right", "\u200Echips\u202C are", "chips are"},
           {"invisible signs", "f\u2061(x)", "f(x)"},
           {"tags", "hidden\U000E0068\U000E0069 text", "hidden text"},
           {"joiner at the end", "کتاب\u200C", "کتاب"},
           {"joiner before a blank", "کتاب\u200C ها", "کتاب ها"},
           {"joiners twice", "می\u200C\u200Cرود", "می\u200Cرود"},
           {"right to left mark within a word", "של\u200Fום", "שלום"},
           {"Hangul filler", "반\u1160도체", "반도체"},
       })
    EXPECT_EQ(without_invisible(one.written), one.seen) << one.what;
}

TEST(WithoutInvisible, KeepsWhatScriptsAndEmojiNeed) {
  for (const char* text : {
           "می\u200Cخواهد",  // Persian
           "ක්\u200Dෂ",       // Sinhala
           "क्\u200Dष",       // Devanagari
           "ന്\u200D",        // Malayalam, at the end of a word
           "👩\u200D💻",
           "👨\u200D👩\u200D👧",
           "🏳️\u200D🌈",
           "🧑🏽\u200D🚀",
           "🏴\U000E0067\U000E0062\U000E007F",
           "\u200Fשלום (abc)\u200F!",
           "ᠮᠣᠩ\u180Eᠭᠣᠯ",
           "“Quotes” – dashes … and ½ ¾ ≥ €",
       }) {
    const std::string once = without_invisible(text);
    EXPECT_EQ(once, text);
    EXPECT_EQ(without_invisible(once), once);
  }
}

TEST(JoinsWithoutSpace, KnowsTheScriptsThatAreWrittenWithout) {
  EXPECT_TRUE(joins_without_space(U'体', U'的'));
  EXPECT_TRUE(joins_without_space(U'。', U'カ'));
  EXPECT_TRUE(joins_without_space(U'“', U'体'));
  EXPECT_TRUE(joins_without_space(U'体', U'…'));
  EXPECT_TRUE(joins_without_space(U'，', U'ひ'));
  EXPECT_FALSE(joins_without_space(U'a', U'体'));
  EXPECT_FALSE(joins_without_space(U'体', U'a'));
  EXPECT_FALSE(joins_without_space(U'반', U'도'));
  EXPECT_FALSE(joins_without_space(U'”', U'“'));
  EXPECT_FALSE(joins_without_space(U'ไ', U'ท'));
}

}  // namespace
}  // namespace vigie::text
