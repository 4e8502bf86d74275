#pragma once

namespace vigie::text {

/// The simplified form of a traditional Han character; any other character as it is. Character by
/// character, so that both ways of writing a word become the same text.
char32_t simplified_han(char32_t c);

}  // namespace vigie::text
