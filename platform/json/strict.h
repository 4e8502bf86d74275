#pragma once

#include <string_view>

#include "platform/json/json.h"

namespace vigie {

/// As parse_json, but an object that has a name twice is refused, too: readers differ in which of
/// them counts (RFC 8259 §4), and whoever wrote it meant one. For what people and programs ask of
/// us, not for what the web holds. Errors: kQuarantine bad_json, naming the member.
Result<Json> parse_strict_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace vigie
