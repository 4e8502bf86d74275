#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vigie::text {

/// Source: RFC 4648 §4, with padding.
std::string base64_encode(std::string_view bytes);
/// Accepts the standard alphabet with right padding or none; nothing else. nullopt for any other
/// text.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace vigie::text
