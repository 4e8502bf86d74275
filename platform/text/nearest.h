#pragma once

#include <span>
#include <string_view>

namespace vigie::text {

/// The known name that takes the fewest insertions, deletions and replacements of bytes to become
/// `name` (the first of several); empty where none is known. For "did you mean". Of a long `name`
/// its beginning counts.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace vigie::text
