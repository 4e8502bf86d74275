// libs: platform/log
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/log/stored_record.h"

// A row of the embedded log as a damaged disk may give it: read as a record that is written back
// the same, or an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)vigie::log::offset_of_row(bytes, size >= 8 ? size - 8 : 0);
  const auto record = vigie::log::decode_record(bytes);
  if (!record) {
    if (record.error().code != "corrupt") std::abort();
    return 0;
  }
  const vigie::log::NewRecord same{vigie::proto::Topic::kPages, record->key, record->value};
  if (vigie::log::encode_record(same, record->timestamp_unix_ms) != bytes) std::abort();
  return 0;
}
