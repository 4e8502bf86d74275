#include "platform/text/ascii.h"

#include <gtest/gtest.h>

namespace vigie::text::ascii {
namespace {

TEST(Ascii, ClassesAreThoseOfAsciiWhateverTheByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool digit = byte >= 0x30 && byte <= 0x39;
    const bool upper = byte >= 0x41 && byte <= 0x5A;
    const bool lower_case = byte >= 0x61 && byte <= 0x7A;
    EXPECT_EQ(is_digit(c), digit) << byte;
    EXPECT_EQ(is_letter(c), upper || lower_case) << byte;
    EXPECT_EQ(is_space(c), byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)) << byte;
    EXPECT_EQ(to_lower(c), upper ? static_cast<char>(byte + 32) : c) << byte;
    EXPECT_EQ(hex_value(c) >= 0, is_hex_digit(c)) << byte;
  }
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
}

TEST(Ascii, LeavesOtherScriptsAlone) {
  EXPECT_EQ(lower("ÄRGER Über İ 中"), "Ärger Über İ 中");
  EXPECT_EQ(trim(" \t x y \r\n"), "x y");
  EXPECT_EQ(trim("\u00A0x"), "\u00A0x");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_TRUE(iequals("Content-TYPE", "content-type"));
  EXPECT_FALSE(iequals("a", "aa"));
  EXPECT_FALSE(iequals("Ä", "ä"));
}

}  // namespace
}  // namespace vigie::text::ascii
