// libs: platform/json platform/text
// Broken JSON from anybody: salvaging ends within its limits, and what it gives is dumped as valid
// JSON and read back as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/json/salvage.h"
#include "platform/text/utf8.h"

namespace {

std::size_t depth_of(const vigie::Json& root) {
  std::size_t deepest = 0;
  std::vector<std::pair<const vigie::Json*, std::size_t>> open{{&root, 1}};
  while (!open.empty()) {
    const auto [value, depth] = open.back();
    open.pop_back();
    if (!value->is_object() && !value->is_array()) continue;
    deepest = depth > deepest ? depth : deepest;
    for (const vigie::Json& item : value->as_array()) open.emplace_back(&item, depth + 1);
    for (const auto& member : value->as_object()) open.emplace_back(&member.second, depth + 1);
  }
  return deepest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  vigie::SalvageLimits limits;
  limits.max_depth = 16;
  limits.max_roots = 8;
  const std::vector<vigie::Json> roots = vigie::salvage_json(text, limits);
  VIGIE_INVARIANT(roots.size() <= limits.max_roots);
  for (const vigie::Json& root : roots) {
    VIGIE_INVARIANT(depth_of(root) <= limits.max_depth);
    const std::string dumped = root.dump();
    VIGIE_INVARIANT(vigie::text::is_valid_utf8(dumped));
    const auto again = vigie::parse_json(dumped);
    VIGIE_INVARIANT(again.has_value() && *again == root);
  }
  return 0;
}
