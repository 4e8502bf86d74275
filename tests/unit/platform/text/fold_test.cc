#include "platform/text/fold.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

TEST(Fold, MakesLatinComparable) {
  EXPECT_EQ(fold_text("ÉCOLE Crème brûlée"), "ecole creme brulee");
  EXPECT_EQ(fold_text("e\u0301 = é"), "e = e");
  EXPECT_EQ(fold_text("Ångström Łódź Đà Nẵng Øre Æsir Œuvre"),
            "angstrom lodz da nang ore aesir oeuvre");
  EXPECT_EQ(fold_text("ﬁnance ½ ① ™ Ｗｉｄｅ"), "finance 1\u20442 1 tm wide");
}

TEST(Fold, German) {
  EXPECT_EQ(fold_text("Straße STRASSE STRAẞE Müller"), "strasse strasse strasse muller");
}

// Both Turkish pairs fold to one letter, so that neither language's reader misses the other's
// spelling.
TEST(Fold, Turkish) {
  EXPECT_EQ(fold_text("İSTANBUL Istanbul ısı IŞIK ğ"), "istanbul istanbul isi isik g");
}

TEST(Fold, Russian) {
  // й is a letter: stems need it
  EXPECT_EQ(fold_text("Китайский ЁЛКА ёлка Й"), "китайский елка елка й");
  EXPECT_EQ(fold_text("Київ Їжак"), "київ їжак");
}

TEST(Fold, ArabicAndHebrew) {
  EXPECT_EQ(fold_text("أحمد إلى آمن ٱ"), "احمد الي امن ا");
  EXPECT_EQ(fold_text("مُحَمَّد"), "محمد");
  EXPECT_EQ(fold_text("مـــحمد"), "محمد");
  EXPECT_EQ(fold_text("علی کتاب مدرسة"), "علي كتاب مدرسه");
  EXPECT_EQ(fold_text("שָׁלוֹם"), "שלום");
}

TEST(Fold, ChineseJapaneseKorean) {
  EXPECT_EQ(fold_text("中华人民共和国"), "中华人民共和国");
  EXPECT_EQ(fold_text("ガンダム ばら ｶﾀｶﾅ"), "ガンダム ばら カタカナ");  // voiced kana stay voiced
  EXPECT_EQ(fold_text("한국 반도체"), "한국 반도체");
  EXPECT_EQ(fold_text("ＡＩ半導体"), "ai半導体");
}

TEST(Fold, KeepsVowelSignsOfIndicAndThai) {
  EXPECT_EQ(fold_text("हिन्दी"), "हिन्दी");
  EXPECT_EQ(fold_text("ไทยที่"), "ไทยที่");
}

TEST(Fold, GreekAndGeorgian) {
  EXPECT_EQ(fold_text("Ελλάς ΣΊΣΥΦΟΣ"), "ελλασ σισυφοσ");
  EXPECT_EQ(fold_text("ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ"), "საქართველო");
}

TEST(Fold, PunctuationAndSpaces) {
  EXPECT_EQ(fold_text("“a” ‘b’ «c» „d“ 「e」 don’t"), "\"a\" 'b' \"c\" \"d\" \"e\" don't");
  EXPECT_EQ(fold_text("a–b—c‐d−e"), "a-b-c-d-e");
  EXPECT_EQ(fold_text("a\u00A0b\u3000\tc\n"), "a b  c ");
  EXPECT_EQ(fold_text("so\u00ADft ze\u200Bro \uFEFF\u202Ex"), "soft zero x");
}

TEST(Fold, SpansLeadBackToTheSource) {
  const std::string source = "Die „Straße“ — e\u0301t\u00ADé";
  const Folded folded = fold(source);
  const auto word = [&](std::string_view wanted) {
    const std::size_t at = folded.text.find(wanted);
    EXPECT_NE(at, std::string::npos) << wanted;
    const auto span = folded.span(at, at + wanted.size());
    return source.substr(span.first, span.second - span.first);
  };
  EXPECT_EQ(word("strasse"), "Straße");
  EXPECT_EQ(word("stras"), "Straß") << "half of what one character became stands for all of it";
  EXPECT_EQ(word("ete"), "e\u0301t\u00ADé");
  EXPECT_EQ(word("\"strasse\""), "„Straße“");
  EXPECT_EQ(fold("").span(0, 0), (std::pair<std::uint32_t, std::uint32_t>(0, 0)));
}

