#include "platform/text/utf8.h"

#include <gtest/gtest.h>
#include <unicode/uchar.h>

#include <array>
#include <random>
#include <string>

namespace vigie::text {
namespace {

constexpr const char* kFffd = "\xEF\xBF\xBD";

std::string times(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += kFffd;
  return out;
}

// WHATWG Encoding, UTF-8 decoder; Unicode 15 §3.9 table 3-8 to 3-11: one U+FFFD for each maximal
// subpart.
TEST(ToValidUtf8, ReplacesEachMaximalInvalidSequenceOnce) {
  EXPECT_EQ(to_valid_utf8("a\x80z"), "a" + times(1) + "z");
  EXPECT_EQ(to_valid_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
                          "A"),
            times(8) + "A");  // table 3-8: overlong forms
  EXPECT_EQ(to_valid_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
                          "A"),
            times(8) + "A");  // table 3-9: surrogates
  EXPECT_EQ(to_valid_utf8("\xF4\x91\x92\x93\xFF"
                          "A\x80\xBF"
                          "B"),
            times(5) + "A" + times(2) + "B");  // table 3-10: beyond U+10FFFF
  EXPECT_EQ(to_valid_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
                          "A"),
            times(4) + "A");  // table 3-11: truncated
  EXPECT_EQ(to_valid_utf8("\xF0\x9F\x98"), times(1));
  EXPECT_EQ(to_valid_utf8("aé中😀"), "aé中😀");
}

TEST(ToValidUtf8, CountsTheBytesThatWereReplaced) {
  std::size_t replaced = 7;
  EXPECT_EQ(to_valid_utf8("ok", &replaced), "ok");
  EXPECT_EQ(replaced, 0U);
  static_cast<void>(to_valid_utf8("a\xE2\x82z\xFF", &replaced));
  EXPECT_EQ(replaced, 3U);
}

TEST(ToValidUtf8, IsValidAndStableForRandomBytes) {
  std::mt19937_64 random(20261124);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 40; i > 0; --i)
      bytes += static_cast<char>(random() % 3 == 0 ? random() % 128 : random());
    const std::string repaired = to_valid_utf8(bytes);
    ASSERT_TRUE(is_valid_utf8(repaired));
    ASSERT_EQ(to_valid_utf8(repaired), repaired);
    ASSERT_EQ(is_valid_utf8(bytes), repaired == bytes);
  }
}

TEST(Utf8, EveryCodePointIsWrittenAndReadBack) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    std::size_t offset = 0;
    ASSERT_EQ(next_code_point(text, offset), c);
    ASSERT_EQ(offset, text.size());
    ASSERT_TRUE(is_valid_utf8(text));
  }
  std::string text;
  append_utf8(text, 0xD800);
  append_utf8(text, 0x110000);
  EXPECT_EQ(text, times(2));
}

TEST(Spaces, CollapseToOneAndTrimAtBothEnds) {
  EXPECT_EQ(collapse_spaces(" \t a\u00A0\u3000 b\r\n\x01 c\u2028"), "a b c");
  EXPECT_EQ(collapse_spaces("\n"), "");
  EXPECT_EQ(trim("\u3000\t x y \u00A0\n"), "x y");
  EXPECT_EQ(trim(" \u2003 "), "");
  EXPECT_EQ(trim("中"), "中");
  EXPECT_EQ(trim("a \x80"), "a \x80") << "a stray byte is no space and takes none with it";
}

TEST(Spaces, AreTheWhiteSpaceOfUnicodeAndControls) {
  for (char32_t c = 1; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text = "a";
    append_utf8(text, c);
    text += "b";
    const bool is_space =
        u_isUWhiteSpace(static_cast<UChar32>(c)) != 0 || c < 0x20 || (c >= 0x7F && c <= 0x9F);
    if (collapse_spaces(text) != (is_space ? "a b" : text))
      ADD_FAILURE() << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(Prefix, CutsAtACodePointAndNeverExceeds) {
  const std::string text = "aé報🙂";  // 1 + 2 + 3 + 4 bytes
  const std::array<std::size_t, 12> sizes{0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t most = 0; most < sizes.size(); ++most)
    EXPECT_EQ(prefix(text, most), text.substr(0, sizes[most])) << most;
}

TEST(Ellipsize, CutsAtACodePointAndNeverExceeds) {
  EXPECT_EQ(ellipsize("abcdef", 6), "abcdef");
  EXPECT_EQ(ellipsize("abcdefg", 6), "abc…");
  EXPECT_EQ(ellipsize("aééééé", 6), "aé…");
  EXPECT_EQ(ellipsize("中中中", 8), "中…");
  EXPECT_EQ(ellipsize("abcdef", 2), "");
}

TEST(Utf8, CountsCodePointsAndComposes) {
  EXPECT_EQ(count_code_points("aé中😀"), 4U);
  EXPECT_EQ(nfc("e\u0301 \u1112\u1161\u11ab"), "é 한");
  EXPECT_EQ(ascii_lower("ABZÉ"), "abzÉ");
  EXPECT_TRUE(ascii_iequals("Content-Type", "cONTENT-tYPE"));
  EXPECT_FALSE(ascii_iequals("é", "É"));
  EXPECT_FALSE(ascii_iequals("a", "ab"));
}

// UAX #15 §13: a letter with more marks than any writing has would cost the square of their number.
TEST(Utf8, DropsMarksBeyondThirtyOnOneLetter) {
  std::string thirty = "a";
  for (int i = 0; i < 30; ++i) thirty += "\u0323";
  const std::string kept = nfc(thirty);
  EXPECT_EQ(nfc(thirty + "\u0323\u0323b\u0301"), kept + "b\u0301");
  std::string many = "a";
  for (int i = 0; i < 500'000; ++i) many += "\u0301\u0323";
  EXPECT_LT(nfc(many).size(), 100U);
}

TEST(UnspacedScripts, AreHanKanaAndSouthEastAsian) {
  for (const char32_t c :
       {U'中', U'㐀', U'ひ', U'カ', U'ー', U'ｶ', U'々', U'ไ', U'ລ', U'ខ', U'မ', U'𠀀'})
    EXPECT_TRUE(is_unspaced_script(c)) << static_cast<unsigned>(c);
  for (const char32_t c :
       {U'a', U'é', U'я', U'ع', U'한', U'・', U'。', U'「', U'1', U'１', U'₿', U'😀'})
    EXPECT_FALSE(is_unspaced_script(c)) << static_cast<unsigned>(c);
}

}  // namespace
}  // namespace vigie::text
