#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace vigie::indexer::analysis {

/// A word with digits, cut: where each of its parts begins (the first at 0). One part but where a
/// unit is written onto a number (2nm, 3.5bn), a currency before it (RMB200), or both. Pure.
std::vector<std::size_t> number_parts(std::string_view typed);

/// Where the first digit of a word begins; its size where there is none. Pure.
std::size_t first_digit(std::string_view typed);

/// Whether a word is a number and nothing else. Pure.
bool is_number(std::string_view typed);

/// Other ways to write a unit or a power of ten (folded): billion for bn, and bn for billion or
/// billions. Empty for what is none. Pure.
std::vector<std::string_view> other_units(std::string_view form);

}  // namespace vigie::indexer::analysis
