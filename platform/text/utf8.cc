#include "platform/text/utf8.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <array>
#include <cstring>
#include <optional>

#include "platform/text/ascii.h"
#include "platform/text/characters.h"

namespace vigie::text {
namespace {

// UAX #15 §13, Stream-Safe Text; a normaliser orders the marks of one letter by insertion, which is
// quadratic
constexpr std::size_t kMostMarks = 30;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length of the ASCII run at the beginning.
std::size_t ascii_run(std::string_view bytes) {
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80) ++i;
  return i;
}

/// Bytes of the maximal subpart of an ill-formed sequence at `i` (Unicode, table 3-8), at least
/// one; 0 if the sequence is well-formed, whose length is then set.
std::size_t ill_formed_at(std::string_view bytes, std::size_t i, std::size_t& well_formed) {
  const auto at = [&](std::size_t k) {
    return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U;
  };
  const unsigned lead = at(i);
  unsigned low = 0x80;
  unsigned high = 0xBF;
  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return 1;
  }
  for (std::size_t k = 1; k < length; ++k) {
    const unsigned byte = at(i + k);
    if (i + k >= bytes.size() || byte < low || byte > high) return k;
    low = 0x80;
    high = 0xBF;
  }
  well_formed = length;
  return 0;
}

/// The text without combining marks beyond kMostMarks on one letter; nullopt where there are none,
/// as in every real text.
std::optional<std::string> without_excess_marks(std::string_view utf8) {
  std::optional<std::string> out;
  std::size_t marks = 0;
  for (std::size_t i = ascii_run(utf8); i < utf8.size();) {
    const std::size_t begin = i;
    const char32_t c = next_code_point(utf8, i);
    marks = c >= 0x300 && u_getCombiningClass(static_cast<UChar32>(c)) != 0 ? marks + 1 : 0;
    if (marks > kMostMarks && !out) out = std::string(utf8.substr(0, begin));
    if (marks <= kMostMarks && out) out->append(utf8, begin, i - begin);
  }
  return out;
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    i += ascii_run(bytes.substr(i));
    while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) >= 0x80) {
      std::size_t length = 0;
      if (ill_formed_at(bytes, i, length) > 0) return false;
      i += length;
    }
  }
  return true;
}

std::string to_valid_utf8(std::string_view bytes, std::size_t* replaced) {
  if (replaced != nullptr) *replaced = 0;
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t run = ascii_run(bytes.substr(i));
    out.append(bytes, i, run);
    i += run;
    while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) >= 0x80) {
      std::size_t length = 0;
      const std::size_t bad = ill_formed_at(bytes, i, length);
      if (bad > 0) {
        out += kReplacement;
        if (replaced != nullptr) *replaced += bad;
        i += bad;
      } else {
        out.append(bytes, i, length);
        i += length;
      }
    }
  }
  return out;
}

std::string nfc(std::string_view utf8) {
  if (ascii_run(utf8) == utf8.size()) return std::string(utf8);
  if (const std::optional<std::string> fewer = without_excess_marks(utf8)) return nfc(*fewer);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(status);
  std::string out;
  icu::StringByteSink<std::string> sink(
      &out, static_cast<int32_t>(std::min<std::size_t>(utf8.size(), INT32_MAX)));
  normalizer->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())),
                            sink, nullptr, status);
  return U_SUCCESS(status) != 0 ? out : std::string(utf8);
}

namespace {

// White space and controls beyond ASCII are U+0080 to U+00A0, U+1680, U+2000 to U+205F and U+3000.
bool may_begin_space(char byte) {
  static constexpr std::array<bool, 256> kMay = [] {
    std::array<bool, 256> out{};
    for (std::size_t c = 0; c <= 0x20; ++c) out[c] = true;
    for (const unsigned c : {0x7FU, 0xC2U, 0xE1U, 0xE2U, 0xE3U}) out[c] = true;
    return out;
  }();
  return kMay[static_cast<unsigned char>(byte)];
}

}  // namespace

