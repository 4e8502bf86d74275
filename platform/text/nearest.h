#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace vigie::text {

/// Insertions, deletions and replacements of bytes (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name that takes the fewest insertions, deletions and replacements of bytes to become
/// `name` (the first of several); empty where none is known. For "did you mean". Of a long `name`
/// its beginning counts.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace vigie::text
