#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::text {

bool is_valid_utf8(std::string_view bytes);
/// Replaces each maximal invalid sequence by U+FFFD (WHATWG); `replaced`, if given, counts the
/// bytes that were replaced.
std::string to_valid_utf8(std::string_view bytes, std::size_t* replaced = nullptr);
/// NFC of valid UTF-8. Of more than thirty combining marks on one letter the others are dropped
/// (UAX #15 §13: no real text has them).
std::string nfc(std::string_view utf8);
/// One line: every run of white space and control characters is one space, ends trimmed.
std::string collapse_spaces(std::string_view utf8);
std::string_view trim(std::string_view utf8);  // ASCII and Unicode white space
/// At most `max_bytes`, cut at a code point.
std::string_view prefix(std::string_view utf8, std::size_t max_bytes);
/// As prefix, with "…" added where cut, within the limit.
std::string ellipsize(std::string_view utf8, std::size_t max_bytes);
std::size_t count_code_points(std::string_view utf8);
/// Next code point at `offset` (< size) of valid UTF-8; moves offset behind it.
char32_t next_code_point(std::string_view utf8, std::size_t& offset);
void append_utf8(std::string& out, char32_t code_point);
/// ASCII only; other bytes stay.
std::string ascii_lower(std::string_view text);
bool ascii_iequals(std::string_view a, std::string_view b);

/// Scripts written without spaces between words: Han, kana, Thai, Lao, Khmer, Myanmar. Not Hangul.
bool is_unspaced_script(char32_t code_point);

}  // namespace vigie::text
