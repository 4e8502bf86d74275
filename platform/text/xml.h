#pragma once

#include <string>
#include <string_view>

namespace vigie::text {

/// A text as character data or the value of an attribute between quotation marks. What is no Char
/// of XML 1.0 (§2.2: other controls, U+FFFE, U+FFFF) is left out; invalid UTF-8 becomes U+FFFD.
/// Pure.
std::string xml(std::string_view utf8);

}  // namespace vigie::text
