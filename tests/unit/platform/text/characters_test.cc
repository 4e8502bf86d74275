#include "platform/text/characters.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "platform/text/digits.h"
#include "platform/text/fold.h"
#include "platform/text/matchable.h"
#include "platform/text/utf8.h"
#include "platform/text/words.h"

namespace vigie::text {
namespace {

std::string utf8(char32_t c) {
  std::string out;
  append_utf8(out, c);
  return out;
}

TEST(Characters, HaveTheirKind) {
  EXPECT_EQ(character_kind(U'é'), CharacterKind::kLetter);
  EXPECT_EQ(character_kind(U'中'), CharacterKind::kLetter);
  EXPECT_EQ(character_kind(U'٣'), CharacterKind::kDigit);
  EXPECT_EQ(character_kind(U'〇'), CharacterKind::kLetterNumber);
  EXPECT_EQ(character_kind(0x0301), CharacterKind::kNonSpacingMark);
  EXPECT_EQ(character_kind(0x093E), CharacterKind::kSpacingMark);
  EXPECT_EQ(character_kind(0x20DD), CharacterKind::kEnclosingMark);
  EXPECT_EQ(character_kind(0x200D), CharacterKind::kFormat);
  EXPECT_EQ(character_kind(U'€'), CharacterKind::kOther);
  EXPECT_TRUE(is_small_letter(U'é'));
  EXPECT_FALSE(is_small_letter(U'É'));
}

// Letters of Unicode 16.0, a digit, a mark: no machine may index them while another does not.
TEST(Characters, OfALaterUnicodeAreNone) {
  for (const char32_t later : {0x1C89, 0xA7CB, 0x105C0, 0x13460, 0x16D70, 0x0897}) {
    EXPECT_EQ(character_kind(later), CharacterKind::kOther)
        << std::hex << static_cast<std::uint32_t>(later);
    EXPECT_FALSE(is_known_character(later));
    EXPECT_EQ(fold_text(utf8(later)), utf8(later));
    EXPECT_TRUE(words(utf8(later)).empty());
    EXPECT_EQ(digit_value(later), -1);
  }
}

// CJK Extension I came with Unicode 15.1; names are written with such characters.
TEST(Characters, OfTheIdeographicPlanesAreWordsOnEveryMachine) {
  for (const char32_t han : {0x20000, 0x2EBF0, 0x2EE5D, 0x323B0}) {
    EXPECT_TRUE(is_unspaced_script(han)) << std::hex << static_cast<std::uint32_t>(han);
    const auto found = words("a" + utf8(han) + "b");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_TRUE(found[1].unspaced);
    EXPECT_EQ(fold_text(utf8(han)), utf8(han));
  }
}

/// FNV-1a.
class Digest {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      value_ ^= static_cast<unsigned char>(c);
      value_ *= 0x100000001B3U;
    }
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

// Whatever ICU is linked, every character is normalised, folded and cut as on the machine on which
// this was written (ICU 72). Who changes that on purpose raises analysis::kAnalyzer.
TEST(Characters, AreReadAlikeOnEveryMachine) {
  Digest digest;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string one = utf8(c);
    digest.add(nfc(one));
    digest.add(fold_text(one));
    for (const Word& word : words("a" + one + "b"))
      digest.add(std::to_string(word.offset) + '+' + std::to_string(word.length));
    digest.add(is_unspaced_script(c) ? "u" : "-");
    digest.add(is_capital(c) ? "c" : "-");
    digest.add(std::to_string(digit_value(c)));
  }
  EXPECT_EQ(digest.value(), 4089590969467790865ULL);
}

}  // namespace
}  // namespace vigie::text
