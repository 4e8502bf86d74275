#pragma once

#include <cstdint>

/// What kind of character it is, by Unicode 15.0 (ICU 72, Debian 12), whatever the ICU that is
/// linked: two machines must cut, fold and index a text alike. Characters that were assigned later
/// are no letters, digits or marks; planes 2 and 3 are ideographs throughout, for which Unicode
/// keeps them. Pure, thread-safe. `tests/debians` compares two releases of Debian by every
/// character.
namespace vigie::text {

enum class CharacterKind : std::uint8_t {
  kOther,
  kLetter,
  kDigit,           // a decimal digit
  kLetterNumber,    // 〇, Ⅳ
  kNonSpacingMark,  // an accent, a vowel sign
  kSpacingMark,
  kEnclosingMark,
  kFormat,  // soft hyphen, joiners, marks of direction
};
CharacterKind character_kind(char32_t c);

bool is_small_letter(char32_t c);
/// Whether an ideograph may stand there: assigned or kept for one.
inline bool is_ideographic_plane(char32_t c) { return c >= 0x20000 && c <= 0x3FFFD; }
/// Whether Unicode 15.0 has the character, or it is of an ideographic plane.
bool is_known_character(char32_t c);

inline bool is_letter(CharacterKind kind) { return kind == CharacterKind::kLetter; }
inline bool is_letter_or_digit(CharacterKind kind) {
  return kind == CharacterKind::kLetter || kind == CharacterKind::kDigit;
}

}  // namespace vigie::text
