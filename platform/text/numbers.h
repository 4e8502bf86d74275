#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vigie::text {

/// The end of the number that begins with the digit at `at`: its digits and the separators that
/// belong to it, as in 24,576  24.576,50  24'576  1,00,000  3.5  3,5  26.11.2026; thousands parted
/// by a no-break space too. What follows a separator that is none of a number ("1,2,3") is left to
/// the next one. `spaced`: whether a space or an apostrophe may part thousands (not in H100 200).
std::size_t number_end(std::string_view utf8, std::size_t at, bool spaced);

/// The one spelling of such a number: ASCII digits, thousands not parted, a decimal point. Where
/// three digits follow one separator, it parts thousands (24,576 and 24.576 are 24576), unless the
/// number begins with 0.
std::string plain_number(std::string_view number);

}  // namespace vigie::text
