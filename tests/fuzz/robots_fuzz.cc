// libs: crawler/robots
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "crawler/robots/robots.h"
#include "platform/result/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const vigie::crawler::robots::Robots robots = vigie::crawler::robots::Robots::parse(bytes);
  // The first line serves as a path too, so that the fuzzer finds both sides of a match.
  const std::string_view path = bytes.substr(0, bytes.find('\n'));
  const auto verdict = robots.verdict_for("vigie", path);
  VIGIE_INVARIANT(verdict.allowed || verdict.line > 0);
  VIGIE_INVARIANT(robots.verdict_for("vigie", "/robots.txt").allowed);
  return 0;
}
