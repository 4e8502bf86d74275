// libs: platform/json platform/text
// JSON from anybody, strict and tolerant: parsing ends, what was read is dumped as valid JSON and
// read back as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/json/json.h"
#include "platform/text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto strict = vigie::parse_json(text);
  vigie::JsonLimits limits;
  limits.tolerant = true;
  const auto tolerant = vigie::parse_json(text, limits);
  for (const auto* read : {&strict, &tolerant}) {
    if (!*read) continue;
    const std::string dumped = (**read).dump();
    VIGIE_INVARIANT(vigie::text::is_valid_utf8(dumped));
    const auto again = vigie::parse_json(dumped);
    VIGIE_INVARIANT(again.has_value() && *again == **read);
    const auto pretty = vigie::parse_json((**read).pretty());
    VIGIE_INVARIANT(pretty.has_value() && *pretty == **read);
  }
  // What is JSON is tolerable, and means the same.
  if (strict) VIGIE_INVARIANT(tolerant.has_value() && *tolerant == *strict);
  return 0;
}
