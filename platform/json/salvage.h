#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "platform/json/json.h"

namespace vigie {

struct SalvageLimits {
  std::size_t max_bytes = 1ULL << 20;  // of the text; what stands behind is not looked at
  std::size_t max_depth = 64;          // what stands deeper is passed over
  std::size_t max_values = 50'000;
  std::size_t max_roots = 64;
};

/// What is whole in JSON that is broken: several values one after the other, single, typographic
/// or missing quotation marks, missing or doubled commas and colons, quotation marks inside of
/// texts, brackets that close nothing, markup and comments between values, and an end that is
/// missing. A text that was cut off is left out, a container that was cut off holds what stood in
/// it before. Of repeated names the last wins. In: any bytes. Total, without recursion, linear in
/// the bytes. For text that parse_json refuses: it knows better what is right JSON.
std::vector<Json> salvage_json(std::string_view text, const SalvageLimits& limits = {});

}  // namespace vigie
