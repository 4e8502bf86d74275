#pragma once

#include <string_view>

/// Words that belong to numbers and dates, in the languages of the packs. Private to
/// extractor/traits.
namespace vigie::extractor::traits {

/// What a number is multiplied by before such a word ("million", "млрд", "亿"); 0: it is none.
/// In: a folded word.
double magnitude(std::string_view folded);
/// 1 to 12 for the name of a month, whole or cut as newspapers do; 0: it is none. In: a folded
/// word.
int month(std::string_view folded);

}  // namespace vigie::extractor::traits
