#pragma once

#include <string_view>

#include "platform/json/json.h"

namespace vigie {

/// As parse_json, and no object may hold a name twice: of a request another reader, such as a proxy
/// that judges it, might take the other value (RFC 8259 §4). Errors: those of parse_json, and
/// bad_json with the name.
Result<Json> parse_json_once(std::string_view text, const JsonLimits& limits = {});

}  // namespace vigie
