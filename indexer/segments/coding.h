#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/result/result.h"

/// Variable-length integers (LEB128) of the segment format.
namespace vigie::indexer::segments {

void append_varint(std::string& out, std::uint64_t value);
void append_text(std::string& out, std::string_view text);  // length, bytes

/// Reads what was appended. Never reads beyond its bytes: after the first fault every read gives 0
/// and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  std::uint64_t varint() {
    if (at_ < end_ && static_cast<unsigned char>(*at_) < 0x80)
      return static_cast<unsigned char>(*at_++);
    return long_varint();
  }
  /// A varint that must fit in 32 bits.
  std::uint32_t varint32();
  std::string_view text() { return bytes(varint()); }
  std::string_view bytes(std::uint64_t count);
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  bool ok() const { return ok_; }
  void fail() {
    ok_ = false;
    at_ = end_;
  }

 private:
  std::uint64_t long_varint();
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

/// kStop corrupt, with what to do.
tl::unexpected<Error> corrupt(std::string_view what);

}  // namespace vigie::indexer::segments