bool at_boundary(std::string_view text, std::size_t offset) {
  return offset == text.size() || (static_cast<unsigned char>(text[offset]) & 0xC0U) != 0x80;
}

std::string random_text(std::mt19937_64& random) {
  struct Block {
    char32_t first;
    char32_t last;
  };
  static constexpr Block kBlocks[] = {
      {0x20, 0x7E},       {0xA0, 0x24F},        {0x300, 0x36F},   {0x370, 0x52F},
      {0x5B0, 0x6FF},     {0x900, 0x97F},       {0xE00, 0xE7F},   {0x1100, 0x11FF},
      {0x1E00, 0x1FFF},   {0x2000, 0x214F},     {0x3000, 0x30FF}, {0x4E00, 0x4EFF},
      {0xAC00, 0xACFF},   {0xFB00, 0xFDFF},     {0xFE70, 0xFFEF}, {0x1D400, 0x1D4FF},
      {0x1F600, 0x1F64F}, {0x10FFF0, 0x10FFFF}, {0, 0x1F}};
  std::string out;
  for (std::size_t i = random() % 30; i > 0; --i) {
    const Block& block = kBlocks[random() % std::size(kBlocks)];
    append_utf8(out,
                block.first + static_cast<char32_t>(random() % (block.last - block.first + 1)));
  }
  return out;
}

TEST(Fold, EverySpanLiesInsideTheSourceAtCodePointsForTextsOfManyScripts) {
  const char* given = std::getenv("VIGIE_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  SCOPED_TRACE("VIGIE_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 4000; ++round) {
    const std::string source = random_text(random);
    const Folded folded = fold(source);
    ASSERT_EQ(folded.text, fold_text(source));
    ASSERT_TRUE(is_valid_utf8(folded.text));
    ASSERT_EQ(folded.source.size(), folded.text.size() + 1);
    ASSERT_EQ(folded.source.back(), source.size());
    for (std::size_t i = 0; i < folded.source.size(); ++i) {
      ASSERT_TRUE(at_boundary(source, folded.source[i]));
      if (i > 0) ASSERT_LE(folded.source[i - 1], folded.source[i]);
    }
    for (int k = 0; k < 10 && !folded.text.empty(); ++k) {
      const std::size_t begin = random() % folded.text.size();
      const std::size_t end = begin + 1 + random() % (folded.text.size() - begin);
      const auto span = folded.span(begin, end);
      ASSERT_LT(span.first, span.second);
      ASSERT_LE(span.second, source.size());
      ASSERT_TRUE(at_boundary(source, span.first) && at_boundary(source, span.second));
      // What the span covers folds to something that holds what was asked for.
      ASSERT_NE(fold_text(std::string_view(source).substr(span.first, span.second - span.first))
                    .find(folded.text.substr(begin, end - begin)),
                std::string::npos);
    }
  }
}

// A term of a pack is folded before it is compared, and what was folded may be folded again.
TEST(Fold, FoldingTwiceChangesNothingForAnyCharacter) {
  int wrong = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    if (c >= 0x20000 && c < 0x2F800) continue;  // ideographs that fold to themselves
    if (c >= 0x30000 && c < 0xE0000) continue;
    if (c >= 0xE1000) break;
    std::string text;
    append_utf8(text, c);
    const std::string once = fold_text(text);
    if (fold_text(once) != once && ++wrong < 20)
      ADD_FAILURE() << "U+" << std::hex << static_cast<unsigned>(c) << " " << text << " → " << once
                    << " → " << fold_text(once);
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace vigie::text
