#include "platform/result/result.h"
#include "platform/storage/storage.h"

namespace vigie::storage {
namespace {

template <class Integer>
void append(std::string& key, Integer value) {
  for (int shift = static_cast<int>(sizeof(Integer)) * 8 - 8; shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
}

template <class Integer>
Integer read(std::string_view bytes) {
  VIGIE_INVARIANT(bytes.size() >= sizeof(Integer));
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Integer>(static_cast<Integer>(value << 8) |
                                 static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

}  // namespace

void append_u16(std::string& key, std::uint16_t value) { append(key, value); }
void append_u32(std::string& key, std::uint32_t value) { append(key, value); }
void append_u64(std::string& key, std::uint64_t value) { append(key, value); }
std::uint16_t read_u16(std::string_view bytes) { return read<std::uint16_t>(bytes); }
std::uint32_t read_u32(std::string_view bytes) { return read<std::uint32_t>(bytes); }
std::uint64_t read_u64(std::string_view bytes) { return read<std::uint64_t>(bytes); }

std::string after_prefix(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty() && static_cast<unsigned char>(next.back()) == 0xff) next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
  return next;
}

}  // namespace vigie::storage
