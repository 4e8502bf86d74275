#pragma once

#include <cstdint>
#include <string_view>

namespace vigie::text {

/// The first letters of the words of a text in lower case, a bit each from 'a' on; a word is a run
/// of 'a' to 'z'. A word that is looked for is not in a text that lacks its bit.
constexpr std::uint32_t first_letters(std::string_view lower) {
  std::uint32_t out = 0;
  bool in_word = false;
  for (const char c : lower) {
    const bool letter = c >= 'a' && c <= 'z';
    if (letter && !in_word) out |= 1U << static_cast<unsigned>(c - 'a');
    in_word = letter;
  }
  return out;
}

/// Whether a word that begins with that letter may be among them.
constexpr bool may_begin_with(std::uint32_t letters, char first) {
  return first < 'a' || first > 'z' || ((letters >> static_cast<unsigned>(first - 'a')) & 1U) != 0;
}

}  // namespace vigie::text
