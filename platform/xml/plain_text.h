#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::xml {

/// Plain text of an HTML fragment: tags, scripts and comments away, character references read,
/// white space collapsed. A '<' that begins no tag of HTML is text: "a < b", "I <3 it",
/// "List<T>". Linear, total.
std::string html_to_text(std::string_view html);

/// Named characters of HTML ("nbsp"): the code point, 0 if unknown.
std::uint32_t html_character(std::string_view name);

/// The character that "#8217", "#x2019" or "#X2019" means, by the HTML standard (numbers of
/// windows-1252 too); 0: none.
std::uint32_t numbered_character(std::string_view number);

/// The longest name of a character reference that is looked up.
inline constexpr std::size_t kMaxReferenceBytes = 32;

}  // namespace vigie::xml
