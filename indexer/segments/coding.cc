#include "indexer/segments/coding.h"

namespace vigie::indexer::segments {

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out += text;
}

std::uint64_t Reader::long_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && at_ < end_; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at_++);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail();
  return 0;
}

std::uint32_t Reader::varint32() {
  const std::uint64_t value = varint();
  if (value > UINT32_MAX) {
    fail();
    return 0;
  }
  return static_cast<std::uint32_t>(value);
}

std::string_view Reader::bytes(std::uint64_t count) {
  if (count > left()) {
    fail();
    return {};
  }
  const std::string_view out(at_, static_cast<std::size_t>(count));
  at_ += count;
  return out;
}

tl::unexpected<Error> corrupt(std::string_view what) {
  return failure(Disposition::kStop, "corrupt",
                 "the index is damaged (" + std::string(what) +
                     "); restore the last backup of this folder or rebuild it from the log");
}

}  // namespace vigie::indexer::segments
