#pragma once

#include <string>
#include <string_view>

namespace vigie::text {

/// What somebody typed, for one line that others are shown: valid UTF-8, without characters that no
/// reader sees, among them those that turn the direction of what follows; its spaces and control
/// characters as collapse_spaces. The joiners stay: scripts and pictures need them.
std::string visible_line(std::string_view text);

}  // namespace vigie::text
