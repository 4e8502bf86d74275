// libs: platform/topic_packs
#include <cstddef>
#include <cstdint>
#include <string>

#include "platform/topic_packs/pattern.h"
#include "platform/topic_packs/topic_packs.h"

/// Any bytes as a file of a pack give a pack or problems.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<vigie::topic_packs::Problem> problems;
  vigie::topic_packs::read_pack({{"pack.yaml", text}}, problems);
  return 0;
}