std::string collapse_spaces(std::string_view utf8) {
  std::string out(utf8.size(), ' ');  // never longer: a space stands for one or more
  char* to = out.data();
  bool pending = false;
  for (std::size_t i = 0; i < utf8.size();) {
    std::size_t end = i;
    if (may_begin_space(utf8[i])) {
      const char32_t c = next_code_point(utf8, end);
      const bool space =
          c < 0x80 ? (c <= 0x20 || c == 0x7f)
                   : (u_isUWhiteSpace(static_cast<UChar32>(c)) != 0 || (c >= 0x80 && c <= 0x9f));
      if (space) {
        pending = to != out.data();
        i = end;
        continue;
      }
    }
    const char* from = utf8.data() + i;
    const char* const last = utf8.data() + utf8.size();
    const char* const whole = utf8.data() + end;  // of a character that only may begin a space
    if (pending) ++to;                            // is a space already
    pending = false;
    while (from < whole || (from < last && !may_begin_space(*from))) *to++ = *from++;
    i = static_cast<std::size_t>(from - utf8.data());
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

std::string_view trim(std::string_view utf8) {
  const auto is_space = [](char32_t c) {
    return c < 0x80 ? (c == ' ' || (c >= 9 && c <= 13))
                    : u_isUWhiteSpace(static_cast<UChar32>(c)) != 0;
  };
  while (!utf8.empty()) {
    std::size_t i = 0;
    if (!is_space(next_code_point(utf8, i))) break;
    utf8.remove_prefix(i);
  }
  while (!utf8.empty()) {
    std::size_t begin = utf8.size() - 1;
    while (begin > 0 && utf8.size() - begin < 4 &&
           (static_cast<unsigned char>(utf8[begin]) & 0xC0U) == 0x80)
      --begin;
    std::size_t i = begin;
    if (!is_space(next_code_point(utf8, i)) || i != utf8.size()) break;
    utf8.remove_suffix(utf8.size() - begin);
  }
  return utf8;
}

std::string_view prefix(std::string_view utf8, std::size_t max_bytes) {
  if (utf8.size() <= max_bytes) return utf8;
  while (max_bytes > 0 && (static_cast<unsigned char>(utf8[max_bytes]) & 0xC0U) == 0x80)
    --max_bytes;
  return utf8.substr(0, max_bytes);
}

std::string ellipsize(std::string_view utf8, std::size_t max_bytes) {
  constexpr std::string_view kEllipsis = "…";
  if (utf8.size() <= max_bytes) return std::string(utf8);
  if (max_bytes < kEllipsis.size()) return {};
  return std::string(prefix(utf8, max_bytes - kEllipsis.size())) + std::string(kEllipsis);
}

std::size_t count_code_points(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80 ? 1 : 0;
  return count;
}

char32_t next_code_point(std::string_view utf8, std::size_t& offset) {
  const unsigned char lead = static_cast<unsigned char>(utf8[offset]);
  if (lead < 0x80) {
    ++offset;
    return lead;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());
  std::size_t i = offset;
  UChar32 c = 0;
  U8_NEXT(bytes, i, utf8.size(), c);
  offset = i;
  return c < 0 ? 0xFFFD : static_cast<char32_t>(c);
}

void append_utf8(std::string& out, char32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) code_point = 0xFFFD;
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
    return;
  }
  std::uint8_t bytes[4];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, static_cast<UChar32>(code_point));
  out.append(reinterpret_cast<const char*>(bytes), length);
}

std::string ascii_lower(std::string_view text) { return ascii::lower(text); }

bool ascii_iequals(std::string_view a, std::string_view b) { return ascii::iequals(a, b); }

bool is_unspaced_script(char32_t c) {
  if (c < 0x0E00) return false;
  if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3041 && c <= 0x309F) ||
      (c >= 0x30A1 && c <= 0x30FF && c != 0x30FB) || c == 0xFF70 || (c >= 0x3400 && c <= 0x4DBF))
    return true;
  if (!is_known_character(c)) return false;
  if (is_ideographic_plane(c)) return true;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(c), &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR: return true;
    default: return false;
  }
}

}  // namespace vigie::text
