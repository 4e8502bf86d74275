#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Memory of many growing strings of bytes: pieces of doubling size in large pages, freed together.
namespace vigie::indexer::segments {

/// A string of bytes in an arena that grows at its end.
struct Chain {
  std::uint32_t first = 0;  // piece; 0: none
  std::uint32_t at = 0;     // where the next byte goes
  std::uint32_t end = 0;    // end of the last piece
};

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void append(Chain& chain, std::string_view bytes);
  void append_varint(Chain& chain, std::uint64_t value);
  /// Replaces `out` with the bytes of the chain.
  void read(const Chain& chain, std::string& out) const;
  /// Bytes that stay where they are; at most kPageBytes.
  std::uint32_t store(std::string_view bytes);
  const char* data(std::uint32_t place) const {
    return pages_[place / kPageBytes].get() + place % kPageBytes;
  }
  std::size_t bytes() const { return pages_.size() * kPageBytes; }

  static constexpr std::uint32_t kPageBytes = 1U << 20;

 private:
  /// A piece: its number of bytes and the next piece (both u32), then the bytes.
  void grow(Chain& chain);
  std::uint32_t take(std::uint32_t bytes);
  char* at(std::uint32_t place) { return pages_[place / kPageBytes].get() + place % kPageBytes; }

  std::vector<std::unique_ptr<char[]>> pages_;
  std::uint32_t free_ = kPageBytes;  // in the last page
};

}  // namespace vigie::indexer::segments
