#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Fields of Protocol Buffers, appended one by one, for records of which most bytes are there
/// already. As proto3 has them: what says nothing is left out. Private to indexer/matching.
namespace vigie::indexer::matching::wire {

inline void varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

/// Of a type without a sign, or int32 and int64.
inline void number(int field, std::uint64_t value, std::string& out) {
  if (value == 0) return;
  varint(static_cast<std::uint64_t>(field) << 3, out);
  varint(value, out);
}

/// A message that is there, though it may be empty.
inline void message(int field, std::string_view bytes, std::string& out) {
  constexpr std::uint64_t kBytes = 2;  // the wire type
  varint(static_cast<std::uint64_t>(field) << 3 | kBytes, out);
  varint(bytes.size(), out);
  out.append(bytes);
}

/// A string or bytes.
inline void text(int field, std::string_view bytes, std::string& out) {
  if (!bytes.empty()) message(field, bytes, out);
}

}  // namespace vigie::indexer::matching::wire
