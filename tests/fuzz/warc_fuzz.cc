// libs: platform/warc
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "platform/warc/warc_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  vigie::warc::WarcLimits limits;
  limits.body_bytes = 1 << 16;
  limits.stored_bytes = 1 << 16;
  limits.header_bytes = 1 << 12;
  const auto reader = vigie::warc::WarcReader::of_bytes(bytes, "fuzz.warc", limits);
  // Every call moves on by at least a byte, or ends.
  std::size_t calls = 0;
  while (true) {
    const auto page = reader->next();
    if (page && !*page) break;
    // A compressed file may hold a thousand times its size in records.
    if (++calls > size * 1100 + 10) __builtin_trap();
  }
  return 0;
}
