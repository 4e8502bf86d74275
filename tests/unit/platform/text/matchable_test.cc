#include "platform/text/matchable.h"

#include <gtest/gtest.h>

#include <random>

#include "platform/text/han.h"
#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

std::string laid(std::string_view source) { return matchable(source).text; }

/// The text with a bar where a sentence ends.
std::string sentences(std::string_view source) {
  const Matchable made = matchable(source);
  std::string out = made.text;
  for (std::size_t i = made.sentence_ends.size(); i > 0; --i)
    out.insert(made.sentence_ends[i - 1], "|");
  return out;
}

TEST(Matchable, WordsHaveOneSpaceBetweenAndSignsStandAlone) {
  EXPECT_EQ(laid("L'IA  — «export-controls», 3,000 R&D"), " l ia export controls , 3,000 r & d ");
  EXPECT_EQ(laid(""), " ");
  EXPECT_EQ(laid("C++"), " c + + ");
}

TEST(Matchable, ScriptsWithoutSpacesHaveNone) {
  EXPECT_EQ(laid("出口 管制\n芯片"), " 出口管制芯片 ");
  EXPECT_EQ(laid("ＡＩ芯片 H100芯片"), " ai 芯片 h100 芯片 ");
  EXPECT_EQ(laid("サム・アルトマン"), " サムアルトマン ");
  EXPECT_EQ(laid("ｶﾞｷﾞｸﾞ"), " ガギグ ");
}

TEST(Matchable, HangulAndArabicPartFromLatin) {
  EXPECT_EQ(laid("AI가 GPT는"), " ai 가 gpt 는 ");
  EXPECT_EQ(laid("والـAI"), " وال ai ");
}

TEST(Matchable, CapitalInitialsAreAWord) {
  EXPECT_EQ(laid("A.I. U.S.-China U.S"), " ai us china us ");
  EXPECT_EQ(laid("J. Smith e.g. a.b"), " j . smith e . g . a . b ");
  EXPECT_EQ(laid("К.И."), " ки ");
}

TEST(Matchable, KnowsWhereSentencesEnd) {
  EXPECT_EQ(sentences("One. Two! Three? Four"), " one .| two !| three ?| four ");
  EXPECT_EQ(sentences("Yahoo! said so"), " yahoo ! said so ");
  EXPECT_EQ(sentences("Mr. Smith of A.I. Inc. said 3.5 approx. and so"),
            " mr . smith of ai inc . said 3.5 approx . and so ");
  EXPECT_EQ(sentences("一。二！三"), " 一 。| 二 !| 三 ");
  EXPECT_EQ(sentences("One\n\ntwo\nthree"), " one \n |two three ");
}

TEST(Matchable, CountsWordsAndSeesScripts) {
  const Matchable made = matchable("Two words, и 芯片.");
  EXPECT_EQ(made.words, 5U);
  EXPECT_EQ(made.scripts, kScriptLatin | kScriptCyrillic | kScriptHan);
}

TEST(Matchable, SpansAreThoseOfTheSource) {
  const auto span = [](std::string_view source, std::string_view what) {
    const Matchable made = matchable(source);
    const std::size_t at = made.text.find(what);
    const auto [begin, end] = source_span(source, made, at, at + what.size());
    return std::string(source.substr(begin, end - begin));
  };
  EXPECT_EQ(span("«É» — contrôles à l’exportation.", "controles a l exportation"),
            "contrôles à l’exportation");
  EXPECT_EQ(span("the A.I. boom", "ai"), "A.I.");
  EXPECT_EQ(span("列入 實體 清單 者", "实体清单"), "實體 清單");
  EXPECT_EQ(span("e\u0301t\u00ADe\u0301 x", "ete"), "e\u0301t\u00ADe\u0301");
}

// Whatever the text: one space at each edge and never two, and a way back to each byte.
TEST(Matchable, HoldsOnAnyText) {
  static constexpr std::u32string_view kLetters =
      U"aZé. ,-\"'\n\t#*AI.3国國芯ガｶﾞ가ал\u0301\u00AD\u200Bم\u0640ß\uFB01。！?😀";
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::string source;
    for (unsigned n = random() % 30; n > 0; --n)
      append_utf8(source, kLetters[random() % kLetters.size()]);
    const Matchable made = matchable(source);
    ASSERT_EQ(made.source.size(), made.text.size());
    ASSERT_EQ(made.text.front(), ' ');
    ASSERT_EQ(made.text.back(), ' ');
    ASSERT_EQ(made.text.find("  "), std::string::npos) << source;
    ASSERT_TRUE(is_valid_utf8(made.text)) << source;
    ASSERT_TRUE(std::is_sorted(made.source.begin(), made.source.end())) << source;
    ASSERT_LE(made.source.back(), source.size());
    ASSERT_TRUE(std::is_sorted(made.sentence_ends.begin(), made.sentence_ends.end()));
    for (std::size_t i = 1; i + 1 < made.text.size(); ++i) {
      if (made.text[i] == ' ' || made.text[i - 1] != ' ') continue;
      const auto [begin, end] = source_span(source, made, i, made.text.find(' ', i));
      ASSERT_LE(begin, end) << source;
      ASSERT_LE(end, source.size()) << source;
      ASSERT_TRUE(is_valid_utf8(std::string_view(source).substr(begin, end - begin))) << source;
    }
    // Nothing is left to lay out, but that a line break alone is a space.
    if (made.text.find('\n') == std::string::npos) {
      ASSERT_EQ(laid(made.text), made.text) << source;
    }
  }
}

TEST(Han, SimplifiesCharacterByCharacterAndOnce) {
  EXPECT_EQ(simplified_han(U'國'), U'国');
  EXPECT_EQ(simplified_han(U'国'), U'国');
  EXPECT_EQ(simplified_han(U'が'), U'が');
  for (char32_t c = 0x3400; c < 0xA000; ++c)
    ASSERT_EQ(simplified_han(simplified_han(c)), simplified_han(c)) << static_cast<unsigned>(c);
}

}  // namespace
}  // namespace vigie::text
