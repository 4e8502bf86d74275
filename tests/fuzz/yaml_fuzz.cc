// libs: platform/yaml platform/json
// YAML from anybody: parsing ends within its bounds, a node has a place, a complaint has one too.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/yaml/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read =
      vigie::parse_yaml(std::string_view(reinterpret_cast<const char*>(data), size), "file");
  if (!read) {
    VIGIE_INVARIANT(read.error().where.starts_with("file:"));
    VIGIE_INVARIANT(!read.error().detail.empty());
    return 0;
  }
  for (const vigie::Yaml::Entry& entry : read->entries)
    VIGIE_INVARIANT(entry.line >= 1 && entry.column >= 1 && read->find(entry.key) != nullptr);
  const auto json = vigie::parse_json(read->to_json().dump());
  VIGIE_INVARIANT(json.has_value());
  return 0;
}
