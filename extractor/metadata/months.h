#pragma once

#include <string_view>

namespace vigie::extractor::metadata {

/// 1..12 of a month name or its abbreviation, lower case, in any of the languages known; 0 if it is
/// none.
unsigned month_of_name(std::string_view lower_case_word);

}  // namespace vigie::extractor::metadata
