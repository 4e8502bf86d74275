#pragma once

#include <string>
#include <string_view>

namespace vigie::text {

/// Whether a character that nobody sees may stand in the text: cheap, for most texts hold none.
bool may_hold_invisible(std::string_view utf8);

/// The text without characters that nobody sees: soft hyphens, zero-width spaces and joiners, byte
/// order marks, marks of direction, tags. Kept are joiners where scripts and emoji need them, tags
/// of a flag, and in lines from right to left the marks of direction that stand within no word.
/// In: valid UTF-8. Idempotent, linear. Source: Unicode, general category Cf and UTS #51 §2.3.
std::string without_invisible(std::string_view utf8);

/// Wide characters of Chinese and Japanese, with their punctuation: between two of them a line
/// break of the source is no space (CSS Text §4.1.3). Not Hangul.
bool joins_without_space(char32_t before, char32_t behind);

}  // namespace vigie::text
