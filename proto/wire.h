#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::proto {

/// Offset and length of one value among the bytes of its message.
using WirePlace = std::pair<std::uint32_t, std::uint32_t>;

/// Where the values of a repeated field of messages or strings stand in a message, without reading
/// them; `rest` becomes the message without that field. Nothing: these bytes are no message. Total,
/// pure.
std::optional<std::vector<WirePlace>> cut_field(std::string_view message, int field,
                                                std::string& rest);

}  // namespace vigie::proto
