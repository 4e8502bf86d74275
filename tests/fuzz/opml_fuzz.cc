// libs: indexer/sources
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "indexer/sources/opml.h"
#include "platform/result/result.h"

// What was read of a list is read again from what is written of it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vigie::indexer::sources;
  const auto first = read_opml(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!first) return 0;
  const auto second = read_opml(write_opml(*first, "fuzz"));
  VIGIE_INVARIANT(second.has_value());
  VIGIE_INVARIANT(second->size() <= first->size());
  return 0;
}
