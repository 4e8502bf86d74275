#include "platform/text/invisible.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <cstddef>

#include "platform/text/characters.h"
#include "platform/text/utf8.h"

namespace vigie::text {
namespace {

constexpr char32_t kNonJoiner = 0x200C;
constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kBlackFlag = 0x1F3F4;

bool is_tag(char32_t c) { return c >= 0xE0000 && c <= 0xE007F; }

bool is_direction_mark(char32_t c) {
  return c == 0x200E || c == 0x200F || c == 0x061C || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

bool is_never_seen(char32_t c) {
  return c == 0x00AD || c == 0x034F || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 ||
         c == 0x200B || (c >= 0x2060 && c <= 0x2065) || (c >= 0x206A && c <= 0x206F) ||
         c == 0xFEFF || c == 0xFFA0 || (c >= 0xFFF9 && c <= 0xFFFB);
}

// Scripts whose letters take another form, or mean something else, beside a joiner.
bool needs_joiners(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(c), &status)) {
    case USCRIPT_ARABIC:
    case USCRIPT_SYRIAC:
    case USCRIPT_MANDAIC:
    case USCRIPT_NKO:
    case USCRIPT_MONGOLIAN:
    case USCRIPT_DEVANAGARI:
    case USCRIPT_BENGALI:
    case USCRIPT_GURMUKHI:
    case USCRIPT_GUJARATI:
    case USCRIPT_ORIYA:
    case USCRIPT_TAMIL:
    case USCRIPT_TELUGU:
    case USCRIPT_KANNADA:
    case USCRIPT_MALAYALAM:
    case USCRIPT_SINHALA:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_TIBETAN:
    case USCRIPT_JAVANESE:
    case USCRIPT_BALINESE:
    case USCRIPT_TIFINAGH: return true;
    default: return false;
  }
}

bool is_emoji(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
}

bool ends_emoji(char32_t c) { return c == 0xFE0F || (c >= 0x1F3FB && c <= 0x1F3FF) || is_emoji(c); }

bool is_letter(char32_t c) { return text::is_letter(character_kind(c)); }

bool reads_from_the_right(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c < 0x0590 || is_direction_mark(c)) continue;
    const UCharDirection direction = u_charDirection(static_cast<UChar32>(c));
    if (direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC) return true;
  }
  return false;
}

// The next character that is seen, 0 at the end.
char32_t next_seen(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const char32_t c = next_code_point(text, at);
    if (!is_never_seen(c) && !is_direction_mark(c) && c != kNonJoiner && c != kJoiner &&
        !(is_tag(c)) && c != 0x180E)
      return c;
  }
  return 0;
}

bool is_kept_joiner(char32_t joiner, char32_t before, char32_t behind) {
  // at the end of a word it shapes the letter before: chillu letters of Malayalam, Arabic short
  // forms
  if (joiner == kJoiner && before != 0 && needs_joiners(before)) return true;
  if (before == 0 || behind == 0 || before <= ' ' || behind <= ' ') return false;
  if (needs_joiners(before) || needs_joiners(behind)) return true;
  return joiner == kJoiner && ends_emoji(before) && is_emoji(behind);
}

}  // namespace

bool may_hold_invisible(std::string_view utf8) {
  for (std::size_t i = 0; i + 1 < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0xC2) continue;
    const auto second = static_cast<unsigned char>(utf8[i + 1]);
    if (lead == 0xE2) {
      if (second != 0x80 && second != 0x81) continue;
      const auto third = i + 2 < utf8.size() ? static_cast<unsigned char>(utf8[i + 2]) : 0U;
      if (second == 0x81 ? third >= 0xA0
                         : (third >= 0x8B && third <= 0x8F) || (third >= 0xAA && third <= 0xAE))
        return true;
    } else if ((lead == 0xC2 && second == 0xAD) || (lead == 0xCD && second == 0x8F) ||
               (lead == 0xD8 && second == 0x9C) || (lead == 0xEF && second >= 0xBB) ||
               (lead == 0xE1 &&
                (second == 0x84 || second == 0x85 || second == 0x9E || second == 0xA0)) ||
               (lead == 0xF3 && second == 0xA0)) {
      return true;
    }
  }
  return false;
}

std::string without_invisible(std::string_view utf8) {
  if (!may_hold_invisible(utf8)) return std::string(utf8);
  std::string out;
  out.reserve(utf8.size());
  int from_the_right = -1;  // not asked yet
  char32_t before = 0;      // the last character that is seen
  bool in_flag = false;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(utf8, at);
    const std::string_view bytes = utf8.substr(begin, at - begin);
    if (is_never_seen(c)) continue;
    if (is_tag(c)) {
      if (in_flag) out += bytes;
      continue;
    }
    if (c == kNonJoiner || c == kJoiner || c == 0x180E) {
      const char32_t behind = next_seen(utf8, at);
      const bool is_repeated = out.ends_with(bytes);
      const bool kept = c == 0x180E ? needs_joiners(before) && needs_joiners(behind)
                                    : is_kept_joiner(c, before, behind);
      if (kept && !is_repeated) out += bytes;
      continue;
    }
    if (is_direction_mark(c)) {
      if (from_the_right < 0) from_the_right = reads_from_the_right(utf8) ? 1 : 0;
      const bool in_word = is_letter(before) && is_letter(next_seen(utf8, at));
      if (from_the_right == 1 && !in_word) out += bytes;
      continue;
    }
    out += bytes;
    before = c;
    in_flag = c == kBlackFlag;
  }
  return out;
}

namespace {

bool is_wide(char32_t c) {
  return (c >= 0x2E80 && c <= 0x312F) || (c >= 0x3190 && c <= 0x9FFF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE4F) ||
         (c >= 0xFF01 && c <= 0xFF9F) || (c >= 0x20000 && c <= 0x3FFFF);
}

// Punctuation that Chinese and Japanese share with other scripts: quotation marks, dashes, dots.
bool is_shared_mark(char32_t c) {
  return (c >= 0x2014 && c <= 0x201D) || c == 0x2025 || c == 0x2026 || c == 0x00B7;
}

}  // namespace

bool joins_without_space(char32_t before, char32_t behind) {
  return is_wide(before) ? is_wide(behind) || is_shared_mark(behind)
                         : is_shared_mark(before) && is_wide(behind);
}

}  // namespace vigie::text
