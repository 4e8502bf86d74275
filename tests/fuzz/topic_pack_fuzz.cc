// libs: platform/topics
#include <cstddef>
#include <cstdint>
#include <string>

#include "platform/topics/pattern.h"
#include "platform/topics/topics.h"

/// Any bytes as a file of a pack give a pack or problems.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<vigie::topics::Problem> problems;
  vigie::topics::read_pack({{"pack.yaml", text}}, problems);
  return 0;
}
