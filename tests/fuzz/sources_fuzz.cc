// libs: crawler/sources
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crawler/sources/sources.h"
#include "platform/result/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto list = vigie::crawler::sources::read_sources(
      std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.yaml");
  VIGIE_INVARIANT(!list.problems.empty() || !list.sources.empty() || size > 0);
  for (const auto& source : list.sources)
    VIGIE_INVARIANT(!source.source.id().empty() && source.source.id().size() <= 64);
  return 0;
}
