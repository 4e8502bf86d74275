#include "platform/text/characters.h"

#include <unicode/uchar.h>

namespace vigie::text {
namespace {

constexpr std::uint8_t kVersion = 15;  // Unicode 15.0: the newest that every ICU of ours knows

// A vowel sign of Ahom whose category Unicode 16.0 changed.
constexpr char32_t kAhomVowelSignAa = 0x1171E;

bool is_assigned(char32_t c) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] > 0 && (age[0] < kVersion || (age[0] == kVersion && age[1] == 0));
}

CharacterKind kind_of(char32_t c) {
  if (c == kAhomVowelSignAa) return CharacterKind::kNonSpacingMark;
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_UPPERCASE_LETTER:
    case U_LOWERCASE_LETTER:
    case U_TITLECASE_LETTER:
    case U_MODIFIER_LETTER:
    case U_OTHER_LETTER: return CharacterKind::kLetter;
    case U_DECIMAL_DIGIT_NUMBER: return CharacterKind::kDigit;
    case U_LETTER_NUMBER: return CharacterKind::kLetterNumber;
    case U_NON_SPACING_MARK: return CharacterKind::kNonSpacingMark;
    case U_COMBINING_SPACING_MARK: return CharacterKind::kSpacingMark;
    case U_ENCLOSING_MARK: return CharacterKind::kEnclosingMark;
    case U_FORMAT_CHAR: return CharacterKind::kFormat;
    default: return CharacterKind::kOther;
  }
}

}  // namespace

bool is_known_character(char32_t c) { return is_ideographic_plane(c) || is_assigned(c); }

CharacterKind character_kind(char32_t c) {
  if (is_ideographic_plane(c)) return CharacterKind::kLetter;
  const CharacterKind kind = kind_of(c);
  return kind == CharacterKind::kOther || is_assigned(c) ? kind : CharacterKind::kOther;
}

bool is_small_letter(char32_t c) {
  return u_islower(static_cast<UChar32>(c)) != 0 && is_assigned(c);
}

}  // namespace vigie::text
