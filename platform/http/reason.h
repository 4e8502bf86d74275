#pragma once

#include <string_view>

namespace vigie::http {

/// The phrase of RFC 9110 §15 for a status, "Unknown" for others.
std::string_view reason_phrase(int status);

}  // namespace vigie::http
